// The module, made once and guarded: what it throws never reaches the page. Used by every door, knows none of them.
import { copy } from "./copy.mjs";
import { decode } from "./decode.mjs";
import * as engine from "./dist/engine.mjs";
import text from "./dist/module.mjs";
import { host, listen } from "./host.mjs";
import { join } from "./join.mjs";
import { keep, PREFIX } from "./keep.mjs";

/** Calls that no module took. The snippet's, where it was there before us. */
let kept = [];
/** "alive" while there is a module; "broken" for good once it trapped: what it holds can no longer be trusted. */
let module;
let listening = false;
/** Print every report? */
let debug = false;
/** The report of the call that is being made. */
let answer;
const listeners = new Set();

/**
 * Passes a report of the engine on. Listeners are page code: they run in a microtask, after the call that caused the
 * report has returned, so they can neither slow it down nor throw into it.
 */
function hear(report) {
  const { topic } = report;
  if (/stored|rejected/.test(topic)) answer = answer || report;
  if (debug) console[/stored|sent/.test(topic) ? "info" : "warn"]("tillpost", report);
  for (const listener of listeners) if (listener.topic == topic) queueMicrotask(() => listener.call(report));
}

/** @returns a function that takes the listener away again */
export function on(topic, call) {
  const listener = { topic, call };
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

/** @returns whether the module is there. Compiling it on the main thread is allowed for one this small. */
function load() {
  if (!module)
    try {
      engine.initSync(new WebAssembly.Module(join(decode(text))), trapped);
      module = "alive";
    } catch (error) {
      trapped(error);
    }
  return module == "alive";
}

/** Also called by the glue, for what the browser calls by itself: promises. */
function trapped(error) {
  if (module == "broken") return;
  module = "broken";
  const report = { topic: "error", code: "module_trapped" };
  console.error("tillpost", report, error);
  hear(report);
}

/** The same function, which never throws: without a module, before the start or after a trap, `instead` is called. */
const guarded =
  (call, instead) =>
  (...args) => {
    if (module == "alive")
      try {
        return call(...args);
      } catch (error) {
        trapped(error);
      }
    return instead?.(...args);
  };

/** Hands the engine a message: its name, and values as text. */
const tell = (name, ...parts) => engine.tell(`[${[`"${name}"`, ...parts]}]`);

/** Who is logged in. Read when a call is made, never kept: `civchat` may come late, be swapped, or throw. */
const identity = (owner, name) => {
  try {
    const who = owner[name];
    if (!who) return "undefined";
    return copy({
      get user_id() {
        return who.user_id;
      },
      get email() {
        return who.email;
      },
    });
  } catch {
    return "undefined";
  }
};

/** @returns the report of the call */
function call(kind, payload) {
  const parts = [copy(kind), copy(payload), identity(window, "civchat"), JSON.stringify(location.href)];
  // Only now: copying runs page code, which may have called us.
  answer = undefined;
  tell("call", ...parts);
  return answer;
}

export const userengage = guarded(
  (kind, payload) => void call(kind, payload),
  (kind, payload) => keep(kept, kind, payload),
);

export const track = guarded(
  (payload) => {
    const report = call("product_event", payload) || { errors: [{ code: "not_started" }] };
    const { topic, id, errors = [], warnings = [] } = report;
    return topic == "stored" ? { ok: true, id, warnings } : { ok: false, errors, warnings };
  },
  (payload) => {
    if (module) keep(kept, "product_event", payload);
    return { ok: false, errors: [{ code: module ? "module_trapped" : "not_started" }], warnings: [] };
  },
);

export const flush = guarded(() => tell("flush"));

export const status = guarded(
  () => engine.status(),
  () => module && { state: "broken", queued: kept.length },
);

/**
 * Makes the module and starts it.
 * @param {object} options
 * @param {object[]} [early] the calls that the snippet kept
 * @returns whether events can be delivered with these options
 */
export function start(options, early = kept) {
  kept = early;
  debug = !!options.debug;
  return load() && !!guarded(begin)(options);
}

function begin(options) {
  const message = [copy(options), JSON.stringify(location.href), navigator.onLine, ...seed()];
  const started = engine.start(`[${message}]`, host(guarded(tell), hear));
  if (started && !listening) {
    listening = true;
    listen(guarded(tell));
    replay();
  }
  return started;
}

/** Where the browser has no `crypto`, `Math.random` is good enough for ids and jitter. */
function seed() {
  const numbers = new Uint32Array(2);
  try {
    return crypto.getRandomValues(numbers);
  } catch {
    return numbers.map(() => Math.random() * 2 ** 32);
  }
}

/** Calls that were kept on this page, and those of pages that were left before their module was there. */
function replay() {
  const calls = new Map();
  for (const key of storedKeys()) {
    try {
      const call = JSON.parse(localStorage.getItem(key));
      if (PREFIX + call.id == key) calls.set(call.id, call);
    } catch {
      // Not ours any more, or not readable: it stays where it is.
    }
  }
  for (const call of kept.splice(0)) calls.set(call.id, call);
  for (const call of [...calls.values()].sort((a, b) => (a.id < b.id ? -1 : 1))) {
    const { id, t, address, kind, payload } = call;
    tell(
      "call",
      copy(kind),
      copy(payload),
      identity(call, "identity"),
      JSON.stringify(`${address}`),
      copy(id),
      copy(t),
    );
    try {
      localStorage.removeItem(PREFIX + id);
    } catch {
      // It is found again, and sent again under the same id.
    }
  }
}

function storedKeys() {
  try {
    return Object.keys(localStorage).filter((key) => key.startsWith(PREFIX));
  } catch {
    return [];
  }
}
