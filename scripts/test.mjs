// npm test: all steps in order. npm test -- STEP [STEP...]: these. npm test -- --list: their names.
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { chromium, enginesFor, webdriver } from "./lib/browsers.mjs";
import { buildCollector, collector } from "./lib/collector.mjs";
import { at, tools } from "./lib/paths.mjs";
import { setup } from "./lib/setup.mjs";
import { Stop, main, run, step } from "./lib/steps.mjs";

const wasm32 = ["--target", "wasm32-unknown-unknown", "--package", "tillpost"];
const node = (script, ...args) => run(process.execPath, [at(script), ...args]);
const nodeTests = async (folder, env, ending = ".test.mjs") => {
  const files = readdirSync(at("tests", folder)).filter((name) => name.endsWith(ending));
  if (!files.length) throw new Stop(`tests/${folder} holds no test.`);
  await run(process.execPath, ["--test", "--test-reporter=spec", ...files.map((name) => join("tests", folder, name))], {
    env,
  });
};

const packages = async (ending) => {
  const { chrome } = await chromium();
  const { build } = await import("./lib/build.mjs");
  await build();
  await nodeTests("packages", { CHROME: chrome }, ending);
};

/** With `asked`, only where it is asked for by its name. */
const steps = {
  format: {
    what: "Rust and JavaScript are formatted",
    async run() {
      const hint = "Write them with: npm run format";
      await run("cargo", ["fmt", "--all", "--check"], { hint });
      await run(process.execPath, [at("node_modules/prettier/bin/prettier.cjs"), "--check", "."], { hint });
    },
  },
  lint: {
    what: "clippy natively and for wasm32, rustdoc, no warnings",
    async run() {
      await run("cargo", ["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]);
      await run("cargo", ["clippy", ...wasm32, "--lib", "--", "-D", "warnings"]);
      await run("cargo", ["doc", "--workspace", "--no-deps"], { env: { RUSTDOCFLAGS: "-D warnings" } });
    },
  },
  native: {
    what: "core, simulated browser, collector",
    run: () => run("cargo", ["test", "--workspace"]),
  },
  edge: {
    what: "the browser layer in headless Chromium (tests/edge)",
    async run() {
      const { chrome, chromedriver } = await chromium();
      const env = {
        CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER: join(tools, "bin", "wasm-bindgen-test-runner"),
        CHROMEDRIVER: chromedriver,
        WASM_BINDGEN_TEST_WEBDRIVER_JSON: webdriver(chrome),
      };
      await run("cargo", ["test", ...wasm32, "--test", "edge"], { env });
    },
  },
  scripts: {
    what: "the build scripts themselves",
    run: () => nodeTests("scripts"),
  },
  size: {
    what: "what a page downloads is within budget",
    run: () => node("scripts/size.mjs"),
  },
  types: {
    what: "index.d.ts, as a strict customer compiles it",
    async run() {
      const { build } = await import("./lib/build.mjs");
      await build();
      for (const project of ["tsconfig.json", "tsconfig.bundler.json"])
        await node("node_modules/typescript/bin/tsc", "--project", `tests/types/${project}`);
    },
  },
  packages: {
    what: "the packed tarball, installed elsewhere",
    run: () => packages(),
  },
  bundlers: {
    what: "the packed tarball in projects of webpack, Vite, Rollup and esbuild (npm run test:packages)",
    asked: true,
    run: () => packages(".slow.mjs"),
  },
  e2e: {
    what: "the demo shop in Chromium against the collector",
    async run() {
      const { chrome } = await chromium();
      const { build } = await import("./lib/build.mjs");
      await build();
      await buildCollector();
      await nodeTests("e2e", { CHROME: chrome, COLLECTOR: collector });
    },
  },
  browsers: {
    what: "delivery under faults, in Chromium and Firefox; all cases, and WebKitGTK: npm run test:browsers",
    async run() {
      const env = await enginesFor("chromium", "firefox");
      const { build } = await import("./lib/build.mjs");
      await build();
      await nodeTests("browsers", env);
    },
  },
};

await main(async () => {
  const asked = process.argv.slice(2);
  if (asked.includes("--list")) {
    for (const [name, { what }] of Object.entries(steps)) console.log(`${name.padEnd(8)} ${what}`);
    return 0;
  }
  const unknown = asked.find((name) => !steps[name]);
  if (unknown) throw new Stop(`There is no step "${unknown}". The steps: ${Object.keys(steps).join(", ")}.`);
  await setup();

  const failed = [];
  const names = asked.length ? asked : Object.keys(steps).filter((name) => !steps[name].asked);
  for (const name of names)
    await step(name, steps[name].run).catch((error) => {
      console.error(error instanceof Stop ? error.message : error.stack);
      failed.push(name);
    });
  if (failed.length) console.log(`\nFailed: ${failed.join(", ")}. One alone: npm test -- ${failed[0]}`);
  console.log(`${names.length - failed.length} passed, ${failed.length} failed`);
  return failed.length ? 1 : 0;
});
