// Promise 5 where Web Locks are missing: tabs can send twice then, and lose nothing.
import assert from "node:assert/strict";
import { call, emptied, productIds, tag } from "../e2e/in-page.mjs";
import { faults, openShop } from "./harness.mjs";

const promise = 5;
const missing = "<script>delete Navigator.prototype.locks</script>";
const html = missing + tag();
const remarks = { webkit: "closed, not crashed: WebKitWebDriver ends its session when a content process dies" };

faults((fault, engine) => {
  fault("no Web Locks, two tabs of 50 events each", { promise, holds: "100 of 100" }, async ({ t, open, note }) => {
    const shop = await openShop(t);
    const [one, two] = [await open(shop, { html }), await open(shop, { html })];
    assert.equal(await one.evaluate(() => typeof navigator.locks), "undefined");
    note("call", await call(one, "one", 50));
    await call(two, "two", 50);
    const records = await shop.received(100);
    assert.equal(new Set(productIds(records)).size, 100);
    await emptied(one);
  });

  fault(
    "no Web Locks, a tab crashes while the endpoint is down",
    { promise, holds: "the other tab sends its records within 20 s of the recovery, without an event there", remarks },
    async ({ t, open, note }) => {
      const shop = await openShop(t);
      shop.otherwise({ status: 503 });
      const [one, two] = [await open(shop, { html }), await open(shop, { html })];
      note("call", await call(one, "one", 20));
      await shop.asked(1);
      await (engine.crash ?? ((page) => page.close()))(one);
      shop.otherwise({});
      const back = Date.now();
      // Without a lock that passes on, tabs look every 15 s for what others left.
      await shop.received(20, 20_000);
      note("delivered", shop.firstTakenAfter(back) ?? 0);
      await emptied(two);
    },
  );

  fault(
    "no Web Locks, the tab crashes and no other is there",
    { promise, holds: "the next page sends its records within 15 s of its load, without an event there", remarks },
    async ({ t, open, note }) => {
      const shop = await openShop(t);
      shop.otherwise({ status: 503 });
      const page = await open(shop, { html });
      note("call", await call(page, "one", 20));
      await shop.asked(1);
      await (engine.crash ?? ((page) => page.close()))(page);
      shop.otherwise({});
      const next = await open(shop, { html });
      const back = Date.now();
      await shop.received(20, 15_000);
      note("delivered", Math.max(0, shop.requests.at(-1).at - back));
      await emptied(next);
    },
  );
});
