// The mirror: records in IndexedDB outlive the death of the browser, and are not sent again after their acknowledgement.
import assert from "node:assert/strict";
import { test } from "node:test";
import { scriptedEndpoint, until } from "./harness.mjs";
import { killableBrowser } from "./killable.mjs";
import {
  call,
  crash,
  emptied,
  fill,
  openPage,
  productIds,
  ready,
  status,
  storedKeys,
  tag,
  timesStored,
} from "./pages.mjs";

/** The keys that the mirror holds, as the page's own script finds them. */
const mirrored = (page) =>
  page.evaluate(
    () =>
      new Promise((done, fail) => {
        const opening = indexedDB.open("tillpost");
        opening.onerror = () => fail(opening.error);
        opening.onsuccess = () => {
          const database = opening.result;
          if (!database.objectStoreNames.contains("records")) return done([]);
          const all = database.transaction("records").objectStore("records").getAllKeys();
          all.onsuccess = () => {
            database.close();
            done(all.result);
          };
        };
      }),
  );

const mirrorHolds = (page, count) =>
  until(
    async () => (await mirrored(page)).length === count,
    async () => `The mirror holds ${(await mirrored(page)).length} of ${count}.`,
  );

test("promise 3: a killed browser loses nothing that the mirror had completed", async (t) => {
  const endpoint = await scriptedEndpoint(t);
  endpoint.page("/", tag());
  endpoint.page("/blank", "");
  const browser = await killableBrowser(t);
  const lost = [];
  for (let round = 0; round < 4; round++) {
    let context = await browser.open();
    let page = await context.newPage();
    await page.goto(endpoint.origin);
    await ready(page);
    await until(async () => (await status(page)).state === "idle");
    // No answer: what arrives after the kill comes out of storage.
    await context.setOffline(true);
    await call(page, `burst-${round}`, 20);
    for (let i = 0; i < 20; i++) await call(page, `single-${round}-${i}`);
    await mirrorHolds(page, 40);
    await browser.kill();

    context = await browser.open();
    page = await context.newPage();
    await page.goto(`${endpoint.origin}/blank`);
    lost.push(40 - (await storedKeys(page)).length);
    await page.goto(endpoint.origin);
    await endpoint.received(40 * (round + 1));
    await emptied(page);
    await mirrorHolds(page, 0);
    await browser.quit();
  }
  t.diagnostic(`without the mirror lost, of 40: ${lost.join(", ")}`);
  assert.ok(timesStored(endpoint).every((times) => times === 1));
});

test("promise 3: what a full storage refused is sent by the next page, although nothing is called there", async (t) => {
  const endpoint = await scriptedEndpoint(t);
  const { page, context } = await openPage(t, endpoint, { html: "", started: false });
  await fill(page);
  endpoint.page("/shop", tag());
  await page.goto(`${endpoint.origin}/shop`);
  await ready(page);
  await context.setOffline(true);
  await call(page, "full", 5);
  assert.equal((await status(page)).storage, "memory");
  assert.deepEqual(await storedKeys(page), []);
  await mirrorHolds(page, 5);
  await crash({ page, context });
  await context.setOffline(false);
  const next = await context.newPage();
  await next.goto(`${endpoint.origin}/shop`);
  assert.deepEqual(productIds(await endpoint.received(5)), ["full-0", "full-1", "full-2", "full-3", "full-4"]);
  await mirrorHolds(next, 0);
  assert.ok(timesStored(endpoint).every((times) => times === 1));
});

test("promise 4: what is acknowledged is not sent again by the next page, however soon the page is left", async (t) => {
  const endpoint = await scriptedEndpoint(t);
  // Leaves in the very task in which it hears of the acknowledgement. What the mirror is to forget is noted by then.
  const leaving = (next) => `<script>tillpost = { onReady: () => {
      let left;
      tillpost.on("sent", () => {
        if (left) return;
        left = location.href = "${next}";
        const noted = Object.keys(localStorage).some((key) => key.startsWith("tillpost:forgotten:"));
        sessionStorage.noted = +(sessionStorage.noted || 0) + noted;
      });
      for (let i = 0; i < 5; i++) userengage("product_event", { product_id: "left", event_type: "view" });
    } }</script>`;
  const rounds = 10;
  for (let round = 0; round < rounds; round++) endpoint.page(`/${round}`, leaving(`/${round + 1}`) + tag());
  endpoint.page(`/${rounds}`, tag());
  endpoint.page("/", "");
  const { page } = await openPage(t, endpoint, { html: "", started: false });
  await page.goto(`${endpoint.origin}/0`);
  await page.waitForURL(`**/${rounds}`);
  await ready(page);
  await endpoint.received(5 * rounds);
  await emptied(page);
  await mirrorHolds(page, 0);
  assert.ok(timesStored(endpoint).every((times) => times === 1));
  assert.equal(await page.evaluate(() => sessionStorage.noted), `${rounds}`);
  const notes = () => page.evaluate(() => Object.keys(localStorage).filter((key) => key.includes("forgotten")));
  await until(
    async () => (await notes()).length === 0,
    async () => `${await notes()}`,
  );
});

test("what localStorage says is forgotten is not taken from the mirror, and deleted there", async (t) => {
  const endpoint = await scriptedEndpoint(t);
  endpoint.page("/blank", "");
  const { page, context } = await openPage(t, endpoint);
  await context.setOffline(true);
  await call(page, "kept", 2);
  await call(page, "forgotten", 2);
  await mirrorHolds(page, 4);
  await crash({ page, context });
  await context.setOffline(false);
  const next = await context.newPage();
  await next.goto(`${endpoint.origin}/blank`);
  // As a kill leaves it, between an acknowledgement and the end of the mirror's transaction.
  await next.evaluate(() => {
    const keys = Object.keys(localStorage).filter((key) => key.startsWith("tillpost:1:") && !key.endsWith(":state"));
    const last = keys.sort().slice(2);
    localStorage.setItem(`tillpost:forgotten:${last[0]}`, last.join(" "));
    for (const key of keys) localStorage.removeItem(key);
  });
  await next.goto(endpoint.origin);
  assert.deepEqual(productIds(await endpoint.received(2)), ["kept-0", "kept-1"]);
  await mirrorHolds(next, 0);
  assert.equal(endpoint.stored.size, 2);
});

for (const [what, breaks] of Object.entries({
  "is missing": "Object.defineProperty(window, 'indexedDB', { value: undefined })",
  throws: "Object.defineProperty(window, 'indexedDB', { get() { throw new DOMException('', 'SecurityError') } })",
  "never answers": "indexedDB.open = () => ({})",
  "has a newer version": "indexedDB.open('tillpost', 99)",
  "has no such store": "indexedDB.open('tillpost', 1)",
  "refuses every transaction":
    "IDBDatabase.prototype.transaction = () => { throw new DOMException('', 'InvalidStateError') }",
  "aborts every transaction":
    "const { put } = IDBObjectStore.prototype; IDBObjectStore.prototype.put = function () { this.transaction.abort() }",
}))
  test(`promise 1: where IndexedDB ${what}, nothing is heard of it and every event arrives`, async (t) => {
    const endpoint = await scriptedEndpoint(t);
    const hear = `<script>problems = []; for (const name of ["error", "unhandledrejection"])
      addEventListener(name, ({ type, message, reason }) => problems.push([type, message, String(reason)]));</script>`;
    const { page } = await openPage(t, endpoint, { html: `${hear}<script>${breaks}</script>${tag()}` });
    await call(page, "first", 3);
    await endpoint.received(3);
    await emptied(page);
    await call(page, "second", 3);
    await page.goto("about:blank");
    await page.goto(endpoint.origin);
    await endpoint.received(6);
    await emptied(page);
    assert.deepEqual(await page.evaluate(() => problems), []);
    assert.equal((await status(page)).storage, "local");
  });

test("promise 7: a page with an open mirror keeps its place in the back-forward cache, and goes on copying", async (t) => {
  const endpoint = await scriptedEndpoint(t);
  endpoint.page("/other", tag());
  const { page, context } = await openPage(t, endpoint);
  await context.setOffline(true);
  await call(page, "before", 2);
  await mirrorHolds(page, 2);
  await context.setOffline(false);
  await page.evaluate(() => (globalThis.same = true));
  await page.goto(`${endpoint.origin}/other`);
  await ready(page);
  await endpoint.received(2);
  await emptied(page);
  await mirrorHolds(page, 0);
  await page.goBack({ waitUntil: "commit" });
  assert.equal(await page.evaluate(() => globalThis.same), true);
  await context.setOffline(true);
  await call(page, "after", 2);
  await mirrorHolds(page, 2);
});

test("a call is complete in the mirror soon, and costs the page little (measured)", async (t) => {
  const endpoint = await scriptedEndpoint(t);
  const cost = `<script>
    spent = 0; complete = [];
    const { transaction } = IDBDatabase.prototype;
    IDBDatabase.prototype.transaction = function (...args) {
      const made = transaction.apply(this, args);
      made.addEventListener("complete", () => complete.splice(0).forEach((done) => done(performance.now())));
      return made;
    };</script>`;
  const { page, context } = await openPage(t, endpoint, { html: cost + tag() });
  await until(async () => (await status(page)).state === "idle");
  await context.setOffline(true);
  const figures = await page.evaluate(async () => {
    const event = (n) =>
      userengage("product_event", { product_id: `m-${n}`, event_type: "view", name: "Can", price: 7.5 });
    const pause = () => new Promise((done) => setTimeout(done, 10));
    const completed = () => new Promise((done) => complete.push(done));
    const single = [];
    const turn = [];
    for (let n = 0; n < 200; n++) {
      await pause();
      const began = performance.now();
      event(n);
      const called = performance.now();
      await null; // after the microtask that opens the transaction
      turn.push(performance.now() - called);
      single.push((await completed()) - began);
    }
    const burst = [];
    for (let n = 0; n < 20; n++) {
      await pause();
      const began = performance.now();
      for (let i = 0; i < 10; i++) event(i);
      burst.push((await completed()) - began);
    }
    return { single, burst, turn };
  });
  for (const [name, times] of Object.entries(figures)) {
    times.sort((a, b) => a - b);
    const [median, worst] = [times[times.length >> 1], times.at(-1)].map((time) => time.toFixed(1));
    t.diagnostic(`${name}: median ${median} ms, worst ${worst} ms, of ${times.length}`);
  }
  // Far above what was measured, far below the seconds that localStorage takes.
  assert.ok(figures.single[100] < 100 && figures.burst[10] < 100);
  await mirrorHolds(page, 400);
});

test("promise 7: an event arrives though the browser is closed right after the call, and is stored once", async (t) => {
  const endpoint = await scriptedEndpoint(t);
  endpoint.page("/", tag());
  const browser = await killableBrowser(t);
  for (let round = 1; round <= 4; round++) {
    let context = await browser.open();
    let page = await context.newPage();
    await page.goto(endpoint.origin);
    await ready(page);
    await until(async () => (await status(page)).state === "idle");
    await call(page, `closed-${round}`);
    await browser.quit();
    await endpoint.received(round);

    // Nobody heard the answer, so the next start sends it again, and the endpoint knows it.
    context = await browser.open();
    page = await context.newPage();
    await page.goto(endpoint.origin);
    await ready(page);
    await emptied(page);
    await browser.quit();
  }
  assert.equal(endpoint.stored.size, 4);
  assert.ok(timesStored(endpoint).every((times) => times === 2));
});
