// `window.civchat` is the page's, and live: read with each call, written to as the vendor's widget does, never replaced.
// The visitor's key is the cookie's where the shop has one, and no cookie is ever written.
import assert from "node:assert/strict";
import { test } from "node:test";
import { scriptedEndpoint, until } from "./harness.mjs";
import { openPage, ready, snippetFile, status, tag } from "./pages.mjs";

const script = (code) => `<script>${code}</script>`;
const sync = tag("/api", "");
const users = (records) => records.filter(({ kind }) => kind === "event").map(({ user }) => user);
const kinds = (records) => records.map(({ kind }) => kind);

test("who is logged in is read when a call is made: late, swapped for one call, by accessors, by methods", async (t) => {
  const endpoint = await scriptedEndpoint(t);
  const { page } = await openPage(t, endpoint, { html: sync });
  await page.evaluate(() => {
    userengage("event.before");
    window.civchat = { apiKey: "abc123", user_id: 52 };
    userengage("event.late");
    const own = window.civchat;
    window.civchat = { user_id: "77" };
    userengage("event.swapped");
    window.civchat = own;
    userengage("event.back");
    window.civchat = {
      get user_id() {
        return "acc";
      },
      get email() {
        throw new Error("accessor");
      },
      onOpen() {},
    };
    userengage("event.accessor");
    Object.defineProperty(window, "civchat", {
      configurable: true,
      get() {
        throw new Error("civchat");
      },
    });
    userengage("event.throws");
  });
  const records = await endpoint.received(10);
  assert.deepEqual(users(records), [
    undefined,
    { user_id: "52" },
    { user_id: "77" },
    { user_id: "52" },
    { user_id: "acc" },
    undefined,
  ]);
  // Anonymous to known, known to another, and back: each a record, before the call that showed it.
  assert.deepEqual(kinds(records), [
    ...["event", "identify", "event", "identify", "event", "identify", "event", "identify", "event"],
    "event",
  ]);
});

test("civchat stays the page's own object, and gets the visitor's key where it takes one", async (t) => {
  const endpoint = await scriptedEndpoint(t);
  const html = script("civchat = own = { apiKey: 'abc123', nested: { a: 1 } }") + sync;
  const { page } = await openPage(t, endpoint, { html });
  const seen = await page.evaluate(() => {
    const same = window.civchat === own && !Object.isFrozen(own) && Object.isExtensible(own);
    const first = own.userKey;
    window.civchat = Object.freeze({ apiKey: "abc123" });
    userengage("event.frozen");
    const frozen = "userKey" in window.civchat;
    window.civchat = { userKey: "the page's" };
    userengage("event.theirs");
    const theirs = window.civchat.userKey;
    window.civchat = own;
    UE.resetAuth();
    return {
      same,
      first,
      frozen,
      theirs,
      after: own.userKey,
      keys: Object.keys(own),
      visitor: tillpost.status().visitor,
    };
  });
  const { first, after, visitor, ...rest } = seen;
  assert.deepEqual(rest, { same: true, frozen: false, theirs: "the page's", keys: ["apiKey", "nested", "userKey"] });
  assert.ok(first && after && first !== after);
  assert.equal(after, visitor);
  await endpoint.received(3);
  assert.deepEqual([...new Set(endpoint.requests.map(({ batch }) => batch.visitor))], [first]);
});

for (const [when, html] of [
  ["is there before the script", script("civchat = { onLoad() { loads.push(this === civchat); } }") + sync],
  ["comes in the document after the script", sync + script("civchat = { onLoad() { loads.push(this === civchat); } }")],
  [
    "comes with the page's own load event",
    script(`addEventListener("load", () => { civchat = { onLoad() { loads.push(this === civchat); } }; })`) + sync,
  ],
])
  test(`onLoad is called once where civchat ${when}`, async (t) => {
    const endpoint = await scriptedEndpoint(t);
    const { page } = await openPage(t, endpoint, { html: script("loads = []") + html });
    await page.waitForFunction(() => loads.length > 0);
    await page.evaluate(() => {
      userengage("event.x");
      window.civchat = { onLoad: () => loads.push("again") };
      userengage("event.y");
    });
    await endpoint.received(2);
    assert.deepEqual(await page.evaluate(() => loads), [true]);
  });

test("onLoad of a civchat that comes later is called with the next call, in a task of its own", async (t) => {
  const endpoint = await scriptedEndpoint(t);
  const { page } = await openPage(t, endpoint, { html: script("loads = 0") + sync });
  await page.waitForLoadState("load");
  const during = await page.evaluate(() => {
    window.civchat = { onLoad: () => loads++ };
    userengage("event.x");
    return loads;
  });
  assert.equal(during, 0);
  await page.waitForFunction(() => loads === 1);
});

test("what onLoad throws is swallowed, and the calls in it count", async (t) => {
  for (const code of [
    "onLoad() { userengage('event.loaded'); throw new Error('onLoad'); }",
    "async onLoad() { userengage('event.loaded'); throw new Error('onLoad'); }",
    "get onLoad() { throw new Error('accessor'); }",
    "onLoad: 'no function'",
  ]) {
    const endpoint = await scriptedEndpoint(t);
    const { page } = await openPage(t, endpoint, { html: script(`civchat = { ${code} }`) + sync });
    await page.waitForLoadState("load");
    await page.evaluate(() => userengage("event.x"));
    await endpoint.received(/loaded/.test(code) ? 2 : 1);
  }
});

test("the cookie is the visitor's key, and no cookie is written", async (t) => {
  const endpoint = await scriptedEndpoint(t);
  const { page } = await openPage(t, endpoint, {
    html: script("document.cookie = '__ca__chat=Kx7A-9; path=/'") + sync,
  });
  await page.evaluate(() => userengage("event.x"));
  await endpoint.received(1);
  assert.equal(endpoint.requests[0].batch.visitor, "Kx7A-9");
  assert.equal(await page.evaluate(() => document.cookie), "__ca__chat=Kx7A-9");
  // The visitor that it names has ended here: it does not come back while the cookie stays the same.
  await page.evaluate(() => UE.resetAuth());
  const ours = (await status(page)).visitor;
  endpoint.page("/next", sync);
  await page.goto(`${endpoint.origin}/next`);
  assert.equal((await status(page)).visitor, ours);
  assert.notEqual(ours, "Kx7A-9");
  assert.equal(await page.evaluate(() => document.cookie), "__ca__chat=Kx7A-9");
});

test("a cookie that is no key is left alone", async (t) => {
  for (const value of ["", "a b", "%3Cscript%3E", "x".repeat(65), "ż"]) {
    const endpoint = await scriptedEndpoint(t);
    const html = script(
      `document.cookie = ${JSON.stringify(`other=1; path=/`)}; document.cookie = ${JSON.stringify(`__ca__chat=${value}; path=/`)}`,
    );
    const { page } = await openPage(t, endpoint, { html: html + sync });
    assert.match((await status(page)).visitor, /^[0-9a-z]{24}$/, value);
  }
});

test("a page that comes back out of the back-forward cache is the new visitor's", async (t) => {
  const endpoint = await scriptedEndpoint(t);
  endpoint.page("/next", sync);
  const { page } = await openPage(t, endpoint, { html: sync });
  await page.evaluate(() => ((window.here = true), userengage("event.before")));
  const before = (await status(page)).visitor;
  await page.goto(`${endpoint.origin}/next`);
  await page.evaluate(() => UE.resetAuth());
  const after = (await status(page)).visitor;
  await page.goBack({ waitUntil: "commit" });
  await ready(page);
  assert.equal(await page.evaluate(() => window.here), true, "the page was loaded anew");
  // It can be asked before it has had its `pageshow`.
  await until(async () => (await status(page)).visitor === after);
  assert.notEqual(before, after);
});

test("a log-out that was called before the script came is a log-out, and no civchat is none", async (t) => {
  const endpoint = await scriptedEndpoint(t);
  const early = `
    civchat = { user_id: "52" }; userengage("event.a");
    civchat = undefined; userengage("event.b");
    civchat = {}; UE.resetAuth({ apiKey: "abc123" }); userengage("event.c");`;
  const { page } = await openPage(t, endpoint, { html: snippetFile + script(early) + sync });
  const records = await endpoint.received(5);
  assert.deepEqual(kinds(records).sort(), ["event", "event", "event", "identify", "reset"]);
  const visitor = (name) => endpoint.requests.find(({ batch }) => batch.records.some((record) => record.name === name));
  assert.notEqual(visitor("a").batch.visitor, visitor("c").batch.visitor);
  assert.equal(visitor("a").batch.visitor, visitor("b").batch.visitor);
  assert.equal(visitor("c").batch.visitor, (await status(page)).visitor);
});
