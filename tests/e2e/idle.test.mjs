// The module is unpacked in idle moments after the script has run. Nobody sees a difference: what needs it has it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { scriptedEndpoint } from "./harness.mjs";
import { openPage, productIds, snippetFile, storedKeys, tag } from "./pages.mjs";

const script = (code) => `<script>${code}</script>`;
const event = (id) => `userengage("product_event", { product_id: "${id}", event_type: "view" })`;
const keys = 'Object.keys(localStorage).filter((key) => key.startsWith("tillpost:1:"))';
/** Idle moments that never come, and timers neither: what happens then happens because something needed the module. */
const busy = script("requestIdleCallback = () => {}; setTimeout = () => {}");

test("a call right after the script has run is judged and stored when it returns", async (t) => {
  const endpoint = await scriptedEndpoint(t);
  const html = busy + tag("/api", "") + script(`before = ${keys}.length; ${event("first")}; after = ${keys}.length`);
  const { page } = await openPage(t, endpoint, { html, started: false });
  assert.deepEqual(await page.evaluate(() => [before, after]), [0, 1]);
});

test("a link of a panel that is clicked right after the script has run carries its token", async (t) => {
  const endpoint = await scriptedEndpoint(t);
  const panel = '<p data-recommendation-token="tok"><a href="/next">next</a></p>';
  const click =
    'a = document.querySelector("a"); a.addEventListener("click", (e) => { seen = a.href; e.preventDefault() })';
  const html = panel + busy + tag("/api", "") + script(`${click}; a.click()`);
  const { page } = await openPage(t, endpoint, { html, started: false });
  assert.match(await page.evaluate(() => seen), /recommendation_token=tok/);
});

test("where nobody calls, what earlier pages kept is delivered all the same", async (t) => {
  const endpoint = await scriptedEndpoint(t);
  const { page } = await openPage(t, endpoint, { html: snippetFile + script(event("earlier")), started: false });
  assert.equal((await storedKeys(page)).length, 1);
  endpoint.page("/quiet", tag());
  await page.goto(`${endpoint.origin}/quiet`);
  assert.deepEqual(productIds(await endpoint.received(1)), ["earlier"]);
});

test("consent that is denied on the tag erases at once", async (t) => {
  const endpoint = await scriptedEndpoint(t);
  const stored = script('localStorage.setItem("tillpost:1:abc123:visitor:id", "{}")');
  const html = stored + busy + tag("/api", 'data-consent="denied"') + script(`left = ${keys}`);
  const { page } = await openPage(t, endpoint, { html, started: false });
  assert.deepEqual(await page.evaluate(() => left), []);
});
