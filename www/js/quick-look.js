// The quick look of a tile: a dialog, so the page behind it is inert and Escape closes it.

import { find, money } from "./catalog.js";
import { $, el } from "./dom.js";
import { picture } from "./picture.js";

const dialog = $("[data-quick-look]");

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-look]");
  if (button) open(find(button.dataset.look));
  else if (event.target === dialog) dialog.close();
});

function open(product) {
  $("[data-content]", dialog).replaceChildren(
    picture(product, 260),
    el(
      "div.quick-look-text",
      {},
      el("h2", { id: "quick-look-title", textContent: product.name }),
      el("p.price", { textContent: money(product.price) }),
      el("p", { textContent: product.text }),
      el("a.button", { href: `/product.html?id=${product.id}`, "data-test": "look-open" }, "See everything about it"),
    ),
  );
  dialog.showModal();
}
