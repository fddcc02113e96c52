// A module's types, functions and local variables have numbers, and which number which of them has means nothing. Here
// they get those that scripts/lib/pack.mjs packs best: functions by their type, and like beside like; variables as they
// come. What the module does stays the same.

const TYPES = 1;
const IMPORTS = 2;
const FUNCTIONS = 3;
const EXPORTS = 7;
const START = 8;
const ELEMENTS = 9;
const CODE = 10;
/** Sections that name neither types nor functions: table, memory, globals, how many pieces of data, data. */
const others = [4, 5, 6, 12, 11];

/** What follows an opcode: how many numbers times 16, and of which kind. All from 69 on are followed by nothing, but 252. */
export const follows = new Uint8Array(256);
for (const [from, to, what] of [
  [2, 4, 0x10], // a block's type: a byte, as rare as an opcode
  [12, 14, 0x14],
  [16, 16, 0x15],
  [17, 17, 0x25],
  [32, 34, 0x18],
  [35, 36, 0x1d],
  [40, 62, 0x19], // and an alignment
  [63, 64, 0x1d],
  [65, 65, 0x17],
  [66, 66, 0x1d],
  [67, 67, 0x41],
  [68, 68, 0x81],
])
  follows.fill(what, from, to + 1);

export function leb(number) {
  const bytes = [];
  for (; number > 127; number >>>= 7) bytes.push((number & 127) | 128);
  return [...bytes, number];
}

/** Reads bytes from `at` on. */
export function reader(bytes, at = 0) {
  const byte = () => bytes[at++];
  const number = () => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const next = byte();
      value += (next & 127) * 2 ** shift;
      if (next < 128) return value;
    }
  };
  return {
    byte,
    number,
    at: () => at,
    take: (length) => [...bytes.subarray(at, (at += length))],
    /** So many of them as a number says. */
    many: (item) => Array.from({ length: number() }, (_, i) => item(i)),
  };
}

/** Calls `each` for every instruction from `at` on: its opcode, where it is, its numbers, of which kind and where each is. */
export function instructions(bytes, at, each) {
  const read = reader(bytes, at);
  while (read.at() < bytes.length) {
    const start = read.at();
    const opcode = read.byte();
    // Up to 0xc4: the first WebAssembly and the sign extensions. With 252: conversions, memory.copy and memory.fill.
    const what = follows[opcode];
    let known =
      opcode < 6 || (opcode > 10 && opcode < 18) || opcode === 26 || opcode === 27 || (opcode > 31 && opcode < 37);
    known ||= (opcode > 39 && opcode < 0xc5) || opcode === 252;
    let kind = what & 15;
    let count = what >> 4;
    const numbers = [];
    const number = () => {
      const from = read.at();
      const value = kind < 4 ? read.byte() : read.number();
      numbers.push({ kind, value, from, to: read.at() });
      return value;
    };
    if (opcode > 39 && opcode < 63) read.number();
    if (opcode === 14) count += number();
    if (opcode === 252) {
      kind = 13;
      const second = number();
      known = second < 8 || second === 10 || second === 11;
      count = second > 9 ? 12 - second : 0;
    }
    // A block's type is none, or a byte: no number of a type.
    while (count--) known &&= number() > 63 || what !== 0x10;
    if (!known) throw new Error(`pkg/unpack.wat does not know the opcode ${opcode}.`);
    each(opcode, start, numbers, read.at());
  }
}

/**
 * @param {Uint8Array} module
 * @returns {Uint8Array} the same module with other numbers
 */
export function arrange(module) {
  const sections = [];
  const all = reader(module, 8);
  while (all.at() < module.length) {
    const id = all.byte();
    sections.push([id, Uint8Array.from(all.take(all.number()))]);
  }
  const section = (id) => reader(sections.find(([found]) => found === id)?.[1] ?? Uint8Array.of(0));
  const name = (read) => read.many(read.byte);

  let read = section(TYPES);
  const types = read.many(() => [read.byte(), read.many(read.byte), read.many(read.byte)]);
  read = section(IMPORTS);
  const imports = read.many(() => {
    const imported = [name(read), name(read), read.byte(), read.number()];
    if (imported[2]) throw new Error("Something that is no function is imported.");
    return imported;
  });
  read = section(FUNCTIONS);
  const typeOf = read.many(read.number);
  read = section(CODE);
  const bodies = read.many((i) => inOrder(Uint8Array.from(name(read)), types[typeOf[i]][1].length));

  const byName = (of) => (a, b) => (of(a) < of(b) ? -1 : 1);
  const typeOrder = [...types.keys()].sort(byName((type) => String.fromCharCode(...types[type].flat())));
  const newType = inverse(typeOrder);
  const order = [];
  for (const type of typeOrder)
    alike(
      order,
      [...typeOf.keys()].filter((i) => typeOf[i] === type),
      bodies,
    );
  const newPlace = inverse(order);
  const newFunction = (i) => (i < imports.length ? i : imports.length + newPlace[i - imports.length]);

  const list = (items) => [...leb(items.length), ...items.flat()];
  const rewritten = {
    [TYPES]: () => list(typeOrder.map((i) => [types[i][0], ...list(types[i][1]), ...list(types[i][2])])),
    [IMPORTS]: () =>
      list(imports.map(([from, as, kind, type]) => [...list(from), ...list(as), kind, ...leb(newType[type])])),
    [FUNCTIONS]: () => list(order.map((i) => leb(newType[typeOf[i]]))),
    [EXPORTS]: (read) =>
      list(
        read.many(() => {
          const as = list(name(read));
          const kind = read.byte();
          const i = read.number();
          return [...as, kind, ...leb(kind ? i : newFunction(i))];
        }),
      ),
    [START]: (read) => leb(newFunction(read.number())),
    [ELEMENTS]: (read, bytes) =>
      list(
        read.many(() => {
          const from = read.at();
          // Of table 0, from a constant on.
          if (read.byte() || read.byte() !== 65)
            throw new Error("Functions stand in a table in a way that is not known.");
          read.number();
          read.byte();
          const before = bytes.subarray(from, read.at());
          return [...before, ...list(read.many(() => leb(newFunction(read.number()))))];
        }),
      ),
    [CODE]: () => list(order.map((i) => list([...renamed(bodies[i], newFunction, newType)]))),
  };
  const bytes = sections.map(([id, bytes]) => {
    if (!rewritten[id] && !others.includes(id)) throw new Error(`Section ${id} of the module is not known.`);
    return [id, ...list(rewritten[id] ? rewritten[id](reader(bytes), bytes) : [...bytes])];
  });
  return Uint8Array.from([...module.subarray(0, 8), ...bytes.flat()]);
}

function inverse(order) {
  const places = [];
  order.forEach((item, place) => (places[item] = place));
  return places;
}

/** Where the instructions of a function begin, and its variables: how many of which type. */
function variables(body) {
  const read = reader(body);
  const groups = read.many(() => [read.number(), read.byte()]);
  return { groups, at: read.at() };
}

/** A function with some numbers changed: `change` says to which, or undefined. */
function changed(body, at, before, change) {
  const bytes = [...before];
  instructions(body, at, (opcode, start, numbers, end) => {
    let copied = start;
    numbers.forEach(({ value, from, to }, i) => {
      const other = i ? undefined : change(opcode, value);
      if (other === undefined) return;
      bytes.push(...body.subarray(copied, from), ...leb(other));
      copied = to;
    });
    bytes.push(...body.subarray(copied, end));
  });
  return Uint8Array.from(bytes);
}

const isLocal = (opcode) => opcode > 31 && opcode < 35;

/** The variables of each type are numbered as they come: a new one is mostly the next. */
function inOrder(body, params) {
  const { groups, at } = variables(body);
  const types = [...new Array(params).fill(0), ...groups.flatMap(([count, type]) => new Array(count).fill(type))];
  const seen = new Set();
  instructions(body, at, (opcode, start, [first]) => {
    if (isLocal(opcode) && first.value >= params) seen.add(first.value);
  });
  const order = types.map((_, i) => i).slice(0, params);
  const before = [];
  for (const type of new Set(groups.map(([, type]) => type))) {
    const same = new Set([...seen, ...types.keys()].filter((i) => i >= params && types[i] === type));
    order.push(...same);
    before.push([...leb(same.size), type]);
  }
  const places = inverse(order);
  return changed(body, at, [...leb(before.length), ...before.flat()], (opcode, value) =>
    isLocal(opcode) ? places[value] : undefined,
  );
}

function renamed(body, newFunction, newType) {
  const { at } = variables(body);
  return changed(body, at, body.subarray(0, at), (opcode, value) =>
    opcode === 16 ? newFunction(value) : opcode === 17 ? newType[value] : undefined,
  );
}

/** Adds functions to `order`: behind each the one that has most in common with it, in sequences of three bytes. */
function alike(order, functions, bodies) {
  const sequences = new Map(functions.concat(order.slice(-1)).map((i) => [i, counted(bodies[i])]));
  const common = (a, b) => {
    let sum = 0;
    for (const [sequence, count] of sequences.get(a)) sum += Math.min(count, sequences.get(b).get(sequence) ?? 0);
    return sum / Math.sqrt((bodies[a].length + 3) * (bodies[b].length + 3));
  };
  const left = new Set(functions);
  while (left.size) {
    const last = order.at(-1);
    let best;
    let most = -1;
    for (const i of left) {
      const sum = last === undefined ? 0 : common(last, i);
      if (sum > most) [best, most] = [i, sum];
    }
    order.push(best);
    left.delete(best);
  }
}

function counted(body) {
  const counts = new Map();
  for (let i = 0; i < body.length; i++) {
    const sequence = body[i] | (body[i + 1] << 8) | (body[i + 2] << 16);
    counts.set(sequence, (counts.get(sequence) ?? 0) + 1);
  }
  return counts;
}
