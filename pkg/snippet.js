// The snippet: gives the page a working `userengage` and `UE` before the script has run. Inline, or as a file.
import { keep } from "./keep.mjs";

const kept = [];
if (!window.userengage) {
  window.userengage = (kind, payload) => void keep(kept, kind, payload);
  window.userengage.kept = kept;
}
if (!window.UE) window.UE = {};
for (const name of ["pageHit", "resetAuth", "destroy", "init", "refresh"])
  if (!window.UE[name]) window.UE[name] = (payload) => window.userengage(`UE.${name}`, payload);
