// Promise 3: when the call returns, the event is stored; where localStorage is blocked, full or spoilt, events are held in
// memory, arrive all the same, and the page is told.
import assert from "node:assert/strict";
import { call, emptied, fill, listen, productIds, ready, snippetFile, status, storedKeys, tag, told } from "../e2e/in-page.mjs"; // prettier-ignore
import { until } from "../e2e/support.mjs";
import { faults, openShop } from "./harness.mjs";

const promise = 3;
const early = '<script>userengage("product_event", { product_id: "early", event_type: "view" })</script>';
const remarks = {
  webkit: "localStorage is switched off, which has the page find none: this browser has no block that throws",
};

const errors = async (page) => (await told(page, "error")).map(({ code }) => code);

faults((fault) => {
  fault(
    "nothing has gone wrong yet",
    { promise, holds: "each is in storage when its call returns" },
    async ({ t, open, note }) => {
      const shop = await openShop(t);
      shop.otherwise({ status: 503 });
      const page = await open(shop);
      const keys = await page.evaluate(() => {
        for (let i = 0; i < 20; i++) userengage("product_event", { product_id: `p-${i}`, event_type: "view" });
        return Object.keys(localStorage).filter((key) => /^tillpost:1:[^:]+:[^:]+:/.test(key)).length;
      });
      assert.equal(keys, 20);
      note("call", await call(page, "more", 20));
    },
  );

  fault(
    "storage is blocked",
    { promise, holds: "events arrive from memory, leaving included, and the page is told once", remarks },
    async ({ t, open, browser, note }) => {
      const shop = await openShop(t);
      // The page hears of it although nothing has been called yet: it listens as soon as it can.
      const listening = `<script>told = []; tillpost = { onReady: () => tillpost.on("error", (error) => told.push(error)) }</script>`;
      const page = await open(shop, {
        on: await browser({ blocked: true }),
        html: listening + snippetFile + early + tag(),
      });
      const works = await page.evaluate(() => {
        try {
          localStorage.setItem("x", "y");
          return true;
        } catch {
          return false;
        }
      });
      assert.equal(works, false, "the block is real");
      note("call", await call(page, "blocked", 20));
      const records = await shop.received(21);
      assert.deepEqual(productIds(records).slice(0, 2), ["early", "blocked-0"]);
      await until(async () => (await status(page)).queued === 0);
      assert.equal((await status(page)).storage, "memory");
      assert.deepEqual(await errors(page), ["storage_unavailable"]);
      // Leaving is a flush: what memory holds goes out while there is a page.
      await call(page, "left");
      await page.goto("about:blank");
      await shop.received(22);
    },
  );

  fault(
    "storage is full to the last byte before the script runs",
    { promise, holds: "events arrive from memory" },
    async ({ t, open, note }) => {
      const shop = await openShop(t);
      const page = await open(shop, { html: "", started: false });
      await fill(page);
      shop.page("/shop", snippetFile + early + tag());
      await page.goto(`${shop.origin}/shop`);
      await ready(page);
      await listen(page);
      note("call", await call(page, "full", 20));
      assert.deepEqual(productIds(await shop.received(21)).slice(0, 3), ["early", "full-0", "full-1"]);
      assert.equal((await status(page)).storage, "memory");
      assert.deepEqual(await storedKeys(page), []);
    },
  );

  fault(
    "storage fills up, and has room again later",
    { promise, holds: "no event is lost, and what memory holds is moved to storage" },
    async ({ t, open, note }) => {
      const shop = await openShop(t);
      shop.otherwise({ status: 503, headers: { "retry-after": "3600" } });
      shop.page("/next", tag());
      const page = await open(shop);
      await listen(page);
      await call(page, "stored");
      await shop.asked(1);
      await until(async () => (await status(page)).failures > 0);
      await fill(page);
      note("call", await call(page, "memory", 20));
      assert.equal((await status(page)).storage, "memory");
      assert.equal((await storedKeys(page)).length, 1);

      await page.evaluate(() => {
        for (const key of Object.keys(localStorage)) if (key.startsWith("page")) localStorage.removeItem(key);
      });
      await until(async () => (await status(page)).storage === "local");
      assert.deepEqual(await errors(page), ["delivery_failed", "storage_unavailable", "storage_recovered"]);
      assert.equal((await storedKeys(page)).length, 21);
    },
  );

  fault(
    "others write over our items, one by one, and leave some of their own",
    { promise, holds: "what is readable is sent, what is not is counted, other versions are left alone" },
    async ({ t, open, note }) => {
      const shop = await openShop(t);
      const page = await open(shop, { html: snippetFile, started: false });
      // The items of a page that was left, as it wrote them.
      shop.otherwise({ status: 503 });
      shop.page("/first", tag());
      await page.goto(`${shop.origin}/first`);
      await ready(page);
      await call(page, "item", 20);
      await page.goto(`${shop.origin}/`);
      const spoilt = await page.evaluate(() => {
        const keys = Object.keys(localStorage)
          .filter((key) => /^tillpost:1:[^:]+:[^:]+:/.test(key))
          .sort();
        const junk = ["", "null", "{", "[]", '{"id":"x"}', "\ud800", "<html>", "x".repeat(100_000)];
        junk.forEach((text, i) => (localStorage[keys[i]] = text));
        localStorage["tillpost:1:abc123:short"] = "{}";
        localStorage["tillpost:9:abc123:v:0aaaaaaaaaaaaaaaaaaaaaaaa"] = "of a version to come";
        localStorage["tillpost:0:junk"] = "{";
        for (const key of Object.keys(localStorage)) if (key.endsWith(":state")) localStorage[key] = "[1e99,[],{";
        return junk.length;
      });
      shop.otherwise({});
      const listening = `<script>dropped = 0; tillpost = { onReady: () => tillpost.on("dropped", ({ count }) => (dropped += count)) }</script>`;
      shop.page("/next", listening + tag());
      const next = Date.now();
      await page.goto(`${shop.origin}/next`);
      await ready(page);
      const records = await shop.received(20 - spoilt);
      note("delivered", shop.firstTakenAfter(next));
      assert.ok(productIds(records).every((id) => id.startsWith("item-")));
      await page.waitForFunction((spoilt) => dropped === spoilt, spoilt);
      note("call", await call(page, "after", 20));
      await shop.received(40 - spoilt);
      // The endpoint hears how many there were.
      await until(() => shop.requests.reduce((sum, { batch, plan }) => sum + (plan.status ? 0 : batch.dropped), 0) === spoilt); // prettier-ignore
      assert.equal(
        await page.evaluate(() => localStorage["tillpost:9:abc123:v:0aaaaaaaaaaaaaaaaaaaaaaaa"]),
        "of a version to come",
      );
    },
  );
});
