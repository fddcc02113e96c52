// What the module needs of a page that may have patched it. References are taken once, when the script runs: what is
// patched later does not reach us. What was patched before may throw, or answer with something else; that must be a
// failure that the engine knows, because an exception that passes through the module leaves it in a broken state.
const native = globalThis.fetch;
const { now, parse } = Date;
// Elsewhere than in a browser there is none, and an import alone must not fail.
export const { getItem, removeItem, setItem } = globalThis.Storage?.prototype ?? {};

/**
 * @param {Request & { init: RequestInit }} request only lends its address: every Request has a signal, and Firefox ends a
 * fetch that has one together with its page, `keepalive` or not (ESR 153; a page that held a lock, or left for another site)
 * @returns {Promise<Response>}
 */
export async function fetch({ url, init }) {
  const response = await native(url, init);
  if (response instanceof Response) return response;
  throw new TypeError("fetch did not answer with a Response");
}

/** As `promise.then(fulfilled, rejected)`, which is a method that pages patch. `await` asks no page code. */
export async function settle(promise, fulfilled, rejected) {
  let value;
  try {
    value = await promise;
  } catch (error) {
    return rejected(error);
  }
  fulfilled(value);
}

/** The date that an HTTP header holds, in milliseconds since 1970; 0 or NaN where it is none. */
export function parseDate(text) {
  try {
    return +parse(text);
  } catch {
    return 0;
  }
}

/** The visitor's clock, in milliseconds since 1970. */
export function clock() {
  let time;
  try {
    time = +now();
  } catch {
    // Below.
  }
  return time > 0 ? time : performance.timeOrigin + performance.now();
}
