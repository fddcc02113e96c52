// The tarball by itself: what is in it, its doors on a server, and in a page without a bundler.
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { scriptedEndpoint, until } from "../e2e/harness.mjs";
import { openPage, productIds } from "../e2e/pages.mjs";
import { project } from "./tarball.mjs";

/** What `index.d.ts` promises. */
const names = [
  ...readFileSync(new URL("../../pkg/index.d.ts", import.meta.url), "utf8").matchAll(/^export function (\w+)/gm),
]
  .map(([, name]) => name)
  .filter((name, i, all) => all.indexOf(name) === i)
  .sort();

test("on a server the import does nothing and does not fail, by import and by require", (t) => {
  const { node } = project(t);
  const use = `
    const before = Object.keys(globalThis).length;
    const answer = [tillpost.start({ app: "abc123" }), tillpost.track({ product_id: "1", event_type: "view" })];
    tillpost.userengage("event.x"); tillpost.flush(); tillpost.on("stored", () => {})();
    answer.push(tillpost.status() === undefined, Object.keys(globalThis).length - before);
    console.log(JSON.stringify({ names: Object.keys(tillpost).filter((name) => name !== "default" && name !== "module.exports").sort(), answer }));`;
  const answer = [false, { ok: false, errors: [{ code: "not_started" }], warnings: [] }, true, 0];
  assert.deepEqual(node("--input-type=module", "-e", `import * as tillpost from "tillpost";${use}`), { names, answer });
  assert.deepEqual(node("-e", `const tillpost = require("tillpost");${use}`), { names, answer });
  // The browser's door has the same names, and importing it alone touches no global.
  const door = `const before = Object.keys(globalThis).length; import("tillpost").then((tillpost) =>
    console.log(JSON.stringify([Object.keys(tillpost).sort(), Object.keys(globalThis).length - before])))`;
  assert.deepEqual(node("--conditions=browser", "--input-type=module", "-e", door), [names, 0]);
});

test("the tarball holds what a page and a bundle need, and nothing else", (t) => {
  const { folder } = project(t);
  const list = (path) => readdirSync(join(folder, "node_modules/tillpost", path)).sort();
  assert.deepEqual(list("dist"), [
    "codes.mjs",
    "engine.mjs",
    "hashes.mjs",
    "impressions.js",
    "index.d.cts",
    "manifest.json",
    "module.mjs",
    "snippet.js",
    "tag.html",
    "tillpost-debug.js",
    "tillpost-nowasm.js",
    "tillpost.js",
  ]);
  const own = list("").filter((name) => name !== "dist");
  assert.deepEqual(
    own.filter((name) => !/^(package\.json|.*\.(mjs|cjs|d\.ts))$/.test(name)),
    [],
  );
});

const files = (folder) => {
  const list = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return list.map(({ parentPath, name }) => join(parentPath, name).slice(folder.length));
};
/** An endpoint that also serves the installed package, at `/lib/`. */
async function served(t) {
  const lib = join(project(t).folder, "node_modules/tillpost");
  const endpoint = await scriptedEndpoint(t);
  for (const path of files(lib))
    endpoint.page(`/lib${path}`, readFileSync(join(lib, path)), { "content-type": "text/javascript" });
  return endpoint;
}

const imports = {
  "by an import map": ['<script type="importmap">{"imports":{"tillpost":"/lib/index.mjs"}}</script>', "tillpost"],
  "by its path": ["", "/lib/index.mjs"],
};
for (const [how, [map, from]] of Object.entries(imports))
  for (const [build, policy] of Object.entries({ WebAssembly: "", JavaScript: "script-src 'self' 'unsafe-inline'" }))
    test(`a plain script of type module imports the package ${how}, with ${build}`, async (t) => {
      const endpoint = await served(t);
      const html = `${map}<script type="module">
        import { start, track } from "${from}";
        start({ app: "abc123", endpoint: "/api" });
        track({ product_id: "plain", event_type: "view" });
      </script>`;
      await openPage(t, endpoint, {
        html,
        headers: { "content-security-policy": policy },
        started: false,
      });
      assert.deepEqual(productIds(await endpoint.received(1)), ["plain"]);
      assert.equal(endpoint.files.includes("/lib/dist/tillpost-nowasm.js"), build === "JavaScript");
    });

test("debug mode's words are the package's too, fetched in debug mode only", async (t) => {
  const endpoint = await served(t);
  const { page } = await openPage(t, endpoint, { html: "", started: false });
  const printed = [];
  page.on("console", (message) => printed.push(message.text()));
  const use = async (debug) => {
    const html = `<script type="module">
      import { start, track } from "/lib/index.mjs";
      start({ app: "abc123", endpoint: "/api", debug: ${debug} });
      track({ product_id: "debug-${debug}", event_type: "view" });
    </script>`;
    endpoint.page(`/${debug}`, html);
    await page.goto(`${endpoint.origin}/${debug}`);
  };
  await use(false);
  await endpoint.received(1);
  assert.deepEqual([endpoint.files.includes("/lib/debug.mjs"), printed], [false, []]);
  await use(true);
  await until(() => printed.length > 0);
  assert.match(printed[0], /^tillpost: product_event "view" debug-true accepted, as /);
});
