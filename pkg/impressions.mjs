// Which recommended products were really seen, so that clicks have a denominator. Loaded only by shops that want to know.
// Watches tiles (`data-recommendation-product`) of panels (`data-recommendation-token`), and keeps nothing beyond the page.
//
// Seen is: half of the tile in view for one second, in a page that is not hidden (the Media Rating Council's and the IAB's
// rule for viewable display advertising). One record for each panel and page view, sent at the latest when the page is
// hidden; where the visitor comes back and sees more, another one with what is new. What covers a tile is not noticed, and
// panels inside of a shadow root are not found.

const TILE = "[data-recommendation-product]";
const PANEL = "[data-recommendation-token]";
const SHARE = 0.5;
const TIME = 1000;
/** Most products in one record: it must stay small. */
const MOST = 100;

/** @param {(kind: string, payload: object) => void} send `userengage` */
export function observe(send) {
  /** Tiles in view, and the timers of those that are being looked at. */
  const inView = new Map();
  /** Seen and not told yet: by panel, the record's payload. */
  let panels = new Map();
  /** Seen on this page view. */
  let known = new Set();

  function seen(tile) {
    const panel = tile.closest(PANEL);
    if (!panel) return;
    const { recommendationToken: token, recommendationPanel: name } = panel.dataset;
    const { recommendationProduct: product, recommendationPosition: position } = tile.dataset;
    const key = JSON.stringify([token, name]);
    if (known.has(key + product)) return;
    known.add(key + product);
    const record = panels.get(key) || { token, panel: name, products: {} };
    panels.set(key, record);
    record.products[product] = +position || [...panel.querySelectorAll(TILE)].indexOf(tile) + 1;
    if (Object.keys(record.products).length >= MOST) tell();
  }

  function tell() {
    const records = panels.values();
    panels = new Map();
    for (const record of records) send("impressions", record);
  }

  const look = (tile) => {
    clearTimeout(inView.get(tile));
    inView.set(tile, document.hidden ? 0 : setTimeout(seen, TIME, tile));
  };
  const away = (tile) => {
    clearTimeout(inView.get(tile));
    inView.delete(tile);
  };

  const watched = new WeakSet();
  const intersections = new IntersectionObserver(
    (entries) => {
      for (const { target, intersectionRatio } of entries) intersectionRatio >= SHARE ? look(target) : away(target);
    },
    { threshold: SHARE },
  );
  function find() {
    for (const tile of document.querySelectorAll(TILE))
      if (!watched.has(tile)) {
        watched.add(tile);
        intersections.observe(tile);
      }
    // What was taken out of the page is not looked at any more.
    for (const tile of inView.keys()) if (!tile.isConnected) away(tile);
  }
  new MutationObserver(find).observe(document, {
    subtree: true,
    childList: true,
    attributes: true,
    attributeFilter: ["data-recommendation-product"],
  });
  find();

  // In the capture phase at the window: before the engine's last words.
  const hide = () => {
    for (const tile of inView.keys()) look(tile);
    if (document.hidden) tell();
  };
  addEventListener("visibilitychange", hide, true);
  addEventListener("pagehide", tell, true);
  // Before a single-page shop shows another page: what was seen belongs to this one.
  const next = () => {
    tell();
    known = new Set();
    for (const tile of inView.keys()) look(tile);
  };
  const { navigation } = window;
  if (navigation && navigation.currentEntry)
    navigation.addEventListener("navigate", ({ navigationType, hashChange }) => {
      if (/push|traverse/.test(navigationType) && !hashChange) next();
    });
  else addEventListener("click", ({ target }) => target.closest && target.closest("a[href]") && tell(), true);
}
