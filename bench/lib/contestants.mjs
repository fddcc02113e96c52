// Who is measured, with what, and how each is bundled: by the workspace's webpack and terser, as Tillpost is.
import { mkdirSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import TerserPlugin from "terser-webpack-plugin";
import webpack from "webpack";
import { hashOf, unlessDone } from "../../scripts/lib/stamp.mjs";

const bench = resolve(fileURLToPath(import.meta.url), "../..");
const root = dirname(bench);
const dist = join(bench, "dist");

/**
 * - `durable`: does it keep what was not delivered for the next page?
 * - `setup`: how it is configured, for the reader of the table. What is not named is the default.
 */
const peers = [
  {
    id: "snowplow",
    name: "Snowplow",
    package: "@snowplow/browser-tracker",
    durable: true,
    setup:
      "`newTracker` with plain JSON instead of base64. Its queue is one localStorage item and holds 1,000 events; it tries again when the next event comes.",
  },
  {
    id: "rudderstack",
    name: "RudderStack",
    package: "@rudderstack/analytics-js",
    durable: true,
    setup:
      "the `lite` build, the smallest, for events that go to its data plane only; source settings given in the page instead of fetched. Its queue is one localStorage item and holds 100 events.",
  },
  {
    id: "amplitude",
    name: "Amplitude",
    package: "@amplitude/analytics-browser",
    durable: true,
    setup:
      "`autocapture` and remote settings off. Its queue is one localStorage item; an event is given up after five attempts.",
  },
  {
    id: "segment",
    name: "Segment",
    package: "@segment/analytics-next",
    durable: false,
    setup:
      "source settings given in the page instead of fetched; one request for each event is its default, batching is an option. Its queue is in memory, and written to localStorage when the page is left.",
  },
  {
    id: "posthog",
    name: "PostHog",
    package: "posthog-js",
    durable: false,
    setup:
      "the `slim` build without loading of parts; everything off that it captures by itself; its limit of 10 events a second raised, its filter of robots off. Its queue is in memory.",
  },
  {
    id: "algolia",
    name: "search-insights",
    package: "search-insights",
    durable: false,
    setup: "given a user token. It has no queue: one request for each call, and what fails is lost.",
  },
];

/** Bundles the peers, and answers all contestants with their scripts. Tillpost comes first. */
export async function contestants(only) {
  const chosen = peers.filter(({ id }) => !only || only.includes(id));
  if (!process.env.SKIP) rmSync(dist, { recursive: true, force: true });
  mkdirSync(dist, { recursive: true });
  if (!process.env.SKIP) await Promise.all([...chosen, { id: "nothing" }].map(({ id }) => bundle(id)));
  const tillpost = {
    id: "tillpost",
    name: "Tillpost",
    version: JSON.parse(readFileSync(join(root, "pkg/package.json"))).version,
    durable: true,
    setup:
      "the script tag with `data-app`. One localStorage item for each record; one tab drains for all; at most 5,000 records and a bound in bytes.",
    // The same file as on a page; what follows it is the bench's and does not count as download.
    code:
      readFileSync(join(root, "pkg/dist/tillpost.js"), "utf8") +
      ";window.benchTrack=(event)=>userengage('product_event',event);tillpost.status&&benchReady();",
    files: { "tillpost.js": readFileSync(join(root, "pkg/dist/tillpost.js")) },
    snippet: readFileSync(join(root, "pkg/dist/snippet.js")),
  };
  const nothing = {
    id: "nothing",
    name: "control",
    code: readFileSync(join(dist, "nothing/main.js"), "utf8"),
    files: {},
  };
  const measured = chosen.map((peer) => {
    const files = {};
    for (const name of readdirSync(join(dist, peer.id))) files[name] = readFileSync(join(dist, peer.id, name));
    const { version } = JSON.parse(readFileSync(join(bench, "node_modules", peer.package, "package.json")));
    return { ...peer, version, files, code: files["main.js"].toString() };
  });
  return { all: [tillpost, ...measured], nothing };
}

function bundle(id) {
  const config = {
    mode: "production",
    devtool: false,
    target: ["web", "es2017"],
    performance: false,
    entry: join(bench, "peers", `${id}.js`),
    context: bench,
    output: { path: join(dist, id), filename: "main.js", chunkFilename: "[name].js", publicPath: `/sdk/${id}/` },
    optimization: {
      minimizer: [
        new TerserPlugin({
          extractComments: false,
          terserOptions: { ecma: 2017, compress: { passes: 3 }, format: { comments: false } },
        }),
      ],
    },
  };
  return new Promise((done, fail) =>
    webpack(config, (error, stats) => {
      if (error ?? stats.hasErrors()) fail(error ?? new Error(`${id}: ${stats.toString("errors-only")}`));
      else done();
    }),
  );
}

export const brotli = (bytes) =>
  brotliCompressSync(bytes, {
    params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length },
  }).length;
export const gzip = (bytes) => gzipSync(bytes, { level: 9 }).length;
