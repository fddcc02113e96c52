// npm run bench:core: the engine natively by criterion, and the collector under load; both into docs/performance.md.
//   npm run bench:core -- engine      the engine alone
//   npm run bench:core -- collector   the collector alone
import { Stop, main, run, step } from "../scripts/lib/steps.mjs";
import { machine, table, write } from "./lib/document.mjs";

const parts = { engine, collector };

await main(async () => {
  const asked = process.argv.slice(2);
  const unknown = asked.find((name) => !parts[name]);
  if (unknown) throw new Stop(`There is no part "${unknown}": npm run bench:core -- [engine] [collector]`);
  for (const name of asked.length ? asked : Object.keys(parts)) await parts[name]();
});

/** Three digits and a unit, of nanoseconds. */
function time(ns) {
  if (ns < 999.5) return `${ns.toPrecision(3)} ns`;
  return ns < 999_500 ? `${(ns / 1e3).toPrecision(3)} µs` : `${(ns / 1e6).toPrecision(3)} ms`;
}

async function engine() {
  const here = machine();
  const began = here.load();
  const arguments_ = ["bench", "--package", "tillpost-bench", "--bench", "engine"];
  await step("engine: cargo bench, built", () => run("cargo", [...arguments_, "--no-run"]));
  let out = "";
  await step("engine: cargo bench", async () => {
    out = await run("cargo", [...arguments_, "--", "--noplot", "--color", "never"], { quiet: true });
  });
  const units = { ps: 1e-3, ns: 1, µs: 1e3, ms: 1e6, s: 1e9 };
  const results = new Map();
  for (const [, name, middle, unit] of out.matchAll(/^(\S[^\n]*?)\s+time:\s+\[\S+ \S+ (\S+) (\S+) \S+ \S+\]/gm))
    results.set(name, Number(middle) * units[unit]);
  // Long names stand on a line of their own.
  for (const [, name, middle, unit] of out.matchAll(/^(\S[^\n]*)\n\s+time:\s+\[\S+ \S+ (\S+) (\S+) \S+ \S+\]/gm))
    results.set(name.trim(), Number(middle) * units[unit]);

  const grown = (what, group, counts) => {
    const cells = counts.map((count) => results.get(`${group}/${count}`));
    if (cells.some((cell) => cell === undefined)) throw new Stop(`No result of "${group}" in:\n${out}`);
    return [what, ...cells.map(time), `${(cells.at(-1) / cells[0]).toFixed(2)}x`];
  };
  const held = [100, 1_000, 5_000];
  const engineRows = [
    ["the engine, records that wait", "0", "100", "1,000", "5,000", "growth"],
    grown("a call: judged, written, queued", "call", [0, ...held]),
    ...[
      ["a batch of 100 is built and sent", "send 100"],
      ["an answer names those 100", "acknowledge 100"],
      ["so many are adopted from storage", "adopt"],
    ].map(([what, group]) => grown(what, group, held).toSpliced(1, 0, "-")),
  ];
  const queueRows = [
    ["the queue alone, records that wait", "100", "1,000", "10,000", "growth"],
    grown("the newest is added", "queue: add the newest", [100, 1_000, 10_000]),
    grown("a batch of 100 is joined", "queue: build a batch of 100", [100, 1_000, 10_000]),
    grown("the oldest 100 are removed", "queue: remove the oldest 100", [100, 1_000, 10_000]),
  ];
  const text = `Written by \`npm run bench:core\`: criterion, the engine natively, without page, storage and WebAssembly; ${here.shape}.
Load of the machine ${began} at the beginning, ${here.load()} at the end. The middle of criterion's interval. Adopting grows with
what is adopted; nothing else should grow with what waits, but for the copying of the queue that a removal from its front still is.

${table(engineRows)}

${table(queueRows)}

${table([
  ["alone", "time"],
  ["a product event with six attributes is judged", time(results.get("validate"))],
  ["a token is found in 2 KB of query", time(results.get("token from 2 KB of query"))],
])}`;
  console.log(`\n${text}\n`);
  console.log(`Written: ${write("bench-engine", "## The engine", text)}`);
}

async function collector() {
  const here = machine();
  const began = here.load();
  const rows = [["records a request", "records/s", "requests/s", "p50", "p99", "memory"]];
  for (const records of [1, 20, 100]) {
    const options = ["--records", String(records), "--connections", "16", "--seconds", "3"];
    let out = "";
    await step(`collector: ${records} records a request`, async () => {
      out = await run(process.execPath, ["scripts/load.mjs", ...options], { quiet: true });
    });
    const [own] = out.split("the store alone");
    const find = (pattern, text = own) => pattern.exec(text)?.[1];
    const count = (text) => Number(text).toLocaleString("en");
    rows.push([
      String(records),
      count(find(/records\/s\s+(\d+)/)),
      count(find(/batches\/s\s+(\d+)/)),
      `${find(/p50\s+([\d.]+) ms/)} ms`,
      `${find(/p99\s+([\d.]+) ms/)} ms`,
      `${Math.round(Number(find(/memory\s+(\d+) kB/)) / 1024)} MB`,
    ]);
  }
  const text = `Written by \`npm run bench:core\`: \`npm run load\` with 16 connections for 3 s each, on loopback; the sending side runs on the same
cores. Every answer means committed and synced (\`synchronous=FULL\`). ${here.shape}. Load of the machine ${began} at the
beginning, ${here.load()} at the end. Memory is the most that the collector's process held.

${table(rows)}`;
  console.log(`\n${text}\n`);
  console.log(`Written: ${write("bench-collector", "## The collector", text)}`);
}
