// npm run bench: Tillpost and its peers in headless Chromium, on the same pages and the same endpoint, in one run.
//   npm run bench -- --only snowplow,segment   these peers alone; nothing is written to docs/performance.md
//   npm run bench -- --quick                   one round; nothing is written
import { parseArgs } from "node:util";
import { chromium as driver } from "playwright-core";
import { chromium } from "../scripts/lib/browsers.mjs";
import { setup } from "../scripts/lib/setup.mjs";
import { Stop, main, run, step } from "../scripts/lib/steps.mjs";
import { at } from "../scripts/lib/paths.mjs";
import { hashOf, unlessDone } from "../scripts/lib/stamp.mjs";
import { machine, write } from "./lib/document.mjs";
import { startEndpoint } from "./lib/endpoint.mjs";
import { measurements } from "./lib/measure.mjs";
import { report } from "./lib/report.mjs";

/** How much is measured. All of it takes less than six minutes on two cores. */
const scale = { rounds: 3, calls: 2_000, fill: 5_000, more: 1_000, wire: 500, row: 5_000 };

await main(async () => {
  const { only, quick } = options();
  await setup();
  await unlessDone("bench-peers", hashOf(["bench/package-lock.json"]), [at("bench/node_modules")], () =>
    step("peers: npm ci", async () => {
      await run("npm", ["ci"], { cwd: at("bench"), quiet: true, hint: "Is the npm registry within reach?" });
    }),
  );
  const { build } = await import("../scripts/lib/build.mjs");
  await build();
  // What needs the workspace's packages is loaded after they are there.
  const { contestants } = await import("./lib/contestants.mjs");
  const { all, nothing } = await step("peers: webpack", () => contestants(only));

  const { chrome } = await chromium();
  const endpoint = await startEndpoint((id, name) => fileOf(id, name));
  const loaded = new Map(all.map(({ id }) => [id, new Set()]));
  const fileOf = (id, name) => {
    loaded.get(id)?.add(name);
    return all.find((contestant) => contestant.id === id)?.files[name];
  };
  const browser = await driver.launch({ executablePath: chrome, args: flags() });
  const began = performance.now();
  const here = machine();
  const load = [here.load()];
  try {
    const measure = measurements(browser, endpoint);
    const results = new Map([nothing, ...all].map(({ id }) => [id, { ready: [], calls: [], full: [] }]));
    const failures = [];
    const note = async (contestant, what, work) => {
      try {
        return await work();
      } catch (error) {
        failures.push(`${contestant.name}, ${what}: ${error.message.split("\n")[0]}`);
      }
    };

    const rounds = quick ? 1 : scale.rounds;
    for (let round = 1; round <= rounds; round++)
      await step(`round ${round} of ${rounds}: start, calls from an empty queue`, async () => {
        for (const contestant of [nothing, ...all]) {
          const result = results.get(contestant.id);
          for (let i = 0; i < 2; i++)
            result.ready.push(await note(contestant, "start", () => measure.ready(contestant)));
          result.calls.push(await note(contestant, "calls", () => measure.calls(contestant, scale.calls)));
        }
      });
    for (const contestant of all)
      await step(`${contestant.name}: reload, full queue, the wire`, async () => {
        const result = results.get(contestant.id);
        result.survival = await note(contestant, "reload", () => measure.survival(contestant));
        result.wire = await note(contestant, "500 events", () => measure.wire(contestant, scale.wire));
        result.row = await note(contestant, "5,000 events", () => measure.wire(contestant, scale.row));
        // What the budget speaks of is measured in every round.
        const times = contestant.id === "tillpost" ? rounds : 1;
        for (let i = 0; i < times; i++)
          result.full.push(
            await note(contestant, "full queue", () =>
              measure.full(contestant, { fill: scale.fill, count: scale.more, seconds: 5 }),
            ),
          );
      });
    load.push(here.load());

    for (const contestant of all) contestant.loaded = loaded.get(contestant.id);
    const versions = `${browser.browserType().name()} ${browser.version()}`;
    const minutes = (performance.now() - began) / 60_000;
    const { text, over } = report({
      all,
      results,
      scale,
      rounds,
      failures,
      machine: here.shape,
      load,
      versions,
      minutes,
    });
    console.log(`\n${text}\n`);
    if (!only && !quick) console.log(`Written: ${write("bench", "## Beside the peers", text)}`);
    if (over.length) throw new Stop(`Over a budget that was met before: ${over.join("; ")}.`);
  } finally {
    await browser.close();
    endpoint.close();
  }
});

function options() {
  try {
    const { values } = parseArgs({ options: { only: { type: "string" }, quick: { type: "boolean", default: false } } });
    return { only: values.only?.split(","), quick: values.quick };
  } catch (error) {
    throw new Stop(`${error.message}\nnpm run bench -- [--only peer,peer] [--quick]`);
  }
}

function flags() {
  return [
    ...(process.getuid?.() === 0 ? ["--no-sandbox"] : []),
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    // Memory is measured when it is asked for, not within the next twenty seconds.
    "--enable-blink-features=ForceEagerMeasureMemory",
  ];
}
