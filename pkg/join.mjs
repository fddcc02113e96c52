// Puts a module together again whose code was sorted by kind: scripts/lib/separate.mjs says why and how. The order of
// what is packed: numbers (functions, lengths of the parts), then the parts: sections before the code, sections after
// it, and the streams below.

/** Streams: 0 opcodes, 1 local variables' types, 2 calls, 3 branches, 4 blocks, 5 local variables, 6 offsets, 7 i32, 8 others. */
export const STREAMS = 9;

/** What follows each opcode from 0 to 68: see `follow`. `?`: not in our modules. */
export const FOLLOWS = `..444.?????.33t.2c????????..????55588???${"a".repeat(23)}8878fd`;

/**
 * Goes through what follows an opcode, and nothing where that is nothing.
 * @param {number} opcode of two bytes: the second one + 256
 * @param number called with the stream of each number
 * @param raw called with the length of a float's bytes, which are in the last stream
 * @param zero called for an alignment, which is a hint that engines do not need
 */
export function follow(opcode, number, raw, zero) {
  const what = FOLLOWS[opcode] || (opcode == 266 ? "m" : opcode == 267 ? "8" : ".");
  if (what == "a") {
    zero();
    number(6);
  } else if (what == "c") {
    number(2);
    number(8);
  } else if (what == "m") {
    number(8);
    number(8);
  } else if (what == "t") for (let targets = number(3); targets-- >= 0;) number(3);
  else if (what == "f") raw(4);
  else if (what == "d") raw(8);
  else if (what != ".") number(+what);
}

/** @param {Uint8Array} packed @returns {Uint8Array} the module */
export function join(packed) {
  let at = 0;
  const number = () => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = packed[at++];
      value |= (byte & 127) << shift;
      if (byte < 128) return value;
    }
  };
  const functions = number();
  const lengths = Array.from({ length: STREAMS + 2 }, number);
  const [before, after, ...places] = lengths.map((length) => (at += length) - length);

  const body = new Uint8Array(packed.length);
  let length = 0;
  const copy = (stream) => {
    const first = packed[places[stream]];
    do body[length++] = packed[places[stream]];
    while (packed[places[stream]++] > 127);
    return first;
  };
  const op = () => (body[length++] = packed[places[0]++]);
  const raw = (count) => {
    while (count--) body[length++] = packed[places[8]++];
  };
  const zero = () => (body[length++] = 0);

  // Alignments come back, and the length of each function: the module is longer than what was packed.
  const code = new Uint8Array(packed.length * 2);
  let end = 0;
  const append = (value) => {
    for (; value > 127; value >>>= 7) code[end++] = value | 128;
    code[end++] = value;
  };
  append(functions);
  for (let i = 0; i < functions; i++) {
    length = 0;
    for (let groups = copy(1); groups--; copy(1)) copy(1);
    for (let depth = 1; depth;) {
      let opcode = op();
      if (opcode > 1 && opcode < 5) depth++;
      if (opcode == 11) depth--;
      if (opcode == 252) opcode = 256 + op();
      follow(opcode, copy, raw, zero);
    }
    append(length);
    code.set(body.subarray(0, length), end);
    end += length;
  }

  const size = end;
  append(size);
  const parts = [
    packed.subarray(before, before + lengths[0]),
    [10],
    code.subarray(size, end),
    code.subarray(0, size),
    packed.subarray(after, after + lengths[1]),
  ];
  let total = 0;
  const module = new Uint8Array(parts.reduce((total, part) => total + part.length, 0));
  end = 0;
  for (const part of parts) {
    module.set(part, end);
    end += part.length;
  }
  return module;
}
