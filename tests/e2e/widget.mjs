// A stand-in for the vendor's widget.js, which does what shared knowledge of it says: it assigns `window.userengage` and
// `window.UE`, reads `civchat`, writes `userKey` onto it, calls its `onLoad`, and keeps the visitor's key in a cookie.
// What it was called with is in `window.widget.calls`.

/* global document, window */
function widget() {
  const calls = [];
  const state = { open: false };
  const key = () => /__ca__chat=([^;]*)/.exec(document.cookie)?.[1];
  const renew = (name) => (document.cookie = `__ca__chat=${name}; path=/`);
  if (!key()) renew("widgetkey1");
  window.widget = { calls, state };
  window.userengage = function (kind, payload) {
    calls.push([kind, payload, this === window || this === undefined]);
    if (kind === "widget.open") return ((state.open = true), "opened");
    if (kind === "widget.close") state.open = false;
  };
  window.UE = {
    version: 2,
    pageHit: (data) => void calls.push(["UE.pageHit", data]),
    resetAuth(data) {
      calls.push(["UE.resetAuth", data]);
      renew("widgetkey2");
    },
    destroy() {
      calls.push(["UE.destroy"]);
      delete window.UE;
      delete window.userengage;
    },
    refresh: (data) => void calls.push(["UE.refresh", data]),
    show() {
      this.shown = true;
      return this.version;
    },
    isShown: () => window.UE.shown === true,
  };
  const { civchat } = window;
  if (civchat) {
    civchat.userKey = key();
    if (typeof civchat.onLoad === "function") civchat.onLoad();
  }
}

/** The text of widget.js. */
export const widgetScript = `(${widget})();`;

/** Serves it. */
export const serveWidget = (endpoint, text = widgetScript, path = "/widget.js") =>
  endpoint.page(path, Buffer.from(text), { "content-type": "text/javascript" });

export const widgetTag = '<script src="/widget.js"></script>';
