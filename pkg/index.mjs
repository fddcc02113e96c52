// The npm package's door. Importing it does nothing; `start` makes the module.
import { start as startWith } from "./runtime.mjs";

export { decorate } from "./panel.mjs";
export { flush, on, setConsent, status, track, userengage } from "./runtime.mjs";

/** A bundler makes a file of its own of the JavaScript build: only a page without WebAssembly fetches it. */
export const start = (options) => startWith(options, () => import("./dist/tillpost-nowasm.js"));
