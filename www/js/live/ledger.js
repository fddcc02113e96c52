// One row per event, joined by id from four tellers: the page (stored, sent, rejected) and the collector (arrived).
// Knows no DOM and no network.

const MOST_ROWS = 200;

/** What an event goes through, in this order; a later stage implies the earlier ones. */
export const STAGES = ["called", "stored", "sent", "arrived"];

const reach = (row, stage) => Math.max(row.reached, STAGES.indexOf(stage));

/** Of one millisecond, the collector knows the order best. */
const newestFirst = (a, b) => b.at - a.at || (b.seq ?? 0) - (a.seq ?? 0) || b.order - a.order;

export class Ledger {
  #rows = new Map();
  #rejectedHere = 0;
  #changed;

  /** @param {(row: object | null) => void} changed called with the row that is new or different; null: many are. */
  constructor(changed) {
    this.#changed = changed;
  }

  /** Newest first. */
  get rows() {
    return [...this.#rows.values()].sort(newestFirst);
  }

  stored({ id, kind, product_id, event_type, warnings = [] }) {
    const row = this.#row(id);
    Object.assign(row, { type: event_type ?? kind, productId: product_id, warnings, here: true });
    row.reached = reach(row, "stored");
    this.#changed(row);
  }

  sent({ id }) {
    const row = this.#row(id);
    row.reached = reach(row, "sent");
    this.#changed(row);
  }

  /** Refused in the page, then there is no id and nothing was stored; or by the collector, then there is one. */
  rejected({ id, errors = [], warnings = [] }) {
    const row = this.#row(id ?? `here-${Date.now()}-${(this.#rejectedHere += 1)}`);
    Object.assign(row, { problems: errors, warnings, failed: true, here: true });
    if (id) row.reached = reach(row, "sent");
    this.#changed(row);
  }

  /** A LiveEvent from the collector's stream. */
  arrived(event) {
    const row = this.#row(event.id);
    Object.assign(row, {
      seq: event.seq,
      at: event.t ?? event.received,
      type: event.event_type ?? event.kind,
      productId: event.product_id,
      name: event.name ?? event.data?.name,
      token: event.token,
      visitor: event.visitor,
      user: event.user?.user_id,
      reached: STAGES.indexOf("arrived"),
    });
    if (event.status === "rejected") {
      row.failed = true;
      if (!row.problems.length) row.problems = [{ code: event.code }];
    }
    this.#changed(row);
  }

  /** What this tab's pages saw and the collector has not confirmed: it goes along to the next page. */
  save() {
    return this.rows.filter((row) => row.here && row.seq === undefined).slice(0, 50);
  }

  restore(rows) {
    for (const row of rows) this.#rows.set(row.id, { ...row, order: -this.#rows.size });
    this.#changed(null);
  }

  #row(id) {
    const known = this.#rows.get(id);
    if (known) return known;
    if (this.#rows.size >= MOST_ROWS) this.#rows.delete(this.rows.at(-1).id);
    const row = { id, at: Date.now(), order: performance.now(), reached: 0, problems: [], warnings: [] };
    this.#rows.set(id, row);
    return row;
  }
}
