// wasm-bindgen's web glue, cut down to what the doors use: `initSync(instantiate, trapped)` and the exported functions.
// `instantiate` takes the imports and answers the exports: of the WebAssembly, or of the same module as JavaScript.
import { minify } from "terser";
import { Stop } from "./steps.mjs";

const change = (what) =>
  new Stop(`wasm-bindgen's glue has changed its form (${what}): scripts/lib/glue.mjs must follow.`);

/**
 * In place of the glue's own helpers, which are for modules and engines that are not ours: shared memory, gigabytes of it,
 * engines without `encodeInto`, which have none of our instructions either, and closures that nobody drops. Memory that has
 * grown is another buffer, so it is looked at anew each time.
 */
const helpers = `
/** What the module holds of JavaScript's, by number. Those below 1028 are wasm-bindgen's own; none is given away twice. */
const heap = { __proto__: null, 1025: null, 1026: true, 1027: false };
let last = 1027;

function addHeapObject(object) {
  heap[++last] = object;
  return last;
}

function getObject(number) {
  return heap[number];
}

function takeObject(number) {
  const object = heap[number];
  if (number > 1027) delete heap[number];
  return object;
}

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
const encoder = new TextEncoder();
let WASM_VECTOR_LEN;

function getStringFromWasm0(at, length) {
  return decoder.decode(new Uint8Array(wasm.memory.buffer, at, length));
}

function passStringToWasm0(text) {
  const bytes = encoder.encode(text);
  const at = wasm.__wbindgen_malloc((WASM_VECTOR_LEN = bytes.length), 1);
  new Uint8Array(wasm.memory.buffer, at).set(bytes);
  return at;
}

/** Two numbers in the module's memory. */
function pair(at) {
  return new Int32Array(wasm.memory.buffer, at, 2);
}

/** Answers with a text, or with none. */
function answer(at, text) {
  const place = text == null ? 0 : passStringToWasm0(text);
  pair(at).set([place, WASM_VECTOR_LEN]);
}

/** An import that may throw: the module gets the exception. */
function handleError(call) {
  return (...args) => {
    try {
      return call(...args);
    } catch (error) {
      wasm.__wbindgen_exn_store(addHeapObject(error));
    }
  };
}

/** The shipped std can print values; it is dropped where std is rebuilt. */
function debugString(value) {
  return typeof value;
}

/** What the browser calls by itself, a timer or a listener, throws at the page where nobody catches it. */
function makeMutClosure(data, table, invoke) {
  let uses = 1;
  const closure = (...args) => {
    uses++;
    const own = data;
    // Called by itself it is none any more, which the module says.
    data = 0;
    try {
      return invoke(own, table, ...args);
    } catch (error) {
      trapped(error);
    } finally {
      data = own;
      closure.unref();
    }
  };
  closure.unref = () => {
    if (--uses) return;
    wasm.__wbindgen_destroy_closure(data, table);
    data = 0;
  };
  return closure;
}

let wasm;
let trapped;
export function initSync(instantiate, report) {
  trapped = report;
  wasm = instantiate(__wbg_get_imports());
}
`;

/** Functions of the glue that the helpers stand for, or that fetch a file beside the script, by import.meta.url. */
const known =
  /^(initSync|__wbg_(finalize_init|load|init|init_once)|decodeText|dropObject|isLikeNone|get(DataView|Uint8Array)Memory0)$/;

/**
 * @param {string} glue what `wasm-bindgen --target web` wrote
 * @param names the map that wasm-opt printed when it shortened the names of imports and exports
 */
export async function engine(glue, { imports, exports }) {
  const parts = ["import { clock, fetch, settle } from '../native.mjs';", helpers];
  for (const [text, exported, name] of glue.matchAll(/^(export )?(?:async )?function (\w+)\((?:.*\}|[^]*?\n\})$/gm)) {
    if (known.test(name) || helpers.includes(`function ${name}(`)) continue;
    if (!exported && !/^(__wbg_get_imports|wasm_bindgen_\w+)$/.test(name)) throw change(name);
    parts.push(text);
  }
  parts.push(...(glue.match(/^const __wbindgen_enum_.*$/gm) ?? []));
  let code = parts.join("\n");

  /** @returns whether there was something to replace */
  const replace = (pattern, ours) => {
    const before = code;
    code = code.replace(pattern, ours);
    return code !== before;
  };

  // Texts that an import answers with, and results of two numbers. Addresses are below 2 GB.
  replace(
    /\b(?:var|const) ptr1 = (?:isLikeNone\(ret\) \? 0 : )?passStringToWasm0\(ret, [\w., ]+\);\s+\w+ len1 = WASM_VECTOR_LEN;\s+getDataViewMemory0\(\)\.setInt32\(.*4 \* 1, len1, true\);\s+getDataViewMemory0\(\)\.setInt32\(.*4 \* 0, ptr1, true\);/g,
    "answer(arg0, ret);",
  );
  replace(/(passStringToWasm0\(\w+), wasm\.__wbindgen_malloc, wasm\.__wbindgen_realloc\)/g, "$1)");
  // After an exception nothing is asked of the module any more: the stack may be as it is.
  replace(
    /try \{(\s+const retptr = [^;]*\(-16\)) >>> 0;([^{}]*)(if \(r1\) \{[^}]*\})\s+\} finally \{([^}]*)\}/g,
    "$1;$2$4$3",
  );
  replace(/getDataViewMemory0\(\)\.getInt32\(retptr \+ 4 \* ([01]), true\)/g, "pair(retptr)[$1]");

  replace(
    /function\(\) \{ return handleError\(function \(([^)]*)\) \{([^]*?)\}, arguments\); \}/g,
    "handleError(($1) => {$2})",
  );
  replace(
    /let result;\s+try \{\s+result = (.* instanceof \w+);\s+\} catch \(_\) \{\s+result = false;\s+\}\s+const ret = result;\s+return ret;/g,
    "try { return $1; } catch { return false; }",
  );
  replace(/\._wbg_cb_unref\(/g, ".unref(");
  replace(/__proto__: null,\s+(?=__wb|"\.\/)/g, "");

  // What a page may have patched: pkg/native.mjs says how that is survived.
  const native = (what, patched, ours) => {
    if (!replace(patched, ours)) throw change(what);
  };
  native("Date", "Date.now()", "clock()");
  native("then", "getObject(arg0).then(", "settle(getObject(arg0), ");

  // One module of imports, which wasm-opt calls `a`.
  const rename = (pattern, short) => replace(pattern, (_, head) => `${head}${short}`);
  if (!imports.length || new Set(imports.map(([module]) => module)).size > 1) throw change("modules");
  if (!rename(/^(\s+)"\.\/tillpost_bg\.js"(?=:)/m, "a")) throw change("./tillpost_bg.js");
  for (const [, name, short] of imports)
    if (!rename(new RegExp(`^(\\s+)${name}(?=:)`, "gm"), short)) throw change(name);
  for (const [name, short] of exports) rename(new RegExp(`(\\bwasm\\.)${name}\\b(?!\\$)`, "g"), short);

  // Only unused code is dropped here, names and lines stay readable. The bundlers that follow make it small.
  const result = await minify(code, {
    ecma: 2020,
    module: true,
    mangle: false,
    compress: { defaults: false, unused: true, dead_code: true, toplevel: true },
    format: { beautify: true, comments: false },
  });
  const left = /import\.meta|DataView|isLikeNone|arguments|>>> 0\) \+|wasm\.__wb\w+|_wbg_cb|catch \(_\)/.exec(
    result.code,
  );
  if (left) throw change(`${left[0]} is left`);
  return `${result.code}\n`;
}
