// A visitor goes through the demo shop, and the collector is asked what arrived. The lists are compared whole, so what
// stands in none of them did not happen.
import assert from "node:assert/strict";
import { test } from "node:test";
import { openShop } from "./harness.mjs";

const inOrder = (events) => [...events].sort((a, b) => (a.id < b.id ? -1 : 1));
const brief = ({ event_type, product_id, token }) => [event_type, product_id, ...(token ? [token] : [])];

test("the sixteen types arrive, and a token goes with the panel's actions and the landing alone", async (t) => {
  const shop = await openShop(t);
  const { page } = shop;
  const click = (name) => page.click(`[data-test="${name}"]`);
  /** Clicks what leads to another page, and goes on once the shop is at work there. */
  const follow = async (name, to) => {
    await Promise.all([page.waitForURL(to), click(name)]);
    await page.waitForFunction(() => typeof userengage === "function" || document.querySelector("[data-form]"));
  };
  const panel = await page.getAttribute("[data-recommendation-token]", "data-recommendation-token");
  assert.ok(panel);

  await click("heart-05-0");
  await click("look-04-0");
  await page.waitForSelector("dialog[open]");
  await page.keyboard.press("Escape");
  await click("panel-heart-02-0");
  await follow("promo", "**/product.html?id=12-1");
  await page.waitForSelector("[data-buy]:enabled");
  await shop.visit("/");
  await follow("tile-12-0", "**/product.html?id=12-0");
  await page.waitForSelector("[data-buy]:enabled");
  await shop.visit("/");
  await follow("panel-tile-07-0", "**/product.html?id=07-0&*");
  await page.waitForSelector("[data-buy]:enabled");
  await click("add-to-cart");
  await click("heart");
  await click("reserve");
  await click("watch");
  await shop.visit("/wishlist.html");
  await click("wish-add-05-0");
  await shop.visit("/cart.html");
  await click("more-07-0");
  await click("less-07-0");
  await follow("to-checkout", "**/checkout.html");
  await click("delivery-bike");
  await follow("place-order", "**/thanks.html");
  await shop.ready();
  await click("pay");
  await click("return-07-0");
  await click("refund-07-0");

  const events = inOrder(await shop.settled());
  assert.deepEqual(events.map(brief), [
    ["liking", "05-0"],
    ["view", "04-0"],
    ["liking", "02-0", panel],
    ["promo click", "12-1"],
    ["detail", "12-1"],
    ["click", "12-0"],
    ["detail", "12-0"],
    ["click", "07-0", panel],
    ["detail", "07-0", panel],
    ["add to cart", "07-0"],
    ["liking", "07-0"],
    ["reservation", "07-0"],
    ["add to observation", "07-0"],
    ["add to cart", "05-0"],
    ["add", "07-0"],
    ["remove", "07-0"],
    ["checkout", "07-0"],
    ["checkout", "05-0"],
    ["checkout option", "07-0"],
    ["checkout option", "05-0"],
    ["order", "07-0"],
    ["order", "05-0"],
    ["purchase", "07-0"],
    ["purchase", "05-0"],
    ["return", "07-0"],
    ["refund", "07-0"],
  ]);
  assert.equal(new Set(events.map(({ event_type }) => event_type)).size, 16);
  assert.ok(events.every(({ status }) => status === "stored"));
  assert.equal(
    new Set(events.map(({ visitor }) => visitor)).size,
    1,
    "one visitor on all pages and through both doors",
  );
  assert.ok(
    !JSON.stringify(events.map(({ page, data }) => [page, data])).includes(panel),
    "the token is in its field only",
  );
  assert.ok(!shop.collector.log().includes(panel), "and in no log");
});

test("a panel's link that is opened twice is two landings, and a reload is none", async (t) => {
  const shop = await openShop(t);
  const { page } = shop;
  const panel = await page.getAttribute("[data-recommendation-token]", "data-recommendation-token");
  const landing = `/product.html?id=03-0&recommendation_token=${panel}`;
  await shop.visit(landing);
  await page.waitForSelector("[data-buy]:enabled");
  await page.evaluate(() => userengage("product_event", { ...shopProduct, event_type: "detail" }));
  await page.click('[data-test="add-to-cart"]');
  await shop.visit("/product.html?id=03-0");
  await page.waitForSelector("[data-buy]:enabled");
  await shop.visit(landing);
  await page.waitForSelector("[data-buy]:enabled");
  assert.deepEqual(inOrder(await shop.settled()).map(brief), [
    ["detail", "03-0", panel],
    ["detail", "03-0"],
    ["add to cart", "03-0"],
    ["detail", "03-0"],
    ["detail", "03-0", panel],
  ]);
});

test("who is signed in when a call is made goes with that call, and signing in and out are records", async (t) => {
  const shop = await openShop(t);
  for (const name of ["heart-01-0", "session", "heart-06-0", "session", "heart-08-0"])
    await shop.page.click(`[data-test="${name}"]`);
  const events = inOrder(await shop.settled());
  const mira = { user_id: "52" };
  assert.deepEqual(
    events.map(({ kind, product_id, user }) => [product_id ?? kind, user]),
    [
      ["01-0", undefined],
      ["identify", mira],
      ["page", mira],
      ["06-0", mira],
      ["reset", undefined],
      ["08-0", undefined],
    ],
  );
  assert.deepEqual(events[2].data, { user_id: "52", first_name: "Mira" });
  const visitors = events.map(({ visitor }) => visitor);
  assert.equal(new Set(visitors.slice(0, 5)).size, 1);
  assert.notEqual(visitors[5], visitors[0]);
});

test("the live view follows an event from the call to the collector, and shows a refused one with its code", async (t) => {
  const shop = await openShop(t);
  const { page } = shop;
  await page.click('[data-test="heart-01-0"]');
  const row = page.locator('[data-test="live-row"][data-type="liking"]');
  await row.and(page.locator('[data-stage="arrived"]')).waitFor();
  assert.match(await row.textContent(), /01-0/);
  await page.click('[data-test="send-bad"]');
  const bad = page.locator('[data-test="live-row"].failed');
  await bad.waitFor();
  assert.match(await bad.textContent(), /event_type_unknown · event_type · nearest: add to cart/);
  assert.equal((await shop.settled()).length, 1);
});
