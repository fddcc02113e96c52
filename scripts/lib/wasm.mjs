// Rust to a small module and its glue: pkg/dist/{tillpost.wasm, module.mjs, engine.mjs}.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { encode } from "./encode.mjs";
import { engine } from "./glue.mjs";
import { at, dist, target, tools } from "./paths.mjs";
import { separate } from "./separate.mjs";
import { hashOf, unlessDone } from "./stamp.mjs";
import { ask, run, step } from "./steps.mjs";

const inputs = [
  "src",
  "Cargo.toml",
  "Cargo.lock",
  "rust-toolchain.toml",
  "package-lock.json",
  "scripts/lib",
  "pkg/decode.mjs",
  "pkg/join.mjs",
];
const outputs = ["tillpost.wasm", "module.mjs", "engine.mjs"].map((name) => join(dist, name));

export async function buildModule() {
  const std = await stdSource();
  const hash = hashOf(inputs, await ask("rustc", ["-vV"]), std);
  await unlessDone("module", hash, outputs, async () => {
    const small = std && (await step("SDK: cargo build, std included", () => cargo(smallStd)).then(yes, sayLarger));
    if (!std) sayLarger({ message: "rust-src is not installed." });
    if (!small) await step("SDK: cargo build", () => cargo({}));
    await step("SDK: wasm-bindgen, wasm-opt", shrink);
    // What was built because std's build failed is not final: the next run tries again.
    return small || !std;
  });
}

const yes = () => true;
const sayLarger = ({ message }) =>
  void console.log(`${message} Building with the shipped std instead: the module becomes a quarter larger.`);

async function stdSource() {
  const sysroot = await ask("rustc", ["--print", "sysroot"]);
  return existsSync(join(sysroot?.trim() ?? "", "lib/rustlib/src/rust/library/Cargo.lock"));
}

// std rebuilt for size, without the text and the unwinding of panics: 11.0 instead of 14.4 KB brotli in a probe. And
// with few instructions beyond the first WebAssembly: those that all engines since 2021 have, that save 0.8 KB, and that
// wasm-opt can translate for wasm2js. The flags are unstable, the compiler is pinned, so RUSTC_BOOTSTRAP is safe here.
const smallStd = {
  args: ["-Zbuild-std=std,panic_abort", "-Zbuild-std-features=optimize_for_size"],
  env: {
    RUSTC_BOOTSTRAP: "1",
    CARGO_ENCODED_RUSTFLAGS: [
      "-Ctarget-cpu=mvp",
      "-Ctarget-feature=+bulk-memory,+sign-ext,+nontrapping-fptoint,+mutable-globals",
      "-Zunstable-options",
      "-Cpanic=immediate-abort",
      "-Zfmt-debug=none",
      "-Zlocation-detail=none",
    ].join("\x1f"),
  },
};

const cargo = ({ args = [], env = {} }) =>
  run(
    "cargo",
    ["build", "--profile", "page", "--target", "wasm32-unknown-unknown", "--lib", "--package", "tillpost", ...args],
    { env },
  );

async function shrink() {
  const wasm = join(target, "wasm32-unknown-unknown", "page", "tillpost.wasm");
  const work = join(target, "bindgen");
  const file = (name) => join(work, name);
  await run(join(tools, "bin", "wasm-bindgen"), [
    "--target",
    "web",
    "--no-typescript",
    "--out-name",
    "tillpost",
    "--out-dir",
    work,
    wasm,
  ]);

  // wasm-opt reads the features from the section that the next call strips. No --traps-never-happen and no
  // --low-memory-unused: 1 % smaller, and a bug would then go on with wrong data instead of trapping.
  const opt = (...args) => run(process.execPath, [at("node_modules/binaryen/bin/wasm-opt"), ...args], { quiet: true });
  // Names stay in for `npm run size -- --detail`; the next call strips them, the bytes are the same.
  await opt(file("tillpost_bg.wasm"), "-Oz", "--converge", "-ocimfs", "0", "-g", "-o", file("small.wasm"));
  // wasm-bindgen's names end in hashes that do not compress, and stand twice: in the module and in the glue.
  const names = await opt(
    file("small.wasm"),
    "--minify-imports-and-exports-and-modules",
    "--strip-debug",
    "--strip-producers",
    "--strip-target-features",
    "-o",
    file("final.wasm"),
  );

  const bytes = readFileSync(file("final.wasm"));
  mkdirSync(dist, { recursive: true });
  writeFileSync(join(dist, "tillpost.wasm"), bytes);
  writeFileSync(join(dist, "module.mjs"), `export default "${encode(separate(bytes))}";\n`);
  writeFileSync(join(dist, "engine.mjs"), await engine(readFileSync(file("tillpost.js"), "utf8"), JSON.parse(names)));
}
