// Promise 9: no retry waits for the wrong year, and order is kept, whatever the visitor's clock does.
import assert from "node:assert/strict";
import { call, emptied, productIds, tag } from "../e2e/in-page.mjs";
import { faults, openShop } from "./harness.mjs";

const promise = 9;
const DAY = 86_400_000;

/** The page's clock is `jump` milliseconds off from when the page says so. What the SDK does must not depend on it. */
const clock = `<script>
  jump = 0;
  const now = Date.now;
  Date.now = () => now() + jump;
</script>`;

faults((fault) => {
  for (const [name, jump] of [
    ["a day forward", DAY],
    ["a day back", -DAY],
    ["ten years forward", 3_652 * DAY],
    ["ten years back", -3_652 * DAY],
  ])
    fault(
      `the clock jumps ${name} while the endpoint is down`,
      { promise, holds: "delivered within 2 s of a 503, in order" },
      async ({ t, open, note }) => {
        const shop = await openShop(t);
        shop.answer({ status: 503 });
        const page = await open(shop, { html: clock + tag() });
        await call(page, "before", 2);
        await shop.asked(1);
        await page.evaluate((by) => void (jump = by), jump);
        note("call", await call(page, "after", 20));
        const records = await shop.received(22);
        const [first, second] = shop.requests;
        note("delivered", second.at - first.at);
        assert.ok(second.at - first.at < 2_000, `${second.at - first.at} ms`);
        await emptied(page);
        const expected = ["before-0", "before-1", ...Array.from({ length: 20 }, (_, i) => `after-${i}`)];
        assert.deepEqual(productIds(records), expected);
        // The endpoint can correct it: each record says when it was made by the clock that `sent` is read from.
        const { sent } = shop.requests.at(-1).batch;
        assert.ok(Math.abs(sent - records.at(-1).t) < 60_000);
      },
    );
});
