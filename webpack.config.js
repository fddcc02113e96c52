// Five bundles: debug mode's words, the script tag with everything else in it, the snippet, impressions, and the demo's checkout page,
// which imports the npm package as a customer would. pkg/dist/{module,engine}.mjs exist before webpack runs, so no loader is needed here or anywhere else.
import { fileURLToPath } from "node:url";
import TerserPlugin from "terser-webpack-plugin";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

const common = {
  mode: "production",
  devtool: false,
  // What is written in pkg/: Chromium 80, Firefox 74, Safari 13.1. Those of them that lack our WebAssembly's instructions run
  // the JavaScript build.
  target: ["web", "es2020"],
  performance: false,
  optimization: {
    minimizer: [
      new TerserPlugin({
        extractComments: false,
        terserOptions: {
          ecma: 2020,
          module: true,
          toplevel: true,
          compress: { passes: 3, unsafe_arrows: true, pure_getters: true },
          // ASCII, so that a page in any encoding runs the same code.
          format: { ascii_only: true, comments: false },
        },
      }),
    ],
  },
};

/** Before the others: the script tag knows its hash. */
export const debug = {
  ...common,
  name: "debug mode",
  entry: "./pkg/debug.mjs",
  context: here("."),
  experiments: { outputModule: true },
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
