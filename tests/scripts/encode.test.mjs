import assert from "node:assert/strict";
import { test } from "node:test";
import { decode } from "../../pkg/decode.mjs";
import { encode } from "../../scripts/lib/encode.mjs";

const same = (bytes) => assert.deepEqual([...decode(encode(bytes))], [...bytes]);

test("every byte value, beside every other one, survives", () => {
  const bytes = [];
  for (let a = 0; a < 256; a++) for (let b = 0; b < 256; b++) bytes.push(a, b);
  same(Uint8Array.from(bytes));
});

test("whatever bytes are frequent, and when few or none occur", () => {
  same(new Uint8Array());
  for (let byte = 0; byte < 256; byte++) same(Uint8Array.of(byte));
  same(Uint8Array.from({ length: 4000 }, (_, i) => 128 + (i % 128)));
  same(Uint8Array.from({ length: 4000 }, (_, i) => i % 32));
});

test("the text is safe in a script of any 8-bit encoding", () => {
  const text = encode(Uint8Array.from({ length: 65536 }, (_, i) => (i * 167 + (i >> 8)) & 255));
  assert.match(text, /^[ !#-;=-[\]-~]*$/);
});
