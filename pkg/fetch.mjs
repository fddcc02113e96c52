// The `fetch` that the module calls. Taken once, when the script runs: what a page patches later does not reach us, and
// what was patched before may throw at once or answer with something else, which must be a failure and not a trap.
const native = globalThis.fetch;

/** @param {Request} request @returns {Promise<Response>} */
export async function fetch(request) {
  const response = await native(request);
  if (response instanceof Response) return response;
  throw new TypeError("fetch did not answer with a Response");
}
