// "Goes well with it": a recommendation panel that is rendered by script. The token of the answer stands on the panel, the
// product on each tile. The calls in it pass no token: Tillpost finds it.

import { currency, find, money } from "./catalog.js";
import { el } from "./dom.js";
import { picture } from "./picture.js";

/** What a recommender would answer. */
const companions = {
  Pots: ["07-0", "12-0", "06-0"],
  Seeds: ["02-0", "12-1", "11-0"],
  Tools: ["05-0", "01-0", "07-0"],
  Watering: ["01-0", "06-0", "08-0"],
  Balcony: ["02-0", "09-0", "12-0"],
};

export function goesWith(product) {
  const answer = {
    token: `demo-goes-with-${product.id}`,
    products: companions[product.category].filter((id) => id !== product.id).map(find),
  };
  return el(
    "section.picked",
    {
      "data-recommendation-token": answer.token,
      "data-recommendation-panel": "goes-with",
      "aria-labelledby": "goes-with",
    },
    el("div.section-head", {}, el("h2", { id: "goes-with" }, "Goes well with it")),
    el("ul.tiles.tiles-picked", {}, ...answer.products.map(tile)),
  );
}

function tile(product) {
  const send = (event_type, more) => () =>
    userengage("product_event", {
      product_id: product.id,
      event_type,
      name: product.name,
      price: product.price,
      currency,
      ...more,
    });
  return el(
    "li.tile",
    { "data-recommendation-product": product.id },
    el(
      "a.tile-link",
      { href: `/product.html?id=${product.id}`, "data-test": `goes-tile-${product.id}`, onclick: send("click") },
      picture(product, 400),
      el("span.tile-name", {}, product.name),
    ),
    el(
      "div.tile-foot",
      {},
      el("span.price", {}, money(product.price)),
      el(
        "button.text-button",
        {
          type: "button",
          "data-add": product.id,
          "data-test": `goes-add-${product.id}`,
          "aria-label": `Add to cart: ${product.name}`,
          onclick: send("add to cart", { quantity: 1 }),
        },
        "Add to cart",
      ),
    ),
  );
}
