// Promise 5: tabs share one queue, and what a tab leaves behind is sent by another one or by the next page.
import assert from "node:assert/strict";
import { call, emptied, ready, status, storedKeys, tag, timesStored } from "../e2e/in-page.mjs";
import { until } from "../e2e/support.mjs";
import { faults, openShop } from "./harness.mjs";

const promise = 5;

/** Where a tab cannot be crashed, it is closed. */
const remarks = { webkit: "closed, not crashed: WebKitWebDriver ends its session when a content process dies" };

/** The tab ends without a word, where the engine lets us do that to it. */
const end = (engine, page) => (engine.crash ? engine.crash(page) : page.close());

faults((fault, engine) => {
  fault("two tabs", { promise, holds: "one of them sends for both, each record once" }, async ({ t, open, note }) => {
    const shop = await openShop(t);
    const page = await open(shop);
    await until(async () => (await status(page)).state === "idle");
    const other = await open(shop);
    const calls = (tab, name) =>
      tab.evaluate((name) => {
        // Not awaited: the two are to call at the same time, and a driver does one thing after the other.
        (async () => {
          for (let i = 0; i < 30; i++) {
            userengage("product_event", { product_id: `${name}-${i}`, event_type: "view" });
            await new Promise((done) => setTimeout(done));
          }
        })();
      }, name);
    await calls(page, "one");
    await calls(other, "two");
    note("call", await call(other, "more", 20));
    await shop.received(80);
    await emptied(other);
    assert.deepEqual(timesStored(shop), Array(80).fill(1));
    await until(async () => (await status(other)).state === "idle");
  });

  fault(
    "two tabs of 5 events each crash while the endpoint is down",
    { promise, holds: "10 of 10 within 15 s of the next page, without an event there", remarks },
    async ({ t, open, note }) => {
      const shop = await openShop(t);
      shop.otherwise({ status: 503 });
      const [one, two] = [await open(shop), await open(shop)];
      await call(one, "one", 5);
      await call(two, "two", 5);
      await shop.asked(1);
      await end(engine, one);
      await end(engine, two);
      shop.otherwise({});
      const back = Date.now();
      const next = await open(shop);
      await shop.received(10, 15_000);
      note("delivered", shop.firstTakenAfter(back));
      await emptied(next);
    },
  );

  fault(
    "the tab that sends crashes in the middle of a request",
    { promise, holds: "the other tab sends its records within 15 s, without an event there", remarks },
    async ({ t, open, note }) => {
      const shop = await openShop(t);
      shop.answer({ hang: true });
      const page = await open(shop);
      await until(async () => (await status(page)).state === "idle");
      const other = await open(shop);
      // It has looked for what was left, so the tab that calls is the one that sends.
      await until(async () => (await status(other)).state === "idle");
      note("call", await call(page, "dead", 20));
      await shop.asked(1);
      const died = Date.now();
      await end(engine, page);
      await shop.received(20, 15_000);
      note("delivered", shop.firstTakenAfter(died));
      await emptied(other);
      assert.deepEqual(shop.requests.at(-1).ids, shop.requests[0].ids);
    },
  );

  fault(
    "a tab is closed while the endpoint is down",
    { promise, holds: "the tab that stays sends its records within 15 s" },
    async ({ t, open, note }) => {
      const shop = await openShop(t);
      shop.otherwise({ status: 503 });
      const page = await open(shop);
      await until(async () => (await status(page)).state === "idle");
      const other = await open(shop);
      await until(async () => (await status(other)).state === "idle");
      await call(page, "left", 5);
      await shop.asked(1);
      await page.close();
      shop.otherwise({});
      const back = Date.now();
      await shop.received(5, 15_000);
      note("delivered", shop.firstTakenAfter(back) ?? 0);
      await emptied(other);
    },
  );

  fault(
    "8 tabs of 300 events, and each second the one that sends crashes",
    {
      promise,
      holds: "2,400 of 2,400, less than 5 % sent again",
      long: true,
      without: {
        webkit: "WebKitWebDriver ends its session when a content process dies",
      },
    },
    async ({ t, open, note }) => {
      const shop = await openShop(t);
      const next = () => `${tag()}<script>name ||= crypto.randomUUID()</script>`;
      const tabs = [];
      for (let i = 0; i < 8; i++) tabs.push(await open(shop, { html: next() }));
      const EVENTS = 300;
      /** Events at a visitor's pace times a hundred, and who holds the lock. */
      const begin = (tab, i) =>
        tab.evaluate(
          ([i, EVENTS]) => {
            const from = Number(localStorage[`made:${i}`] ?? 0);
            made = from;
            const timer = setInterval(() => {
              if (made >= EVENTS) return clearInterval(timer);
              userengage("product_event", { product_id: `tab-${i}-${made}`, event_type: "view" });
              localStorage[`made:${i}`] = ++made;
            }, 25);
          },
          [i, EVENTS],
        );
      for (const [i, tab] of tabs.entries()) await begin(tab, i);
      let crashes = 0;
      const done = async () => {
        for (const tab of tabs) if (!(await tab.evaluate((EVENTS) => made >= EVENTS, EVENTS))) return;
        return true;
      };
      while (!(await done())) {
        const second = new Promise((next) => setTimeout(next, 1_000));
        for (const [i, tab] of tabs.entries()) {
          if ((await status(tab)).state !== "sending") continue;
          crashes += 1;
          await engine.crash(tab);
          await tab.close();
          tabs[i] = await open(shop);
          await begin(tabs[i], i);
          break;
        }
        await second;
      }
      await shop.received(8 * EVENTS, 30_000);
      await emptied(tabs[0]);
      const products = new Set([...shop.stored.values()].map(([{ product_id }]) => product_id));
      const sent = shop.requests.reduce((sum, { ids }) => sum + ids.length, 0);
      const extra = sent / shop.stored.size - 1;
      note("crashes", crashes);
      note("extra", Math.round(1_000 * extra) / 10);
      assert.ok(crashes >= 4, `${crashes} crashes`);
      assert.equal(products.size, 8 * EVENTS);
      assert.ok(extra < 0.05, `${(100 * extra).toFixed(1)} % sent again`);
    },
  );

  fault(
    "a tab is closed and no other is there",
    { promise, holds: "the next page sends its records within 15 s of its load, without an event there" },
    async ({ t, open, note }) => {
      const shop = await openShop(t);
      shop.otherwise({ status: 503 });
      const page = await open(shop);
      note("call", await call(page, "left", 20));
      await shop.asked(1);
      assert.equal((await storedKeys(page)).length, 20);
      await page.close();
      shop.otherwise({});
      const back = Date.now();
      const next = await open(shop);
      await shop.received(20, 15_000);
      note("delivered", shop.firstTakenAfter(back));
      await ready(next);
      await emptied(next);
    },
  );
});
