// Reads the module back out of the script's text. Never depends on the page's encoding: the text is printable ASCII
// without quote, backslash and `<`. Against the bytes themselves it costs 2 % after brotli; hex costs 11 %, base64 30 %.
//
// 64 hex digits say which 90 of the 256 byte values are written as one character: a printable one as itself, the others
// as the printable characters left free, in order. The remaining 166 values are `}` or `~` and a character.

/** Is this byte one of the 90 characters of the alphabet? */
export const plain = (byte) => byte > 31 && byte < 125 && byte !== 34 && byte !== 60 && byte !== 92;

/** @param {string} text what scripts/lib/encode.mjs wrote */
export function decode(text) {
  const meaning = new Uint8Array(125);
  const place = new Uint8Array(125);
  const spare = [];
  const foreign = [];
  const rare = [];
  for (let byte = 0, letters = 0; byte < 256; byte++) {
    const single = (parseInt(text[byte >> 2], 16) >> (byte & 3)) & 1;
    if (plain(byte)) {
      place[byte] = letters++;
      single ? (meaning[byte] = byte) : spare.push(byte);
    } else if (single) foreign.push(byte);
    if (!single) rare.push(byte);
  }
  spare.forEach((letter, i) => (meaning[letter] = foreign[i]));

  const bytes = new Uint8Array(text.length);
  let length = 0;
  for (let i = 64; i < text.length; i++) {
    const code = text.charCodeAt(i);
    bytes[length++] = code < 125 ? meaning[code] : rare[(code - 125) * 90 + place[text.charCodeAt(++i)]];
  }
  return bytes.subarray(0, length);
}
