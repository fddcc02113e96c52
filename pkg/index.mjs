// The npm package's door. Importing it does nothing; `start` makes the module.
export { flush, on, start, status, track, userengage } from "./runtime.mjs";
