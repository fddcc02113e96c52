// The page "Recommendations": totals, one card for each panel with its days and places. Counts nothing: the collector's
// statement does. Names of panels came from pages and go in as text.

import { $, el } from "./dom.js";
import { dayChart } from "./recommendations/chart.js";
import { days, number, of, revenue, share, shortDay } from "./recommendations/figures.js";

const PERIODS = [7, 28, 90];
const asked = Number(new URLSearchParams(location.search).get("days"));
const period = PERIODS.includes(asked) ? asked : 28;

for (const link of document.querySelectorAll("[data-days]"))
  if (Number(link.dataset.days) === period) link.setAttribute("aria-current", "page");

const notice = (text) => {
  $("[data-notice]").textContent = text;
  $("[data-notice]").hidden = !text;
};

show().catch(() => notice("The collector does not answer. Load this page again in a moment."));

async function show() {
  const response = await fetch(`/live/recommendations?days=${period}`);
  if (!response.ok) return notice("The collector could not count. Its log says why.");
  const { first, last, rows } = await response.json();
  $("[data-period]").textContent = `${shortDay(first)} to ${shortDay(last)}, today included`;
  if (!rows.length) return notice("No recommendation was seen or clicked in this time.");
  notice("");
  $("[data-report]").hidden = false;
  const all = of(rows);
  $("[data-totals]").append(
    total("Seen", number(all.impressions)),
    total("Clicks", number(all.clicks), `${share(all.clicks, all.impressions)} click-through`),
    total("Added to cart", number(all.carts), `${share(all.carts, all.clicks)} of clicks`),
    total("Bought", number(all.purchases), `${share(all.purchases, all.clicks)} conversion`),
    total("Revenue", revenue(all), "with the panel's token"),
  );
  const names = [...new Set(rows.map((row) => row.panel))];
  const cards = names.map((name) => ({ name, rows: rows.filter((row) => row.panel === name) }));
  cards.sort((a, b) => of(b.rows).clicks - of(a.rows).clicks);
  $("[data-panels]").append(...cards.map((card) => panel(card, first, last)));
}

const total = (name, value, more) =>
  el("div", {}, el("dt", {}, name), el("dd", {}, el("strong", {}, value), more && el("span", {}, more)));

function panel({ name, rows }, first, last) {
  const all = of(rows);
  const title = name || "Without a name";
  const id = `panel-${name || "unnamed"}`;
  const daily = days(rows, first, last);
  return el(
    "section.panel",
    { "aria-labelledby": id, "data-test": id },
    el(
      "header.panel-head",
      {},
      el("h2", { id }, title),
      el(
        "p",
        {},
        fact(number(all.impressions), "seen"),
        fact(number(all.clicks), "clicks"),
        fact(number(all.carts), "added to cart"),
        fact(number(all.purchases), "bought"),
        fact(revenue(all), "revenue"),
        fact(number(all.later), "bought later"),
      ),
    ),
    el(
      "div.charts",
      {},
      dayChart({ title: "Seen", daily, value: (day) => day.impressions, text: number }),
      dayChart({ title: "Clicks", daily, value: (day) => day.clicks, text: number }),
      dayChart({
        title: "Click-through",
        daily,
        line: true,
        value: (day) => (day.impressions ? day.clicks / day.impressions : null),
        text: (value) => share(value, 1),
        summary: share(all.clicks, all.impressions),
      }),
    ),
    el("div.tables", {}, places(rows), byDay(daily)),
  );
}

const fact = (value, name) => el("span.fact", {}, el("strong", {}, value), ` ${name}`);

const COLUMNS = [
  ["Seen", (sum) => number(sum.impressions)],
  ["Clicks", (sum) => number(sum.clicks)],
  ["Click-through", (sum) => share(sum.clicks, sum.impressions)],
  ["Added to cart", (sum) => number(sum.carts)],
  ["Bought", (sum) => number(sum.purchases)],
  ["Conversion", (sum) => share(sum.purchases, sum.clicks)],
  ["Revenue", (sum) => (sum.purchases ? revenue(sum) : "–")],
  ["Bought later", (sum) => number(sum.later)],
];

const table = (caption, first, rows) =>
  el(
    "div.scroll",
    { tabIndex: 0, role: "region", "aria-label": caption },
    el(
      "table",
      {},
      el("caption", {}, caption),
      el(
        "thead",
        {},
        el("tr", {}, ...[first, ...COLUMNS.map(([name]) => name)].map((name) => el("th", { scope: "col" }, name))),
      ),
      el("tbody", {}, ...rows),
    ),
  );

const cells = (sum) => COLUMNS.map(([, text]) => el("td", {}, text(sum)));

/** One row for each place, with a bar for its click-through: the best place of the panel is full. */
function places(rows) {
  const known = [...new Set(rows.map((row) => row.position))].sort((a, b) => (a || Infinity) - (b || Infinity));
  const sums = known.map((position) => ({ position, ...of(rows.filter((row) => row.position === position)) }));
  const rate = ({ clicks, impressions }) => (impressions ? clicks / impressions : 0);
  const best = Math.max(...sums.map(rate)) || 1;
  return table(
    "By place in the panel",
    "Place",
    sums.map((sum) => {
      const row = el(
        "tr",
        {},
        el("th", { scope: "row" }, sum.position ? String(sum.position) : "not known"),
        ...cells(sum),
      );
      row.children[3].classList.add("rate");
      row.children[3].style.setProperty("--rate", rate(sum) / best);
      return row;
    }),
  );
}

function byDay(daily) {
  const rows = daily
    .filter((day) => day.impressions || day.clicks || day.carts || day.purchases)
    .reverse()
    .map((day) => el("tr", {}, el("th", { scope: "row" }, shortDay(day.day)), ...cells(day)));
  return el("details", {}, el("summary", {}, "Day by day"), table("Day by day", "Day", rows));
}
