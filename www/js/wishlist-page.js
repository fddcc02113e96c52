// The wish list: what has a heart, ready to be put into the cart.

import { wishes } from "./cart.js";
import { currency, find, money } from "./catalog.js";
import { $, el } from "./dom.js";
import { picture } from "./picture.js";
import { onChange } from "./store.js";

function show() {
  const wished = wishes().map(find);
  $("[data-empty]").hidden = wished.length > 0;
  $("[data-lines]").replaceChildren(...wished.map(row));
}

function row(product) {
  const attributes = { product_id: product.id, name: product.name, price: product.price, currency };
  return el(
    "li.line",
    { "data-test": `wish-${product.id}` },
    picture(product, 88),
    el(
      "div.line-text",
      {},
      el("a.line-name", { href: `/product.html?id=${product.id}` }, product.name),
      el("span.quiet", {}, money(product.price)),
      el(
        "button.text-button",
        { type: "button", "data-test": `unwish-${product.id}`, "data-heart": product.id },
        "Take off the list",
      ),
    ),
    el(
      "button.button.small",
      {
        type: "button",
        "data-test": `wish-add-${product.id}`,
        "data-add": product.id,
        onclick: () => userengage("product_event", { ...attributes, event_type: "add to cart" }),
      },
      "Add to cart",
    ),
  );
}

onChange(show);
show();
