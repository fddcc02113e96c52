// Where localStorage is blocked or full, events are held in memory, arrive all the same, and the page is told.
import assert from "node:assert/strict";
import { test } from "node:test";
import { scriptedEndpoint, until } from "./harness.mjs";
import { call, listen, openPage, productIds, ready, snippetFile, status, storedKeys, tag, told } from "./pages.mjs";

/** As the settings page of Chromium does it when all site data is blocked. */
const blocked = { profile: { default_content_setting_values: { cookies: 2 } } };

/** Fills localStorage to the last unit under keys of the page's own. */
const fill = (page) =>
  page.evaluate(() => {
    for (let size = 1 << 20, n = 0; size >= 1; size >>= 1)
      try {
        for (;;) localStorage.setItem(`page:${size}:${n++}`, "x".repeat(size));
      } catch (error) {
        if (error.name !== "QuotaExceededError") throw error;
      }
    // The keys cost as well: what is left is less than the shortest of them and one unit.
    let rest = "";
    try {
      for (;;) localStorage.setItem("page", (rest += "x"));
    } catch {
      return localStorage.length;
    }
  });

const errors = async (page) => (await told(page, "error")).map(({ code }) => code);

test("with storage blocked, events arrive from memory and the page is told once", async (t) => {
  const endpoint = await scriptedEndpoint(t);
  // The page hears of it although nothing has been called yet: it listens as soon as it can.
  const listening = `<script>told = []; tillpost = { onReady: () => tillpost.on("error", (error) => told.push(error)) }</script>`;
  const { page } = await openPage(t, endpoint, { preferences: blocked, html: listening + snippetFile + tag() });
  const name = await page.evaluate(() => {
    try {
      return typeof localStorage;
    } catch (error) {
      return error.name;
    }
  });
  assert.equal(name, "SecurityError", "the block is real");
  await call(page, "blocked", 3);
  assert.deepEqual(productIds(await endpoint.received(3)), ["blocked-0", "blocked-1", "blocked-2"]);
  await until(async () => (await status(page)).queued === 0);
  assert.equal((await status(page)).storage, "memory");
  assert.deepEqual(await errors(page), ["storage_unavailable"]);
  // Leaving is a flush: what memory holds goes out while there is a page.
  await call(page, "left");
  await page.goto("about:blank");
  await endpoint.received(4);
});

test("with storage blocked, a call before the script has run is counted", async (t) => {
  const endpoint = await scriptedEndpoint(t);
  const early = '<script>userengage("product_event", { product_id: "early", event_type: "view" })</script>';
  await openPage(t, endpoint, { preferences: blocked, html: snippetFile + early + tag() });
  assert.deepEqual(productIds(await endpoint.received(1)), ["early"]);
});

test("with storage full to the last byte before the script runs, events arrive from memory", async (t) => {
  const endpoint = await scriptedEndpoint(t);
  const { page } = await openPage(t, endpoint, { html: "", started: false });
  await fill(page);
  const early = '<script>userengage("product_event", { product_id: "early", event_type: "view" })</script>';
  endpoint.page("/shop", snippetFile + early + tag());
  await page.goto(`${endpoint.origin}/shop`);
  await ready(page);
  await listen(page);
  await call(page, "full", 2);
  assert.deepEqual(productIds(await endpoint.received(3)), ["early", "full-0", "full-1"]);
  assert.equal((await status(page)).storage, "memory");
  assert.deepEqual(await storedKeys(page), []);
});

test("storage that fills up costs nothing, and once there is room again the records are moved there", async (t) => {
  const endpoint = await scriptedEndpoint(t);
  endpoint.otherwise({ status: 503, headers: { "retry-after": "3600" } });
  const { page } = await openPage(t, endpoint, { expected: [/503/] });
  await listen(page);
  await call(page, "stored");
  await fill(page);
  await call(page, "memory", 2);
  assert.equal((await status(page)).storage, "memory");
  assert.equal((await storedKeys(page)).length, 1);
  await endpoint.asked(1);

  await page.evaluate(() => {
    for (const key of Object.keys(localStorage)) if (key.startsWith("page")) localStorage.removeItem(key);
  });
  await until(async () => (await status(page)).storage === "local");
  // Filling takes long on a busy machine: the endpoint may have answered before.
  const codes = await errors(page);
  assert.deepEqual(codes.toSorted(), ["delivery_failed", "storage_recovered", "storage_unavailable"]);
  assert.equal((await storedKeys(page)).length, 3);

  // They are in storage now, so the next page has them.
  endpoint.otherwise({});
  await page.goto("about:blank");
  await page.goto(endpoint.origin);
  assert.deepEqual(productIds(await endpoint.received(3)).sort(), ["memory-0", "memory-1", "stored-0"]);
});
