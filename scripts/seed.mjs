// npm run seed: four weeks of made-up visitors of the demo shop, for a look at the page "Recommendations".
//   npm run seed -- http://127.0.0.1:8080 [days]
// They are batches as pages send them, so the collector judges and counts them as any other. The same on every run, but
// for the days: they end today.
import { products } from "../www/js/catalog.js";
import { Stop, main } from "./lib/steps.mjs";

const DAY = 86_400_000;
const panels = [
  { panel: "picked", products: ["07-0", "02-0", "03-0", "09-0"], visits: 130, click: [0.07, 0.055, 0.034, 0.026] },
  { panel: "goes-with", products: ["01-0", "12-0", "06-0"], visits: 74, click: [0.11, 0.084, 0.05] },
  { panel: "seen-before", products: ["10-0", "08-0", "05-0", "11-0"], visits: 28, click: [0.024, 0.03, 0.012, 0.01] },
];

let state = 20261121;
/** A number from 0 to below 1 (mulberry32). */
function random() {
  state = (state + 0x6d2b79f5) | 0;
  let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
  mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
}
const happens = (chance) => random() < chance;

/** What one visitor did with one panel. */
function visit({ panel, products: shown, click }, t, token) {
  const records = [];
  const add = (kind, fields) =>
    records.push({
      id: `seed-${token}-${records.length}`,
      t: (t += 1_000 + Math.floor(random() * 9_000)),
      kind,
      ...fields,
    });
  const seen = shown.filter((_, index) => happens(0.96 - index * 0.13));
  if (seen.length)
    add("impressions", {
      token,
      panel,
      data: { products: Object.fromEntries(seen.map((id) => [id, shown.indexOf(id) + 1])) },
    });
  for (const id of seen) {
    const position = shown.indexOf(id) + 1;
    if (!happens(click[position - 1])) continue;
    const { name, price } = products.find((product) => product.id === id);
    const data = { name, price, currency: "EUR", quantity: 1 };
    const act = (event_type, from) => add("product_event", { product_id: id, event_type, data, ...from });
    const from = { token, panel, position };
    act("click", from);
    act("detail", from);
    if (happens(0.12)) act("liking", from);
    // On the panel itself, in one click; or on the product's own page, which is the page's doing.
    const direct = happens(0.1);
    if (!direct && !happens(0.24)) continue;
    act("add to cart", direct && from);
    if (happens(0.45)) act("purchase", direct && happens(0.6) && from);
  }
  return records;
}

async function post(origin, visitor, records) {
  const body = JSON.stringify({ v: 1, app: "abc123", visitor, sent: Date.now(), dropped: 0, records });
  const response = await fetch(`${origin}/api/public/batch/`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body,
  });
  if (!response.ok) throw new Stop(`${origin} answered ${response.status}: ${await response.text()}`);
}

await main(async () => {
  const [origin = "http://127.0.0.1:8080", length = "28"] = process.argv.slice(2);
  const days = Number(length);
  if (!(days > 0 && days <= 366)) throw new Stop("npm run seed -- [http://127.0.0.1:8080] [days, 1 to 366]");
  const today = Math.floor(Date.now() / DAY);
  let sent = 0;
  for (let day = today - days + 1; day <= today; day++) {
    // Saturday and Sunday bring more visitors; and week by week they become more.
    const busy = ([4, 5].includes((day + 2) % 7) ? 1.45 : 1) * (0.8 + (0.5 * (day - today + days)) / days);
    const records = [];
    for (const panel of panels)
      for (let number = Math.round(panel.visits * busy * (0.85 + random() * 0.3)); number; number--) {
        const t = day * DAY + Math.floor(random() * Math.min(DAY, Date.now() - day * DAY) * 0.95);
        records.push({
          visitor: `seed-${day}-${panel.panel}-${number}`,
          records: visit(panel, t, `${panel.panel}-${day}-${number}`),
        });
      }
    // A batch speaks of one visitor.
    const waiting = records.filter(({ records }) => records.length);
    sent += waiting.length;
    await Promise.all(
      Array.from({ length: 16 }, async () => {
        for (let next; (next = waiting.pop());) await post(origin, next.visitor, next.records);
      }),
    );
  }
  console.log(`${sent} visits in ${days} days. Look at ${origin}/recommendations.html`);
  return 0;
});
