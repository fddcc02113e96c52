// The module, made once and guarded: what it throws never reaches the page. Used by every door, knows none of them.
import { copy, quote } from "./copy.mjs";
import * as engine from "./dist/engine.mjs";
import { host, listen } from "./host.mjs";
import { eraseMirror, FORGOTTEN } from "./mirror.mjs";
import { isControl, keeper, PREFIX } from "./keep.mjs";
import { parse } from "./native.mjs";
import { acted, arrival, connect, look, watch } from "./panel.mjs";
import { keysOf, read, RECORD, remove, VISITOR } from "./storage.mjs";
import { unpack } from "./unpack.mjs";

/** The options, with the consent that was chosen since. */
let chosen;
/** Calls that no module took. */
const kept = [];
const keep = keeper(kept, () => chosen);
/** Does what is left of the start at once, while something is left. */
let finish;
/**
 * "loading" while the module is unpacked or the JavaScript build is fetched; "ready" with a module that waits for usable
 * options; "alive" once the engine runs; "broken" for good once it trapped, because what it holds can no longer be
 * trusted, or cannot be had.
 */
let module;
/** In debug mode, prints a report. */
let debug;
/** The report of the call that is being made. */
let answer;
const listeners = new Set();
/** Errors that nobody was there to hear, those of the options among them: the first who listens gets them. */
const unheard = [];

/**
 * Passes a report of the engine on. Listeners are page code: they run in a microtask, after the call that caused the
 * report has returned, so they can neither slow it down nor throw into it.
 */
function hear(report, error) {
  const { topic } = report;
  if (/stored|rejected/.test(topic)) answer = answer || report;
  debug?.(report, error);
  let heard = topic != "error" || unheard.length > 20;
  for (const listener of listeners)
    if (listener.topic == topic) {
      heard = true;
      queueMicrotask(() => listener.call(report));
    }
  if (!heard) unheard.push(report);
}

/** @returns a function that takes the listener away again */
export function on(topic, call) {
  const listener = { topic, call };
  listeners.add(listener);
  if (topic == "error") for (const report of unheard.splice(0)) queueMicrotask(() => call(report));
  return () => void listeners.delete(listener);
}

/** What is to be done when the engine runs. */
let begun;

/** The visitor's id, once there is one: asking for it hurries nobody. @param {() => void} work done when there is */
export const visitor = (work) => {
  begun = work;
  return module == "alive" && status().visitor;
};

/** In debug mode, says what no listener hears. */
export const explain = (report) => debug?.(report);

function make(instantiate) {
  engine.initSync(instantiate, trapped);
  module = "ready";
}

/** Also called by the glue, for what the browser calls by itself: promises. */
function trapped(error, code = "module_trapped") {
  if (module == "broken") return;
  module = "broken";
  hear({ topic: "error", code }, error);
}

/** The same function, which never throws: without a module, before the start or after a trap, `instead` is called. */
const guarded =
  (call, instead) =>
  (...args) => {
    finish?.();
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
  const parts = [copy(kind), copy(payload), identity(window, "civchat")];
  look();
  // Only now: copying runs page code, which may have called us.
  answer = undefined;
  // The page is the one that the engine knows of; no id and no time: the call is made now.
  tell("call", ...parts, '""', '""', 0, acted());
  return answer;
}

export const userengage = guarded(
  (kind, payload) => void call(kind, payload),
  (kind, payload) => void keep(kind, payload),
);

export const track = guarded(
  (payload) => {
    const report = call("product_event", payload) || { errors: [{ code: "rate_limited" }] };
    const { topic, id, errors = [], warnings = [] } = report;
    return topic == "stored" ? { ok: true, id, warnings } : { ok: false, errors, warnings };
  },
  (payload) => {
    const { length } = kept;
    if (/loading|broken/.test(module)) keep("product_event", payload);
    // Judged when the module is there.
    if (kept[length] && module == "loading") return { ok: true, id: kept[length].id, warnings: [] };
    return { ok: false, errors: [{ code: module == "broken" ? "module_trapped" : "not_started" }], warnings: [] };
  },
);

export const flush = guarded(() => tell("flush"));

const choose = guarded((consent) => (tell("consent", copy(consent)), true));

/** What the visitor has chosen: "granted", "pending" or "denied". */
export function setConsent(consent) {
  chosen = { ...chosen, consent };
  // Also without a module calls are kept.
  if (!choose(consent) && consent == "denied") erase(`${RECORD}${chosen.app}:`);
}

export const status = guarded(
  () => {
    const [state, storage, visitor, consent, version, queued, dropped, failures] = engine.status();
    return { state, storage, visitor, consent, version, queued, dropped, failures };
  },
  () => module && { state: module, queued: kept.length },
);

/**
 * Makes the module and starts it.
 * @param {object} options
 * @param {(name: "nowasm" | "debug") => Promise<object>} fetch fetches what most pages never need: the JavaScript build,
 *   where WebAssembly is not to be had (a CSP without `'wasm-unsafe-eval'`, an old engine, Safari's lockdown mode; calls are
 *   kept until it is there), and the words of debug mode
 * @param {object[]} [early] the calls that the snippet kept
 * @param {boolean} [patient] may the page go on first?
 * @returns whether events can be delivered with these options, as far as that is known now
 */
export function start(options, fetch, early = [], patient = false) {
  const { debug: talks, wasm: allowed, consent } = Object(options);
  if (talks && !debug) {
    // Without the words, the bare reports.
    const words = fetch("debug").then(
      ({ explain }) => explain,
      () => console.info,
    );
    debug = (...what) => void words.then((explain) => explain(...what));
  }
  kept.push(...early.splice(0));
  chosen = options;
  if (!module) {
    module = "loading";
    watch(() => finish?.());
    try {
      if (allowed === false) throw allowed;
      // What the visitor refused is erased now.
      unpackFor(fetch, patient && consent != "denied");
    } catch {
      later(fetch);
    }
  }
  return module == "loading" || begin();
}

/**
 * Unpacking takes longer than all else at the start. With patience it is done in idle moments, a little at a time; whoever
 * needs the module before has it done at once.
 */
function unpackFor(fetch, patient) {
  const step = unpack();
  let bytes;
  finish = () => {
    finish = undefined;
    while (!bytes) bytes = step();
    try {
      // Compiling it on the main thread is allowed for one this small.
      make((imports) => new WebAssembly.Instance(new WebAssembly.Module(bytes), imports).exports);
    } catch {
      return later(fetch);
    }
    if (patient) begin();
  };
  if (!patient) return finish();
  const part = () => {
    if (bytes) return finish?.();
    // Nobody waits for a hidden page, and its idle moments are rare.
    for (let steps = document.hidden ? 1e6 : 100; finish && !bytes && steps--;) bytes = step();
    if (finish) idle(part);
  };
  idle(part);
}

/** Safari has no `requestIdleCallback`; a timer takes what is no number as no time. */
const idle = (work) => (window.requestIdleCallback || setTimeout)(work, { timeout: 100 });

async function later(fetch) {
  try {
    make((await fetch("nowasm")).default);
  } catch (error) {
    return trapped(error, "module_unavailable");
  }
  begin();
}

function begin() {
  const first = module == "ready";
  if (!first && module != "alive") return false;
  const [address, again] = arrival();
  const { onLine, globalPrivacyControl } = navigator;
  const message = [
    copy(chosen),
    address,
    onLine,
    ...seed(),
    again,
    cookie(),
    !!globalPrivacyControl,
    document.hidden,
    copy(read(VISITOR)),
  ];
  try {
    // Already now: the browser may answer at once that it has no locks.
    module = "alive";
    const told = guarded(tell);
    const started = engine.start(`[${message}]`, host(told, hear, replay, erase));
    if (!first) return started;
    if (started) {
      listen(told);
      connect({ tell: told, link: guarded(engine.link) });
      begun?.();
    } else module = "ready";
    return started;
  } catch (error) {
    trapped(error);
    return false;
  }
}

/** The visitor's key, where the shop's backend or the vendor's widget has set its cookie. We set none. */
function cookie() {
  try {
    return copy(/(?:^|; )__ca__chat=([^;]*)/.exec(document.cookie)[1]);
  } catch {
    // It has none, or the page is sandboxed.
    return '""';
  }
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
  for (const key of keysOf(PREFIX)) {
    try {
      const call = parse(read(key));
      if (PREFIX + call.id == key) calls.set(call.id, call);
    } catch {
      // Not ours any more, or not readable: it stays where it is.
    }
  }
  for (const call of kept.splice(0)) calls.set(call.id, call);
  for (const call of [...calls.values()].sort((a, b) => (a.id < b.id ? -1 : 1))) {
    const { id, t, address, kind, payload, panel = {} } = call;
    // Controls of the chat widget are not for the engine; those of another page are for nobody.
    if (!isControl(kind))
      tell(
        "call",
        copy(kind),
        copy(payload),
        identity(call, "identity"),
        quote(`${address}`),
        copy(id),
        copy(t),
        copy([panel.recommendationToken, panel.recommendationPanel]),
      );
    // Where that fails it is found again, and sent again under the same id.
    remove(PREFIX + id);
  }
}

/** The visitor has refused: nothing of ours stays. */
function erase(prefix) {
  kept.splice(0);
  keysOf(PREFIX, prefix, VISITOR, FORGOTTEN).forEach(remove);
  eraseMirror();
}
