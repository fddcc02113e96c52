// Where a page allows no WebAssembly the same module runs as JavaScript: fetched then, and only then, under the page's
// policies, checked by its hash. The deliveries in this mode: delivery.test.mjs.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { scriptedEndpoint, until } from "./harness.mjs";
import { call, listen, openPage, productIds, ready, snippetFile, status, storedKeys, tag, told } from "./pages.mjs";

const FILE = "tillpost-nowasm.js";
const policy = (...more) => ({ "content-security-policy": ["script-src 'self'", ...more].join("; ") });
const early = '<script src="/early.js"></script>';

async function strictPage(t, { html, headers = policy(), expected = [], ...options }) {
  const endpoint = await scriptedEndpoint(t);
  endpoint.page("/early.js", Buffer.from('userengage("product_event", { product_id: "early", event_type: "view" })'), {
    "content-type": "text/javascript",
  });
  const opened = await openPage(t, endpoint, { html, headers, expected, ...options });
  return { endpoint, ...opened };
}

/** Waits until the JavaScript build runs, or cannot. */
const settled = (page) => until(async () => (await status(page))?.state !== "loading");

const policies = {
  "a list of hosts": { headers: policy() },
  "a nonce": { headers: { "content-security-policy": "script-src 'nonce-abc'" }, nonce: "abc" },
  "a nonce and strict-dynamic": {
    headers: { "content-security-policy": "script-src 'nonce-abc' 'strict-dynamic'" },
    nonce: "abc",
  },
  "Trusted Types": { headers: policy("require-trusted-types-for 'script'") },
  "Trusted Types that allow no policy": {
    headers: policy("require-trusted-types-for 'script'", "trusted-types 'none'"),
  },
};
for (const [name, { headers, nonce }] of Object.entries(policies))
  test(`without 'wasm-unsafe-eval', under ${name}, calls before and after arrive, once`, async (t) => {
    const own = nonce ? ` nonce="${nonce}"` : "";
    const html = snippetFile.replace("<script", `<script${own}`) + early.replace("<script", `<script${own}`);
    const { endpoint, page } = await strictPage(t, { html: html + tag("/api", `async${own}`), headers });
    // The script has run, the build may not be there yet: this call is kept, or not, and arrives.
    await call(page, "late", 2);
    assert.deepEqual(productIds(await endpoint.received(3)), ["early", "late-0", "late-1"]);
    await until(async () => (await storedKeys(page)).length === 0);
    assert.ok([...endpoint.stored.values()].every((times) => times.length === 1));
    assert.equal(endpoint.files.filter((path) => path.includes(FILE)).length, 1);
    assert.equal((await status(page)).state, "idle");
  });

test("where WebAssembly is allowed the JavaScript build is not fetched", async (t) => {
  const endpoint = await scriptedEndpoint(t);
  const { page } = await openPage(t, endpoint);
  await call(page, "wasm");
  await endpoint.received(1);
  assert.deepEqual(
    endpoint.files.filter((path) => path.includes(FILE)),
    [],
  );
});

test("a policy that is tried is reported to the shop; with wasm: false it is not tried", async (t) => {
  for (const [attribute, expected] of [
    ["async", ["wasm-eval"]],
    ['data-wasm="false"', []],
  ]) {
    const endpoint = await scriptedEndpoint(t);
    const watch = 'violations = []; addEventListener("securitypolicyviolation", (e) => violations.push(e.blockedURI))';
    endpoint.page("/watch.js", Buffer.from(watch), { "content-type": "text/javascript" });
    const html = `<script src="/watch.js"></script>${tag("/api", attribute)}`;
    const { page } = await openPage(t, endpoint, { html, headers: policy() });
    await call(page, "js");
    assert.deepEqual(productIds(await endpoint.received(1)), ["js-0"]);
    assert.deepEqual(await page.evaluate(() => violations), expected);
  }
});

test("a build that is not the one of this version does not run: one report, and the calls wait for a page that can", async (t) => {
  const endpoint = await scriptedEndpoint(t);
  const real = await readFile(new URL(`../../pkg/dist/${FILE}`, import.meta.url), "utf8");
  endpoint.page(`/${FILE}`, Buffer.from(`${real}\nwindow.changed = true;`), { "content-type": "text/javascript" });
  const { page } = await openPage(t, endpoint, { headers: policy(), expected: [/integrity/] });
  await listen(page);
  await call(page, "waits", 2);
  await settled(page);
  await call(page, "waits-too");
  assert.equal((await status(page)).state, "broken");
  assert.deepEqual(await told(page, "error"), [{ topic: "error", code: "module_unavailable" }]);
  assert.equal(await page.evaluate(() => window.changed), undefined);
  assert.equal(endpoint.requests.length, 0);
  endpoint.page("/next", tag());
  await page.goto(`${endpoint.origin}/next`);
  assert.deepEqual(productIds(await endpoint.received(3)), ["waits-0", "waits-1", "waits-too-0"]);
});

test("an engine without WebAssembly at all runs the JavaScript build", async (t) => {
  const endpoint = await scriptedEndpoint(t);
  const without = "<script>delete globalThis.WebAssembly</script>";
  const { page } = await openPage(t, endpoint, { html: without + tag() });
  assert.equal(await page.evaluate(() => typeof WebAssembly), "undefined");
  await call(page, "old");
  assert.deepEqual(productIds(await endpoint.received(1)), ["old-0"]);
});

test("a visitor who leaves while the JavaScript build is fetched is counted from the next page", async (t) => {
  const endpoint = await scriptedEndpoint(t);
  endpoint.page("/next", tag(), policy());
  const { page, context } = await openPage(t, endpoint, {
    html: "",
    path: "/blank",
    started: false,
  });
  endpoint.page("/", tag(), policy());
  await context.route(new RegExp(FILE), () => {}, { times: 1 });
  await page.goto(endpoint.origin);
  await ready(page);
  assert.equal((await status(page)).state, "loading");
  const answer = await page.evaluate(() => tillpost.track({ product_id: "gone", event_type: "view" }));
  assert.equal(answer.ok, true);
  await page.goto(`${endpoint.origin}/next`);
  const [{ id, product_id }] = await endpoint.received(1);
  assert.deepEqual([id, product_id], [answer.id, "gone"]);
});
