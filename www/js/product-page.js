// Fills the product page from `?id=`. The buttons' own handlers read `shopProduct`, so they stay disabled until then.

import { find, money } from "./catalog.js";
import { $, el } from "./dom.js";
import { goesWith } from "./goes-with.js";
import { refresh } from "./shop.js";

const product = find(new URLSearchParams(location.search).get("id") ?? "");

// Said beside the button, because the cart's count may be out of view on a phone.
for (const button of document.querySelectorAll("[data-say]")) {
  button.addEventListener("click", () => {
    $("[data-said]").textContent = button.dataset.say;
  });
}

if (product) fill();
else {
  $("[data-product]").hidden = true;
  $("[data-missing]").hidden = false;
}

function fill() {
  window.shopProduct = { product_id: product.id, name: product.name, price: product.price, category: product.category };
  document.title = `${product.name} · Third Floor`;
  $("[data-crumb]").textContent = product.category;
  $("h1").textContent = product.name;
  $("[data-price]").textContent = money(product.price);
  $("[data-text]").textContent = product.text;
  $("[data-facts]").replaceChildren(...product.facts.map((fact) => el("li", {}, fact)));
  $("[data-picture]").classList.add(`wall-${product.wall}`);
  $("[data-picture] img").src = `/img/${product.id}.svg`;
  $("[data-buy] [data-add]").dataset.add = product.id;
  $("[data-buy] [data-heart]").dataset.heart = product.id;
  $("[data-variants]").replaceChildren(...(product.variants ?? []).map(variant));
  $("[data-product]").after(goesWith(product));
  refresh();
  $("[data-buy]").disabled = false;
  userengage("product_event", { ...window.shopProduct, event_type: "detail" });
}

function variant(id) {
  const other = find(id);
  const current = id === product.id ? { "aria-current": "true" } : {};
  return el("a.variant", { href: `/product.html?id=${id}`, "data-test": `variant-${id}`, ...current }, other.variant);
}
