// The collector's stream, open only while somebody can see it.
//
// A browser opens six connections to a host over HTTP/1.1, so six tabs of streams would leave none for the shop; and an
// open stream would keep the page out of the back-forward cache. The collector sends the newest events on each connect.

const RETRY_MS = 3_000;

/** Calls `onEvent` for each LiveEvent, and `onState` with "connecting", "live" or "reconnecting". */
export function follow(onEvent, onState) {
  let source = null;
  let retry = 0;

  function open() {
    if (source || document.hidden) return;
    onState("connecting");
    source = new EventSource("/live/stream");
    source.addEventListener("open", () => onState("live"));
    source.addEventListener("message", ({ data }) => onEvent(JSON.parse(data)));
    source.addEventListener("error", () => {
      onState("reconnecting");
      // The browser reconnects by itself after a broken connection, but not after an answer such as 503.
      if (source?.readyState === EventSource.CLOSED) {
        close();
        retry = setTimeout(open, RETRY_MS);
      }
    });
  }

  function close() {
    clearTimeout(retry);
    source?.close();
    source = null;
  }

  addEventListener("pagehide", close);
  addEventListener("pageshow", open);
  document.addEventListener("visibilitychange", () => (document.hidden ? close() : open()));
  open();
}
