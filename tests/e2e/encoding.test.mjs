// The script runs on pages in encodings of before UTF-8: what is written there arrives.
import assert from "node:assert/strict";
import { test } from "node:test";
import { scriptedEndpoint } from "./harness.mjs";
import { openPage, snippetFile, snippetInline, tag } from "./pages.mjs";

/** A text that is other bytes in each encoding, and other text when it is read in another. */
const NAME = "Gałąź świerku";
const encodings = {
  "ISO-8859-2": { ł: 0xb3, ą: 0xb1, ź: 0xbc, ś: 0xb6 },
  "windows-1250": { ł: 0xb3, ą: 0xb9, ź: 0x9f, ś: 0x9c },
};
const encode = (text, table) => Buffer.from([...text].map((letter) => table[letter] ?? letter.charCodeAt(0)));

for (const [encoding, table] of Object.entries(encodings))
  for (const [build, policy] of [
    ["WebAssembly", ""],
    ["JavaScript", "script-src 'self' 'unsafe-inline'"],
  ])
    test(`on a page in ${encoding}, with ${build}, script and snippet run and texts arrive as they are written`, async (t) => {
      const endpoint = await scriptedEndpoint(t);
      const event = (id) => `userengage("product_event", { product_id: "${id}", event_type: "view", name: "${NAME}" })`;
      const html = `<!doctype html>${await snippetInline()}${snippetFile}<script>${event("early")}</script>${tag()}
      <button onclick='${event("late")}'>${NAME}</button>`;
      const { page } = await openPage(t, endpoint, {
        html: encode(html, table),
        headers: { "content-type": `text/html; charset=${encoding}`, "content-security-policy": policy },
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
