// What tests write into a page, and what they do and ask in one. For any browser, behind any client that has `evaluate`.
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { until } from "./support.mjs";

/** The script tag as a shop writes it. */
export const tag = (endpoint = "/api", attributes = "async") =>
  `<script ${attributes} src="/tillpost.js" data-app="abc123" data-endpoint="${endpoint}"></script>`;

export const snippetFile = '<script src="/snippet.js"></script>';

const read = (name) => readFile(fileURLToPath(new URL(`../../pkg/dist/${name}`, import.meta.url)), "utf8");

export const snippetInline = async () => `<script>${await read("snippet.js")}</script>`;

/** What pkg/dist/manifest.json says about a file. */
export const manifest = async (name) => JSON.parse(await read("manifest.json")).files[name];

/** Waits until the script has run. */
export const ready = (page) => page.waitForFunction(() => globalThis.tillpost?.status?.());

/** As many calls, in one go: `prefix-0`, `prefix-1`, ... Answers the microseconds that one of them took. */
export const call = (page, prefix, count = 1) =>
  page.evaluate(
    ([prefix, count]) => {
      const begun = performance.now();
      for (let i = 0; i < count; i++)
        userengage("product_event", { product_id: `${prefix}-${i}`, event_type: "view", price: 7.5 });
      return Math.round((1_000 * (performance.now() - begun)) / count);
    },
    [prefix, count],
  );

/** Remembers what the page is told from now on; `told(page)` answers `{ topic, ...report }`s. */
export const listen = (page) =>
  page.evaluate(() => {
    globalThis.told = [];
    for (const topic of ["stored", "sent", "rejected", "dropped", "error"])
      tillpost.on(topic, (report) => told.push({ ...report, topic }));
  });
export const told = (page, topic) =>
  page.evaluate((topic) => globalThis.told.filter((report) => report.topic === topic), topic);

export const status = (page) => page.evaluate(() => tillpost.status());

/** The keys under which this page's origin holds records and kept calls, not what tabs tell each other. */
export const storedKeys = (page) =>
  page.evaluate(() => Object.keys(localStorage).filter((key) => /^tillpost:(0|1:[^:]+:[^:]+):/.test(key)));

export const productIds = (records) => records.map(({ product_id }) => product_id);

/** Waits until this page's origin holds nothing that is still to be sent. */
export const emptied = (page) => until(async () => (await storedKeys(page)).length === 0);

/** How often each record was stored, in the order of their first arrival. */
export const timesStored = (endpoint) => [...endpoint.stored.values()].map((times) => times.length);

/** Fills localStorage to the last unit under keys of the page's own. */
export const fill = (page) =>
  page.evaluate(() => {
    for (let size = 1 << 20, n = 0; size >= 1; size >>= 1)
      try {
        for (;;) localStorage.setItem(`page:${size}:${n++}`, "x".repeat(size));
      } catch (error) {
        if (error.name !== "QuotaExceededError") throw error;
      }
    // The keys cost as well: what is left is less than the shortest of them and one unit.
    let rest = "";
    try {
      for (;;) localStorage.setItem("page", (rest += "x"));
    } catch {
      return localStorage.length;
    }
  });
