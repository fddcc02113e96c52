// Keeps calls for which there is no module: not there yet, or broken. In memory, and in storage for the next page.
// The snippet is this file and a few lines, so it stays small: what is kept is judged later, by the engine.

/** The window, by a short name. Where there is none, an import alone must not fail. */
export const page = globalThis;

/** Storage keys of kept calls. The engine's own records have `tillpost:1:`. */
export const PREFIX = "tillpost:0:";

/** The most calls that one page keeps, and the most that storage holds of all pages: a script may never come. */
const MOST = 500;

/** One more than the calls that storage holds; unknown at first. */
let stored;

/**
 * Is this kind the chat widget's? src/core/kind.rs has the list of ours. What looks like one of them, and a kind that is
 * no text, is for the engine to judge.
 */
export const isControl = (kind) => typeof kind == "string" && !/^(product|client|event|UE|impressions)/.test(kind);

/**
 * @param {object[]} kept where calls are added; `kept.theirs` is the chat widget's function, if it is there
 * @param {() => object} options the page's
 * @returns a function that keeps a call. The payload is copied: the page may change it as soon as that returns
 */
export const keeper = (kept, options) => (kind, payload) => {
  // `widget.open` and all that the widget is known to take comes behind our kinds in the alphabet.
  if (kept.theirs && kind > "w") return kept.theirs(kind, payload);
  let t = 0;
  try {
    t = +Date.now() || t;
  } catch {
    // Patched, as may be all that is called here. Without a time it is the time at which the engine hears of it.
  }
  try {
    const { consent, globalPrivacyControl } = options() || {};
    if (consent == "denied" || (globalPrivacyControl && navigator.globalPrivacyControl) || kept[MOST - 1]) return;
    // As the engine makes its ids: they sort by time, until 2059. Found twice, by two tabs or two pages, it is still one
    // event.
    const id = `0${t.toString(36)}${1e3 + kept.length}${`${Math.random()}`.slice(2)}`;
    const call = { id, t, address: location.href, kind, payload };
    kept.push(call);
    // In the handler of a click in a recommendation panel: whose it is.
    call.panel = page.event?.target?.closest?.("[data-recommendation-token]")?.dataset;
    // Live, and sometimes made of accessors that throw. Where it is not there, nobody has logged out.
    const { civchat } = page;
    call.identity = civchat && { user_id: civchat.user_id, email: civchat.email };
    const text = JSON.stringify(call, (_, value) => (typeof value == "bigint" ? value + "" : value));
    const copied = JSON.parse(text);
    if (copied.id == id) {
      call.payload = copied.payload;
      if (consent != "pending") {
        stored = stored || Object.keys(localStorage).join().split(PREFIX).length;
        if (stored++ <= MOST) localStorage[PREFIX + id] = text;
      }
    }
  } catch {
    // Cyclic, unreadable or nowhere to store: what memory holds is what is left.
  }
};
