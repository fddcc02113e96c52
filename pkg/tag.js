// The script tag's door: options from the tag and from `window.tillpost`, the globals of the vendor's script.
import { flush, on, start, status, track, userengage } from "./runtime.mjs";

const tillpost = (window.tillpost ||= {});
const stub = window.userengage;

// A second script on the page finds the first one at work.
if (!tillpost.status) {
  // Own options win over the tag's attributes: they can be computed.
  const started = start({ ...document.currentScript?.dataset, ...tillpost }, stub?.kept);
  Object.assign(tillpost, { flush, on, status, track });
  if (started) {
    window.userengage = (kind, payload) => void userengage(kind, payload);
    window.UE ||= {};
    for (const name of ["pageHit", "resetAuth", "destroy", "init", "refresh"])
      window.UE[name] = (payload) => void userengage(`UE.${name}`, payload);
  } else {
    // Nothing can be delivered; the page must not notice.
    window.userengage ||= () => {};
  }
  try {
    tillpost.onReady?.(tillpost);
  } catch (error) {
    setTimeout(() => {
      throw error;
    });
  }
}
