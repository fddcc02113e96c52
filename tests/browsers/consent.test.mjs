// Promise 13: without consent nothing of a visitor is stored or sent, from the snippet's first call on.
import assert from "node:assert/strict";
import { call, emptied, productIds, snippetFile, status, tag } from "../e2e/in-page.mjs";
import { until } from "../e2e/support.mjs";
import { faults, openShop } from "./harness.mjs";

const promise = 13;
const early = '<script>userengage("product_event", { product_id: "early", event_type: "view" })</script>';
const options = (text) => `<script>tillpost = ${text}</script>`;

/** All that this origin holds, in localStorage and in IndexedDB. */
const held = (page) =>
  page.evaluate(async () => [...Object.keys(localStorage), ...(await indexedDB.databases()).map(({ name }) => name)]);

/** Leaves for a page of the same origin: what was to be sent or stored on the way has been. */
async function leave(page, shop) {
  shop.page("/blank", "");
  await page.goto(`${shop.origin}/blank`);
}

faults((fault) => {
  fault(
    "consent is pending",
    { promise, holds: "nothing stored or sent, leaving included, and the next page knows nothing" },
    async ({ t, open, note }) => {
      const shop = await openShop(t);
      const page = await open(shop, { html: options('{ consent: "pending" }') + snippetFile + early + tag() });
      note("call", await call(page, "held", 20));
      await page.evaluate(() => tillpost.flush());
      assert.equal((await status(page)).consent, "pending");
      assert.deepEqual(await held(page), []);
      await leave(page, shop);
      assert.deepEqual(await held(page), []);
      assert.equal(shop.requests.length, 0);
    },
  );

  fault(
    "consent is pending, then granted",
    { promise, holds: "what was held is stored and sent, early calls included" },
    async ({ t, open, note }) => {
      const shop = await openShop(t);
      const page = await open(shop, { html: options('{ consent: "pending" }') + snippetFile + early + tag() });
      note("call", await call(page, "held", 20));
      const granted = Date.now();
      await page.evaluate(() => tillpost.setConsent("granted"));
      const records = await shop.received(21);
      note("delivered", shop.firstTakenAfter(granted));
      assert.deepEqual(productIds(records).slice(0, 2), ["early", "held-0"]);
      await emptied(page);
    },
  );

  fault(
    "consent is denied while events wait",
    { promise, holds: "all of ours is erased, nothing is stored or sent after it" },
    async ({ t, open, note }) => {
      const shop = await openShop(t);
      shop.otherwise({ status: 503, headers: { "retry-after": "300" } });
      const page = await open(shop);
      await call(page, "stored", 20);
      await shop.asked(1);
      await until(async () => (await status(page)).failures === 1);
      await page.evaluate(() => {
        localStorage.cart = "the shop's";
        tillpost.setConsent("denied");
      });
      await until(async () => (await held(page)).join() === "cart");
      note("call", await call(page, "refused", 20));
      shop.otherwise({});
      await page.evaluate(() => tillpost.flush());
      await leave(page, shop);
      assert.deepEqual(await held(page), ["cart"]);
      assert.equal(shop.requests.length, 1);
    },
  );

  fault(
    "the browser sends Global Privacy Control, and the shop honours it",
    { promise, holds: "nothing kept, stored or sent, whatever the page grants" },
    async ({ t, open, note }) => {
      const shop = await openShop(t);
      const gpc = "<script>Object.defineProperty(navigator, 'globalPrivacyControl', { value: true })</script>";
      const html = gpc + options("{ globalPrivacyControl: true }") + snippetFile + early + tag();
      const page = await open(shop, { html });
      await page.evaluate(() => tillpost.setConsent("granted"));
      assert.equal((await status(page)).consent, "denied");
      note("call", await call(page, "refused", 20));
      assert.deepEqual(await held(page), []);
      await leave(page, shop);
      assert.deepEqual(await held(page), []);
      assert.equal(shop.requests.length, 0);
    },
  );
});
