// The shop's own memory in localStorage. Blocked or broken storage means an empty shop, never a broken page.

const PREFIX = "shop:";
const changed = new EventTarget();

export function read(key, fallback) {
  try {
    return JSON.parse(localStorage.getItem(PREFIX + key)) ?? fallback;
  } catch {
    return fallback;
  }
}

export function write(key, value) {
  try {
    localStorage.setItem(PREFIX + key, JSON.stringify(value));
  } catch {
    // Full or blocked: this page goes on with what it shows.
  }
  changed.dispatchEvent(new Event("change"));
}

/** Calls `fn` after each change, in this tab or another, and when the page comes back from the back-forward cache. */
export function onChange(fn) {
  changed.addEventListener("change", fn);
  addEventListener("storage", (event) => (event.key === null || event.key.startsWith(PREFIX) ? fn() : undefined));
  addEventListener("pageshow", (event) => event.persisted && fn());
}
