// What localStorage holds of ours. Where it is blocked it holds nothing.
import { getItem, removeItem } from "./native.mjs";

/** What the keys of the engine's records begin with. */
export const RECORD = "tillpost:1:";
/** The key of the visitor. */
export const VISITOR = "tillpost:visitor";

export const read = (key) => {
  try {
    return getItem.call(localStorage, key);
  } catch {
    // Blocked.
  }
};

export const remove = (key) => {
  try {
    removeItem.call(localStorage, key);
  } catch {
    // A record is found again, sent again, and answered as a duplicate.
  }
};

/** All keys. `Object.keys` asks about each of them, and takes three times as long. */
export const names = (storage) => Object.getOwnPropertyNames(storage);

/** The keys that begin with one of these. */
export const keysOf = (...prefixes) => {
  try {
    return names(localStorage).filter((key) => prefixes.some((prefix) => key.startsWith(prefix)));
  } catch {
    return [];
  }
};

/** A text as a line of a list. No text that we wrote has a line break in it. */
export const oneLine = (text) => text.replace(/\n/g, " ");
