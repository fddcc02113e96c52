// The live view: the page's own state, and each event as it goes from the call to the collector's database.

import { products } from "../catalog.js";
import { Ledger } from "./ledger.js";
import { fillRow, rowElement } from "./row.js";
import { follow } from "./stream.js";
import { build } from "./view.js";

const STATUS_MS = 1_000;
const CARRIED = "shop:live";

/** Fills `root`. `connect` is called with a function that takes the door as soon as there is one. */
export function mountPanel(root, connect) {
  const view = build(root);
  const items = new Map();
  const pending = new Set();
  let door = null;

  const ledger = new Ledger((row) => {
    if (pending.size === 0) requestAnimationFrame(draw);
    pending.add(row);
  });

  function draw() {
    const rows = ledger.rows;
    const ids = new Set(rows.map((row) => row.id));
    for (const [id, item] of items) {
      if (!ids.has(id)) (item.remove(), items.delete(id));
    }
    let previous = null;
    for (const row of rows) {
      const item = items.get(row.id) ?? rowElement(row);
      if (items.has(row.id) && (pending.has(row) || pending.has(null))) fillRow(item, row);
      items.set(row.id, item);
      const after = previous ? previous.nextSibling : view.list.firstChild;
      if (after !== item) view.list.insertBefore(item, after);
      previous = item;
    }
    pending.clear();
    view.empty.hidden = rows.length > 0;
    view.latest.textContent = rows[0]?.type ?? "";
    showStatus();
  }

  function showStatus() {
    if (!door) return;
    const status = door.status();
    for (const [name, value] of Object.entries(view.status)) value.textContent = status[name] ?? "–";
    root.dataset.state = status.state;
  }

  function notice(text) {
    view.notice.textContent = text;
  }

  function useDoor(found) {
    door = found;
    door.on("stored", (event) => ledger.stored(event));
    door.on("sent", (event) => {
      ledger.sent(event);
      notice("");
    });
    door.on("rejected", (event) => ledger.rejected(event));
    door.on("dropped", ({ count, code }) => notice(`${count} dropped: ${code}`));
    door.on("error", ({ code, field }) => notice([code, field].filter(Boolean).join(" · ")));
    view.bad.disabled = view.many.disabled = false;
    showStatus();
  }

  view.bad.addEventListener("click", () => door.send({ product_id: "12-0", event_type: "addtocart" }));
  view.many.addEventListener("click", () => {
    for (let index = 0; index < 25; index += 1) {
      const { id, name, price } = products[index % products.length];
      door.send({ product_id: id, event_type: "view", name, price });
    }
  });

  carryOver(ledger);
  follow(
    (event) => ledger.arrived(event),
    (state) => {
      root.dataset.stream = state;
      view.stream.textContent = state;
    },
  );
  connect(useDoor);
  setInterval(() => document.hidden || showStatus(), STATUS_MS);
}

/** A click that leaves the page is followed on the next one: what was seen here and has not arrived goes along. */
function carryOver(ledger) {
  try {
    ledger.restore(JSON.parse(sessionStorage.getItem(CARRIED)) ?? []);
    addEventListener("pagehide", () => sessionStorage.setItem(CARRIED, JSON.stringify(ledger.save())));
  } catch {
    // Storage is blocked: each page starts anew.
  }
}
