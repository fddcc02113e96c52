// The npm package's door. Importing it does nothing; `start` makes the module.
import { start as startWith } from "./runtime.mjs";

export { decorate } from "./panel.mjs";
export { flush, on, setConsent, status, track, userengage } from "./runtime.mjs";

/** Bundlers make files of their own of what most pages never need: the JavaScript build, and the words of debug mode. */
const beside = (name) => (name == "debug" ? import("./debug.mjs") : import("./dist/tillpost-nowasm.js"));

export const start = (options) => startWith(options, beside);
