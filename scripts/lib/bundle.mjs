// What pages load: the script tag, what it fetches from beside itself, the snippet and the demo's bundle, with sizes and
// SRI hashes of them.
import { createHash } from "node:crypto";
import { copyFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import webpack from "webpack";
import configs, { debug } from "../../webpack.config.js";
import { codes } from "./codes.mjs";
import { at, dist } from "./paths.mjs";
import { hashOf, unlessDone } from "./stamp.mjs";
import { Stop, step } from "./steps.mjs";

const engine = ["tillpost.wasm", "module.mjs", "engine.mjs", "tillpost-nowasm.js"].map((name) => `pkg/dist/${name}`);
const inputs = [
  "pkg",
  "docs/codes.md",
  "www/src",
  "www/js",
  "webpack.config.js",
  "package-lock.json",
  "scripts/lib",
  ...engine,
];
const pages = ["tillpost.js", "snippet.js", "tillpost-nowasm.js", "tillpost-debug.js", "impressions.js"];
const outputs = [
  ...[...pages, "manifest.json", "index.d.cts", "tag.html"].map((name) => join(dist, name)),
  at("www/dist/checkout.js"),
];

export async function buildBundles() {
  await unlessDone("bundles", hashOf(inputs), outputs, () =>
    step("script tag, snippet, demo", async () => {
      const texts = codes(readFileSync(at("docs/codes.md"), "utf8"));
      const constants = { docs: "docs/codes.md", texts };
      writeModule(
        "codes.mjs",
        Object.entries(constants).map(([name, value]) => `const ${name} = ${JSON.stringify(value)}`),
      );
      await bundle(debug);
      // The script tag knows the hashes of what it fetches.
      const hashes = { nowasm: integrity("tillpost-nowasm.js"), debug: integrity("tillpost-debug.js") };
      writeModule("hashes.mjs", [`default ${JSON.stringify(hashes)}`]);
      await bundle(configs);
      manifest();
      writeFileSync(join(dist, "tag.html"), tags());
      // The same types for who requires: TypeScript judges by the file's name what kind of module it speaks of.
      copyFileSync(at("pkg/index.d.ts"), join(dist, "index.d.cts"));
      return "pkg/dist/tag.html: the tags to copy, with their hashes";
    }),
  );
}

const writeModule = (name, exported) =>
  writeFileSync(join(dist, name), exported.map((what) => `export ${what};\n`).join(""));

const integrity = (name) =>
  `sha384-${createHash("sha384")
    .update(readFileSync(join(dist, name)))
    .digest("base64")}`;

function bundle(configs) {
  return new Promise((done, fail) =>
    webpack(configs, (error, stats) => {
      if (error) return fail(error);
      const text = stats.toString({ preset: "errors-warnings", colors: process.stdout.isTTY });
      if (stats.hasErrors() || stats.hasWarnings()) return fail(new Stop(`webpack:\n${text}`));
      done();
    }),
  );
}

function manifest() {
  const about = (name) => {
    const bytes = readFileSync(join(dist, name));
    if (name === "snippet.js" && bytes.includes("</script"))
      throw new Stop(`${name} could not stand inline in a page.`);
    if (name.endsWith("js") && bytes.some((byte) => byte > 126))
      throw new Stop(`${name} is not pure ASCII: a page's encoding could break it.`);
    return { bytes: bytes.length, integrity: integrity(name) };
  };
  const names = [...pages, "tillpost.wasm", "module.mjs", "engine.mjs"].filter((name) => existsSync(join(dist, name)));
  const files = Object.fromEntries(names.map((name) => [name, about(name)]));
  writeFileSync(join(dist, "manifest.json"), `${JSON.stringify({ files }, null, 2)}\n`);
}

/** What a shop copies, with the hashes of this build. docs/csp-and-sri.md shows it, and a test compares them. */
function tags() {
  const script = (name, before, after) =>
    `<script ${before}src="/${name}" integrity="${integrity(name)}" crossorigin="anonymous"${after}></script>\n`;
  return (
    script("snippet.js", "", "") + script("tillpost.js", "async ", ' data-app="abc123" data-endpoint="/api/public"')
  );
}
