// The script runs where the shop is: under strict policies, with its hash checked, and leaves nothing but its globals.
// Policies without WebAssembly: nowasm.test.mjs.
import assert from "node:assert/strict";
import { test } from "node:test";
import { scriptedEndpoint, until } from "./harness.mjs";
import { call, manifest, openPage, productIds, ready, snippetFile, snippetInline, status, tag } from "./pages.mjs";

const hash = async (name) => `integrity="${(await manifest(name)).integrity}" crossorigin="anonymous"`;
const early = "userengage('product_event', { product_id: 'early', event_type: 'view' })";

/** A page of this policy: `html` is given what each script element of ours must carry. */
async function strictPage(t, policy, html) {
  const endpoint = await scriptedEndpoint(t);
  endpoint.page("/early.js", Buffer.from(early), { "content-type": "text/javascript" });
  const opened = await openPage(t, endpoint, { html, headers: { "content-security-policy": policy } });
  return { endpoint, ...opened };
}

const nonce = 'nonce="abc"';
const inline = async () => (await snippetInline()).replace("<script", `<script ${nonce}`);
const cases = {
  "a nonce": ["script-src 'nonce-abc' 'wasm-unsafe-eval'", nonce, inline],
  "a nonce and strict-dynamic": ["script-src 'nonce-abc' 'strict-dynamic' 'wasm-unsafe-eval'", nonce, inline],
  "no inline script at all": ["default-src 'self'; script-src 'self' 'wasm-unsafe-eval'", "", () => snippetFile],
  "Trusted Types, no policy allowed": [
    "script-src 'self' 'wasm-unsafe-eval'; require-trusted-types-for 'script'; trusted-types 'none'",
    "",
    () => snippetFile,
  ],
};
for (const [name, [policy, own, snippet]] of Object.entries(cases))
  test(`under ${name}, what is called early and late arrives`, async (t) => {
    const html = `${await snippet()}<script ${own} src="/early.js"></script>${tag("/api", `async ${own}`)}`;
    const { endpoint, page } = await strictPage(t, policy, html);
    await call(page, "late");
    assert.deepEqual(productIds(await endpoint.received(2)), ["early", "late-0"]);
  });

test("with the hashes of manifest.json on every file everything runs", async (t) => {
  const html = `<script src="/snippet.js" ${await hash("snippet.js")}></script><script src="/early.js"></script>`;
  const policy = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'";
  const { endpoint, page } = await strictPage(t, policy, html + tag("/api", `async ${await hash("tillpost.js")}`));
  await call(page, "late");
  assert.deepEqual(productIds(await endpoint.received(2)), ["early", "late-0"]);
});

test("a policy that lists the hashes of manifest.json, and nothing else, lets everything run", async (t) => {
  const names = ["snippet.js", "tillpost.js", "tillpost-nowasm.js"];
  const hashes = await Promise.all(names.map(async (name) => `'${(await manifest(name)).integrity}'`));
  const endpoint = await scriptedEndpoint(t);
  const { page } = await openPage(t, endpoint, {
    html: `<script src="/snippet.js" ${await hash("snippet.js")}></script>${tag("/api", await hash("tillpost.js"))}`,
    headers: { "content-security-policy": `script-src ${hashes.join(" ")}` },
  });
  await call(page, "listed");
  assert.deepEqual(productIds(await endpoint.received(1)), ["listed-0"]);
  assert.ok(endpoint.files.some((path) => path.startsWith("/tillpost-nowasm.js")));
});

for (const name of ["tillpost.js", "snippet.js"])
  test(`a ${name} that is not the one of manifest.json does not run`, async (t) => {
    const endpoint = await scriptedEndpoint(t);
    const wrong = (await hash("tillpost-nowasm.js")).replace("crossorigin", "data-x crossorigin");
    const html = `<script src="/snippet.js" ${name === "snippet.js" ? wrong : ""}></script>`;
    const { page } = await openPage(t, endpoint, {
      html: html + (name === "tillpost.js" ? tag("/api", wrong) : ""),
      started: false,
      expected: [/integrity/],
    });
    assert.equal(await page.evaluate(() => typeof userengage), name === "snippet.js" ? "undefined" : "function");
    assert.equal(await page.evaluate(() => globalThis.tillpost?.status), undefined);
    if (name === "snippet.js") return;
    // The snippet has kept what was called: it waits for the script that is the right one.
    await call(page, "waits");
    endpoint.page("/next", tag("/api", await hash("tillpost.js")));
    await page.goto(`${endpoint.origin}/next`);
    await ready(page);
    assert.deepEqual(productIds(await endpoint.received(1)), ["waits-0"]);
  });

for (const [build, policy] of Object.entries({ WebAssembly: "", JavaScript: "script-src 'self' 'unsafe-inline'" }))
  test(`with ${build}, the page has no new global but userengage, UE and tillpost, and nothing is printed`, async (t) => {
    const endpoint = await scriptedEndpoint(t);
    const printed = [];
    const html = `<script>var before = Object.getOwnPropertyNames(window)</script>${snippetFile}${tag("/api", "")}`;
    const { page, context } = await openPage(t, endpoint, { html: "", path: "/blank", started: false });
    context.on("console", (message) => printed.push(message.text()));
    endpoint.page("/", html, { "content-security-policy": policy });
    await page.goto(endpoint.origin);
    await until(async () => (await status(page)).state !== "loading");
    await call(page, "used");
    await page.evaluate(() => userengage("product_event", { event_type: "nothing" }));
    await endpoint.received(1);
    const added = await page.evaluate(() => Object.getOwnPropertyNames(window).filter((key) => !before.includes(key)));
    assert.deepEqual(added.sort(), ["UE", "tillpost", "userengage"]);
    assert.deepEqual(printed, []);
  });
