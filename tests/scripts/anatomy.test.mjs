import assert from "node:assert/strict";
import { test } from "node:test";
import { anatomy, crateOf, readable } from "../../scripts/lib/anatomy.mjs";

const text = (value) => [value.length, ...Buffer.from(value)];
const section = (id, ...bytes) => [id, bytes.length, ...bytes];

test("functions have their sizes and names; imported ones come first in the numbering", () => {
  const a = (name, ...what) => [...text("a"), ...text(name), ...what];
  const names = [2, 1, ...text("tillpost::core::a"), 2, ...text("memcpy")];
  const module = Buffer.from([
    ...[0, 97, 115, 109, 1, 0, 0, 0],
    ...section(1, 1, 0x60, 0, 0),
    // A memory and a table with a largest size, a global, and one function.
    ...section(2, 4, ...a("m", 2, 1, 1, 9), ...a("t", 1, 0x70, 1, 0, 5), ...a("g", 3, 0x7f, 0), ...a("f", 0, 0)),
    ...section(3, 2, 0, 0),
    ...section(10, 2, 2, 0, 0x0b, 4, 0, 0x01, 0x01, 0x0b),
    ...section(0, ...text("name"), 1, names.length, ...names),
  ]);
  const { sections, functions } = anatomy(module);
  assert.deepEqual(
    sections.map(({ name, size }) => [name, size]),
    [
      ["type", 4],
      ["import", 31],
      ["function", 3],
      ["code", 9],
      ["custom: name", 35],
    ],
  );
  assert.deepEqual(functions, [
    { name: "memcpy", crate: "other", size: 4 },
    { name: "tillpost::core::a", crate: "tillpost::core", size: 2 },
  ]);
});

test("names lose their hashes, and say their crate", () => {
  for (const [name, shown, crate] of [
    [
      "<tillpost[22d50780b91e5bbe]::core::engine::Engine>::handle",
      "<tillpost::core::engine::Engine>::handle",
      "tillpost::core",
    ],
    ["tillpost[22d50780b91e5bbe]::browser::copy::copy", "tillpost::browser::copy::copy", "tillpost::browser"],
    ["<&mut alloc[0123456789abcdef]::string::String>::x", "<&mut alloc::string::String>::x", "alloc"],
    ["core::fmt::write::h0123456789abcdef", "core::fmt::write", "core"],
    ["__wbindgen_malloc", "__wbindgen_malloc", "wasm_bindgen"],
    ["memcpy", "memcpy", "other"],
  ]) {
    assert.equal(readable(name), shown);
    assert.equal(crateOf(shown), crate, shown);
  }
});
