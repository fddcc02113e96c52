// Promise 9: a dead, slow or strange endpoint costs little, and no event.
import assert from "node:assert/strict";
import { call, emptied, listen, status, storedKeys, tag, told } from "../e2e/in-page.mjs";
import { until } from "../e2e/support.mjs";
import { faults, openShop, scriptedEndpoint } from "./harness.mjs";

const promise = 9;

faults(
  (fault) => {
    fault("one 503, then silence", { promise, holds: "delivered within 2 s" }, async ({ t, open, note }) => {
      const shop = await openShop(t);
      shop.answer({ status: 503 });
      const page = await open(shop);
      note("call", await call(page, "once", 20));
      await shop.received(20);
      const [first, second] = shop.requests;
      const waited = second.at - first.at;
      note("delivered", waited);
      assert.ok(waited < 2_000, `${waited} ms`);
      await emptied(page);
    });

    fault(
      "an endpoint that accepts and never answers",
      { promise, holds: "given up at 10 s, delivered within 12 s" },
      async ({ t, open, note }) => {
        const shop = await openShop(t);
        shop.answer({ hang: true });
        const page = await open(shop);
        await call(page, "first");
        await shop.asked(1);
        note("call", await call(page, "hang", 20));
        await shop.received(21, 15_000);
        const [first, second] = shop.requests;
        const waited = second.at - first.at;
        note("delivered", waited);
        assert.ok(waited >= 9_900 && waited < 12_000, `${waited} ms`);
        assert.deepEqual(second.ids.slice(0, 1), first.ids);
        await emptied(page);
      },
    );

    fault(
      "an answer that comes byte by byte",
      { promise, holds: "given up at 10 s, delivered within 12 s" },
      async ({ t, open, note }) => {
        const shop = await openShop(t);
        shop.answer({ drip: true });
        const page = await open(shop);
        await call(page, "first");
        await shop.asked(1);
        note("call", await call(page, "drip", 20));
        await shop.received(21, 15_000);
        const [first, second] = shop.requests;
        const waited = second.at - first.at;
        note("delivered", waited);
        assert.ok(waited >= 9_900 && waited < 12_000, `${waited} ms`);
        assert.deepEqual(second.ids.slice(0, 1), first.ids);
        await emptied(page);
      },
    );

    fault(
      "nobody listens on the endpoint's port",
      { promise, holds: "one request at a time, delivered once somebody does" },
      async ({ t, open, note }) => {
        const shop = await openShop(t);
        const endpoint = await scriptedEndpoint(t);
        await endpoint.down();
        const page = await open(shop, { html: tag(`${endpoint.origin}/api`) });
        await listen(page);
        note("call", await call(page, "closed", 20));
        await until(async () => (await told(page, "error")).some(({ code }) => code === "delivery_failed"));
        const back = Date.now();
        await endpoint.up();
        await endpoint.received(20);
        note("delivered", endpoint.firstTakenAfter(back));
        await emptied(page);
        assert.equal(endpoint.requests.length, 1);
      },
    );

    fault("an endpoint that asks for time", { promise, holds: "gets it" }, async ({ t, open, note }) => {
      const shop = await openShop(t);
      shop.answer({ status: 503, headers: { "retry-after": "2" } });
      const page = await open(shop);
      note("call", await call(page, "later", 20));
      await shop.asked(1);
      await page.evaluate(() => tillpost.flush());
      await shop.received(20);
      const [first, second] = shop.requests;
      note("delivered", second.at - first.at);
      assert.ok(second.at - first.at >= 1_990, `${second.at - first.at} ms`);
    });

    fault(
      "a 401",
      { promise, holds: "delivery pauses and says so; the next page sends all" },
      async ({ t, open, note }) => {
        const shop = await openShop(t);
        shop.answer({ status: 401 });
        const page = await open(shop);
        await listen(page);
        await call(page, "before", 2);
        await until(async () => (await status(page)).state === "paused");
        assert.deepEqual(
          (await told(page, "error")).map(({ code }) => code),
          ["delivery_unauthorized"],
        );
        note("call", await call(page, "paused", 20));
        assert.equal((await storedKeys(page)).length, 22);
        await page.goto("about:blank");
        const back = Date.now();
        await page.goto(shop.origin);
        await shop.received(22);
        note("delivered", shop.firstTakenAfter(back));
        await emptied(page);
        // One request was refused, one took everything: between them nothing was tried, not even on leaving.
        assert.deepEqual(
          shop.requests.map(({ ids }) => ids.length),
          [2, 22],
        );
      },
    );

    fault(
      "a redirect to another origin",
      { promise, holds: "not followed; delivered once the address is right" },
      async ({ t, open, note }) => {
        const shop = await openShop(t);
        const elsewhere = await scriptedEndpoint(t);
        for (const status of [302, 307])
          shop.answer({ status, headers: { location: `${elsewhere.origin}/api/batch/` } });
        const page = await open(shop);
        note("call", await call(page, "moved", 20));
        await shop.received(20);
        await emptied(page);
        note("delivered", shop.requests[2].at - shop.requests[1].at);
        assert.equal(elsewhere.requests.length, 0);
        assert.deepEqual(elsewhere.preflights, []);
      },
    );

    fault("an endpoint of the page's origin", { promise, holds: "gets JSON without cookies" }, async ({ t, open }) => {
      const shop = await openShop(t);
      const page = await open(shop);
      await page.evaluate(() => void (document.cookie = "session=1"));
      await call(page, "same");
      await shop.received(1);
      const [{ method, url, headers, batch }] = shop.requests;
      assert.deepEqual([method, url, headers["content-type"]], ["POST", "/api/batch/", "application/json"]);
      assert.equal(headers.cookie, undefined);
      assert.deepEqual([batch.v, batch.app, batch.dropped], [1, "abc123", 0]);
    });

    fault(
      "an endpoint of another origin",
      { promise, holds: "gets text/plain without a preflight and without cookies" },
      async ({ t, open }) => {
        const shop = await openShop(t);
        const endpoint = await scriptedEndpoint(t);
        const page = await open(shop, { html: tag(`${endpoint.origin}/api`) });
        // Cookies know no port: this one would go to both.
        await page.evaluate(() => void (document.cookie = "session=1"));
        await call(page, "other", 2);
        await endpoint.received(2);
        await emptied(page);
        await call(page, "left");
        await page.goto("about:blank");
        await endpoint.received(3);
        for (const { url, headers } of endpoint.requests) {
          assert.equal(url, "/api/batch/");
          assert.match(headers["content-type"], /^text\/plain;\s?charset=utf-8$/i);
          assert.equal(headers.cookie, undefined);
        }
        assert.deepEqual(endpoint.preflights, []);
        assert.equal(shop.requests.length, 0);
      },
    );
  },
  { concurrency: 4 },
);
