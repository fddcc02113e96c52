// What pages load: pkg/dist/tillpost.js, pkg/dist/snippet.js and the demo's bundle, with sizes and SRI hashes of them.
import { createHash } from "node:crypto";
import { copyFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import webpack from "webpack";
import configs from "../../webpack.config.js";
import { at, dist } from "./paths.mjs";
import { hashOf, unlessDone } from "./stamp.mjs";
import { Stop, step } from "./steps.mjs";

const engine = ["tillpost.wasm", "module.mjs", "engine.mjs", "tillpost-nowasm.js", "nowasm.mjs"].map(
  (name) => `pkg/dist/${name}`,
);
const inputs = ["pkg", "www/src", "www/js", "webpack.config.js", "package-lock.json", "scripts/lib", ...engine];
const pages = ["tillpost.js", "snippet.js", "tillpost-nowasm.js"];
const outputs = [
  ...[...pages, "manifest.json", "index.d.cts"].map((name) => join(dist, name)),
  at("www/dist/checkout.js"),
];

export async function buildBundles() {
  await unlessDone("bundles", hashOf(inputs), outputs, () =>
    step("script tag, snippet, demo", async () => {
      await bundle();
      manifest();
      // The same types for who requires: TypeScript judges by the file's name what kind of module it speaks of.
      copyFileSync(at("pkg/index.d.ts"), join(dist, "index.d.cts"));
    }),
  );
}

function bundle() {
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
    return { bytes: bytes.length, integrity: `sha384-${createHash("sha384").update(bytes).digest("base64")}` };
  };
  const names = [...pages, "tillpost.wasm", "module.mjs", "engine.mjs"].filter((name) => existsSync(join(dist, name)));
  const files = Object.fromEntries(names.map((name) => [name, about(name)]));
  writeFileSync(join(dist, "manifest.json"), `${JSON.stringify({ files }, null, 2)}\n`);
}
