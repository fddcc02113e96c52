// What the browser does for the module: events, a timer, the lock, storage and its mirror. Decides nothing: what happens
// becomes a message for the engine, and the engine says what is to be done.
import { quote } from "./copy.mjs";
import { mirror } from "./mirror.mjs";
import { answerOf, getItem, parse, removeItem, setItem } from "./native.mjs";
import { names, oneLine, read, VISITOR } from "./storage.mjs";

/** An item that is written and read back, once. */
const PROBE = "tillpost:";

/** Blocked by the browser's settings, storage throws; so does this where the page's own methods only pretend to store. */
function tried(storage) {
  try {
    setItem.call(storage, PROBE, PROBE);
  } catch {
    // Full: what is in it can still be read.
    return storage;
  }
  if (getItem.call(storage, PROBE) != PROBE) throw PROBE;
  removeItem.call(storage, PROBE);
  return storage;
}

/**
 * @param {(...parts: string[]) => void} tell hands the engine a message: its name, and values as pkg/copy.mjs writes them
 * @param {(report: object) => void} hear takes every report
 * @param {() => void} replay hands the engine the calls that were kept
 * @param {(prefix: string) => void} erase removes what the door has stored, and all items with this prefix
 */
export function host(tell, hear, replay, erase) {
  let timer;
  /** What ends our wish for the lock: an abort before it is granted, `release` after. */
  let wish;
  let storage;
  const { copy, forget, recall, discard, leave } = mirror(tell);

  /** Asked for again as long as it throws: a block can be lifted. */
  const working = () => storage || (storage = tried(localStorage));

  /** Lets the lock go, or the wish for it. */
  const resign = () => {
    if (wish) wish.release ? wish.release() : wish.abort();
    wish = undefined;
  };

  /** The Web Lock of the tab that drains for all. It is proof of life: a crashed tab's passes on at once. */
  const lead = async (name) => {
    if (wish) return;
    let own;
    try {
      own = wish = new AbortController();
      const granted = () =>
        // Granted to a page that has let its wish go meanwhile: it is let go at once.
        own == wish &&
        new Promise((release) => {
          own.release = release;
          tell("held");
        });
      await navigator.locks.request(name, { signal: own.signal }, granted);
    } catch {
      // An abort is our own; a refusal is not, and then nobody could lead.
      if (own != wish) return;
      wish = undefined;
      tell("unavailable");
    }
  };

  /** What the engine asks for, in the order of src/browser/host.rs. */
  const acts = [
    (report) => hear(parse(report)),
    forget,
    // Another address for the page, in its own place of the history. A browser that is asked too often throws.
    (address) => history.replaceState(history.state, "", address),
    lead,
    (prefix) => {
      discard();
      erase(prefix);
    },
    resign,
    // The page is left, or must not store any more.
    () => {
      leave();
      resign();
    },
    recall,
    replay,
  ];

  return {
    /** Carries out an effect, by its number. What throws must not pass through the module. */
    act(number, text) {
      try {
        acts[number](text);
      } catch {
        // A console or a `JSON.parse` that the page has replaced.
      }
    },

    /** Stores an item, and copies a record into the mirror. @returns is it in storage? */
    put(key, text, isRecord) {
      let stored = false;
      try {
        setItem.call(working(), key, text);
        stored = true;
      } catch {
        // Blocked or full.
      }
      try {
        if (isRecord) copy(key, stored ? undefined : text);
      } catch {
        // Without a copy: what it needs is patched.
      }
      return stored;
    },

    /** All items of ours, a line for each key and each text: what crosses into the module once is there soon. */
    list(prefix) {
      try {
        const storage = working();
        const lines = [];
        for (const key of names(storage)) {
          const text = key.startsWith(prefix) ? getItem.call(storage, key) : null;
          if (text != null) lines.push(oneLine(key), oneLine(text));
        }
        return lines.join("\n");
      } catch {
        // Blocked.
      }
    },

    /** The engine's one timer. A negative delay is none. */
    wake(delay) {
      clearTimeout(timer);
      if (delay >= 0) timer = setTimeout(tell, delay, "tick");
    },

    /** What a batch is posted with. */
    init(body, keepalive, leaving, crossOrigin) {
      // Cookies would make an endpoint that answers `Access-Control-Allow-Origin: *` unreachable. A redirected POST loses
      // its body, and may lead to another origin.
      const init = { method: "POST", body, keepalive, credentials: "omit", redirect: "error" };
      // To another origin the browser's own `text/plain;charset=UTF-8` stays: it needs no preflight.
      if (!crossOrigin) init.headers = { "Content-Type": "application/json" };
      try {
        // In Firefox a fetch that could be aborted is, when its page ends: last words do without.
        if (!leaving) init.signal = (init.by = new AbortController()).signal;
      } catch {
        // Patched: then it is not aborted.
      }
      return init;
    },

    abort: ({ by }) => by && by.abort(),

    answer: answerOf,
  };
}

/**
 * Tells the engine what the page goes through. No `unload` and no `beforeunload`: they cost the page its place in the
 * back-forward cache.
 */
export function listen(tell) {
  // `pagehide` fires on window only. On a phone neither it nor anything later is sure: hidden is the last sure sign.
  for (const name of ["pagehide", "pageshow", "online", "offline"]) addEventListener(name, () => tell(name));
  document.addEventListener("visibilitychange", () => tell(document.visibilityState));
  // Another tab added an item, or removed one: then it has no new value. What pages of the shop store is not copied.
  addEventListener("storage", ({ key, newValue }) => {
    if (/^tillpost:[1v]/.test(key)) tell("storage", quote(key), newValue ? quote(newValue) : "null");
  });
  // While it was put away it heard nothing: the visitor may be another by now.
  addEventListener("pageshow", ({ persisted }) => {
    const visitor = persisted && read(VISITOR);
    if (visitor) tell("storage", quote(VISITOR), quote(visitor));
  });
}
