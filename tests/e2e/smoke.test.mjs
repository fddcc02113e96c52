// The shortest way through everything: a call in the page is a row in the collector.
import assert from "node:assert/strict";
import { test } from "node:test";
import { openProfile, openShop, scriptedEndpoint } from "./harness.mjs";

test("a call in the demo shop arrives at the collector", async (t) => {
  const shop = await openShop(t);
  await shop.page.evaluate(() => userengage("product_event", { product_id: "smoke-1", event_type: "liking" }));
  const [event] = await shop.arrived({ where: ({ product_id }) => product_id === "smoke-1" });
  assert.equal(event.event_type, "liking");
  assert.equal(event.status, "stored");
  const all = await shop.settled();
  assert.equal(all.filter(({ product_id }) => product_id === "smoke-1").length, 1);
});

test("a lost answer does not lose the event, and the endpoint sees the same id again", async (t) => {
  const endpoint = await scriptedEndpoint(t);
  endpoint.answer({ cut: true });
  endpoint.page("/", '<script src="/tillpost.js" data-app="abc123" data-endpoint="/api"></script>');
  const { context } = await openProfile(t, { expected: [/ERR_EMPTY_RESPONSE/] });
  const page = await context.newPage();
  await page.goto(endpoint.origin);
  await page.evaluate(() => userengage("product_event", { product_id: "12-0", event_type: "order" }));
  const [first, second] = await endpoint.asked(2);
  assert.deepEqual(second.ids, first.ids);
  assert.equal(endpoint.stored.get(first.ids[0]).length, 2);
});
