// Unpacks the module from the script's text. Never depends on the page's encoding: the text is printable ASCII without
// quote, backslash and `<`. The work is done by pkg/unpack.wat: in JavaScript it would run before a JIT knows it.
import text, { unpacker } from "./dist/module.mjs";

/** Where pkg/unpack.wat has the text and the module, behind a number of two bytes and the ranks of opcodes. */
const TEXT = 1376256;
const MODULE = 1441792;
const BEFORE = 2 + 96;

/** @returns {() => Uint8Array | undefined} does a part of the work, some 20 µs, and answers with the module when it is done */
export function unpack() {
  const bytes = Uint8Array.from(unpacker.match(/../g), (hex) => parseInt(hex, 16));
  const { m, u } = new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports;
  const memory = new Uint8Array(m.buffer);
  new TextEncoder().encodeInto(text, memory.subarray(TEXT));
  return () => {
    const end = u();
    return end ? memory.subarray(MODULE + BEFORE, MODULE + end) : undefined;
  };
}
