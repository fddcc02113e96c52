// Promise 7: leaving the page is not losing the event, and the page keeps its place in the back-forward cache.
import assert from "node:assert/strict";
import { call, emptied, productIds, ready, status, tag } from "../e2e/in-page.mjs";
import { until } from "../e2e/support.mjs";
import { faults, openShop } from "./harness.mjs";

const promise = 7;

faults((fault) => {
  fault(
    "500 calls, then a navigation at once",
    { promise, holds: "500 of 500 by the next page at the latest, without an event there" },
    async ({ t, open, note }) => {
      const shop = await openShop(t);
      shop.page("/next", tag());
      const page = await open(shop);
      const taken = await page.evaluate(() => {
        const begun = performance.now();
        for (let i = 0; i < 500; i++)
          userengage("product_event", { product_id: `p-${i}`, event_type: "view", name: "Watering can, 1.5 l, fern" });
        location.href = "/next";
        return performance.now() - begun;
      });
      note("call", Math.round((1_000 * taken) / 500));
      const left = Date.now();
      await page.waitForFunction(() => location.pathname === "/next");
      const records = await shop.received(500);
      note("delivered", Math.max(0, Date.now() - left));
      await emptied(page);
      assert.deepEqual(new Set(productIds(records)), new Set(Array.from({ length: 500 }, (_, i) => `p-${i}`)));
      assert.ok(shop.requests.every(({ body }) => Buffer.byteLength(body) <= 60 * 1024));
    },
  );

  fault(
    "the visitor goes to another site right after 20 calls",
    { promise, holds: "20 of 20, by last words alone" },
    async ({ t, open, note }) => {
      const shop = await openShop(t);
      const page = await open(shop);
      // While a request is under way the page holds the lock, so Firefox does not keep it.
      shop.answer({ delay: 5_000 });
      await call(page, "before");
      await shop.asked(1);
      note("call", await call(page, "left", 20));
      const left = Date.now();
      // Another process in all engines, and in Firefox the end of this one: what hangs on the page ends with it.
      await page.goto("about:blank");
      await shop.received(21);
      note("delivered", Math.max(0, shop.requests.at(-1).at - left));
    },
  );

  fault(
    "a window is closed right after 5 calls",
    { promise, holds: "5 of 5, by its last words alone" },
    async ({ t, open, note }) => {
      const shop = await openShop(t);
      const page = await open(shop);
      await until(async () => (await status(page)).state === "idle");
      note("call", await call(page, "closed", 5));
      const left = Date.now();
      await page.close();
      await shop.received(5);
      note("delivered", shop.firstTakenAfter(left) ?? 0);
    },
  );

  /** From the page's successor back: is it still the page that `seen` is on? */
  const back = async (page, path) => {
    await page.goBack();
    await page.waitForFunction((path) => location.pathname === path, path);
    return page.evaluate(() => persisted);
  };
  /** From the shop's first page to another one and back. */
  const leftAndBack = async (page, address) => {
    await page.goto(address);
    await ready(page);
    return back(page, "/");
  };
  const seen = "<script>addEventListener('pageshow', (event) => (persisted = event.persisted))</script>";

  fault(
    "the page that sends is left while another tab waits to",
    {
      promise,
      holds: "keeps its place in the back-forward cache, and delivers again when it comes back",
    },
    async ({ t, open }) => {
      const shop = await openShop(t);
      const page = await open(shop, { html: seen + tag() });
      await until(async () => (await status(page)).state === "idle");
      const other = await open(shop, { path: "/other" });
      await call(page, "before", 2);
      await shop.received(2);
      // Firefox keeps no page that holds the lock or waits for it, and one that has something to send does.
      await until(() => page.evaluate(async () => !(await navigator.locks.query()).held.length));
      assert.equal(await leftAndBack(page, `${shop.origin}/other`), true, "the page was kept");
      await call(page, "after", 2);
      await call(other, "other", 2);
      await shop.received(6);
      await emptied(page);
    },
  );

  fault(
    "a page is left right after its start and a call, twelve times",
    { promise, holds: "keeps its place in the back-forward cache each time" },
    async ({ t, open }) => {
      const shop = await openShop(t);
      const page = await open(shop, { path: "/next" });
      // The page itself leaves. Where the machine is too busy for that to be before the call is due, it does not count: then the
      // page holds the lock by right.
      const leaves = `<script>addEventListener("load", () => setTimeout(() => {
          if (performance.getEntriesByType("navigation")[0].type != "navigate") return;
          userengage("product_event", { product_id: location.pathname, event_type: "view" });
          const called = performance.now();
          addEventListener("pagehide", () => (sessionStorage.late = performance.now() - called > 200 ? 1 : ""));
          location.href = "/next";
        }))</script>`;
      const kept = [];
      let rounds = 0;
      for (; kept.length < 12; rounds++) {
        assert.ok(rounds < 40, `left in time: ${kept.length} of ${rounds}`);
        const path = `/round-${rounds}`;
        shop.page(path, seen + tag() + leaves);
        await page.goto(shop.origin + path);
        await page.waitForFunction(() => location.pathname === "/next");
        await ready(page);
        // What wants the lock there would find it with the page before, which may not have heard yet that it was left.
        const same = await back(page, path);
        if (!(await page.evaluate(() => sessionStorage.late))) kept.push(same);
      }
      assert.deepEqual(new Set(kept), new Set([true]), `kept: ${kept}`);
      await shop.received(rounds);
      await emptied(page);
    },
  );

  fault(
    "a page is left while another tab sends",
    { promise, holds: "keeps its place in the back-forward cache, and its calls count when it comes back" },
    async ({ t, open }) => {
      const shop = await openShop(t);
      const other = await open(shop, { path: "/other" });
      await until(async () => (await status(other)).state === "idle");
      // Calls when the page is left: before Tillpost hears of that, and after.
      const leaves = (name) => `<script>addEventListener("pagehide", () => userengage("event.${name}"))</script>`;
      const page = await open(shop, { html: seen + leaves("first") + tag() + leaves("last") });
      await call(page, "before", 2);
      await shop.received(2);
      // Firefox keeps no page that holds the lock or waits for it, and one that has something to send does.
      await until(async () => (await status(page)).state === "idle");
      assert.equal(await leftAndBack(page, `${shop.origin}/other`), true, "the page was kept");
      await call(page, "after", 2);
      // Two before, one by each listener, two after.
      await shop.received(6);
      await emptied(other);
    },
  );
});
