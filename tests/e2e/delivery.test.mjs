// What the network and the endpoint do wrong, and what became of the events. The endpoint is asked, not the page.
// Tests that wait for the SDK's own deadlines wait side by side.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { scriptedEndpoint, until } from "./harness.mjs";
import {
  call,
  crash,
  emptied,
  listen,
  openPage as open,
  productIds,
  ready,
  status,
  storedKeys,
  tag,
  timesStored,
  told,
} from "./pages.mjs";

/** Pages whose policy allows no WebAssembly get the module in JavaScript. The one in WebAssembly: tests/browsers. */
const builds = {
  JavaScript: { headers: { "content-security-policy": "script-src 'self'" } },
};
for (const [build, { headers }] of Object.entries(builds))
  describe(`delivery, ${build}`, { concurrency: 3 }, () => {
    async function openPage(t, endpoint, options) {
      const opened = await open(t, endpoint, { headers, ...options });
      await until(async () => (await status(opened.page)).state !== "loading");
      return opened;
    }

    test("an endpoint that accepts and never answers is given up at 10 s, and the event is there before 12 s", async (t) => {
      const endpoint = await scriptedEndpoint(t);
      endpoint.answer({ hang: true });
      const { page } = await openPage(t, endpoint);
      await call(page, "hang");
      await endpoint.received(1, 15_000);
      const [first, second] = endpoint.requests;
      const waited = second.at - first.at;
      assert.ok(waited >= 9_900 && waited < 12_000, `${waited} ms`);
      assert.deepEqual(second.ids, first.ids);
      await emptied(page);
    });

    test("an answer that is lost costs nothing: the same ids come again, and the page hears of duplicates", async (t) => {
      const endpoint = await scriptedEndpoint(t);
      endpoint.answer({ cut: true });
      const { page } = await openPage(t, endpoint, { expected: [/ERR_EMPTY_RESPONSE/] });
      await listen(page);
      await call(page, "lost", 20);
      const [first, second] = await endpoint.asked(2);
      assert.equal(first.ids.length, 20);
      assert.deepEqual(second.ids, first.ids);
      await emptied(page);
      assert.deepEqual(timesStored(endpoint), Array(20).fill(2));
      const sent = await told(page, "sent");
      assert.deepEqual(new Set(sent.map(({ id }) => id)), new Set(first.ids));
      assert.ok(sent.every(({ status }) => status === "duplicate"));
    });

    test("one record of 20 that the endpoint rejects by its id is set aside alone, and the page knows which", async (t) => {
      const endpoint = await scriptedEndpoint(t);
      endpoint.otherwise({ reject: ({ product_id }) => product_id === "bad-7" });
      const { page } = await openPage(t, endpoint);
      await listen(page);
      await call(page, "bad", 20);
      await endpoint.received(19);
      await emptied(page);
      assert.equal(endpoint.requests.length, 1);
      const stored = await told(page, "stored");
      const [{ id, errors }, ...others] = await told(page, "rejected");
      assert.deepEqual(others, []);
      assert.equal(id, stored.find(({ product_id }) => product_id === "bad-7").id);
      assert.deepEqual(errors, [{ code: "record_rejected", field: "scripted" }]);
    });

    for (const code of [400, 413])
      test(`one record of 20 for which the batch is refused whole (${code}) is found, and costs no other`, async (t) => {
        const endpoint = await scriptedEndpoint(t);
        endpoint.otherwise({ refuse: ({ product_id }) => product_id === "bad-7", status: code });
        const { page } = await openPage(t, endpoint, { expected: [new RegExp(code)] });
        await listen(page);
        await call(page, "bad", 20);
        const records = await endpoint.received(19);
        await emptied(page);
        assert.ok(!productIds(records).includes("bad-7"));
        assert.deepEqual(timesStored(endpoint), Array(19).fill(1));
        const stored = await told(page, "stored");
        const [{ id, errors }, ...others] = await told(page, "rejected");
        assert.deepEqual(others, []);
        assert.equal(id, stored.find(({ product_id }) => product_id === "bad-7").id);
        assert.deepEqual(errors, [{ code: "record_refused" }]);
        assert.deepEqual(await told(page, "dropped"), [{ topic: "dropped", code: "record_refused", count: 1 }]);
        // The endpoint hears of it with the next batch that it takes, once.
        await call(page, "after");
        await endpoint.received(20);
        const taken = endpoint.requests.filter(({ plan }) => plan.status === 200);
        assert.equal(
          taken.reduce((sum, { batch }) => sum + batch.dropped, 0),
          1,
        );
      });

    test("a record that the answer does not name stays queued, and goes with the next batch", async (t) => {
      const endpoint = await scriptedEndpoint(t);
      endpoint.answer({ omit: ({ product_id }) => product_id === "omit-1" });
      const { page } = await openPage(t, endpoint);
      await call(page, "omit", 3);
      await endpoint.received(3);
      await emptied(page);
      assert.deepEqual(timesStored(endpoint), [1, 1, 1]);
      assert.deepEqual(productIds(endpoint.requests[1].batch.records), ["omit-1"]);
    });

    test("one 503, and then nothing happens on the page: delivered within 2 s", async (t) => {
      const endpoint = await scriptedEndpoint(t);
      endpoint.answer({ status: 503 });
      const { page } = await openPage(t, endpoint, { expected: [/503/] });
      await call(page, "once");
      await endpoint.received(1);
      const [first, second] = endpoint.requests;
      assert.ok(second.at - first.at < 2_000, `${second.at - first.at} ms`);
      await emptied(page);
    });

    test("an endpoint that asks for time gets it", async (t) => {
      const endpoint = await scriptedEndpoint(t);
      endpoint.answer({ status: 503, headers: { "retry-after": "2" } });
      const { page } = await openPage(t, endpoint, { expected: [/503/] });
      await call(page, "later");
      await endpoint.asked(1);
      await page.evaluate(() => tillpost.flush());
      await endpoint.received(1);
      const [first, second] = endpoint.requests;
      assert.ok(second.at - first.at >= 1_990, `${second.at - first.at} ms`);
    });

    test("a 401 pauses delivery and says so; the queue stays, and the next page sends it", async (t) => {
      const endpoint = await scriptedEndpoint(t);
      endpoint.answer({ status: 401 });
      const { page } = await openPage(t, endpoint, { expected: [/401/] });
      await listen(page);
      await call(page, "before", 2);
      await until(async () => (await status(page)).state === "paused");
      assert.deepEqual(await told(page, "error"), [{ topic: "error", code: "delivery_unauthorized" }]);
      await call(page, "paused", 2);
      assert.equal((await storedKeys(page)).length, 4);
      await page.goto("about:blank");
      await page.goto(endpoint.origin);
      await endpoint.received(4);
      await emptied(page);
      // One request was refused, one took everything: between them nothing was tried, not even on leaving.
      assert.deepEqual(
        endpoint.requests.map(({ ids }) => ids.length),
        [2, 4],
      );
    });

    test("an endpoint of another origin gets text/plain without a preflight and without cookies", async (t) => {
      const shop = await scriptedEndpoint(t);
      const endpoint = await scriptedEndpoint(t);
      const { page } = await openPage(t, shop, { html: tag(`${endpoint.origin}/api`) });
      // Cookies know no port: this one would go to both.
      await page.evaluate(() => (document.cookie = "session=1"));
      await call(page, "other", 2);
      await endpoint.received(2);
      await emptied(page);
      await call(page, "left");
      await page.goto("about:blank");
      await endpoint.received(3);
      for (const { url, headers } of endpoint.requests) {
        assert.equal(url, "/api/batch/");
        assert.equal(headers["content-type"], "text/plain;charset=UTF-8");
        assert.equal(headers.cookie, undefined);
      }
      assert.deepEqual(endpoint.preflights, []);
      assert.equal(shop.requests.length, 0);
    });

    test("an endpoint of the page's origin gets JSON, and no cookies either", async (t) => {
      const endpoint = await scriptedEndpoint(t);
      const { page } = await openPage(t, endpoint);
      await page.evaluate(() => (document.cookie = "session=1"));
      await call(page, "same");
      await endpoint.received(1);
      const [{ method, url, headers, batch }] = endpoint.requests;
      assert.deepEqual([method, url, headers["content-type"]], ["POST", "/api/batch/", "application/json"]);
      assert.equal(headers.cookie, undefined);
      assert.deepEqual([batch.v, batch.app, batch.dropped], [1, "abc123", 0]);
    });

    test("a page that is left right after 500 calls loses none: the next page sends the rest by itself", async (t) => {
      const endpoint = await scriptedEndpoint(t);
      endpoint.page("/next", tag());
      const { page } = await openPage(t, endpoint);
      await Promise.all([
        page.waitForURL("**/next"),
        page.evaluate(() => {
          for (let i = 0; i < 500; i++)
            userengage("product_event", {
              product_id: `p-${i}`,
              event_type: "view",
              name: "Watering can, 1.5 l, fern",
            });
          location.href = "/next";
        }),
      ]);
      const records = await endpoint.received(500);
      await emptied(page);
      assert.deepEqual(new Set(productIds(records)), new Set(Array.from({ length: 500 }, (_, i) => `p-${i}`)));
      assert.ok(endpoint.requests.every(({ body }) => Buffer.byteLength(body) <= 60 * 1024));
    });

    test("two tabs share one queue: one of them sends for both, each record once", async (t) => {
      const endpoint = await scriptedEndpoint(t);
      const { page, context } = await openPage(t, endpoint);
      await until(async () => (await status(page)).state === "idle");
      const other = await context.newPage();
      await other.goto(endpoint.origin);
      await ready(other);
      const calls = (tab, name) =>
        tab.evaluate(async (name) => {
          for (let i = 0; i < 30; i++) {
            userengage("product_event", { product_id: `${name}-${i}`, event_type: "view" });
            await new Promise((done) => setTimeout(done));
          }
        }, name);
      await Promise.all([calls(page, "one"), calls(other, "two")]);
      await endpoint.received(60);
      await emptied(other);
      assert.deepEqual(timesStored(endpoint), Array(60).fill(1));
      await until(async () => (await status(other)).state === "idle");
    });

    test("a tab that dies in the middle of a request leaves its records to the other tab, without a new event", async (t) => {
      const endpoint = await scriptedEndpoint(t);
      endpoint.answer({ hang: true });
      const { page, context } = await openPage(t, endpoint);
      await until(async () => (await status(page)).state === "idle");
      const other = await context.newPage();
      await other.goto(endpoint.origin);
      await ready(other);
      // It has looked for what was left, so the tab that calls is the one that sends.
      await until(async () => (await status(other)).state === "idle");
      await call(page, "dead", 3);
      await endpoint.asked(1);
      await crash({ page, context });
      await endpoint.received(3);
      await emptied(other);
      assert.deepEqual(endpoint.requests[1].ids, endpoint.requests[0].ids);
    });

    test("nothing is sent while offline, everything once the network is back", async (t) => {
      const endpoint = await scriptedEndpoint(t);
      const { page, context } = await openPage(t, endpoint);
      await context.setOffline(true);
      await call(page, "offline", 3);
      await until(async () => (await status(page)).state === "offline");
      assert.equal((await storedKeys(page)).length, 3);
      await context.setOffline(false);
      await endpoint.received(3);
      await emptied(page);
      // A request that was tried without a network would be a failure, and an error in the console.
      assert.equal(endpoint.requests.length, 1);
      assert.equal((await status(page)).failures, 0);
    });
  });
