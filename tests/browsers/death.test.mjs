// Promise 3: what the copy in IndexedDB had completed outlives the death of the whole browser.
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { call, emptied, storedKeys, tag, timesStored } from "../e2e/in-page.mjs";
import { undo, until } from "../e2e/support.mjs";
import { faults, openShop } from "./harness.mjs";

const promise = 3;

/** How many records the copy holds, as the page's own script finds them. */
const mirrored = (page) =>
  page.evaluate(async () => {
    // To open one that is not there yet would make it, without a place for records.
    if (!(await indexedDB.databases()).some(({ name }) => name === "tillpost")) return 0;
    return new Promise((done, fail) => {
      const opening = indexedDB.open("tillpost");
      opening.onerror = () => fail(opening.error);
      opening.onsuccess = () => {
        const database = opening.result;
        if (!database.objectStoreNames.contains("records")) return done(0);
        const count = database.transaction("records").objectStore("records").count();
        count.onsuccess = () => {
          database.close();
          done(count.result);
        };
      };
    });
  });

faults((fault) => {
  fault(
    "the browser is killed once the copy in IndexedDB is complete",
    {
      promise,
      holds: "the next browser of that profile sends 40 of 40, each stored once",
      without: { webkit: "under WebDriver its storage ends with the browser" },
    },
    async ({ t, open, browser, note }) => {
      const shop = await openShop(t);
      const profile = await mkdtemp(join(tmpdir(), "tillpost-profile-"));
      undo(t, () => rm(profile, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 }));
      shop.otherwise({ status: 503, headers: { "retry-after": "300" } });
      shop.page("/blank", "");
      const first = await browser({ profile });
      const page = await open(shop, { on: first });
      note("call", await call(page, "burst", 20));
      for (let i = 0; i < 20; i++) await call(page, `single-${i}`);
      await until(async () => (await mirrored(page)) === 40);
      await first.kill();

      shop.otherwise({});
      // The wait that the endpoint asked for outlives the browser as well, where localStorage does.
      const second = await browser({ profile });
      const blank = await open(shop, { on: second, path: "/blank", html: "", started: false });
      note("lost", 40 - (await storedKeys(blank)).length);
      await blank.evaluate(() => {
        for (const key of Object.keys(localStorage)) if (key.endsWith(":state")) localStorage.removeItem(key);
      });
      const back = Date.now();
      const next = await open(shop, { on: second, html: tag() });
      await shop.received(40, 15_000);
      note("delivered", shop.firstTakenAfter(back));
      await emptied(next);
      await until(async () => (await mirrored(next)) === 0);
      assert.deepEqual(timesStored(shop), Array(40).fill(1));
    },
  );
});
