// What end-to-end tests stand on: a collector and a browser of their own, and a scripted endpoint for faults.
//
//   const shop = await openShop(t);
//   await shop.page.click("text=Add to cart");
//   await shop.arrived({ atLeast: 1, where: (event) => event.event_type === "add to cart" });
//
// Nothing here waits for silence. Presence is asked for until a deadline; absence is shown by `shop.settled()`: flush,
// wait until the queue is empty, then read what the collector has.
import { spawn } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { after } from "node:test";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import { undo, until } from "./support.mjs";

export { scriptedEndpoint } from "./endpoint.mjs";
export { until } from "./support.mjs";

const root = resolve(fileURLToPath(import.meta.url), "../../..");

/** A collector on a free port, with an empty data folder that is removed with it. It serves the demo shop, or `www`. */
export async function startCollector(t, { args = [], www = join(root, "www") } = {}) {
  const data = await mkdtemp(join(tmpdir(), "tillpost-e2e-"));
  const program = process.env.COLLECTOR ?? join(root, "target/release/tillpost-collector");
  const folders = ["--data", data, "--www", www, "--sdk", join(root, "pkg/dist")];
  const child = spawn(program, ["--demo", "--listen", "127.0.0.1:0", ...folders, ...args]);
  const gone = new Promise((done) => child.once("close", done).once("error", done));
  let log = "";
  let out = "";
  child.stderr.on("data", (text) => (log += text));
  child.stdout.on("data", (text) => (out += text));
  undo(t, async () => {
    child.kill("SIGKILL");
    await gone;
    await rm(data, { recursive: true, force: true });
  });

  const listening = until(
    () => /listening on (\S+)/.exec(out)?.[1],
    () => `The collector does not listen. Its log:\n${log}`,
  );
  const ended = gone.then((why) =>
    Promise.reject(new Error(`The collector ended (${why}) before it listened:\n${log}`)),
  );
  ended.catch(() => {}); // It also ends after the test, and nobody listens then.
  const origin = await Promise.race([listening, ended]);

  return {
    origin,
    data,
    log: () => log,
    /** Everything that the collector stored or rejected, oldest first; of one visitor if asked. */
    async events({ visitor } = {}) {
      const query = new URLSearchParams({ after: "0", limit: "1000", ...(visitor && { visitor }) });
      const response = await fetch(`${origin}/live/events?${query}`);
      if (!response.ok) throw new Error(`/live/events answered ${response.status}: ${await response.text()}`);
      return (await response.json()).events;
    },
  };
}

export const launch = {
  executablePath: process.env.CHROME ?? "/usr/bin/chromium",
  args: [
    ...(process.getuid?.() === 0 ? ["--no-sandbox"] : []),
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
  ],
  // Playwright switches the back-forward cache off, and pages live in it in real browsers.
  ignoreDefaultArgs: ["--disable-back-forward-cache"],
};

let launched;

/** The browser that all tests of one file share. Each test has a context, so a profile, of its own. */
export function browser() {
  launched ??= chromium.launch(launch);
  return launched;
}
after(async () => (await launched)?.close());

/**
 * A browser profile for this test. Console errors and uncaught exceptions of its pages fail the test, but for those that
 * `expected` names (a list of regular expressions, to which a test may add). With `preferences`, as Chromium keeps them in
 * a profile's folder, it is a browser of its own.
 */
export async function openProfile(t, { expected = [], preferences, ...options } = {}) {
  const context = preferences ? await launchWith(t, preferences, options) : await (await browser()).newContext(options);
  const problems = [];
  context.on("console", (message) => {
    if (message.type() === "error") problems.push(`console: ${message.text()} (${message.location().url})`);
  });
  context.on("weberror", (error) => problems.push(`uncaught: ${error.error().stack ?? error.error()}`));
  undo(t, async () => {
    await context.close();
    const unexpected = problems.filter((text) => !expected.some((pattern) => pattern.test(text)));
    if (unexpected.length) throw new Error(`The page reported errors:\n${unexpected.join("\n")}`);
  });
  return { context, problems, expected };
}

async function launchWith(t, preferences, options) {
  const folder = await mkdtemp(join(tmpdir(), "tillpost-profile-"));
  undo(t, () => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  await mkdir(join(folder, "Default"));
  await writeFile(join(folder, "Default/Preferences"), JSON.stringify(preferences));
  return chromium.launchPersistentContext(folder, { ...launch, ...options });
}

/**
 * The demo shop on a collector of its own, open in a profile of its own. Without impressions, unless a test asks for them:
 * when they come depends on the time.
 */
export async function openShop(t, { path = "/", args, www, impressions = false, ...options } = {}) {
  const collector = await startCollector(t, { args, www });
  const profile = await openProfile(t, options);
  const nothing = { contentType: "text/javascript", body: "" };
  if (!impressions) await profile.context.route("**/impressions.js", (route) => route.fulfill(nothing));
  const page = await profile.context.newPage();
  const shop = {
    ...profile,
    collector,
    origin: collector.origin,
    page,

    /** Opens a path of the shop in this tab and waits until the SDK is there. */
    async visit(to, tab = page) {
      await tab.goto(collector.origin + to);
      await shop.ready(tab);
    },

    /** Another tab of the same visitor. */
    async newTab(to = "/") {
      const tab = await profile.context.newPage();
      await shop.visit(to, tab);
      return tab;
    },

    /** Waits until the script has taken over from the snippet. */
    ready: (tab = page) => tab.waitForFunction(() => globalThis.tillpost?.status?.()),

    status: (tab = page) => tab.evaluate(() => globalThis.tillpost.status()),

    /** Asks the collector until at least so many events (that pass `where`) have arrived, and answers them. */
    async arrived({ visitor, atLeast = 1, where = () => true, within } = {}) {
      const asked = async () => (await collector.events({ visitor })).filter(where);
      const events = await until(
        async () => {
          const found = await asked();
          return found.length >= atLeast && found;
        },
        async () => {
          const all = await collector.events();
          return `${(await asked()).length} of ${atLeast} arrived; the collector has:\n${all.map(brief).join("\n")}\n${collector.log()}`;
        },
        within,
      );
      return events;
    },

    /** Everything that arrived once the page has nothing left to send. What is not in here did not happen. */
    async settled(tab = page) {
      await until(
        async () => {
          const { queued } = await tab.evaluate(() => (globalThis.tillpost.flush(), globalThis.tillpost.status()));
          return queued === 0;
        },
        async () => `Still queued: ${JSON.stringify(await shop.status(tab))}`,
      );
      return collector.events();
    },
  };
  await shop.visit(path);
  return shop;
}

const brief = ({ seq, status, code, kind, event_type, product_id, token }) =>
  `  ${seq} ${[status, code, kind, event_type, product_id, token && `token ${token}`].filter(Boolean).join(" ")}`;
