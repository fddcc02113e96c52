// The script runs where the shop is: on pages in encodings of before UTF-8, under a strict policy, with its hash checked.
import assert from "node:assert/strict";
import { test } from "node:test";
import { scriptedEndpoint } from "./harness.mjs";
import { call, manifest, openPage, productIds, ready, snippetFile, snippetInline, tag } from "./pages.mjs";

/** A text that is other bytes in each encoding, and other text when it is read in another. */
const NAME = "Gałąź świerku";
const encodings = {
  "ISO-8859-2": { ł: 0xb3, ą: 0xb1, ź: 0xbc, ś: 0xb6 },
  "windows-1250": { ł: 0xb3, ą: 0xb9, ź: 0x9f, ś: 0x9c },
};
const encode = (text, table) => Buffer.from([...text].map((letter) => table[letter] ?? letter.charCodeAt(0)));

for (const [encoding, table] of Object.entries(encodings))
  test(`on a page in ${encoding}, script and snippet run and texts arrive as they are written`, async (t) => {
    const endpoint = await scriptedEndpoint(t);
    const event = (id) => `userengage("product_event", { product_id: "${id}", event_type: "view", name: "${NAME}" })`;
    const html = `<!doctype html>${await snippetInline()}${snippetFile}<script>${event("early")}</script>${tag()}
      <button onclick='${event("late")}'>${NAME}</button>`;
    const { page } = await openPage(t, endpoint, {
      html: encode(html, table),
      headers: { "content-type": `text/html; charset=${encoding}` },
    });
    assert.equal(await page.evaluate(() => document.characterSet), encoding);
    await page.click("button");
    const records = await endpoint.received(2);
    assert.deepEqual(
      records.map(({ product_id, data }) => [product_id, data]),
      [
        ["early", { name: NAME }],
        ["late", { name: NAME }],
      ],
    );
  });

const policy = { "content-security-policy": "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'" };
const checked = async (name) => `integrity="${(await manifest(name)).integrity}" crossorigin="anonymous"`;

test("under a policy without inline script, with the hashes of manifest.json, everything runs", async (t) => {
  const endpoint = await scriptedEndpoint(t);
  const html = `<script src="/snippet.js" ${await checked("snippet.js")}></script><script src="/early.js"></script>`;
  endpoint.page("/early.js", Buffer.from('userengage("product_event", { product_id: "early", event_type: "view" })'), {
    "content-type": "text/javascript",
  });
  const { page } = await openPage(t, endpoint, {
    html: html + tag("/api", `async ${await checked("tillpost.js")}`),
    headers: policy,
  });
  await call(page, "late");
  assert.deepEqual(productIds(await endpoint.received(2)), ["early", "late-0"]);
});

test("a script that is not the one of manifest.json does not run, and the calls wait for the one that is", async (t) => {
  const endpoint = await scriptedEndpoint(t);
  const wrong = await checked("snippet.js");
  const { page } = await openPage(t, endpoint, {
    html: snippetFile + tag("/api", wrong),
    started: false,
    expected: [/integrity/],
  });
  await call(page, "waits");
  endpoint.page("/next", tag("/api", await checked("tillpost.js")));
  await page.goto(`${endpoint.origin}/next`);
  await ready(page);
  assert.deepEqual(productIds(await endpoint.received(1)), ["waits-0"]);
});
