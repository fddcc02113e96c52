// Rust to a small module and its glue: pkg/dist/{tillpost.wasm, module.mjs, engine.mjs}; and to the same module as
// JavaScript: pkg/dist/tillpost-nowasm.js.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { engine } from "./glue.mjs";
import { lowering, nowasm } from "./nowasm.mjs";
import { pack, sources } from "./pack.mjs";
import { at, dist, target, tools } from "./paths.mjs";
import { hashOf, unlessDone } from "./stamp.mjs";
import { ask, run, step } from "./steps.mjs";

const inputs = [
  "src",
  "Cargo.toml",
  "Cargo.lock",
  "rust-toolchain.toml",
  "package-lock.json",
  "scripts/lib",
  "pkg/unpack.wat",
];
const names = ["tillpost.wasm", "module.mjs", "engine.mjs", "tillpost-nowasm.js"];
const outputs = names.map((name) => join(dist, name));

export async function buildModule() {
  const std = await stdSource();
  const hash = hashOf(inputs, await ask("rustc", ["-vV"]), std);
  await unlessDone("module", hash, outputs, async () => {
    const small = std && (await step("SDK: cargo build, std included", () => cargo(smallStd)).then(yes, sayLarger));
    if (!std) sayLarger({ message: "rust-src is not installed." });
    if (!small) await step("SDK: cargo build", () => cargo(plain));
    await step("SDK: wasm-bindgen, wasm-opt", () => shrink(small));
    await step("SDK: wasm2js", withoutWasm);
    // What was built because std's build failed is not final: the next run tries again.
    return small || !std;
  });
}

const yes = () => true;
const sayLarger = ({ message }) =>
  void console.log(`${message} Building with the shipped std instead: the script becomes an eighth larger.`);

async function stdSource() {
  const sysroot = await ask("rustc", ["--print", "sysroot"]);
  return existsSync(join(sysroot?.trim() ?? "", "lib/rustlib/src/rust/library/Cargo.lock"));
}

// Few instructions beyond the first WebAssembly: those that all engines since 2021 have, that save 0.8 KB, and that wasm-opt
// can translate for wasm2js.
const instructions = [
  "-Ctarget-cpu=mvp",
  "-Ctarget-feature=+bulk-memory,+sign-ext,+nontrapping-fptoint,+mutable-globals",
];
const flags = (...all) => all.join("\x1f");
const plain = { env: { CARGO_ENCODED_RUSTFLAGS: flags(...instructions) } };
// std rebuilt for size, without the text and the unwinding of panics: 11.0 instead of 14.4 KB brotli in a probe. The flags
// are unstable, the compiler is pinned, so RUSTC_BOOTSTRAP is safe here.
const smallStd = {
  args: ["-Zbuild-std=std,panic_abort", "-Zbuild-std-features=optimize_for_size"],
  env: {
    RUSTC_BOOTSTRAP: "1",
    CARGO_ENCODED_RUSTFLAGS: flags(
      ...instructions,
      "-Zunstable-options",
      "-Cpanic=immediate-abort",
      "-Zfmt-debug=none",
      "-Zlocation-detail=none",
      // Small functions are inlined before LLVM sees them, which it would do too late to drop what is left of them: 0.9 KB. The
      // thresholds were found by trying; docs/performance.md.
      "-Zinline-mir=yes",
      "-Zmir-opt-level=3",
      "-Zinline-mir-threshold=20",
      "-Zinline-mir-hint-threshold=30",
    ),
  },
};

const cargo = ({ args = [], env = {} }) =>
  run(
    "cargo",
    ["build", "--profile", "page", "--target", "wasm32-unknown-unknown", "--lib", "--package", "tillpost", ...args],
    { env },
  );

const file = (name) => join(target, "bindgen", name);
const binaryen = (tool, ...args) =>
  run(process.execPath, [at(`node_modules/binaryen/bin/${tool}`), ...args], { quiet: true });
const opt = (...args) => binaryen("wasm-opt", ...args);

async function shrink(small) {
  const wasm = join(target, "wasm32-unknown-unknown", "page", "tillpost.wasm");
  if (!small) withoutReferences(wasm);
  await run(join(tools, "bin", "wasm-bindgen"), [
    "--target",
    "web",
    "--no-typescript",
    "--out-name",
    "tillpost",
    "--out-dir",
    join(target, "bindgen"),
    wasm,
  ]);

  // wasm-opt reads the features from the section that the next call strips. No --traps-never-happen and no
  // --low-memory-unused: 1 % smaller, and a bug would then go on with wrong data instead of trapping.
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
  writeFileSync(join(dist, "module.mjs"), await packed(bytes));
  writeFileSync(join(dist, "engine.mjs"), await engine(readFileSync(file("tillpost.js"), "utf8"), JSON.parse(names)));
}

/**
 * The shipped std says that it may use reference types and several results, and wasm-bindgen would then: neither wasm2js nor
 * our packer can. Its section of features, a `+` or a `-` and a name each, says that it may not.
 */
function withoutReferences(wasm) {
  const bytes = readFileSync(wasm);
  for (const name of ["reference-types", "multivalue"]) {
    const place = bytes.lastIndexOf(`+${String.fromCharCode(name.length)}${name}`);
    if (place >= 0) bytes[place] = "-".charCodeAt(0);
  }
  writeFileSync(wasm, bytes);
}

/** The module as text, and what unpacks it. */
async function packed(bytes) {
  const { unpacker, model } = sources();
  const assemble = async (name, text) => {
    writeFileSync(file(`${name}.wat`), text);
    await binaryen("wasm-as", file(`${name}.wat`), "-o", file(`${name}.wasm`));
    await opt(file(`${name}.wasm`), "-Oz", "--converge", "-o", file(`${name}.wasm`));
    return readFileSync(file(`${name}.wasm`));
  };
  const text = pack(bytes, await assemble("model", model));
  const hex = (await assemble("unpack", unpacker)).toString("hex");
  return `export default "${text}";\nexport const unpacker = "${hex}";\n`;
}

async function withoutWasm() {
  await opt(file("final.wasm"), ...lowering, "-o", file("mvp.wasm"));
  await binaryen("wasm2js", file("mvp.wasm"), "-Oz", "-o", file("nowasm.js"));
  writeFileSync(join(dist, "tillpost-nowasm.js"), await nowasm(readFileSync(file("nowasm.js"), "utf8")));
}
