// Sums, shares and how they are written. Knows no DOM.

const NAMES = ["impressions", "clicks", "carts", "purchases", "later"];
const whole = new Intl.NumberFormat("en-IE");
const percent = new Intl.NumberFormat("en-IE", {
  style: "percent",
  minimumFractionDigits: 1,
  maximumFractionDigits: 1,
});
const date = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", timeZone: "UTC" });

export const number = (value) => whole.format(value);

/** A part of a whole; nothing where there is no whole. */
export const share = (part, all) => (all ? percent.format(part / all) : "–");

export const shortDay = (day) => date.format(day * 86_400_000);

/** Rows added up; revenue by currency. */
export function of(rows) {
  const sum = Object.fromEntries(NAMES.map((name) => [name, 0]));
  sum.revenue = {};
  for (const row of rows) {
    for (const name of NAMES) sum[name] += row[name];
    if (row.revenue) sum.revenue[row.currency] = (sum.revenue[row.currency] ?? 0) + row.revenue;
  }
  return sum;
}

/** One sum for each day, days without a row too. */
export function days(rows, first, last) {
  const found = new Map();
  for (const row of rows) found.set(row.day, [...(found.get(row.day) ?? []), row]);
  return Array.from({ length: last - first + 1 }, (_, index) => ({
    day: first + index,
    ...of(found.get(first + index) ?? []),
  }));
}

/** Each currency by itself: there is no sum of two. */
export function revenue({ revenue: sums }) {
  const parts = Object.entries(sums).map(([currency, amount]) => money(amount, currency));
  return parts.length ? parts.join(" + ") : "–";
}

function money(amount, currency) {
  try {
    return new Intl.NumberFormat("en-IE", { style: "currency", currency }).format(amount);
  } catch {
    // A shop may send anything, or nothing.
    return `${whole.format(amount)} ${currency}`.trim();
  }
}
