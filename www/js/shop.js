// On every page: counts in the header, hearts, who is signed in, and the live panel.

import * as cart from "./cart.js";
import { $, $$ } from "./dom.js";
import { mountSession } from "./session.js";
import { onChange } from "./store.js";

/** Shows counts and hearts as they are stored; for a page that has just named its product. */
export function refresh() {
  for (const [name, value] of Object.entries({ cart: cart.count(), wishes: cart.wishes().length })) {
    for (const badge of $$(`[data-count="${name}"]`)) {
      badge.textContent = value;
      badge.hidden = value === 0;
    }
  }
  for (const heart of $$("[data-heart]")) {
    const wished = cart.isWished(heart.dataset.heart);
    heart.setAttribute("aria-pressed", String(wished));
    // The hearts' own handlers look at this, so that taking a heart back is not sent as another liking.
    if (wished) heart.dataset.liked = "yes";
    else delete heart.dataset.liked;
  }
}

// On the document, so after the handlers that stand in the page.
document.addEventListener("click", (event) => {
  const heart = event.target.closest("[data-heart]");
  if (heart) cart.toggleWish(heart.dataset.heart);
  const add = event.target.closest("[data-add]");
  if (add) cart.change(add.dataset.add, 1);
});

onChange(refresh);
refresh();
mountSession($("[data-session]"));
