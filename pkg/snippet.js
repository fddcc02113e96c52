// The snippet: gives the page a working `userengage` and `UE` before the script has run. Inline, or as a file. A widget
// that comes meanwhile finds `userengage` taken: its function is kept behind ours, and gets what is called for it.
import { keeper, page } from "./keep.mjs";

const kept = [];
const stub = keeper(kept, () => page.tillpost);
stub.kept = kept;
// One that is there already stays: it may be ours.
page.userengage ||
  Object.defineProperty(page, "userengage", {
    configurable: 1,
    get: () => stub,
    set: (theirs) => (kept.theirs = theirs),
  });
const UE = {};
for (const name of ["pageHit", "resetAuth", "destroy", "init", "refresh"])
  UE[name] = (payload) => stub("UE." + name, payload);
page.UE || (page.UE = UE);
