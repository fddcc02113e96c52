// The SDK as the panel needs it: `on`, `status` and a way to send. The script tag gives one on `window.tillpost`.

/** Calls `ready` with the door once the script has run; it may have run already, or come much later. */
export function scriptTagDoor(ready) {
  const found = (tillpost) =>
    ready({ on: tillpost.on, status: tillpost.status, send: (payload) => userengage("product_event", payload) });
  if (window.tillpost?.on) found(window.tillpost);
  else window.tillpost = Object.assign(window.tillpost ?? {}, { onReady: found });
}
