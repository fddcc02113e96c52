// Five bundles: debug mode's words, the script tag with everything else in it, the snippet, impressions, and the demo's checkout page,
// which imports the npm package as a customer would. pkg/dist/{module,engine}.mjs exist before webpack runs, so no loader is needed here or anywhere else.
import { fileURLToPath } from "node:url";
import { minify as terser } from "terser";
import TerserPlugin from "terser-webpack-plugin";
import uglify from "uglify-js";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

// ASCII, so that a page in any encoding runs the same code.
const format = { ascii_only: true, comments: false };

/**
 * Two minifiers, one after the other. terser knows modules, and makes arrows and short calls; uglify-js gives the shortest
 * names to what is named most often, and uses variables again: the script tag is 0.2 KB brotli smaller than by either alone.
 */
const minify = (wrap) => async (input) => {
  const [[name, text]] = Object.entries(input);
  const { code } = await terser(text, {
    ecma: 2020,
    module: true,
    toplevel: true,
    compress: { passes: 3, unsafe_arrows: true, pure_getters: true },
    format: { ...format },
  });
  const result = uglify.minify(
    { [name]: code },
    { module: true, toplevel: true, compress: { passes: 3, pure_getters: true }, output: { ...format } },
  );
  if (result.error) throw result.error;
  return { code: wrap(result.code) };
};

/** In this thread: what the minifier shares with this file would not cross into another. */
const minimizer = (wrap) => [new TerserPlugin({ extractComments: false, parallel: false, minify: minify(wrap) })];

const common = {
  mode: "production",
  devtool: false,
  // What is written in pkg/: Chromium 80, Firefox 74, Safari 13.1. Those of them that lack our WebAssembly's instructions run
  // the JavaScript build.
  target: ["web", "es2020"],
  performance: false,
  // As a module's, uglify-js takes webpack's function away: without one of their own the names would be the page's. What
  // is written as a module is strict, and uglify-js counts on that.
  optimization: { minimizer: minimizer((code) => `(()=>{"use strict";${code}})();`) },
};

/** Before the others: the script tag knows its hash. */
export const debug = {
  ...common,
  name: "debug mode",
  entry: "./pkg/debug.mjs",
  context: here("."),
  experiments: { outputModule: true },
  optimization: { minimizer: minimizer((code) => code) },
  output: { path: here("pkg/dist"), filename: "tillpost-debug.js", library: { type: "module" } },
};

export default [
  {
    ...common,
    name: "script tag",
    entry: "./pkg/tag.js",
    context: here("."),
    output: { path: here("pkg/dist"), filename: "tillpost.js" },
  },
  {
    ...common,
    name: "snippet",
    entry: "./pkg/snippet.js",
    context: here("."),
    output: { path: here("pkg/dist"), filename: "snippet.js" },
  },
  {
    ...common,
    name: "impressions",
    entry: "./pkg/impressions.js",
    context: here("."),
    output: { path: here("pkg/dist"), filename: "impressions.js" },
  },
  {
    ...common,
    name: "demo",
    entry: "./www/src/checkout.js",
    context: here("."),
    output: { path: here("www/dist"), filename: "checkout.js" },
  },
];
