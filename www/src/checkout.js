// The checkout, through the npm package: the one page without a script tag of ours. webpack bundles it to /dist/.

import { on, start, status, track, userengage } from "tillpost";
import "../js/shop.js";
import { lines, placeOrder, total } from "../js/cart.js";
import { currency, money } from "../js/catalog.js";
import { $, $$, el } from "../js/dom.js";
import { mountPanel } from "../js/live/panel.js";

start({ app: "abc123", endpoint: "/api/public", debug: true });
// The package leaves `window` alone. The header's button calls the vendor's methods on every page.
window.UE = {
  pageHit: (data) => userengage("UE.pageHit", data),
  resetAuth: (data) => userengage("UE.resetAuth", data),
};
mountPanel($("[data-live]"), (ready) => ready({ on, status, send: track }));

const form = $("[data-form]");
const cart = lines();

const chosen = () => {
  const { value, dataset } = $("input[name=delivery]:checked", form);
  return { id: value, label: dataset.label, price: Number(dataset.price) };
};

/** One event per line: a product event speaks of one product. */
function trackLines(event_type, attributes) {
  const answers = cart.map(({ product, quantity }) =>
    track({
      product_id: product.id,
      event_type,
      name: product.name,
      price: product.price,
      currency,
      quantity,
      ...attributes,
    }),
  );
  $("[data-answers]").replaceChildren(...answers.map((answer) => answerRow(event_type, answer)));
  return answers;
}

/** `track` answers at once: an id, or every error with its code and field. */
function answerRow(event_type, answer) {
  const text = answer.ok
    ? `${event_type}: stored as ${answer.id}`
    : `${event_type}: ${answer.errors.map(({ code, field }) => [code, field].filter(Boolean).join(" · ")).join(", ")}`;
  return el(answer.ok ? "li" : "li.failed", { "data-test": answer.ok ? "answer-ok" : "answer-error" }, text);
}

function show() {
  const delivery = chosen();
  $("[data-empty]").hidden = cart.length > 0;
  $("[data-full]").hidden = cart.length === 0;
  $("[data-lines]").replaceChildren(
    ...cart.map(({ product, quantity, total: sum }) =>
      el("li", {}, el("span", {}, `${quantity} × ${product.name}`), el("span", {}, money(sum))),
    ),
  );
  $("[data-delivery-price]").textContent = money(delivery.price);
  $("[data-total]").textContent = money(total(cart) + delivery.price);
}

for (const option of $$("input[name=delivery]", form)) {
  option.addEventListener("change", () => {
    trackLines("checkout option", { option: option.value });
    show();
  });
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const delivery = chosen();
  const number = `TF-${Date.now().toString(36).toUpperCase()}`;
  // What is wrong with an event is shown and logged, but it never stands in the way of an order.
  const failed = trackLines("order", { order_id: number, delivery: delivery.id }).filter((answer) => !answer.ok);
  for (const { errors } of failed) console.warn("order event not stored", errors);
  placeOrder(number, delivery);
  location.assign("/thanks.html");
});

show();
