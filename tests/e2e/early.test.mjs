// Calls before load count: the snippet answers from the first moment, and what it kept is sent by whichever page gets
// the module.
import assert from "node:assert/strict";
import { test } from "node:test";
import { scriptedEndpoint, until } from "./harness.mjs";
import { call, openPage, productIds, ready, snippetFile, snippetInline, status, storedKeys, tag } from "./pages.mjs";

const METHODS = ["pageHit", "resetAuth", "destroy", "init", "refresh"];

/** A script of the page's own. */
const script = (code) => `<script>${code}</script>`;
const early = (id) => script(`userengage("product_event", { product_id: "${id}", event_type: "view" })`);

/** Looks at the globals as a page would, and calls everything in them. */
const look = (methods) => {
  const thrown = [];
  for (const name of methods)
    try {
      if (UE[name]({ page: 1 }) !== undefined) thrown.push(`${name} answers`);
    } catch (error) {
      thrown.push(`${name}: ${error}`);
    }
  return { userengage: typeof userengage, UE: !!window.UE, thrown };
};
const whole = { userengage: "function", UE: true, thrown: [] };

for (const [how, snippet] of [
  ["as a file", () => snippetFile],
  ["inline", snippetInline],
])
  test(`with the snippet ${how}, the globals are there from the first moment and stay`, async (t) => {
    const endpoint = await scriptedEndpoint(t);
    const html = `${await snippet()}${script(`first = (${look})(${JSON.stringify(METHODS)})`)}${early("early")}${tag()}`;
    const { page } = await openPage(t, endpoint, { html });
    assert.deepEqual(await page.evaluate(() => first), whole);
    assert.deepEqual(await page.evaluate(look, METHODS), whole);
    await call(page, "late");
    assert.deepEqual(productIds(await endpoint.received(2)), ["early", "late-0"]);
  });

test("without the snippet the globals are there as soon as the script has run", async (t) => {
  const endpoint = await scriptedEndpoint(t);
  const html = tag("/api", "") + script(`first = (${look})(${JSON.stringify(METHODS)})`) + early("first");
  const { page } = await openPage(t, endpoint, { html });
  assert.deepEqual(await page.evaluate(() => first), whole);
  assert.deepEqual(productIds(await endpoint.received(1)), ["first"]);
});

test("a script that comes late takes over what was called meanwhile", async (t) => {
  const endpoint = await scriptedEndpoint(t);
  const code = `
    civchat = { user_id: 52 };
    const payload = { product_id: "a", event_type: "click", n: 1, list: [1] };
    userengage("product_event", payload);
    payload.product_id = "changed"; payload.n = 2; payload.list.push(2);
    civchat = {};
    userengage("product_event", { product_id: "b", event_type: "view", at: new Date(0), big: 1n });
    userengage("event.search", { query: "can" });
    made = Date.now();`;
  const { page } = await openPage(t, endpoint, { html: snippetFile + script(code), started: false });
  // The time of a call is its own, not that of the script.
  await page.waitForFunction(() => Date.now() > made + 50);
  const added = await page.evaluate((tag) => {
    document.body.append(document.createRange().createContextualFragment(tag));
    return Date.now();
  }, tag());
  await ready(page);
  await call(page, "c");
  const records = await endpoint.received(4);
  assert.deepEqual(
    records.map(({ kind, product_id, name, data, user }) => [kind, product_id ?? name, data, user]),
    [
      ["product_event", "a", { n: 1, list: [1] }, { user_id: "52" }],
      ["product_event", "b", { at: "1970-01-01T00:00:00.000Z", big: "1" }, undefined],
      ["event", "search", { query: "can" }, undefined],
      ["product_event", "c-0", { price: 7.5 }, undefined],
    ],
  );
  const made = await page.evaluate(() => made);
  assert.ok(records.slice(0, 3).every(({ t }) => t <= made));
  assert.ok(records[3].t >= added);
  await until(async () => (await storedKeys(page)).length === 0);
});

test("a payload that cannot be kept as text is taken over as it is, by the same page", async (t) => {
  const endpoint = await scriptedEndpoint(t);
  const code = `
    const cyclic = { product_id: "cyclic", event_type: "view" };
    cyclic.self = cyclic;
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    for (const args of [["product_event", cyclic], ["product_event", proxy], [], [Symbol(), () => {}], [cyclic, 1n],
        ["product_event", { product_id: "throws", event_type: "view", get a() { throw new Error("getter") } }]])
      if (userengage(...args) !== undefined) throw new Error("It answers.");
    Object.defineProperty(window, "civchat", { get() { throw new Error("civchat") }, configurable: true });
    userengage("product_event", { product_id: "no civchat", event_type: "view" });`;
  await openPage(t, endpoint, { html: snippetFile + script(code) + tag() });
  assert.deepEqual(productIds(await endpoint.received(3)), ["cyclic", "throws", "no civchat"]);
});

test("a script that stands twice on the page counts each call once", async (t) => {
  const endpoint = await scriptedEndpoint(t);
  const { page } = await openPage(t, endpoint, { html: snippetFile + early("early") + tag() + tag("/api", "defer") });
  await page.waitForLoadState("load");
  await call(page, "late", 2);
  await endpoint.received(3);
  await until(async () => (await status(page)).queued === 0);
  // One engine: a second one would wait for the lock of the first.
  const { held, pending } = await page.evaluate(() => navigator.locks.query());
  assert.deepEqual([held.length, pending.length], [1, 0]);
  assert.deepEqual(
    endpoint.requests.flatMap(({ batch }) => productIds(batch.records)),
    ["early", "late-0", "late-1"],
  );
});

test("calls of a page whose script never came are sent by the next page, once", async (t) => {
  const endpoint = await scriptedEndpoint(t);
  const html = snippetFile + early("a") + early("b");
  const { page } = await openPage(t, endpoint, { html, path: "/never", started: false });
  await page.evaluate(() => userengage("product_event", { product_id: "c", event_type: "view" }));
  assert.equal(endpoint.requests.length, 0);
  endpoint.page("/next", tag());
  await page.goto(`${endpoint.origin}/next`);
  const records = await endpoint.received(3);
  assert.deepEqual(productIds(records), ["a", "b", "c"]);
  assert.ok(records.every(({ page }) => page.url === `${endpoint.origin}/never`));
  await until(async () => (await storedKeys(page)).length === 0);
  await page.goto(`${endpoint.origin}/next`);
  await ready(page);
  await call(page, "d");
  await endpoint.received(4);
  assert.ok([...endpoint.stored.values()].every((times) => times.length === 1));
});

test("a script that never comes does not fill the shop's storage: 500 calls are kept, of all pages together", async (t) => {
  const endpoint = await scriptedEndpoint(t);
  const { page } = await openPage(t, endpoint, { html: snippetFile, path: "/never", started: false });
  await call(page, "first", 300);
  await page.reload();
  await call(page, "second", 300);
  assert.equal((await storedKeys(page)).length, 500);
  endpoint.page("/next", tag());
  await page.goto(`${endpoint.origin}/next`);
  await endpoint.received(500);
});

test("a visitor who clicks and leaves before the script is there is counted from the next page", async (t) => {
  const endpoint = await scriptedEndpoint(t);
  const link = `<a href="/product" onclick="userengage('product_event', { product_id: '12-0', event_type: 'click' })">Can</a>`;
  endpoint.page("/product", snippetFile + early("detail") + tag());
  const { page, context } = await openPage(t, endpoint, { html: "", path: "/blank", started: false });
  endpoint.page("/", snippetFile + tag() + link);
  let asked;
  const waiting = new Promise((done) => (asked = done));
  await context.route("**/tillpost.js", asked, { times: 1 });
  await page.goto(endpoint.origin, { waitUntil: "commit" });
  const stuck = await waiting;
  await page.click("a");
  await page.waitForURL("**/product");
  await stuck.abort().catch(() => {});
  assert.deepEqual(productIds(await endpoint.received(2)), ["12-0", "detail"]);
  assert.deepEqual(
    [...endpoint.stored.values()].map(([{ page }]) => new URL(page.url).pathname),
    ["/", "/product"],
  );
});
