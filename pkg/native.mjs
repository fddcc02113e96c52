// What the module needs of a page that may have patched it. References are taken once, when the script runs: what is
// patched later does not reach us. What was patched before may throw, or answer with something else; that must be a
// failure that the engine knows, because an exception that passes through the module leaves it in a broken state.
import { quote } from "./copy.mjs";

const native = globalThis.fetch;
const { now, parse: dateOf } = Date;
export const { parse } = JSON;
// Elsewhere than in a browser there is none, and an import alone must not fail.
export const { getItem, removeItem, setItem } = globalThis.Storage?.prototype ?? {};

/** What was read of responses: a status, `Retry-After`, the same as a date, `Date`, the body. */
const answers = new WeakMap();

export const answerOf = (response) => answers.get(response);

/**
 * @param {Request & { init: RequestInit }} request only lends its address: every Request has a signal, and Firefox ends a
 * fetch that has one together with its page, `keepalive` or not (ESR 153; a page that held a lock, or left for another site)
 * @returns {Promise<Response>} one that was read to its end, or an Error: the module believes in nothing else
 */
export async function fetch({ url, init }) {
  try {
    const response = await native(url, init);
    const header = (name) => asked(() => `${response.headers.get(name) || ""}`) || "";
    const wait = header("Retry-After");
    const body = await response.text();
    const parts = [response.status, quote(wait), parseDate(wait), parseDate(header("Date")), quote(body)];
    answers.set(response, `[${parts}]`);
    if (response instanceof Response) return response;
  } catch {
    // The network, CORS, the budget of `keepalive` requests, or a page that has patched one of these.
  }
  throw new TypeError("no answer");
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

/** What an answer says beside its body is not worth losing it: what a page has replaced may throw. */
function asked(question) {
  try {
    return question();
  } catch {
    // It says nothing.
  }
}

/** The date that an HTTP header holds, in milliseconds since 1970; no number where it is none. */
const parseDate = (text) => asked(() => +dateOf(text));

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
