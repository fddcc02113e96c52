// JavaScript's values, copied into text that src/core/json.rs reads: JSON, and a word for what JSON cannot say. Reads,
// and judges nothing.
//
// Reading runs page code: getters, Proxies, `toJSON`. It may throw, call us again, or never end by itself; so every read
// is caught, and depth, number and length are bounded. One text is also what crosses into the module fastest.

/** As in src/core/limits.rs, which says why. */
const DEPTH = 8;
const VALUES = 2000;
const PAYLOAD_CHARS = 24 * 1024;

const TOO_LARGE = "large";
/** What JSON cannot say: all but `true`, `false` and `null`. */
const WORD = /^(?!true|false|null)-?\w*[a-z]$/i;

/** A text in quotes, as JSON has it. Not by `JSON.stringify`: pages patch it, and one that throws would cost the event. */
export const quote = (text) =>
  `"${text.replace(/["\\\0-\x1f]/g, (character) => `\\u${character.charCodeAt().toString(16).padStart(4, 0)}`)}"`;

/** @returns {string} a copy of `value` */
export function copy(value) {
  /** What may still be read. */
  let values = VALUES;
  let chars = PAYLOAD_CHARS;

  /** Is it the payload itself that is being read? */
  let outer = true;
  /** The word for what was lost inside of a field of it. */
  let lost;

  /** A part that cannot be read is left out alone; the rest of the payload stays. */
  function part(owner, key, depth) {
    try {
      return write(owner[key], depth);
    } catch {
      lost = "";
      return "unreadable";
    }
  }

  /**
   * A field of the payload, or what is inside of one: that is JSON, as `JSON.stringify` makes it, and what is lost in it is
   * said behind the field. Nothing is what an object leaves out.
   */
  function item(owner, key, depth, ofPayload) {
    if (ofPayload) {
      lost = "";
      return part(owner, key, depth) + lost;
    }
    const text = part(owner, key, depth);
    if (!WORD.test(text)) return text;
    const digits = /^-?\d+/.exec(text);
    if (text != "undefined") lost = digits ? "0n" : text;
    return digits && quote(digits[0]);
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
    const ofPayload = outer;
    outer = false;
    const items = [];
    for (let i = 0; i < length; i++) items.push(item(value, i, depth, ofPayload) || "null");
    return `[${items}]`;
  }

  function fields(owner, depth) {
    const keys = Object.keys(owner);
    if (keys.length > values) return TOO_LARGE;
    const ofPayload = outer;
    outer = false;
    const written = [];
    for (const key of keys) {
      let name = text(key);
      let value;
      if (name != TOO_LARGE) value = item(owner, key, depth, ofPayload);
      // A key that is too long is a name that is too long: the value is left out under what can be said of it.
      else if (ofPayload) [name, value] = ['""', name];
      else lost = name;
      if (value) written.push(`${name}:${value}`);
    }
    return `{${written}}`;
  }

  return part([value], 0, DEPTH + 1);
}
