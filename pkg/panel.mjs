// Recommendation panels, and the address that the page shows: what the visitor acted on, and where it leads. Reads the
// page's attributes and decides nothing: the engine says which event carries a token, and what a link becomes.
//
//   <ul data-recommendation-token="..." data-recommendation-panel="picked">
//     <li data-recommendation-product="12-0" data-recommendation-position="1"> a link, a heart </li>
//
// No token is kept here beyond the action, and none is written into the page but into the link that is being followed.
import { quote } from "./copy.mjs";

/**
 * How long a click in a tile that names its product counts, in milliseconds: its handler may wait for the network before
 * it calls. Without a product nothing says whose event comes later, so the click counts until its task ends.
 */
const LATER = 2000;

const TILE = "recommendationProduct";

/** The panel of the action that is being handled, as the engine reads it. */
let acting;
let timer;
/** The address that the engine knows of. */
let known;
/** A link that was followed: its address, and the same with the token. */
let followed;
/** The engine's, once it runs. */
let engine;

/** Texts as the engine reads them. */
const list = (texts) => `[${texts.map(quote)}]`;

/** For those who would rather write code than attributes. */
export function decorate(element, token, { panel } = {}) {
  element.dataset.recommendationToken = token;
  if (panel != null) element.dataset.recommendationPanel = panel;
}

/** The panel in which the visitor has just acted, for a call. */
export const acted = () => acting || 0;

/**
 * Tells the engine of an address that it does not know of yet. A single-page shop's router may have passed the link's own
 * address on: then the link was followed all the same, and the address with the token says so.
 */
export function look(again) {
  const { href } = location;
  if (href == known) return;
  known = href;
  acting = undefined;
  engine.tell("address", quote(followed && followed[0] == href ? followed[1] : href), !!again);
  followed = undefined;
}

/** Where the document was loaded from, before a router rewrote it, and whether by going back or loading it again. */
export function arrival() {
  const { name = "", type } = performance.getEntriesByType("navigation")[0] || {};
  return [quote(name.startsWith(`${location.origin}/`) ? name : location.href), /^(back|reload)/.test(type)];
}

/**
 * The innermost panel on the way from an element to the window, through open shadow roots: its token and name, and place
 * and product of the tile.
 */
function panelOf(path) {
  const of = (name) => path.findIndex(({ dataset }) => dataset && dataset[name]);
  const at = of("recommendationToken");
  if (at < 0) return;
  // What lies outside of the panel says nothing about it.
  path.length = at + 1;
  const say = (name) => (path[of(name)] || document.body).dataset[name] || "";
  const tiles = [...path[at].querySelectorAll("[data-recommendation-product]")];
  const place = say("recommendationPosition") || tiles.indexOf(path[of(TILE)]) + 1;
  return [path[at].dataset.recommendationToken, say("recommendationPanel"), `${place}`, say(TILE)];
}

/** What the visitor does: in the capture phase at the window, before any handler of the page. */
function act({ type, ctrlKey, metaKey, shiftKey }, path) {
  look();
  acting = followed = undefined;
  clearTimeout(timer);
  const panel = panelOf(path);
  if (!panel) return;
  if (type != "contextmenu") {
    acting = list(panel);
    timer = setTimeout(() => (acting = undefined), panel[3] ? LATER : 0);
  }
  const link = path.find(({ href }) => typeof href == "string");
  const decorated = link && engine.link(list([link.href, ...panel]));
  if (!decorated) return;
  if (type == "click" && !(ctrlKey || metaKey || shiftKey) && /^(_self)?$/.test(link.target))
    followed = [link.href, decorated];
  // Read by the browser when all handlers have run: for this tab, a new one, or "copy link". Then it is the page's again.
  const own = link.getAttribute("href");
  link.href = decorated;
  setTimeout(() => link.href == decorated && link.setAttribute("href", own));
}

/** @param own the engine's `tell` and `link`, which do not throw */
export function connect(own) {
  engine = own;
  look();
}

/** @param {() => void} need has the engine run, if that is possible now: the visitor acts */
export function watch(need) {
  for (const type of ["click", "auxclick", "contextmenu", "submit"])
    addEventListener(
      type,
      (event) => {
        try {
          need();
          if (engine) act(event, event.composedPath());
        } catch {
          // An element of the page that cannot be read is no panel.
        }
      },
      true,
    );
  // Elsewhere (Firefox before 147, Safari before 26.2) it is seen at the next call and the next click, and `popstate` comes
  // when it is over: an address that has not changed was left and is shown again. The page's own `history` stays as it is.
  const { navigation } = window;
  if (navigation?.currentEntry)
    navigation.addEventListener(
      "currententrychange",
      ({ navigationType }) => engine && look(navigationType == "traverse"),
    );
  else
    addEventListener(
      "popstate",
      () => {
        if (!engine) return;
        if (location.href == known) {
          known = "";
          engine.tell("address", '""', false);
        }
        look(true);
      },
      true,
    );
}
