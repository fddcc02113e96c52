// The measurements. Each opens a browser profile of its own, so nothing is left of the one before.
import { readFileSync } from "node:fs";

const inPage = readFileSync(new URL("page.js", import.meta.url), "utf8");
const pause = (time) => new Promise((next) => setTimeout(next, time));

export const median = (numbers) => quantile(numbers, 0.5);
export const quantile = (numbers, share) => {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
};

/** Waits until `done()`, or until nothing has changed for `still` ms, at most `within` ms. */
async function settle(endpoint, done, { still, within }) {
  const began = performance.now();
  for (;;) {
    const now = performance.now();
    if ((await done()) || now - began > within || now - Math.max(began, endpoint.lastAt()) > still) return;
    await pause(20);
  }
}

export function measurements(browser, endpoint) {
  /** A page of a new profile with the contestant's script on it. */
  async function open(contestant, { down }) {
    endpoint.down(down);
    const context = await browser.newContext();
    await context.addInitScript(inPage);
    const page = await context.newPage();
    const problems = [];
    page.on("pageerror", (error) => problems.push(error));
    const devtools = await context.newCDPSession(page);
    const load = async (number) => {
      const dataset = { app: "bench", endpoint: "/api" };
      const loaded = page.evaluate((args) => bench.load(...args), [contestant.code, dataset, number]);
      const failed = pause(10_000).then(() =>
        Promise.reject(new Error(`${contestant.name} did not start. ${problems}`)),
      );
      failed.catch(() => {});
      return Promise.race([loaded, failed]);
    };
    await page.goto(endpoint.origin);
    await devtools.send("Performance.enable", { timeDomain: "threadTicks" });
    const work = async () => {
      const { metrics } = await devtools.send("Performance.getMetrics");
      return metrics.find(({ name }) => name === "TaskDuration").value * 1000;
    };
    const heap = async () => {
      for (let i = 0; i < 2; i++) await devtools.send("HeapProfiler.collectGarbage");
      return page.evaluate(() => bench.memory());
    };
    const call = (first, count, seconds) => page.evaluate((args) => bench.call(...args), [first, count, seconds]);
    const stored = () => page.evaluate(() => bench.stored());
    return { page, load, work, heap, call, stored, close: () => context.close() };
  }

  async function session(contestant, options, work) {
    const tab = await open(contestant, options);
    try {
      return await work(tab);
    } finally {
      await tab.close();
    }
  }

  return {
    /** Milliseconds from the script's first moment until its calls work, and until a first call, made then, has returned. */
    ready: (contestant) => session(contestant, { down: false }, (tab) => tab.load(1)),

    /** Calls from an empty queue while the endpoint is down, and the thread's work for them, whenever it is done. */
    calls: (contestant, count) =>
      session(contestant, { down: true }, async (tab) => {
        await tab.load();
        await pause(200);
        const before = await tab.work();
        const times = await tab.call(1, count, 3);
        await pause(1_000);
        return { times, work: ((await tab.work()) - before) / times.length };
      }),

    /** Is an event stored when the call returns, and how many of ten survive a reload while the endpoint is down? */
    survival: (contestant) =>
      session(contestant, { down: true }, async (tab) => {
        endpoint.reset();
        await tab.load();
        const atOnce = await tab.page.evaluate(() => (benchTrack(bench.event(1)), bench.stored()));
        await tab.call(2, 9);
        await pause(500);
        await tab.page.reload();
        endpoint.down(false);
        await tab.load();
        // One more, for those that deliver when the next event comes.
        await pause(500);
        await tab.call(11, 1);
        await settle(endpoint, () => endpoint.arrived() === 11, {
          still: contestant.durable ? 18_000 : 3_000,
          within: 22_000,
        });
        return { atOnce: atOnce === 1, survived: Math.max(0, endpoint.arrived() - 1) };
      }),

    /** Fills the queue while the endpoint is down; what calls cost then, what memory it takes, and what a new page drains. */
    full: (contestant, { fill, count, seconds }) =>
      session(contestant, { down: true }, async (tab) => {
        await tab.load();
        const empty = await tab.heap();
        const filled = (await tab.call(1, fill, seconds)).length;
        await pause(500);
        const stored = await tab.stored();
        const heap = (await tab.heap()) - empty;
        const times = await tab.call(fill + 1, count, seconds / 2);
        const called = filled + times.length;
        if (!contestant.durable) return { filled, called, stored, heap, times };
        await pause(500);
        const waiting = await tab.stored();
        endpoint.down(false);
        await tab.page.reload();
        endpoint.reset();
        const began = performance.now();
        await tab.load();
        const nudged = fill + count + 1;
        await tab.call(nudged, 1);
        // Where the queue is full the further event takes the place of one that waited.
        const emptied = async () => endpoint.arrived() >= waiting && (await tab.stored()) === 0;
        await settle(endpoint, emptied, { still: 16_000, within: 20_000 });
        const arrived = endpoint.arrived() - 1;
        return {
          filled,
          called,
          stored,
          heap,
          times,
          arrived,
          drained: arrived > 0 ? endpoint.lastAt() - began : undefined,
        };
      }),

    /** Events in a row while the endpoint is up: what goes over the wire, and when the last one has arrived. */
    wire: (contestant, count) =>
      session(contestant, { down: false }, async (tab) => {
        await tab.load();
        await pause(300);
        endpoint.reset();
        const began = performance.now();
        const called = (await tab.call(1, count, 6)).length;
        await settle(endpoint, () => endpoint.arrived() === called, { still: 4_000, within: 6_000 });
        const arrived = endpoint.arrived();
        return { ...endpoint.counted(), called, arrived, time: arrived ? endpoint.lastAt() - began : undefined };
      }),
  };
}
