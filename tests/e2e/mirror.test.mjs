// The mirror: records in IndexedDB outlive the death of the browser, and are not sent again after their acknowledgement.
import assert from "node:assert/strict";
import { test } from "node:test";
import { scriptedEndpoint, until } from "./harness.mjs";
import { killableBrowser } from "./killable.mjs";
import { call, openPage, productIds, ready, snippetFile, status, storedKeys, tag } from "./pages.mjs";

/** The keys that the mirror holds, as the page's own script finds them. */
const mirrored = (page) =>
  page.evaluate(
    () =>
      new Promise((done, fail) => {
        const opening = indexedDB.open("tillpost");
        opening.onerror = () => fail(opening.error);
        opening.onsuccess = () => {
          const database = opening.result;
          if (!database.objectStoreNames.contains("records")) return done([]);
          const all = database.transaction("records").objectStore("records").getAllKeys();
          all.onsuccess = () => {
            database.close();
            done(all.result);
          };
        };
      }),
  );

const mirrorHolds = (page, count) =>
  until(
    async () => (await mirrored(page)).length === count,
    async () => `The mirror holds ${(await mirrored(page)).length} of ${count}.`,
  );

test("promise 3: a killed browser loses nothing that the mirror had completed", async (t) => {
  const endpoint = await scriptedEndpoint(t);
  endpoint.page("/", tag());
  endpoint.page("/blank", "");
  const browser = await killableBrowser(t);
  const lost = [];
  for (let round = 0; round < 4; round++) {
    let context = await browser.open();
    let page = await context.newPage();
    await page.goto(endpoint.origin);
    await ready(page);
    await until(async () => (await status(page)).state === "idle");
    // No answer: what arrives after the kill comes out of storage.
    await context.setOffline(true);
    await call(page, `burst-${round}`, 20);
    for (let i = 0; i < 20; i++) await call(page, `single-${round}-${i}`);
    await mirrorHolds(page, 40);
    await browser.kill();

    context = await browser.open();
    page = await context.newPage();
    await page.goto(`${endpoint.origin}/blank`);
    lost.push(40 - (await storedKeys(page)).length);
    await page.goto(endpoint.origin);
    await endpoint.received(40 * (round + 1));
    await until(async () => (await storedKeys(page)).length === 0);
    await mirrorHolds(page, 0);
    await browser.quit();
  }
  t.diagnostic(`without the mirror lost, of 40: ${lost.join(", ")}`);
  assert.ok([...endpoint.stored.values()].every((times) => times.length === 1));
});
