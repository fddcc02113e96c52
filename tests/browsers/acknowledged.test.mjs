// Promise 4: nothing leaves storage that the endpoint has not named, and one bad record costs no other.
import assert from "node:assert/strict";
import { call, emptied, listen, productIds, status, storedKeys, timesStored, told } from "../e2e/in-page.mjs";
import { faults, openShop } from "./harness.mjs";

const promise = 4;
const bad = ({ product_id }) => product_id === "bad-7";

faults((fault) => {
  fault(
    "the connection is cut after storing",
    { promise, holds: "the same ids come again, and are stored once" },
    async ({ t, open, note }) => {
      const shop = await openShop(t);
      shop.answer({ cut: true });
      const page = await open(shop);
      await listen(page);
      note("call", await call(page, "lost", 20));
      const [first, second] = await shop.asked(2);
      note("delivered", second.at - first.at);
      assert.equal(first.ids.length, 20);
      assert.deepEqual(second.ids, first.ids);
      await emptied(page);
      assert.equal(shop.stored.size, 20);
      const sent = await told(page, "sent");
      assert.deepEqual(new Set(sent.map(({ id }) => id)), new Set(first.ids));
      assert.ok(sent.every(({ status }) => status === "duplicate"));
    },
  );

  fault(
    "one record of 20 is rejected by its id",
    { promise, holds: "19 stored at once, the bad one reported" },
    async ({ t, open, note }) => {
      const shop = await openShop(t);
      shop.otherwise({ reject: bad });
      const page = await open(shop);
      await listen(page);
      note("call", await call(page, "bad", 20));
      await shop.received(19);
      await emptied(page);
      assert.equal(shop.requests.length, 1);
      const stored = await told(page, "stored");
      const [{ id, errors }, ...others] = await told(page, "rejected");
      assert.deepEqual(others, []);
      assert.equal(id, stored.find(bad).id);
      assert.deepEqual(errors, [{ code: "record_rejected", field: "scripted" }]);
    },
  );

  for (const code of [400, 413])
    fault(
      `one record of 20 for which the batch is refused whole (${code})`,
      { promise, holds: "19 stored once, the bad one found, reported and counted" },
      async ({ t, open, note }) => {
        const shop = await openShop(t);
        shop.otherwise({ refuse: bad, status: code });
        const page = await open(shop);
        await listen(page);
        note("call", await call(page, "bad", 20));
        const records = await shop.received(19);
        await emptied(page);
        const taken = () => shop.requests.filter(({ plan }) => plan.status === 200);
        note("delivered", taken()[0].at - shop.requests[0].at);
        assert.ok(!productIds(records).includes("bad-7"));
        assert.deepEqual(timesStored(shop), Array(19).fill(1));
        const stored = await told(page, "stored");
        const [{ id, errors }, ...others] = await told(page, "rejected");
        assert.deepEqual(others, []);
        assert.equal(id, stored.find(bad).id);
        assert.deepEqual(errors, [{ code: "record_refused" }]);
        assert.deepEqual(await told(page, "dropped"), [{ topic: "dropped", code: "record_refused", count: 1 }]);
        // The endpoint hears of it with the next batch that it takes, once.
        await call(page, "after");
        await shop.received(20);
        assert.equal(
          taken().reduce((sum, { batch }) => sum + batch.dropped, 0),
          1,
        );
      },
    );

  for (const [what, plan] of [
    ["is not JSON", { body: "<html>welcome to the shop's wireless network</html>" }],
    ["is empty", { body: "" }],
    ["ends in the middle", { body: '{"results":[{"id":"' }],
    ["names unknown ids only", { body: '{"results":[{"id":"0aaaaaaaaaaaaaaaaaaaaaaaa","status":"stored"}]}' }],
  ])
    fault(
      `an answer 200 that ${what}`,
      { promise, holds: "acknowledges nothing; delivered with the next answer" },
      async ({ t, open, note }) => {
        const shop = await openShop(t);
        // Nothing is stored either: an answer of a network on the way, not of the endpoint.
        shop.answer({ ...plan, omit: () => true });
        const page = await open(shop);
        await listen(page);
        note("call", await call(page, "odd", 20));
        await shop.asked(1);
        await shop.received(20);
        await emptied(page);
        note("delivered", shop.requests[1].at - shop.requests[0].at);
        assert.deepEqual(shop.requests[1].ids, shop.requests[0].ids);
        assert.deepEqual(
          (await told(page, "error")).map(({ code }) => code),
          ["answer_invalid"],
        );
        assert.equal((await status(page)).failures, 0);
      },
    );

  fault(
    "an answer that leaves a record out",
    { promise, holds: "what is not named stays, and goes with the next batch" },
    async ({ t, open, note }) => {
      const shop = await openShop(t);
      shop.answer({ omit: ({ product_id }) => product_id === "omit-1" });
      const page = await open(shop);
      note("call", await call(page, "omit", 20));
      await shop.received(20);
      await emptied(page);
      assert.deepEqual(timesStored(shop), Array(20).fill(1));
      assert.deepEqual(productIds(shop.requests[1].batch.records), ["omit-1"]);
      assert.deepEqual(await storedKeys(page), []);
    },
  );
});
