// One test for each fault, written once and run in each engine, against a scripted endpoint that knows what reached it.
//
//   faults((fault) => {
//     fault("one 503, then silence", { promise: 9, holds: "delivered within 2 s" }, async ({ t, open, note }) => { ... });
//   });
//
// What a test measured and how it ended goes to RESULTS, from which docs/delivery.md has its table.
import assert from "node:assert/strict";
import { appendFileSync } from "node:fs";
import { basename } from "node:path";
import { after, describe, test } from "node:test";
import { scriptedEndpoint } from "../e2e/endpoint.mjs";
import { ready, tag } from "../e2e/in-page.mjs";
import { undo } from "../e2e/support.mjs";
import { engines, killBelow } from "./engines.mjs";

export { scriptedEndpoint };

/** What a page throws and nobody catches goes to its server, so that a test fails of it in every engine. */
const watch = `<script>
  for (const type of ["error", "unhandledrejection"])
    addEventListener(type, (event) => navigator.sendBeacon("/problems", event.message || String(event.reason)));
</script>`;

/** Pages that are isolated have clocks of 5 to 20 µs instead of 100 to 1,000. */
const isolated = {
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-embedder-policy": "require-corp",
};

/** The endpoint with pages of the same origin. A page that throws fails the test. */
export async function openShop(t) {
  const shop = await scriptedEndpoint(t);
  undo(t, () => assert.deepEqual(shop.problems, []));
  const serve = shop.page;
  shop.page = (path, html, headers) =>
    serve(path, html === undefined ? html : watch + html, { ...isolated, ...headers });
  return shop;
}

/**
 * Registers the tests of a file, for each engine.
 * @param {(fault: Function, engine: object) => void} define calls `fault` for each
 * @param {{ concurrency?: number }} [options] how many wait side by side; 1 where pages are crashed or times compared
 */
export function faults(define, { concurrency = 1 } = {}) {
  for (const engine of engines)
    describe(engine.name, { concurrency }, () => {
      let started;
      const shared = () => (started ??= engine.start());
      after(async () => (await started)?.close());
      define((name, about, work) => register(engine, shared, name, about, work), engine);
    });
}

/**
 * @param {string} name the fault
 * @param {object} about
 * @param {number} about.promise its number in docs/delivery.md
 * @param {string} about.holds what is promised
 * @param {Object<string, string>} [about.without] why an engine cannot show it
 * @param {Object<string, string>} [about.fails] where the promise does not hold today, and why: the test runs, and is to
 *   pass one day
 * @param {Object<string, string>} [about.remarks] what an engine shows in another way
 * @param {boolean} [about.long] only with `npm run test:browsers`
 */
function register(engine, shared, name, about, work) {
  const { promise, holds, without = {}, fails = {}, remarks = {}, long = false } = about;
  const title = `${name}: ${holds}`;
  const result = { engine: engine.key, fault: name, promise, holds, file: basename(process.argv[1]) };
  result.measured = {};
  result.remark = remarks[engine.key];
  const write = (more) => {
    if (process.env.RESULTS) appendFileSync(process.env.RESULTS, `${JSON.stringify({ ...result, ...more })}\n`);
  };
  const why = without[engine.key];
  if (why) {
    write({ outcome: "cannot", why });
    return test(title, { skip: why }, () => {});
  }
  if (long && !process.env.EVERY_CASE) return test(title, { skip: "only in npm run test:browsers" }, () => {});

  test(title, { timeout: 180_000, todo: fails[engine.key] }, async (t) => {
    const begun = performance.now();
    let outcome = "failed";
    undo(t, () =>
      write({
        outcome,
        ...(outcome === "failed" && { remark: fails[engine.key] }),
        seconds: Math.round(performance.now() - begun) / 1_000,
      }),
    );
    const { session } = await shared();
    result.version = session.version;
    await work({
      t,
      engine,
      /** A window at `path` of the shop, which serves `html` there: by default the script tag alone. */
      async open(shop, { html = tag(), path = "/", headers, started = true, on = session } = {}) {
        if (html !== undefined) shop.page(path, html, headers);
        const page = await on.newPage();
        undo(t, () => page.close().catch(() => {}));
        await page.goto(shop.origin + path);
        if (started) await ready(page);
        return page;
      },
      /** Another browser, for this test alone. */
      async browser(options) {
        const { session, close, below } = await engine.start(options);
        undo(t, close);
        session.kill = () => killBelow(below, session.pid);
        return session;
      },
      /** Notes a measured number: `delivered` (ms from recovery to the first delivery), `call` (µs of a call), ... */
      note: (name, value) => void (result.measured[name] = value),
    });
    outcome = "passed";
  });
}
