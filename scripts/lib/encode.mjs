// Writes a module as printable ASCII, one character for nearly every byte. pkg/decode.mjs says how it is read back.
import { plain } from "../../pkg/decode.mjs";

/**
 * The 90 bytes that occur most get one character, the others a pair. A printable byte keeps its own character, so the
 * text inside the module stays text, which brotli knows how to pack.
 */
export function encode(bytes) {
  const count = new Array(256).fill(0);
  for (const byte of bytes) count[byte] += 1;
  const all = [...count.keys()];
  const single = new Set(all.toSorted((a, b) => count[b] - count[a] || a - b).slice(0, 90));
  const letters = all.filter(plain);
  const spare = letters.filter((byte) => !single.has(byte));
  const foreign = all.filter((byte) => single.has(byte) && !plain(byte));
  const rare = all.filter((byte) => !single.has(byte));

  const text = (...codes) => String.fromCharCode(...codes);
  const written = new Map();
  for (const byte of single) if (plain(byte)) written.set(byte, text(byte));
  foreign.forEach((byte, i) => written.set(byte, text(spare[i])));
  rare.forEach((byte, i) => written.set(byte, text(i < 90 ? 125 : 126, letters[i % 90])));

  let header = "";
  for (let byte = 0; byte < 256; byte += 4) {
    const bits = [0, 1, 2, 3].reduce((sum, i) => sum | (single.has(byte + i) ? 1 << i : 0), 0);
    header += bits.toString(16);
  }
  return header + Array.from(bytes, (byte) => written.get(byte)).join("");
}
