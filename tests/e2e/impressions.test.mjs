// What was really seen, and the page that counts it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { openShop, scriptedEndpoint, until } from "./harness.mjs";
import { openPage, ready, tag } from "./pages.mjs";

const script = '<script async src="/impressions.js"></script>';
const tile = (id, height = 200) => `<li data-recommendation-product="${id}" style="height:${height}px">${id}</li>`;
const list = (token, panel, ...tiles) =>
  `<ul data-recommendation-token="${token}" data-recommendation-panel="${panel}" style="margin:0;padding:0">${tiles.join("")}</ul>`;

const seen = (records) =>
  records.filter(({ kind }) => kind === "impressions").map(({ token, panel, data }) => [token, panel, data.products]);

/** Time for whatever is in view to count: a tile at the page's end is looked at for as long. */
const aSecond = (page) => page.evaluate(() => new Promise((next) => setTimeout(next, 1200)));

test("a product is seen after a second of half of its tile, and told when the page is hidden", async (t) => {
  const endpoint = await scriptedEndpoint(t);
  // 720 high: three tiles and 120 of the fourth's 200 are in view, of the fifth nothing; of another panel's tile 80 of 200.
  const aside = `<div style="position:absolute;top:640px;left:400px">${list("t2", "more", tile("a"))}</div>`;
  const html = list("tok", "picked", ...["a", "b", "c", "d", "e"].map((id) => tile(id))) + aside;
  const { page } = await openPage(t, endpoint, {
    html: tag() + script + `<style>body{margin:0}</style>` + html,
    viewport: { width: 800, height: 720 },
  });
  await aSecond(page);
  // Passed by: not for a second.
  await page.evaluate(() => scrollTo(0, 10_000));
  await page.evaluate(() => new Promise((next) => setTimeout(next, 300)));
  await page.evaluate(() => scrollTo(0, 0));
  await aSecond(page);
  assert.deepEqual(seen([...endpoint.stored.values()].map(([first]) => first)), [], "nothing is told before the end");
  // A tile that comes later, in view: it is found.
  await page.evaluate((html) => document.querySelector("ul").insertAdjacentHTML("afterbegin", html), tile("z", 50));
  await aSecond(page);
  await page.goto("about:blank");
  await page.goto(endpoint.origin);
  await ready(page);
  const told = await until(async () => {
    const found = seen([...endpoint.stored.values()].map(([first]) => first));
    return found.length > 0 && found;
  });
  assert.deepEqual(told, [["tok", "picked", { a: 1, b: 2, c: 3, d: 4, z: 1 }]]);
});

test("each page view of a single-page shop has impressions of its own, a hidden page has none", async (t) => {
  const endpoint = await scriptedEndpoint(t);
  const { page } = await openPage(t, endpoint, { html: tag() + script + list("tok", "picked", tile("a"), tile("b")) });
  await aSecond(page);
  await page.evaluate(() => history.pushState({}, "", "/next"));
  await page.evaluate(() => {
    // As a browser says it of a page that nobody looks at.
    Object.defineProperty(document, "hidden", { value: true, configurable: true });
    document.dispatchEvent(new Event("visibilitychange", { bubbles: true }));
  });
  await aSecond(page);
  await page.evaluate(() => {
    delete document.hidden;
    document.dispatchEvent(new Event("visibilitychange", { bubbles: true }));
    document.querySelector("li").remove();
  });
  await aSecond(page);
  await page.evaluate(() => history.pushState({}, "", "/third"));
  const records = await endpoint.received(2);
  assert.deepEqual(seen(records), [
    ["tok", "picked", { a: 1, b: 2 }],
    ["tok", "picked", { b: 1 }],
  ]);
  assert.deepEqual(
    records.map(({ page }) => new URL(page.url).pathname),
    ["/", "/next"],
  );
  assert.notEqual(records[0].page.view, records[1].page.view);
});

test("the page Recommendations shows what a visit of the shop has earned", async (t) => {
  const shop = await openShop(t, { impressions: true, viewport: { width: 1200, height: 1400 } });
  const { page } = shop;
  await page.locator('[data-test="panel-tile-03-0"]').scrollIntoViewIfNeeded();
  await aSecond(page);
  await Promise.all([page.waitForURL("**/product.html?*"), page.click('[data-test="panel-tile-03-0"]')]);
  await page.waitForSelector("[data-buy]:enabled");
  await page.click('[data-test="goes-add-01-0"]');
  await shop.visit("/");
  await shop.settled();
  await page.goto(`${shop.origin}/recommendations.html`);
  const picked = page.locator('[data-test="panel-picked"]');
  await picked.waitFor();
  const row = (panel, place) => panel.locator("tbody tr", { has: page.locator(`th:text-is("${place}")`) }).first();
  assert.deepEqual(await row(picked, 3).locator("td").allTextContents(), [
    "1",
    "1",
    "100.0%",
    "0",
    "0",
    "0.0%",
    "–",
    "0",
  ]);
  const goes = page.locator('[data-test="panel-goes-with"]');
  assert.equal(await row(goes, 2).locator("td").nth(3).textContent(), "1");
});
