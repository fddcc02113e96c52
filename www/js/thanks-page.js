// After the order: payment, return and refund "in demo", so that the events of those days can be seen too.

import { order, total, updateOrder, withProducts } from "./cart.js";
import { currency, money } from "./catalog.js";
import { $, el } from "./dom.js";
import { picture } from "./picture.js";
import { onChange } from "./store.js";

const send = (event_type, { product, quantity }) =>
  userengage("product_event", {
    product_id: product.id,
    event_type,
    name: product.name,
    price: product.price,
    currency,
    quantity,
    order_id: order().number,
  });

function show() {
  const placed = order();
  $("[data-none]").hidden = placed !== null;
  $("[data-placed]").hidden = placed === null;
  if (!placed) return;
  const lines = withProducts(placed.lines);
  $("[data-number]").textContent = placed.number;
  $("[data-delivery]").textContent = placed.delivery.label;
  $("[data-total]").textContent = money(total(lines) + placed.delivery.price);
  $("[data-pay]").disabled = placed.paid;
  $("[data-pay]").textContent = placed.paid ? "Invoice paid" : "Pay the invoice";
  $("[data-lines]").replaceChildren(...lines.map((line) => row(line, placed)));
}

function row(line, { paid, returned, refunded }) {
  const { product, quantity } = line;
  const isReturned = returned.includes(product.id);
  const isRefunded = refunded.includes(product.id);
  const step = (test, event_type, text, disabled, done) =>
    el(
      "button.button.small.ghost",
      {
        type: "button",
        "data-test": `${test}-${product.id}`,
        "aria-label": `${text}: ${product.name}`,
        disabled,
        onclick: () => {
          done();
          // The list was drawn anew: on to the next step, or to the heading after the last.
          ($("button:enabled", $(`[data-test="ordered-${product.id}"]`)) ?? $("h1")).focus();
          send(event_type, line);
        },
      },
      text,
    );
  return el(
    "li.line",
    { "data-test": `ordered-${product.id}` },
    picture(product, 88),
    el(
      "div.line-text",
      {},
      el("span.line-name", {}, product.name),
      el("span.quiet", {}, `${quantity} × ${money(product.price)}`),
    ),
    el(
      "div.line-steps",
      {},
      step("return", "return", isReturned ? "Sent back" : "Send it back", !paid || isReturned, () =>
        updateOrder({ returned: [...returned, product.id] }),
      ),
      step("refund", "refund", isRefunded ? "Refunded" : "Refund", !isReturned || isRefunded, () =>
        updateOrder({ refunded: [...refunded, product.id] }),
      ),
    ),
  );
}

$("[data-pay]").addEventListener("click", () => {
  updateOrder({ paid: true });
  $("[data-lines] button").focus();
  for (const line of withProducts(order().lines)) send("purchase", line);
});

onChange(show);
show();
