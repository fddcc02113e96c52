// The cart, the wish list and the order that was placed last: ids and quantities. Names and prices come from the catalogue.

import { find } from "./catalog.js";
import { read, write } from "./store.js";

const MOST = 99;

const entries = () => read("cart", []).filter((entry) => find(entry.id));

/** @returns {{ product: import("./catalog.js").Product, quantity: number, total: number }[]} */
export const lines = () => withProducts(entries());

export const withProducts = (list) =>
  list.map(({ id, quantity }) => ({ product: find(id), quantity, total: find(id).price * quantity }));

export const count = () => entries().reduce((sum, entry) => sum + entry.quantity, 0);

export const total = (of = lines()) => of.reduce((sum, line) => sum + line.total, 0);

/** Adds `by` pieces, or takes them away; a line without pieces goes. */
export function change(id, by) {
  const list = entries();
  const entry = list.find((candidate) => candidate.id === id);
  if (entry) entry.quantity = Math.min(entry.quantity + by, MOST);
  else if (by > 0) list.push({ id, quantity: by });
  write(
    "cart",
    list.filter((candidate) => candidate.quantity > 0),
  );
}

export const takeOut = (id) =>
  write(
    "cart",
    entries().filter((entry) => entry.id !== id),
  );

export const wishes = () => read("wishes", []).filter(find);

export const isWished = (id) => wishes().includes(id);

export function toggleWish(id) {
  write("wishes", isWished(id) ? wishes().filter((wish) => wish !== id) : [...wishes(), id]);
}

/** Turns the cart into the order that the thanks page shows. */
export function placeOrder(number, delivery) {
  write("order", { number, delivery, lines: entries(), paid: false, returned: [], refunded: [] });
  write("cart", []);
}

export const order = () => read("order", null);

export const updateOrder = (fields) => write("order", { ...order(), ...fields });
