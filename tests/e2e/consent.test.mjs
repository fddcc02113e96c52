// Without consent nothing of a visitor is stored or sent, from the snippet's first call on.
import assert from "node:assert/strict";
import { test } from "node:test";
import { scriptedEndpoint, until } from "./harness.mjs";
import { call, openPage, productIds, ready, snippetFile, status, tag } from "./pages.mjs";

const early = '<script>userengage("product_event", { product_id: "early", event_type: "view" })</script>';
const options = (text) => `<script>tillpost = ${text}</script>`;

/** Everything of ours in storage. */
const ours = (page) => page.evaluate(() => Object.keys(localStorage).filter((key) => key.startsWith("tillpost")));

/** Leaves and comes to a page of the same origin: what was to be sent or stored on the way has been. */
async function leave(page, endpoint) {
  endpoint.page("/blank", "");
  await page.goto(`${endpoint.origin}/blank`);
}

/** What a call in this page is answered. */
const answer = (page) => page.evaluate(() => tillpost.track({ product_id: "12-0", event_type: "view" }));

test("pending: nothing is stored or sent, with early calls; granted: all of it is", async (t) => {
  const endpoint = await scriptedEndpoint(t);
  const html = options('{ consent: "pending" }') + snippetFile + early + tag();
  const { page } = await openPage(t, endpoint, { html });
  await call(page, "held", 2);
  assert.ok((await answer(page)).ok);
  await page.evaluate(() => tillpost.flush());
  assert.deepEqual(await ours(page), []);
  assert.equal((await status(page)).consent, "pending");
  assert.deepEqual(await page.evaluate(() => navigator.locks.query().then(({ held }) => held)), []);
  assert.deepEqual(await page.evaluate(() => indexedDB.databases()), []);
  await page.evaluate(() => tillpost.setConsent("granted"));
  assert.deepEqual(productIds(await endpoint.received(4)), ["early", "held-0", "held-1", "12-0"]);
  await until(async () => (await ours(page)).join() === "tillpost:visitor");
});

test("pending: the next page knows nothing of what was held", async (t) => {
  const endpoint = await scriptedEndpoint(t);
  const html = options('{ consent: "pending" }') + snippetFile + early + tag();
  const { page } = await openPage(t, endpoint, { html });
  await call(page, "held", 2);
  await leave(page, endpoint);
  assert.deepEqual(await ours(page), []);
  assert.equal(endpoint.requests.length, 0);
});

test("denied: everything of ours is erased, with kept calls, and nothing comes after it", async (t) => {
  const endpoint = await scriptedEndpoint(t);
  endpoint.otherwise({ status: 503, headers: { "retry-after": "300" } });
  const { page } = await openPage(t, endpoint, { html: tag(), expected: [/503/] });
  await call(page, "stored", 3);
  await endpoint.asked(1);
  await until(async () => (await status(page)).failures === 1);
  assert.equal((await page.evaluate(() => indexedDB.databases())).length, 1);
  await page.evaluate(() => {
    localStorage["tillpost:0:x"] = "kept by a page whose script never came";
    localStorage["tillpost:1:other:v:x"] = localStorage.cart = "theirs";
    tillpost.setConsent("denied");
  });
  assert.deepEqual(await ours(page), ["tillpost:1:other:v:x"]);
  await until(async () => (await page.evaluate(() => indexedDB.databases())).length === 0);
  assert.deepEqual((await answer(page)).errors, [{ code: "consent_denied" }]);
  await leave(page, endpoint);
  assert.deepEqual(await ours(page), ["tillpost:1:other:v:x"]);
  assert.deepEqual(await page.evaluate(() => indexedDB.databases()), []);
  assert.equal(endpoint.requests.length, 1);
});

test("denied: a request under way is aborted", async (t) => {
  const endpoint = await scriptedEndpoint(t);
  endpoint.answer({ hang: true });
  const { page } = await openPage(t, endpoint, { html: tag() });
  const failed = page.waitForEvent("requestfailed", (request) => request.method() === "POST");
  await call(page, "a");
  await endpoint.asked(1);
  await page.evaluate(() => tillpost.setConsent("denied"));
  assert.match((await failed).failure().errorText, /ERR_ABORTED/);
});

test("denied before the script: the snippet keeps no call", async (t) => {
  const endpoint = await scriptedEndpoint(t);
  const html = options('{ consent: "denied" }') + snippetFile + early;
  const { page } = await openPage(t, endpoint, { html, started: false });
  assert.equal(await page.evaluate(() => userengage.kept.length), 0);
  assert.deepEqual(await ours(page), []);
});

test("denied on the script tag: what earlier pages stored is erased", async (t) => {
  const endpoint = await scriptedEndpoint(t);
  const { page } = await openPage(t, endpoint, { html: snippetFile + early, path: "/never", started: false });
  assert.equal((await ours(page)).length, 1);
  endpoint.page("/", tag("/api", 'async data-consent="denied"'));
  await page.goto(endpoint.origin);
  await ready(page);
  assert.deepEqual(await ours(page), []);
  assert.equal((await status(page)).consent, "denied");
});

test("denied without a module: kept calls are erased", async (t) => {
  const endpoint = await scriptedEndpoint(t);
  const headers = { "content-security-policy": "script-src 'self'" };
  const expected = [/Content Security Policy/, /ERR_FAILED/];
  const { page, context } = await openPage(t, endpoint, { html: "", path: "/blank", started: false, expected });
  await context.route("**/tillpost-nowasm.js*", (route) => route.abort());
  endpoint.page("/", snippetFile + tag(), headers);
  await page.goto(endpoint.origin);
  await until(async () => (await page.evaluate(() => tillpost.status?.()?.state)) === "broken");
  await call(page, "kept", 2);
  assert.equal((await ours(page)).length, 2);
  await page.evaluate(() => tillpost.setConsent("denied"));
  await call(page, "refused", 2);
  assert.deepEqual(await ours(page), []);
});

test("Global Privacy Control: where the shop honours it, nothing is kept, stored or sent", async (t) => {
  const endpoint = await scriptedEndpoint(t);
  const gpc = "<script>Object.defineProperty(navigator, 'globalPrivacyControl', { value: true })</script>";
  const html = gpc + options("{ globalPrivacyControl: true }") + snippetFile + early;
  const { page } = await openPage(t, endpoint, { html, started: false });
  assert.equal(await page.evaluate(() => userengage.kept.length), 0);
  endpoint.page("/", gpc + tag("/api", "async data-global-privacy-control"));
  await page.goto(endpoint.origin);
  await ready(page);
  await page.evaluate(() => tillpost.setConsent("granted"));
  assert.equal((await status(page)).consent, "denied");
  assert.deepEqual((await answer(page)).errors, [{ code: "consent_denied" }]);
  assert.deepEqual(await ours(page), []);
  await leave(page, endpoint);
  assert.equal(endpoint.requests.length, 0);
});
