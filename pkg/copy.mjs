// JavaScript's values, copied into text that src/core/value.rs reads: JSON, and a word for what JSON cannot say. Reads,
// and judges nothing.
//
// Reading runs page code: getters, Proxies, `toJSON`. It may throw, call us again, or never end by itself; so every read
// is caught, and depth, number and length are bounded. One text is also what crosses into the module fastest.

/** As in src/core/limits.rs, which says why. */
const DEPTH = 8;
const VALUES = 2000;
const PAYLOAD_CHARS = 24 * 1024;

const TOO_LARGE = "large";

/** A text in quotes, as JSON has it. Not by `JSON.stringify`: pages patch it, and one that throws would cost the event. */
export const quote = (text) =>
  `"${text.replace(/["\\\0-\x1f]/g, (character) => `\\u${character.charCodeAt().toString(16).padStart(4, 0)}`)}"`;

/** @returns {string} a copy of `value` */
export function copy(value) {
  /** What may still be read. */
  let values = VALUES;
  let chars = PAYLOAD_CHARS;

  /** A part that cannot be read is left out alone; the rest of the payload stays. */
  function part(owner, key, depth) {
    try {
      return write(owner[key], depth);
    } catch {
      return "unreadable";
    }
  }

  function write(value, depth) {
    if (!values) return TOO_LARGE;
    values--;
    const type = typeof value;
    if (type == "string") return text(value);
    if (type == "bigint") return `${value}n`;
    // A number's text is JSON's, `NaN` and infinities are not; a function or a symbol is none of ours.
    if (type != "object" || !value) return type == "function" || type == "symbol" ? type : `${value}`;
    if (!depth) return "deep";
    depth--;
    // A date, an address, a moment: what says itself how it is written down.
    const { toJSON } = value;
    if (typeof toJSON == "function") return write(toJSON.call(value), depth);
    if (Array.isArray(value)) return array(value, depth);
    // By name: an object of another frame is no instance of this frame's classes.
    const kind = {}.toString.call(value).slice(8, -1);
    if (/^(String|Number|Boolean)$/.test(kind)) return write(value.valueOf(), depth);
    if (/^(Map|Set)$/.test(kind) && value.size > values) return TOO_LARGE;
    if (kind == "Map") return fields(Object.fromEntries(value), depth);
    if (kind == "Set") return array([...value], depth);
    return fields(value, depth);
  }

  /** What is too long is not even copied. */
  function text(value) {
    if (value.length > chars) return TOO_LARGE;
    chars -= value.length;
    return quote(value);
  }

  function array(value, depth) {
    const length = +value.length;
    if (length > values) return TOO_LARGE;
    const items = [];
    for (let i = 0; i < length; i++) items.push(part(value, i, depth));
    return `[${items}]`;
  }

  function fields(value, depth) {
    const keys = Object.keys(value);
    if (keys.length > values) return TOO_LARGE;
    const written = keys.map((key) => {
      const name = text(key);
      // A key that is too long is a name that is too long: the value is left out under what can be said of it.
      return name == TOO_LARGE ? `"":${name}` : `${name}:${part(value, key, depth)}`;
    });
    return `{${written}}`;
  }

  return part([value], 0, DEPTH + 1);
}
