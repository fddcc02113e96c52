// npm run test:browsers: every case of tests/browsers in Chromium, Firefox and WebKitGTK.
//   -- firefox webkit     these engines only
//   -- leaving tabs       these files only
//   -- --write            and if all pass, the table of docs/delivery.md is written
//   -- --last             nothing is run: the results of the last run
import { existsSync, readFileSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { machine, table, write } from "../bench/lib/document.mjs";
import { enginesFor } from "./lib/browsers.mjs";
import { at, target } from "./lib/paths.mjs";
import { setup } from "./lib/setup.mjs";
import { Stop, main, run, step } from "./lib/steps.mjs";

const ENGINES = { chromium: "Chromium", firefox: "Firefox", webkit: "WebKitGTK" };
const results = join(target, "browsers.jsonl");
const read = () => {
  const lines = existsSync(results) ? readFileSync(results, "utf8").split("\n") : [];
  return lines.filter(Boolean).map((line) => JSON.parse(line));
};
const suffix = ".test.mjs";

/** How a measured number is written. */
const shown = {
  delivered: (ms) => `delivered after ${ms < 1_000 ? `${Math.round(ms)} ms` : `${(ms / 1_000).toFixed(1)} s`}`,
  call: (us) => `${us} µs a call`,
  ratio: (ratio) => `${ratio} times`,
  start: (ms) => `start ${ms} ms`,
  startEmpty: (ms) => `${ms} ms without any`,
  lost: (count) => `${count} of 40 lost by localStorage alone`,
  crashes: (count) => `${count} crashes`,
  extra: (percent) => `${percent} % sent again`,
};

await main(async () => {
  const asked = process.argv.slice(2);
  const all = readdirSync(at("tests/browsers")).filter((name) => name.endsWith(suffix));
  const files = all.filter((name) => asked.includes(name.slice(0, -suffix.length)));
  const engines = Object.keys(ENGINES).filter((name) => asked.includes(name));
  const unknown = asked.find(
    (name) => !["--write", "--last"].includes(name) && !ENGINES[name] && !all.includes(name + suffix),
  );
  if (unknown) throw new Stop(`"${unknown}" is neither an engine (${Object.keys(ENGINES).join(", ")}) nor a file of tests/browsers.`); // prettier-ignore
  const [writes, last] = ["--write", "--last"].map((option) => asked.includes(option));
  if (writes && asked.some((name) => !name.startsWith("--")))
    throw new Stop("--write needs a run of all engines and all files.");

  const { shape, load } = machine();
  let where = shape;
  if (!last) {
    await setup();
    const env = await enginesFor(...(engines.length ? engines : Object.keys(ENGINES)));
    const { build } = await import("./lib/build.mjs");
    await build();
    // What is not run again keeps its last result.
    const again = ({ file, engine }) =>
      (!files.length || files.includes(file)) && (!engines.length || engines.includes(engine));
    writeFileSync(results, read().filter((result) => !again(result)).map((result) => `${JSON.stringify(result)}\n`).join("")); // prettier-ignore
    const before = load();
    const paths = (files.length ? files : all).map((name) => join("tests/browsers", name));
    await step("browsers", () =>
      run(process.execPath, ["--test", "--test-reporter=spec", ...paths], {
        env: { ...env, EVERY_CASE: "1", RESULTS: results },
      }),
    );
    where += `; load of the machine ${before} at the beginning, ${load()} at the end`;
  }
  const day = statSync(results).mtime.toISOString().slice(0, 10);
  const report = text(read(), day, where);
  console.log(`\n${report}`);
  if (writes) console.log(write("browsers", "## Results", report, "docs/delivery.md"));
});

/** The table: a row for each fault, a cell for each engine, and what an engine cannot show below it. */
function text(found, day, where) {
  const rows = new Map();
  for (const result of found) {
    const key = `${result.file} ${result.fault}`;
    if (!rows.has(key)) rows.set(key, { ...result, cells: {} });
    rows.get(key).cells[result.engine] = result;
  }
  const names = Object.keys(ENGINES).filter((engine) => found.some((result) => result.engine === engine));
  const version = (engine) => found.find((result) => result.engine === engine && result.version)?.version;
  const notes = [];
  const noted = (why) => {
    if (!notes.includes(why)) notes.push(why);
    return `[${notes.indexOf(why) + 1}]`;
  };
  const cell = (result) => {
    if (!result) return "not run";
    if (result.outcome === "cannot") return `cannot show it ${noted(result.why)}`;
    const measured = Object.entries(result.measured).map(([name, value]) => shown[name]?.(value) ?? `${name} ${value}`);
    // A run that failed writes nothing: what is left was known to fail.
    const outcome = result.outcome === "failed" ? "does not hold" : result.outcome;
    const remark = result.remark ? ` ${noted(result.remark)}` : "";
    return [`${outcome}${remark}`, ...measured].join("; ");
  };
  const sorted = [...rows.values()].sort((a, b) => a.promise - b.promise || (a.file < b.file ? -1 : a.file > b.file));
  const lines = [
    ["promise", "fault", "what holds", "test", ...names.map((engine) => ENGINES[engine])],
    ...sorted.map(({ promise, fault, holds, file, cells }) => [
      String(promise),
      fault,
      holds,
      `\`${file}\``,
      ...names.map((engine) => cell(cells[engine])),
    ]),
  ];
  const versions = names.map((engine) => `${ENGINES[engine]} ${version(engine)}`).join(", ");
  return [
    `Written by \`npm run test:browsers -- --write\` from the last run of each test, until ${day}: ${versions}. ${where}.`,
    table(lines.map((line) => line.map((text) => text.replaceAll("|", "\\|")))),
    notes.map((why, i) => `${i + 1}. ${why[0].toUpperCase()}${why.slice(1)}.`).join("\n"),
  ].join("\n\n");
}
