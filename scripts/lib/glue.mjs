// wasm-bindgen's web glue, cut down to what the doors use: `initSync(instantiate, trapped)` and the exported functions.
// `instantiate` takes the imports and answers the exports: of the WebAssembly, or of the same module as JavaScript.
import { minify } from "terser";
import { Stop } from "./steps.mjs";

const change = (what) =>
  new Stop(`wasm-bindgen's glue has changed its form (${what}): scripts/lib/glue.mjs must follow.`);

/**
 * @param {string} glue what `wasm-bindgen --target web` wrote
 * @param names the map that wasm-opt printed when it shortened the names of imports and exports
 */
export async function engine(glue, { imports, exports }) {
  const start = glue.indexOf("function initSync(");
  if (start < 0) throw change("initSync");
  // Only the synchronous start is kept. The other one fetches a file beside the script, by import.meta.url.
  let code = `import { clock, fetch, setItem, settle } from '../native.mjs';
${glue.slice(0, start).replace("let wasmModule, wasmInstance, wasm;", "let wasm;")}
let trapped;
export function initSync(instantiate, report) {
  trapped = report;
  wasm = instantiate(__wbg_get_imports());
}`;

  const rename = (pattern, short) => {
    const before = code;
    code = code.replace(pattern, (_, head) => `${head}${short}`);
    return before !== code;
  };
  // What the glue brings for modules and engines that are not ours: shared memory, gigabytes of text (a bug of Safari's),
  // engines without `encodeInto`, which have none of our instructions either, and closures that nobody drops.
  const instead = (head, short) => {
    const from = code.indexOf(head);
    if (from < 0) throw change(head);
    code = code.slice(0, from) + short + code.slice(code.indexOf("\n}", from) + 2);
  };
  instead(
    "function getDataViewMemory0(",
    `function getDataViewMemory0() {
    const { buffer } = wasm.memory;
    if (!cachedDataViewMemory0 || cachedDataViewMemory0.buffer !== buffer) cachedDataViewMemory0 = new DataView(buffer);
    return cachedDataViewMemory0;
}`,
  );
  instead(
    "function passStringToWasm0(",
    `function passStringToWasm0(text, malloc) {
    const bytes = cachedTextEncoder.encode(text);
    const at = malloc(bytes.length, 1) >>> 0;
    getUint8ArrayMemory0().set(bytes, at);
    WASM_VECTOR_LEN = bytes.length;
    return at;
}`,
  );
  instead(
    "function getStringFromWasm0(",
    `function getStringFromWasm0(at, length) {
    at >>>= 0;
    return cachedTextDecoder.decode(getUint8ArrayMemory0().subarray(at, at + length));
}`,
  );
  // As JavaScript, memory that has grown is another buffer, and the one before keeps its length.
  instead(
    "function getUint8ArrayMemory0(",
    `function getUint8ArrayMemory0() {
    const { buffer } = wasm.memory;
    if (!cachedUint8ArrayMemory0 || cachedUint8ArrayMemory0.buffer !== buffer) cachedUint8ArrayMemory0 = new Uint8Array(buffer);
    return cachedUint8ArrayMemory0;
}`,
  );
  instead("function __wbg_finalize_init(", "");
  instead("function decodeText(", "");
  instead("if (!('encodeInto' in cachedTextEncoder)) {", "");
  code = code.replace(/const CLOSURE_DTORS = [^;]*;|CLOSURE_DTORS\.\w+\([^)]*\);/g, "");

  // What a page may have patched: pkg/native.mjs says how that is survived.
  const native = (what, patched, ours) => {
    const before = code;
    code = code.replace(patched, ours);
    if (code === before) throw change(what);
  };
  native("Date", "Date.now()", "clock()");
  native("then", "getObject(arg0).then(", "settle(getObject(arg0), ");
  native("setItem", /(getObject\(arg\d\))\.setItem\(/g, "setItem.call($1, ");

  // What the browser calls by itself, a timer or a listener, throws at the page where nobody catches it.
  const unguarded = code;
  code = code.replace(/(return f\([^;]*\);\s*\}) (?=finally)/g, "$1 catch (error) { trapped(error); } ");
  if (code === unguarded) throw change("closures");
  // One module of imports, which wasm-opt calls `a`.
  if (!imports.length || new Set(imports.map(([module]) => module)).size > 1) throw change("modules");
  if (!rename(/^(\s+)"\.\/tillpost_bg\.js"(?=:)/m, "a")) throw change("./tillpost_bg.js");
  for (const [, name, short] of imports)
    if (!rename(new RegExp(`^(\\s+)${name}(?=:)`, "gm"), short)) throw change(name);
  for (const [name, short] of exports) rename(new RegExp(`(\\bwasm\\.)${name}\\b(?!\\$)`, "g"), short);

  // Only unused code is dropped here, names and lines stay readable. The bundlers that follow make it small.
  const result = await minify(code, {
    ecma: 2017,
    module: true,
    mangle: false,
    compress: { defaults: false, unused: true, dead_code: true, toplevel: true },
    format: { beautify: true, comments: false },
  });
  for (const left of ["import.meta", "__wbg_load", "__wbg_init("])
    if (result.code.includes(left)) throw change(`${left} is left`);
  return `${result.code}\n`;
}
