// What a module consists of: its functions and data, by the crate that their names say they are from. Reads the binary
// format's sections and nothing inside a function. Names are those of the name section: build with `wasm-opt -g`.
import { gzipSync } from "node:zlib";

const IMPORT = 2;
const CODE = 10;
const sections = ["custom", "type", "import", "function", "table", "memory", "global", "export", "start", "element"];
sections.push("code", "data", "data count");

/** Reads numbers and texts from a place on. */
class Reader {
  constructor(bytes, place = 0) {
    this.bytes = bytes;
    this.place = place;
  }

  number() {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.bytes[this.place++];
      if (byte === undefined) throw new Error("The module ends in the middle of a number.");
      value += (byte & 127) * 2 ** shift;
      if (byte < 128) return value;
    }
  }

  text() {
    const length = this.number();
    return new TextDecoder().decode(this.bytes.subarray(this.place, (this.place += length)));
  }
}

/** How many functions are imported: the module's own are numbered after them. */
function importedFunctions(bytes) {
  const reader = new Reader(bytes);
  let functions = 0;
  for (let left = reader.number(); left > 0; left--) {
    reader.text();
    reader.text();
    const kind = reader.bytes[reader.place++];
    if (kind === 0) functions += 1;
    // Function: a type. Table: a type of reference and limits. Memory: limits. Global: a type and whether it changes.
    if (kind === 0) reader.number();
    else if (kind === 3) reader.place += 2;
    else {
      if (kind === 1) reader.place += 1;
      const most = reader.number() & 1;
      reader.number();
      if (most) reader.number();
    }
  }
  return functions;
}

function functionNames(bytes) {
  const names = new Map();
  const reader = new Reader(bytes);
  while (reader.place < bytes.length) {
    const kind = bytes[reader.place++];
    const end = reader.number() + reader.place;
    if (kind === 1) for (let left = reader.number(); left > 0; left--) names.set(reader.number(), reader.text());
    reader.place = end;
  }
  return names;
}

/**
 * @param {Uint8Array} module with names
 * @returns {{sections: {name: string, size: number}[], functions: {name: string, crate: string, size: number}[]}}
 */
export function anatomy(module) {
  const reader = new Reader(module, 8);
  const found = [];
  let code = [];
  let imported = 0;
  let names = new Map();
  while (reader.place < module.length) {
    const id = module[reader.place++];
    const size = reader.number();
    const bytes = module.subarray(reader.place, (reader.place += size));
    const custom = id === 0 && new Reader(bytes);
    const name = custom ? `custom: ${custom.text()}` : (sections[id] ?? `section ${id}`);
    found.push({ name, size, packed: gzipSync(bytes, { level: 9 }).length });
    if (id === IMPORT) imported = importedFunctions(bytes);
    if (name === "custom: name") names = functionNames(bytes.subarray(custom.place));
    if (id !== CODE) continue;
    const bodies = new Reader(bytes);
    code = Array.from({ length: bodies.number() }, () => {
      const size = bodies.number();
      bodies.place += size;
      return size;
    });
  }
  const functions = code.map((size, i) => {
    const name = readable(names.get(imported + i) ?? `function ${imported + i}`);
    return { name, crate: crateOf(name), size };
  });
  return { sections: found, functions: functions.sort((a, b) => b.size - a.size) };
}

/** A name without the hashes of crates: `<tillpost::core::engine::Engine>::handle`. */
export const readable = (name) => name.replace(/\[[0-9a-f]{10,16}\]/g, "").replace(/::h[0-9a-f]{16}$/, "");

/** The crate of a function, and in Tillpost's own the half: of an implementation its type's, of a closure its place's. */
export function crateOf(name) {
  // wasm-bindgen's wrapper around an exported function, which holds all of it after inlining.
  const path = name
    .replace(/^wasm_bindgen::__rt::maybe_catch_unwind::<(?=tillpost::)/, "")
    .replace(/^[<&*([]*(?:(?:mut|dyn|const) )*/, "");
  return (
    /^tillpost::(?:core|browser)\b/.exec(path)?.[0] ??
    /^([a-z_]\w*)(?=::)/.exec(path)?.[0] ??
    (/wbindgen|wbg/.test(name) ? "wasm_bindgen" : "other")
  );
}

/** The same as lines of text: sections, crates, and the largest functions. */
export function describe(module, largest = 30) {
  const { sections, functions } = anatomy(module);
  const crates = new Map();
  for (const { crate, size } of functions) {
    const { count = 0, bytes = 0 } = crates.get(crate) ?? {};
    crates.set(crate, { count: count + 1, bytes: bytes + size });
  }
  const all = functions.reduce((sum, { size }) => sum + size, 0);
  const share = (size) => `${((100 * size) / all).toFixed(1)} %`.padStart(8);
  const lines = ["section             raw  gzip 9"];
  // Names and the like are not shipped.
  for (const { name, size, packed } of sections.filter(({ name }) => !name.startsWith("custom")))
    lines.push(`${name.padEnd(14)}${String(size).padStart(9)}${String(packed).padStart(8)}`);
  lines.push("", "crate                    raw   of code  functions");
  for (const [crate, { count, bytes }] of [...crates].sort(([, a], [, b]) => b.bytes - a.bytes))
    lines.push(`${crate.padEnd(20)}${String(bytes).padStart(8)}  ${share(bytes)}${String(count).padStart(11)}`);
  lines.push("", `The ${largest} largest of ${functions.length} functions, after inlining:`);
  for (const { name, size } of functions.slice(0, largest))
    lines.push(`${String(size).padStart(6)}${share(size)}  ${name}`);
  return lines.join("\n");
}
