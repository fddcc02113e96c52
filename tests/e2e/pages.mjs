// Pages with the script tag, on a scripted endpoint, for tests that need no shop around it.
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { openProfile } from "./harness.mjs";

/** The script tag as a shop writes it. */
export const tag = (endpoint = "/api", attributes = "async") =>
  `<script ${attributes} src="/tillpost.js" data-app="abc123" data-endpoint="${endpoint}"></script>`;

export const snippetFile = '<script src="/snippet.js"></script>';

const read = (name) => readFile(fileURLToPath(new URL(`../../pkg/dist/${name}`, import.meta.url)), "utf8");

export const snippetInline = async () => `<script>${await read("snippet.js")}</script>`;

/** What pkg/dist/manifest.json says about a file. */
export const manifest = async (name) => JSON.parse(await read("manifest.json")).files[name];

/** A tab at `path` of the endpoint, in a profile of its own. Served is `html`, by default the script tag alone. */
export async function openPage(t, endpoint, { path = "/", html = tag(), headers, started = true, ...options } = {}) {
  endpoint.page(path, html, headers);
  const profile = await openProfile(t, options);
  const page = await profile.context.newPage();
  await page.goto(endpoint.origin + path);
  if (started) await ready(page);
  return { ...profile, page };
}

/** Waits until the script has run. */
export const ready = (page) => page.waitForFunction(() => typeof globalThis.tillpost?.status === "function");

/** As many calls, in one go: `prefix-0`, `prefix-1`, ... */
export const call = (page, prefix, count = 1) =>
  page.evaluate(
    ([prefix, count]) => {
      for (let i = 0; i < count; i++)
        userengage("product_event", { product_id: `${prefix}-${i}`, event_type: "view", price: 7.5 });
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

/** The keys under which this page's origin holds records and kept calls. */
export const storedKeys = (page) =>
  page.evaluate(() => Object.keys(localStorage).filter((key) => /^tillpost:\d:/.test(key)));

export const productIds = (records) => records.map(({ product_id }) => product_id);
