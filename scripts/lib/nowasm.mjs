// The same module as JavaScript, for pages that allow no WebAssembly. wasm2js makes it; here it becomes a file that
// exports one function, of which the glue knows as little as of a WebAssembly's: imports in, exports out.
import { minify } from "terser";
import { Stop } from "./steps.mjs";

/** What wasm2js cannot say, wasm-opt says in older instructions. */
export const lowering = [
  "--enable-bulk-memory",
  "--enable-sign-ext",
  "--enable-nontrapping-float-to-int",
  "--enable-mutable-globals",
  "--llvm-memory-copy-fill-lowering",
  "--signext-lowering",
  "--llvm-nontrapping-fptoint-lowering",
];

const change = (what) => new Stop(`wasm2js has changed its form (${what}): scripts/lib/nowasm.mjs must follow.`);

/** @param {string} code what wasm2js wrote: an import, functions, a call, and an export of each of its results */
export async function nowasm(code) {
  const imported = /^import \* as a from 'a';\n/;
  const end = code.indexOf("var retasmFunc = asmFunc({");
  if (!imported.test(code)) throw change("import");
  if (end < 0) throw change("exports");
  const { code: small } = await minify(`${code.slice(0, end).replace(imported, "")}export default asmFunc;`, {
    ecma: 2017,
    module: true,
    toplevel: true,
    compress: { passes: 2, unsafe_arrows: true },
    format: { ascii_only: true, comments: false },
  });
  return `${small}\n`;
}
