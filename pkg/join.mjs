// Puts a module together again whose code was sorted by kind: scripts/lib/separate.mjs says why and how. The order of
// what is packed: numbers (functions, lengths of the parts), then the parts: sections before the code, sections after
// it, and the streams below.
//
// This runs once on every page, before a JIT knows it: no call for each opcode, one loop.

/** Streams: 0 opcodes, 1 types of local variables, 2 calls, 3 branches, 4 blocks, 5 local variables, 6 offsets, 7 i32, 8 others. */
export const STREAMS = 9;

/**
 * What follows each opcode. 1 to 8: one number of that stream. `a`: an alignment, which is a hint that engines do not
 * need and is 0, and an offset. `c`: an indirect call's type and table. `t`: a table of branches. `f`, `d`: a float. `?`:
 * not in our modules. All opcodes from 69 on are followed by nothing, but for 252, which says itself what follows.
 */
export const FOLLOWS = `004440?????033t02c????????00????55588???${"a".repeat(23)}8878fd`;

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
  // As numbers: 1 to 8 for streams, above them the rest.
  const follows = new Uint8Array(256);
  for (let opcode = 0; opcode < 69; opcode++) follows[opcode] = parseInt(FOLLOWS[opcode], 36) || 0;
  follows[252] = 99;

  // Alignments come back, and the length of each function: the module is longer than what was packed.
  const code = new Uint8Array(packed.length * 2);
  const body = new Uint8Array(packed.length * 2);
  let end = 0;
  const append = (value) => {
    for (; value > 127; value >>>= 7) code[end++] = value | 128;
    code[end++] = value;
  };
  let length = 0;
  /** Copies one number of a stream, and answers it as far as it has one byte. */
  const copy = (stream) => {
    let byte;
    do body[length++] = byte = packed[places[stream]++];
    while (byte > 127);
    return byte;
  };
  append(functions);
  for (let i = 0; i < functions; i++) {
    length = 0;
    for (let groups = copy(1); groups--; copy(1)) copy(1);
    for (let depth = 1, opcodes = places[0]; depth; places[0] = opcodes) {
      const opcode = packed[opcodes++];
      body[length++] = opcode;
      let what = follows[opcode];
      if (opcode == 11) depth--;
      if (what == 4) depth++;
      if (what == 10) {
        body[length++] = 0;
        what = 6;
      }
      if (what > 8) {
        if (what == 12) {
          copy(2);
          copy(8);
        } else if (what == 29) for (let targets = copy(3); targets-- >= 0;) copy(3);
        else if (what == 99) {
          const second = packed[opcodes++];
          body[length++] = second;
          for (let zeros = second == 10 ? 2 : second == 11; zeros--;) copy(8);
        } else for (let bytes = what == 15 ? 4 : 8; bytes--;) body[length++] = packed[places[8]++];
      } else if (what) {
        let from = places[what];
        let byte;
        do body[length++] = byte = packed[from++];
        while (byte > 127);
        places[what] = from;
      }
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
  const module = new Uint8Array(parts.reduce((total, part) => total + part.length, 0));
  end = 0;
  for (const part of parts) {
    module.set(part, end);
    end += part.length;
  }
  return module;
}
