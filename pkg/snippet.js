// The snippet: gives the page a working `userengage` and `UE` before the script has run. Inline, or as a file.
import { keep } from "./keep.mjs";

const kept = [];
if (!window.userengage)
  (window.userengage = (kind, payload) => void keep(kept, kind, payload, window.tillpost)).kept = kept;
const UE = window.UE || (window.UE = {});
for (const name of ["pageHit", "resetAuth", "destroy", "init", "refresh"])
  if (!UE[name]) UE[name] = (payload) => userengage(`UE.${name}`, payload);
