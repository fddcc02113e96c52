// Keeps calls for which there is no module: not there yet, or broken. In memory, and in storage for the next page.
// The snippet is this file and a few lines, so it stays small: what is kept is judged later, by the engine.

/** Storage keys of kept calls. The engine's own records have `tillpost:1:`. */
export const PREFIX = "tillpost:0:";

/** The most calls that one page keeps, and the most that storage holds of all pages: a script may never come. */
const MOST = 500;

/**
 * @param {object[]} kept where the call is added
 * @param {unknown} kind
 * @param {unknown} payload copied here: the page may change it as soon as this returns
 * @param {object} [options] the page's
 * @returns {string | undefined} the call's id, if it is kept
 */
export function keep(kept, kind, payload, options) {
  let id;
  let t = 0;
  try {
    t = +Date.now() || t;
  } catch {
    // Patched, as may be all that is called here. Without a time it is the time at which the engine hears of it.
  }
  try {
    const { consent, globalPrivacyControl } = options || {};
    const denied = consent == "denied" || (globalPrivacyControl && navigator.globalPrivacyControl);
    if (denied || kept[MOST - 1]) return;
    // As the engine makes its ids: they sort by time. Found twice, by two tabs or two pages, it is still one event.
    id = `0${t.toString(36)}`.slice(-9) + (1296 + kept.length).toString(36) + Math.random().toString(36).slice(2);
    const call = { id, t, address: location.href, kind, payload };
    kept.push(call);
    // In the handler of a click in a recommendation panel: whose it is.
    call.panel = window.event?.target?.closest?.("[data-recommendation-token]")?.dataset;
    // Live, and sometimes made of accessors that throw.
    const { user_id, email } = window.civchat || {};
    call.identity = { user_id, email };
    const text = JSON.stringify(call, (_, value) => (typeof value == "bigint" ? value + "" : value));
    const copied = JSON.parse(text);
    if (copied.id == id) {
      call.payload = copied.payload;
      if (consent != "pending") {
        kept.stored = kept.stored ?? Object.keys(localStorage).filter((key) => !key.indexOf(PREFIX)).length;
        if (kept.stored++ < MOST) localStorage.setItem(PREFIX + id, text);
      }
    }
  } catch {
    // Cyclic, unreadable or nowhere to store: what memory holds is what is left.
  }
  return id;
}
