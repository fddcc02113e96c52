// The globals of the vendor's script: `userengage`, `UE`, and what that script does with `window.civchat`. Where its
// widget is on the page too, ours stand in front of it, whichever of the two comes first, and pass on what is not ours.
import { isControl } from "./keep.mjs";
import { explain, userengage as record, visitor } from "./runtime.mjs";

/** Most controls that wait for a widget: it may never come. */
const MOST = 50;

/** What was assigned to `userengage`: the widget's function, and what a page has put around it later. */
const widgets = [];
/** How many of them a call that is being passed on can still reach: one that calls us again means the one behind it. */
let reach;
/** Controls without a widget so far: their arguments. */
const waiting = [];
/** The widget's `UE`. */
let theirs = {};
/** Is one of its methods running for ours? What it calls then is its own. */
let within = false;
/** The `civchat` that was met last, and the key that we wrote onto it. */
let met;
let userKey;
let greeted = false;

function userengage(kind, payload) {
  if (isControl(kind)) return pass(this, arguments);
  if (within) return;
  record(kind, payload);
  meet(kind == "UE.resetAuth");
}

/** To the widget as it is, and its answer back. */
function pass(self, args) {
  const place = (reach == null ? widgets.length : reach) - 1;
  if (place < 0) {
    explain({ topic: "control", kind: args[0] });
    if (waiting.length < MOST) waiting.push(args);
    return;
  }
  const before = reach;
  reach = place;
  try {
    return widgets[place].apply(self, args);
  } finally {
    reach = before;
  }
}

const own = Object.create(null);
for (const name of ["pageHit", "resetAuth", "destroy", "init", "refresh"])
  own[name] = (...args) => {
    if (within) return;
    userengage(`UE.${name}`, args[0]);
    // The widget would count a page view too. The other methods are about its window, and who may read it.
    if (name == "pageHit" || typeof theirs[name] != "function") return;
    within = true;
    try {
      return theirs[name](...args);
    } finally {
      within = false;
      // It may have taken its globals away, and ours with them.
      front();
    }
  };

const UE = new Proxy(own, {
  get: (_, name) => own[name] || theirs[name],
  has: (_, name) => name in own || name in theirs,
  set: (_, name, value) => Reflect.set(theirs, name, value),
});

function stand(name, ours, adopt) {
  const found = window[name];
  if (found === ours) return;
  // The snippet has kept what was assigned meanwhile.
  adopt(found && found.kept ? found.kept.theirs : found);
  const set = (value) => value === ours || adopt(value);
  // A global that was declared with `var` cannot be watched. It can be assigned.
  if (!Reflect.defineProperty(window, name, { configurable: true, enumerable: true, get: () => ours, set }))
    Reflect.set(window, name, ours);
}

/** Takes the place in front. Again after the page's scripts have run: a declared function replaces an accessor. */
function front() {
  stand("userengage", userengage, (widget) => {
    if (typeof widget != "function") return void widgets.splice(0);
    widgets.push(widget);
    const controls = waiting.splice(0);
    // In a task of its own: it is being set up.
    setTimeout(() => {
      for (const args of controls)
        try {
          pass(window, args);
        } catch {
          // The widget's own.
        }
    });
  });
  stand("UE", UE, (value) => (theirs = Object(value)));
}

/**
 * Does for `civchat` what the widget does: writes the visitor's key onto it, where it has none and takes one, and calls
 * `onLoad` once when the page has loaded, if there is no widget to do so. It is live: it is looked at with each call,
 * and when the page's document and then the page has loaded.
 */
function meet(anew) {
  try {
    const who = window.civchat;
    // Not left to the exception: making one takes longer than a call.
    if (!who) return;
    if (!greeted && !widgets.length && document.readyState == "complete" && typeof who.onLoad == "function") {
      greeted = true;
      setTimeout(async () => {
        try {
          await who.onLoad();
        } catch {
          // The page's own.
        }
      });
    }
    if (who === met && !anew) return;
    const key = visitor(meet);
    if (!key) return;
    if (!who.userKey || who.userKey === userKey) who.userKey = key;
    userKey = key;
    met = who;
  } catch {
    // Frozen, or made of accessors that throw.
  }
}

/**
 * Puts the globals onto the page.
 * @param {object[]} controls calls that the snippet kept for the chat widget
 * @param {object[]} kept where it keeps
 */
export function install(controls, kept = []) {
  for (const { kind, payload } of controls) waiting.push([kind, payload]);
  // A page may hold the snippet's functions: what they are called with goes on to ours, and the exception ends keeping.
  kept.push = ({ kind, payload }) => {
    userengage(kind, payload);
    throw 0;
  };
  front();
  meet();
  for (const name of ["DOMContentLoaded", "load"])
    addEventListener(name, () => {
      front();
      meet();
    });
}
