// Installs what is missing: npm packages, the Rust target, wasm-bindgen. Uses nothing but Node until npm's part is done.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { at, tools } from "./paths.mjs";
import { hashOf } from "./stamp.mjs";
import { Stop, ask, run, step } from "./steps.mjs";

export async function setup() {
  if (Number(process.versions.node.split(".")[0]) < 20)
    throw new Stop(`Node 20 or newer is needed, this is ${process.version}.`);
  await npmPackages();
  await rust();
  await wasmBindgen();
}

async function npmPackages() {
  const mark = at("node_modules", ".installed");
  const hash = hashOf(["package-lock.json", "package.json"]);
  if (existsSync(mark) && readFileSync(mark, "utf8") === hash) return;
  await step("npm ci", async () => {
    // The same npm that runs this script, where there is one; dev packages also under NODE_ENV=production.
    const npm = process.env.npm_execpath;
    const [program, first] = npm?.endsWith(".js") ? [process.execPath, [npm]] : ["npm", []];
    await run(program, [...first, "ci", "--include=dev"], { hint: "Is the npm registry within reach?" });
    writeFileSync(mark, hash);
  });
}

const wasm32 = "wasm32-unknown-unknown";

async function rust() {
  const channel = readFileSync(at("rust-toolchain.toml"), "utf8").match(/^channel = "(.+)"/m)[1];
  if (!(await ask("rustup", ["--version"])))
    throw new Stop("rustup is missing: install it from https://rustup.rs, then run this again.");
  if (!(await ask("cc", ["--version"])))
    throw new Stop("A C compiler is missing (`cc`): on Debian or Ubuntu `apt-get install gcc libc6-dev`.");

  const installed = await ask("rustup", ["component", "list", "--installed", "--toolchain", channel]);
  const has = (name) => installed?.split("\n").some((line) => line.startsWith(name));
  if (!has("cargo") || !has("rustfmt") || !has("clippy") || !has(`rust-std-${wasm32}`))
    await step(`Rust ${channel} with ${wasm32}`, () =>
      run(
        "rustup",
        ["toolchain", "install", channel, "--profile", "minimal", "--component", "rustfmt,clippy", "--target", wasm32],
        { hint: "Is static.rust-lang.org within reach?" },
      ),
    );
  // Only for the smaller module: without it the build falls back to the std that rustup ships.
  if (!has("rust-src"))
    await step("rust-src", () => run("rustup", ["component", "add", "rust-src", "--toolchain", channel])).catch(
      (error) => console.log(`${error.message} The module will be built with the shipped std and be larger.`),
    );
}

export const wasmBindgenVersion = () =>
  readFileSync(at("Cargo.lock"), "utf8").match(/name = "wasm-bindgen"\nversion = "(.+)"/)[1];

async function wasmBindgen() {
  const version = wasmBindgenVersion();
  const have = await ask(join(tools, "bin", "wasm-bindgen"), ["--version"]);
  if (have?.trim() === `wasm-bindgen ${version}`) return;
  await step(`wasm-bindgen ${version}, built from source (a minute or two)`, () =>
    // Not --locked: its own lock file names a version that fails to build today.
    run("cargo", ["install", "wasm-bindgen-cli", "--version", version, "--root", tools, "--force"], {
      // Unoptimised: less than half the compile time, and 0.4 s more each time that it runs.
      env: { CARGO_PROFILE_RELEASE_OPT_LEVEL: "0", CARGO_PROFILE_RELEASE_CODEGEN_UNITS: "64" },
      hint: "Is crates.io within reach?",
    }),
  );
}
