// Packs a module into printable ASCII, for pkg/unpack.wat. The model of what comes next is in that file alone: here it
// runs with an import in place of its decoder, which says what does come next and notes how likely that was thought.
import { readFileSync } from "node:fs";
import { arrange, follows, instructions, leb, reader } from "./arrange.mjs";
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
  2: ["000", "110", "500"],
  3: ["000", "601", "603"],
  4: ["000", "011", "012"],
  5: ["011", "300", "600"],
  6: ["000", "010", "121"],
  7: ["000", "220", "400"],
  8: ["000", "412", "100"],
  9: ["000", "401", "111"],
  13: ["110", "400", "120"],
};

/**
 * Opcodes by rank. Each row costs a decision more than the one before it, and then which half of it, and of that: frequent
 * ones stand above, and those that follow the same things side by side. Found by swapping any two, twice.
 */
const ranked = [
  [32],
  [11, 12],
  [2, 16, 40, 65],
  [55, 66, 41, 106, 33, 34, 58, 54],
  [15, 26, 114, 113, 4, 69, 13, 27, 70, 107, 71, 79, 3, 35, 127, 64],
  [
    108, 116, 73, 75, 36, 5, 173, 45, 252, 86, 14, 81, 77, 115, 17, 82, 136, 126, 90, 80, 88, 84, 124, 125, 44, 47, 167,
    133, 134, 118, 103, 59,
  ],
  [74, 72, 137, 76, 130, 128, 49, 184, 112, 117, 192, 61, 63, 68, 131, 132, 53, 105, 186, 43, 57, 0],
].flat();

/** How fast a slot learns, by how often it was there before, in 256ths. Found likewise. */
const rates = [205, 122, 90, 74, 60, 56, 56, 27];

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
  const decisions = decide(symbols(arrange(module)));
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
  const read = reader(module, 8); // behind magic number and version
  let found = [];
  const take = (kind, from, to = from + 1) => {
    for (let i = from; i < to; i++) found.push([kind, module[i]]);
  };
  const number = (kind) => {
    const from = read.at();
    const value = read.number();
    take(kind, from, read.at());
    return value;
  };
  while (read.byte() !== CODE) read.take(read.number());
  const before = module.subarray(0, read.at());
  read.number();

  const functions = read.number();
  let size = leb(functions).length;
  for (let i = 0; i < functions; i++) {
    const packed = found.length;
    const end = read.number() + read.at();
    // Four bytes for the length, and one for each alignment.
    size += 4;
    for (let groups = 2 * number(6); groups--;) number(6);
    instructions(module.subarray(0, end), read.at(), (opcode, start, numbers) => {
      take(0, start);
      for (const { kind, from, to } of numbers) take(kind, from, to);
      if (opcode > 39 && opcode < 63) size++;
    });
    read.take(end - read.at());
    if (found.length - packed > 16000) throw new Error("A function is too long for pkg/unpack.wat.");
  }
  size += found.length;
  const code = found;

  found = [];
  take(3, read.at());
  if (read.byte() !== DATA) throw new Error("Data is not what follows the code.");
  const length = number(13);
  take(3, read.at(), read.at() + length);
  if (read.at() + length !== module.length) throw new Error("Data is not the last of the module.");

  const used = new Set();
  for (const [kind, byte] of code) if (kind === 0) used.add(byte);
  const ranks = [...new Set([...ranked, ...used])].filter((opcode) => used.has(opcode));
  if (ranks.length > RANKS) throw new Error("There are more opcodes than ranks.");
  const first = [...ranks, ...new Array(RANKS - ranks.length).fill(0), ...before, ...leb(size)];
  const plain = (kind, bytes) => bytes.map((byte) => [kind, byte]);
  return [
    ...plain(13, leb(first.length)),
    ...plain(1, first),
    ...plain(13, leb(functions)),
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
