// The module, made once and guarded: what it throws never reaches the page. Used by every door, knows none of them.
import { decode } from "./decode.mjs";
import * as engine from "./dist/engine.mjs";
import text from "./dist/module.mjs";
import { keep, PREFIX } from "./keep.mjs";

/** Calls that no module took. The snippet's, where it was there before us. */
let kept = [];
/** Set for good once the module trapped: what it holds can no longer be trusted. */
let broken = false;
/** Print every report? */
let debug = false;
const listeners = new Set();

/**
 * Passes a report of the engine on. Listeners are page code: they run in a microtask, after the call that caused the
 * report has returned, so they can neither slow it down nor throw into it.
 */
function hear(report) {
  const { topic } = report;
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
  try {
    engine.initSync(new WebAssembly.Module(decode(text)), trapped);
  } catch (error) {
    trapped(error);
  }
  return !broken;
}

/** Also called by the glue, for what the browser calls by itself: timers, listeners, promises. */
function trapped(error) {
  if (broken) return;
  broken = true;
  const report = { topic: "error", code: "module_trapped" };
  console.error("tillpost", report, error);
  hear(report);
}

/** The same function, which never throws: after a trap `instead` is called, this time and every further time. */
const guarded =
  (call, instead) =>
  (...args) => {
    if (!broken)
      try {
        return call(...args);
      } catch (error) {
        trapped(error);
      }
    return instead?.(...args);
  };

export const userengage = guarded(
  (kind, payload) => engine.userengage(kind, payload),
  (kind, payload) => keep(kept, kind, payload),
);

export const track = guarded(
  (payload) => {
    const { topic, id, errors = [], warnings = [] } = engine.track(payload) || { errors: [{ code: "not_started" }] };
    return topic == "stored" ? { ok: true, id, warnings } : { ok: false, errors, warnings };
  },
  (payload) => {
    keep(kept, "product_event", payload);
    return { ok: false, errors: [{ code: "module_trapped" }], warnings: [] };
  },
);

export const flush = guarded(() => engine.flush());

export const status = guarded(
  () => engine.status(),
  () => ({ state: "broken", queued: kept.length }),
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
  const started = engine.start(options, hear);
  if (started) replay();
  return started;
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
  for (const { id, t, address, identity, kind, payload } of [...calls.values()].sort((a, b) =>
    a.id < b.id ? -1 : 1,
  )) {
    engine.replay(id, t, `${address}`, identity, kind, payload);
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
