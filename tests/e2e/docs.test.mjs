// The pages and policies of the documents, in a browser: what is called there arrives.
import assert from "node:assert/strict";
import { readFile, readdir } from "node:fs/promises";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { scriptedEndpoint } from "./harness.mjs";
import { call, manifest, openPage, productIds, ready, snippetInline, tag } from "./pages.mjs";

const root = (path) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const read = (path) => readFile(root(path), "utf8");

/** The blocks of this language in a document. */
const blocks = async (document, language) =>
  [...(await read(document)).matchAll(new RegExp(`^( *)\`\`\`${language}\\n([^]*?)^ *\`\`\``, "gm"))].map(
    ([, indent, code]) => code.replaceAll(`\n${indent}`, "\n"),
  );

/** The example with what stands for the reader's own: the snippet's text, and the hashes. */
async function filledIn(html) {
  let page = html.replace(/<script>\/\* the contents of pkg\/dist\/snippet\.js \*\/<\/script>/, await snippetInline());
  for (const name of ["snippet.js", "tillpost.js"])
    page = page.replace(
      `src="/${name}" integrity="sha384-..."`,
      `src="/${name}" integrity="${(await manifest(name)).integrity}"`,
    );
  assert.ok(!page.includes("sha384-..."));
  return page;
}

for (const document of ["README.md", "docs/script-tag.md", "docs/migrate.md", "docs/csp-and-sri.md"])
  test(`the pages of ${document} send what is called on them`, async (t) => {
    const pages = (await blocks(document, "html")).filter((html) => html.includes("tillpost.js"));
    assert.ok(pages.length);
    for (const html of pages) {
      const endpoint = await scriptedEndpoint(t);
      const { page } = await openPage(t, endpoint, { html: await filledIn(html) });
      await call(page, "page");
      assert.deepEqual(productIds(await endpoint.received(1)), ["page-0"]);
      assert.equal(endpoint.requests[0].url, "/api/public/batch/");
    }
  });

test("the button of docs/script-tag.md and the link of README.md send what they say", async (t) => {
  for (const [document, what] of [
    ["docs/script-tag.md", "button"],
    ["README.md", "a"],
  ]) {
    const html = (await blocks(document, "html")).find((html) => html.startsWith(`<${what} `));
    if (!html) continue;
    const endpoint = await scriptedEndpoint(t);
    const { page } = await openPage(t, endpoint, { html: tag() + html });
    await page.click(what);
    const [{ event_type }] = await endpoint.received(1);
    assert.equal(event_type, "add to cart");
  }
});

test("pkg/dist/tag.html is what docs/csp-and-sri.md shows, with this build's hashes", async (t) => {
  const written = await read("pkg/dist/tag.html");
  const shown = (await blocks("docs/csp-and-sri.md", "html")).find((html) => html.includes("integrity"));
  assert.equal(written, await filledIn(shown));
  const endpoint = await scriptedEndpoint(t);
  const { page } = await openPage(t, endpoint, { html: written });
  await call(page, "whole");
  assert.deepEqual(productIds(await endpoint.received(1)), ["whole-0"]);
});

test("under each policy of docs/csp-and-sri.md the tags work", async (t) => {
  const policies = await blocks("docs/csp-and-sri.md", "http");
  assert.equal(policies.length, 4);
  for (const block of policies) {
    const [, policy] = /^Content-Security-Policy: (.+)\n$/.exec(block);
    const nonce = /'nonce-(\w+)'/.exec(policy)?.[1];
    const html = (await read("pkg/dist/tag.html")).replaceAll(
      "<script",
      nonce ? `<script nonce="${nonce}"` : "<script",
    );
    const endpoint = await scriptedEndpoint(t);
    const { page } = await openPage(t, endpoint, {
      html,
      headers: { "content-security-policy": policy },
    });
    await call(page, "strict");
    assert.deepEqual(productIds(await endpoint.received(1)), ["strict-0"]);
  }
});

test("the page of docs/consent.md stores and sends nothing until the visitor accepts", async (t) => {
  const [html] = await blocks("docs/consent.md", "html");
  const endpoint = await scriptedEndpoint(t);
  const { page } = await openPage(t, endpoint, { html });
  await call(page, "held");
  assert.deepEqual(await page.evaluate(() => Object.keys(localStorage)), []);
  assert.equal(endpoint.requests.length, 0);
  await page.click("text=Accept");
  assert.deepEqual(productIds(await endpoint.received(1)), ["held-0"]);
  await page.click("text=Decline");
  assert.equal((await page.evaluate(() => tillpost.track({ product_id: "x", event_type: "view" }))).ok, false);
});

test("the module script of docs/npm.md sends what is called in it", async (t) => {
  const [html] = await blocks("docs/npm.md", "html");
  const endpoint = await scriptedEndpoint(t);
  const folder = "/node_modules/tillpost";
  for (const path of await readdir(root("pkg"), { recursive: true }))
    if (/js$/.test(path))
      endpoint.page(`${folder}/${path}`, await readFile(root(`pkg/${path}`)), { "content-type": "text/javascript" });
  await openPage(t, endpoint, { html, started: false });
  assert.deepEqual(productIds(await endpoint.received(1)), ["12-0"]);
});
