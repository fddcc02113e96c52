// One event as a list item. Everything in it came from outside and goes in as text.

import { find } from "../catalog.js";
import { el } from "../dom.js";
import { STAGES } from "./ledger.js";

const FAMILIES = {
  look: ["click", "promo click", "view", "detail"],
  like: ["liking", "add to observation", "reservation"],
  cart: ["add", "add to cart", "remove"],
  pay: ["checkout", "checkout option"],
  buy: ["order", "purchase"],
  back: ["return", "refund"],
  who: ["page", "client.update", "identify", "reset"],
};

/** What records of the visitor say; their names on the wire are short. */
const WORDS = {
  page: () => "Page view",
  "client.update": () => "About the visitor",
  identify: ({ user, seq }) => (user ? "Logged in" : seq && "Logged out"),
  reset: () => "The visitor ends here",
};

const clock = new Intl.DateTimeFormat("en-GB", { timeStyle: "medium" });

export function rowElement(row) {
  const item = el("li.record", { "data-test": "live-row", "data-id": row.id });
  return fillRow(item, row);
}

export function fillRow(item, row) {
  item.dataset.type = row.type ?? "";
  item.dataset.stage = STAGES[row.reached];
  item.classList.toggle("failed", Boolean(row.failed));
  item.replaceChildren(
    el("time.record-time", { dateTime: new Date(row.at).toISOString() }, clock.format(row.at)),
    el(`span.tag.${family(row)}`, {}, row.type ?? (row.failed ? "rejected" : "event")),
    stages(row),
    product(row),
    meta(row),
    ...row.problems.map((problem) => note("problem", problem)),
    ...row.warnings.map((problem) => note("warning", problem)),
  );
  return item;
}

function family({ type, failed }) {
  if (failed) return "bad";
  const [name] = Object.entries(FAMILIES).find(([, types]) => types.includes(type)) ?? ["other"];
  return name;
}

function stages({ reached, failed }) {
  const label = failed ? `${STAGES[reached]}, rejected` : STAGES.slice(0, reached + 1).join(", ");
  return el(
    "span.stages",
    { role: "img", "aria-label": label, title: label },
    ...STAGES.map((stage, index) => el(index <= reached ? "span.stage.reached" : "span.stage", {}, stage)),
  );
}

function product(row) {
  const { productId, name, failed, type } = row;
  const known = name ?? find(productId)?.name ?? WORDS[type]?.(row);
  return el(
    "span.record-product",
    {},
    known ?? (failed && productId === undefined ? "not stored" : ""),
    productId === undefined ? null : el("span.quiet", {}, ` ${productId}`),
  );
}

function meta({ id, token, visitor, user }) {
  return el(
    "span.record-meta",
    {},
    token ? el("span.token", { "data-test": "live-token" }, `token ${short(token)}`) : null,
    visitor ? el("span", { title: visitor }, `visitor …${visitor.slice(-4)}`) : null,
    user ? el("span", {}, `user ${user}`) : null,
    // Time and counter stand in front: what the ids of one page differ in.
    id.startsWith("here-") ? null : el("span", { title: id }, `id ${id.slice(0, 13)}…`),
  );
}

function note(kind, { code, field, nearest }) {
  const text = [code, field].filter(Boolean).join(" · ");
  return el(`span.record-note.${kind}`, {}, nearest ? `${text} · nearest: ${nearest}` : text);
}

const short = (token) => (token.length > 13 ? `${token.slice(0, 6)}…${token.slice(-6)}` : token);
