// The cart: one line per product, with the calls that a shop which renders by script makes itself. The shop does its own
// work first and sends then: a page that lost its scripts still has a cart.

import { change, lines, takeOut, total } from "./cart.js";
import { currency, money } from "./catalog.js";
import { $, el } from "./dom.js";
import { picture } from "./picture.js";
import { onChange } from "./store.js";

const send = (event_type, { product, quantity }, attributes) =>
  userengage("product_event", {
    product_id: product.id,
    event_type,
    name: product.name,
    price: product.price,
    currency,
    quantity,
    ...attributes,
  });

function show() {
  const all = lines();
  $("[data-empty]").hidden = all.length > 0;
  $("[data-full]").hidden = all.length === 0;
  $("[data-lines]").replaceChildren(...all.map(row));
  $("[data-total]").textContent = money(total(all));
}

function row(line) {
  const { product, quantity } = line;
  const more = () => {
    change(product.id, 1);
    focusAgain(`more-${product.id}`);
    send("add", { product, quantity: 1 });
  };
  const less = () => {
    change(product.id, -1);
    focusAgain(`less-${product.id}`);
    send("remove", { product, quantity: 1 });
  };
  const remove = () => {
    takeOut(product.id);
    focusAgain();
    send("remove", line);
  };
  const button = (selector, test, label, text, onclick) =>
    el(selector, { type: "button", "data-test": test, "aria-label": `${label}: ${product.name}`, onclick }, text);
  return el(
    "li.line",
    { "data-test": `line-${product.id}` },
    picture(product, 88),
    el(
      "div.line-text",
      {},
      el("a.line-name", { href: `/product.html?id=${product.id}` }, product.name),
      el("span.quiet", {}, `${money(product.price)} each`),
      button("button.text-button", `remove-${product.id}`, "Remove", "Remove", remove),
    ),
    el(
      "div.stepper",
      {},
      button("button", `less-${product.id}`, "One less", "−", less),
      el("output", { "aria-label": "Pieces" }, String(quantity)),
      button("button", `more-${product.id}`, "One more", "+", more),
    ),
    el("strong.line-total", {}, money(line.total)),
  );
}

/** The list was drawn anew: the button that had the focus gets it back, or the heading where the line is gone. */
function focusAgain(test) {
  ($(`[data-test="${test}"]`) ?? $("h1")).focus();
}

$("[data-checkout]").addEventListener("click", () => {
  for (const line of lines()) send("checkout", line);
});

onChange(show);
show();
