// Packs a module into printable ASCII, for pkg/unpack.wat. The model of what comes next is in that file alone: here it
// runs with an import in place of its decoder, which says what does come next and notes how likely that was thought.
import { readFileSync } from "node:fs";
import { at } from "./paths.mjs";

const CODE = 10;
const DATA = 11;
/** Ranks of opcodes, as pkg/unpack.mjs knows. */
export const RANKS = 96;

/**
 * The three contexts of each kind: how many of the last opcodes, bytes and values of the same kind each of them knows. Found
 * by trying all others one after the other, twice; they have no deeper reason. Row 2 is for later bytes of a number.
 */
const contexts = {
  0: ["200", "500", "111"],
  1: ["000", "010", "512"],
  2: ["000", "010", "210"],
  3: ["000", "601", "603"],
  4: ["000", "011", "012"],
  5: ["211", "200", "600"],
  6: ["000", "010", "121"],
  7: ["000", "230", "300"],
  8: ["000", "412", "211"],
  10: ["000", "401", "111"],
  14: ["110", "400", "120"],
};

/** How fast a slot learns, by how often it was there before, in 256ths. Found likewise. */
const rates = [205, 122, 90, 74, 60, 56, 56, 27];

/** What follows an opcode: how many numbers times 16, and of which kind. All from 69 on are followed by nothing, but 252. */
const follows = new Uint8Array(256);
for (const [from, to, what] of [
  [2, 4, 0x10], // a block's type: a byte, as rare as an opcode
  [12, 14, 0x14],
  [16, 16, 0x15],
  [17, 17, 0x25],
  [32, 34, 0x18],
  [35, 36, 0x1e],
  [40, 62, 0x1a], // and an alignment
  [63, 64, 0x1e],
  [65, 65, 0x17],
  [66, 66, 0x1e],
  [67, 67, 0x41],
  [68, 68, 0x81],
])
  follows.fill(what, from, to + 1);

function tables() {
  const bytes = new Uint8Array(56);
  for (const [kind, three] of Object.entries(contexts))
    three.forEach(([ops, before, same], i) => {
      bytes[kind * 3 + i] = ((7 - ops) << 3) | (7 - before) | ((3 - same) << 6);
    });
  bytes.set(rates, 48);
  return Buffer.concat([bytes, follows.subarray(0, 69)]);
}

/** The text of the unpacker, and of the model alone. */
export function sources() {
  const bytes = [...tables()].map((byte) => `\\${byte.toString(16).padStart(2, "0")}`).join("");
  const unpacker = readFileSync(at("pkg/unpack.wat"), "utf8").replace("{tables}", bytes);
  const decoder = /\n {2}\(func \$decide[^]*?\n\n/;
  const model = unpacker
    .replace(decoder, "\n")
    .replace("(module", '(module\n  (import "packer" "decide" (func $decide (param i32) (result i32)))');
  return { unpacker, model };
}

/**
 * @param {Uint8Array} module
 * @param {Uint8Array} model what `sources` says, assembled
 * @returns {string} 64 letters, of six bits each: brotli and gzip find exactly those in them
 */
export function pack(module, model) {
  const decisions = decide(symbols(module));
  const chances = new Uint16Array(decisions.length);
  let made = 0;
  const decide1 = (chance) => {
    chances[made] = chance;
    return decisions[made++];
  };
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(model), { packer: { decide: decide1 } });
  while (!exports.u() && made <= decisions.length);
  if (made !== decisions.length) throw new Error("The packer and the unpacker do not agree.");

  // A range coder whose number is kept whole, in digits of six bits.
  const digits = [];
  let range = 1;
  decisions.forEach((one, i) => {
    while (range < 2 ** 26) {
      range *= 64;
      digits.push(0);
    }
    const bound = (range >>> 16) * chances[i];
    range = one ? bound : range - bound;
    if (!one)
      for (let rest = bound, j = digits.length - 1; rest; j--) {
        rest += digits[j];
        digits[j] = rest % 64;
        rest = Math.floor(rest / 64);
      }
  });
  if (digits.length > 65536) throw new Error("The text is too long for pkg/unpack.wat's memory.");
  return digits.map((digit) => String.fromCharCode(digit + 61 + (digit > 30))).join("");
}

/** What the unpacker unpacks, in its order: bytes, each with its kind. Of numbers all bytes, each with the number's kind. */
function symbols(module) {
  let at = 8; // behind magic number and version
  let found = [];
  const take = (kind) => found.push([kind, module[at++]]);
  const number = (kind) => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = module[at];
      take(kind);
      value += (byte & 127) * 2 ** shift;
      if (byte < 128) return value;
    }
  };
  while (module[at] !== CODE) {
    at++;
    const size = number();
    at += size;
  }
  const before = module.subarray(0, ++at);
  number();

  const functions = number();
  found = [];
  let size = leb(functions).length;
  for (let i = 0; i < functions; i++) {
    const packed = found.length;
    const end = number() + at;
    found.length = packed;
    // Four bytes for the length, and one for each alignment.
    size += 4;
    for (let groups = 2 * number(6); groups--;) number(6);
    while (at < end) {
      const opcode = module[at];
      take(0);
      // Up to 0xc4: the first WebAssembly and the sign extensions. With 252: conversions, memory.copy and memory.fill.
      const what = follows[opcode];
      let known =
        opcode < 6 || (opcode > 10 && opcode < 18) || opcode === 26 || opcode === 27 || (opcode > 31 && opcode < 37);
      known ||= (opcode > 39 && opcode < 0xc5) || opcode === 252;
      let kind = what & 15;
      let count = what >> 4;
      if (what === 0x1a) {
        number();
        found.pop();
        size++;
      }
      if (opcode === 14) count += number(4);
      if (opcode === 252) {
        kind = 14;
        const second = number(kind);
        known = second < 8 || second === 10 || second === 11;
        count = second > 9 ? 12 - second : 0;
      }
      if (!known) throw new Error(`pkg/unpack.wat does not know the opcode ${opcode}.`);
      while (count--) kind < 4 ? take(kind) : number(kind);
    }
    if (found.length - packed > 16000) throw new Error("A function is too long for pkg/unpack.wat.");
  }
  size += found.length;
  const code = found;

  found = [];
  if (module[at] !== DATA) throw new Error("Data is not what follows the code.");
  take(3);
  for (let bytes = number(14); bytes--;) take(3);
  if (at !== module.length) throw new Error("Data is not the last of the module.");

  const counts = new Array(256).fill(0);
  for (const [kind, byte] of code) if (kind === 0) counts[byte] += 1;
  const used = [...counts.keys()].filter((byte) => counts[byte]);
  const ranks = used.sort((a, b) => counts[b] - counts[a]);
  if (ranks.length > RANKS) throw new Error("There are more opcodes than ranks.");
  const first = [...ranks, ...new Array(RANKS - ranks.length).fill(0), ...before, ...leb(size)];
  const plain = (kind, bytes) => bytes.map((byte) => [kind, byte]);
  return [
    ...plain(14, leb(first.length)),
    ...plain(1, first),
    ...plain(14, leb(functions)),
    ...code.map(([kind, byte]) => [kind, kind ? byte : ranks.indexOf(byte)]),
    ...found,
  ];
}

/** Each byte as decisions: 8 bits, or after so many ones as it has bits. */
function decide(symbols) {
  const decisions = [];
  for (const [kind, byte] of symbols) {
    const value = byte + 1;
    const length = kind & 1 ? 8 : 31 - Math.clz32(value);
    if (!(kind & 1)) decisions.push(...new Array(length).fill(1), 0);
    for (let bit = length - 1; bit >= 0; bit--) decisions.push((value >> bit) & 1);
  }
  return decisions;
}

function leb(number) {
  const bytes = [];
  for (; number > 127; number >>>= 7) bytes.push((number & 127) | 128);
  return [...bytes, number];
}
