// Promise 9: nothing is sent while offline, everything once the network is back; and a browser that says the wrong thing
// about the network costs no event.
import assert from "node:assert/strict";
import { call, emptied, productIds, ready, status, storedKeys, tag, timesStored } from "../e2e/in-page.mjs";
import { undo, until } from "../e2e/support.mjs";
import { faults, openShop, scriptedEndpoint } from "./harness.mjs";

const promise = 9;
const without = { webkit: "neither its driver nor its browser can be told to be offline" };

faults((fault, engine) => {
  fault(
    "the network is away, and comes back",
    { promise, holds: "nothing is tried meanwhile, all delivered within 2 s", without },
    async ({ t, open, note }) => {
      const shop = await openShop(t);
      const page = await open(shop);
      undo(t, () => engine.offline(page, false));
      await engine.offline(page, true);
      note("call", await call(page, "offline", 20));
      await until(async () => (await status(page)).state === "offline");
      assert.equal((await storedKeys(page)).length, 20);
      const back = Date.now();
      await engine.offline(page, false);
      await shop.received(20, 2_000);
      note("delivered", shop.firstTakenAfter(back));
      await emptied(page);
      // A request that was tried without a network would be a failure.
      assert.equal(shop.requests.length, 1);
      assert.equal((await status(page)).failures, 0);
    },
  );

  fault(
    "100 events offline, the page is loaded again, online",
    { promise, holds: "100 of 100 within 2 s, none sent twice", without },
    async ({ t, open, note }) => {
      const shop = await openShop(t);
      const page = await open(shop);
      undo(t, () => engine.offline(page, false));
      await engine.offline(page, true);
      note("call", await call(page, "offline", 100));
      // Chromium's driver lets the network back for a moment when a page is left: so there is really none.
      await shop.down();
      // The browser's own page says that there is no network.
      await page.reload().catch(() => {});
      // It loads itself again once there is a network, and would be left in the middle of its request.
      await page.goto("about:blank");
      await shop.up();
      await engine.offline(page, false);
      await page.goto(shop.origin);
      const back = Date.now();
      await ready(page);
      await shop.received(100, 2_000);
      note("delivered", Math.max(0, shop.requests[0].at - back));
      await emptied(page);
      assert.deepEqual(timesStored(shop), Array(100).fill(1));
    },
  );

  fault(
    "100 events while nobody listens on the endpoint's port, the page is loaded again, the endpoint is back",
    { promise, holds: "100 of 100, none stored twice" },
    async ({ t, open, note }) => {
      const shop = await openShop(t);
      const endpoint = await scriptedEndpoint(t);
      await endpoint.down();
      const page = await open(shop, { html: tag(`${endpoint.origin}/api`) });
      note("call", await call(page, "down", 100));
      await until(async () => (await status(page)).failures > 0);
      await page.reload();
      await ready(page);
      const back = Date.now();
      await endpoint.up();
      await endpoint.received(100);
      note("delivered", endpoint.firstTakenAfter(back));
      await emptied(page);
      assert.deepEqual(timesStored(endpoint), Array(100).fill(1));
    },
  );

  fault(
    "the browser says that it is offline and is not, then says that it is online",
    { promise, holds: "no event is lost" },
    async ({ t, open, note }) => {
      const shop = await openShop(t);
      const lie = `<script>Object.defineProperty(Navigator.prototype, "onLine", { get: () => says });says = false</script>`;
      const page = await open(shop, { html: lie + tag() });
      note("call", await call(page, "lie", 20));
      await until(async () => (await status(page)).state === "offline");
      assert.equal(shop.requests.length, 0);
      const back = Date.now();
      await page.evaluate(() => {
        says = true;
        dispatchEvent(new Event("online"));
      });
      await shop.received(20, 2_000);
      note("delivered", shop.firstTakenAfter(back));
      await emptied(page);
    },
  );

  fault(
    "the browser says that it is offline for good, and is not",
    { promise, holds: "the next page that hears the truth sends all" },
    async ({ t, open, note }) => {
      const shop = await openShop(t);
      shop.page("/next", tag());
      const lie = `<script>Object.defineProperty(Navigator.prototype, "onLine", { get: () => false })</script>`;
      const page = await open(shop, { html: lie + tag() });
      note("call", await call(page, "lie", 20));
      const back = Date.now();
      await page.goto(`${shop.origin}/next`);
      const records = await shop.received(20);
      note("delivered", shop.firstTakenAfter(back));
      await emptied(page);
      assert.equal(new Set(productIds(records)).size, 20);
    },
  );
});
