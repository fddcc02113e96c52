// The table, and what must be said beside it.
import { brotli, gzip } from "./contestants.mjs";
import { table } from "./document.mjs";
import { median, quantile } from "./measure.mjs";

const thousands = (number) => Math.round(number).toLocaleString("en");
const kilobytes = (bytes) => `${(bytes / 1000).toFixed(bytes < 99_950 ? 1 : 0)} KB`;
const milliseconds = (time) =>
  time < 0.995 ? `${Math.round(time * 1000)} µs` : `${time < 9.95 ? time.toFixed(1) : thousands(time)} ms`;
const seconds = (time) => `${(time / 1000).toFixed(1)} s`;
const middle = (numbers) => median(numbers.filter((number) => number !== undefined));

export function report({ all, results, scale, rounds, failures, machine, load, versions, minutes }) {
  const control = results.get("nothing");
  const controlWork = middle(control.calls.map((one) => one?.work));
  const of = ({ id }) => results.get(id);
  const [tillpost] = all;

  /** One row: a number of each contestant, its text, and how it compares with Tillpost's. */
  const row = (what, number, text, without = "-") => {
    const own = number(tillpost);
    return [
      what,
      ...all.map((contestant) => {
        const value = number(contestant);
        if (value === undefined || Number.isNaN(value)) return without;
        const shown = text(value, contestant);
        if (contestant === tillpost || !own) return shown;
        const ratio = value / own;
        return `${shown} (${ratio < 9.95 ? ratio.toFixed(ratio < 0.095 ? 2 : 1) : thousands(ratio)}x)`;
      }),
    ];
  };
  const words = (what, text) => [what, ...all.map((contestant) => text(of(contestant), contestant) || "-")];

  const files = (contestant) =>
    Object.entries(contestant.files)
      // Parts that a page asked for in this run; the first file is always loaded.
      .filter(([name]) => ["main.js", "tillpost.js"].includes(name) || contestant.loaded.has(name))
      .map(([, bytes]) => bytes);
  const sum = (numbers) => numbers.reduce((a, b) => a + b, 0);
  const each = (contestant, pick) => middle(of(contestant).calls.map((one) => one && pick(one)));
  const eachFull = (contestant, pick) => middle(of(contestant).full.map((one) => one && pick(one)));
  const start = (contestant, what) => middle(of(contestant).ready.map((one) => one?.[what]));
  const first = (contestant) => of(contestant).full.find(Boolean);

  const rows = [
    ["", ...all.map(({ name }) => name)],
    words("version", (_, { version }) => version),
    words("keeps its queue for the next page", (_, { durable }) => (durable ? "yes" : "no")),
    row("download, brotli 11", (one) => sum(files(one).map(brotli)), kilobytes),
    row("download, gzip 9", (one) => sum(files(one).map(gzip)), kilobytes),
    row("script to ready", (one) => start(one, "ready"), milliseconds),
    row("script to the first call returned", (one) => start(one, "called"), milliseconds),
    row("one call, median", (one) => each(one, ({ times }) => median(times)), milliseconds),
    row("one call, p99", (one) => each(one, ({ times }) => quantile(times, 0.99)), milliseconds),
    row("one event, all work of the thread", (one) => each(one, ({ work }) => work - controlWork), milliseconds),
    words("stored when the call returns", ({ survival }) => survival && (survival.atOnce ? "yes" : "no")),
    words("of 10 events, survive a reload", ({ survival }) => survival && `${survival.survived}`),
    words(`called for the full queue`, (_, one) => first(one) && thousands(first(one).filled)),
    words(`of them in localStorage`, (_, one) => first(one) && thousands(first(one).stored)),
    row("full queue: one call, median", (one) => eachFull(one, ({ times }) => median(times)), milliseconds),
    row("full queue: one call, p99", (one) => eachFull(one, ({ times }) => quantile(times, 0.99)), milliseconds),
    row("full queue: memory", (one) => eachFull(one, ({ heap }) => heap), kilobytes),
    words("of all called, the next page delivers", (_, one) => {
      const full = first(one);
      return full?.arrived !== undefined && `${thousands(full.arrived)} of ${thousands(full.called)}`;
    }),
    row("the last of them after", (one) => eachFull(one, ({ drained }) => drained), seconds),
    words(`${scale.wire} events: arrived`, ({ wire }) => wire && thousands(wire.arrived)),
    row(`${scale.wire} events: requests`, (one) => of(one).wire?.requests, thousands),
    row(`${scale.wire} events: bytes sent`, (one) => of(one).wire?.wire, kilobytes),
    words(
      `${thousands(scale.row)} events in a row: arrived`,
      ({ row }) => row && `${thousands(row.arrived)} of ${thousands(row.called)}`,
    ),
    row("the last of them after", (one) => of(one).row?.time, seconds),
  ];

  const { calls, full } = of(tillpost);
  const ratios = calls.map((one, i) => one && full[i] && median(full[i].times) / median(one.times));
  const fastest = all
    .filter((one) => one !== tillpost && one.durable)
    .map((one) => ({ name: one.name, work: each(one, ({ work }) => work - controlWork) }))
    .sort((a, b) => a.work - b.work)[0];
  const own = each(tillpost, ({ work }) => work - controlWork);
  // `met`: it was met before, so a run that misses it has found a step back.
  const budgets = [
    {
      what: `a call with a full queue (${thousands(first(tillpost)?.stored ?? 0)} records in storage), beside one with an empty queue`,
      value: middle(ratios),
      budget: 1.3,
      text: (times) => `${times.toFixed(2)} times`,
      met: true,
    },
    {
      what: "from the script's first moment until `userengage` is real",
      value: start(tillpost, "ready"),
      budget: 20,
      text: milliseconds,
      met: true,
    },
    fastest && {
      what: `all work for one event, beside the fastest peer that keeps its queue, ${fastest.name}`,
      value: own / fastest.work,
      budget: 1,
      text: (times) => `${times.toFixed(2)} times`,
      met: true,
    },
    {
      what: "the download, brotli 11",
      value: sum(files(tillpost).map(brotli)),
      budget: 22_000,
      text: kilobytes,
      met: false,
    },
  ].filter(Boolean);
  const missed = budgets.filter(({ value, budget }) => !(value <= budget));
  const lines = budgets.map(
    (one) =>
      `- ${one.what}: **${one.text(one.value)}**, budget ${one.text(one.budget)}${missed.includes(one) ? ", missed" : ""}`,
  );

  const text = `Written by \`npm run bench\`: ${versions}, headless; ${machine}. Load of the machine ${load.join(" at the beginning, ")} at the end
(more than the number of cores means that others were at work: then compare the ratios, not the times). ${minutes.toFixed(1)} minutes.
In brackets: that many times Tillpost's number.

${table(rows)}

Tillpost's own budgets:

${lines.join("\n")}${failures.length ? `\n\nNot measured:\n${failures.map((text) => `- ${text}`).join("\n")}` : ""}

What the rows are:

- **download**: the script that a page loads to start, send one product event, and keep it over a reload, with the parts
  that it loads later; minified by the same webpack and terser. Tillpost's snippet (${brotli(tillpost.snippet)} bytes brotli) stands in the page
  beside it; the peers are bundled, and need none.
- **script to ready**: from putting the script into a page that stands until its calls work, and until one that is made
  at that moment has returned: what a script puts off at its start may have to be done in that call. Median of ${rounds * 2} fresh profiles.
- **one call**: the time until the call returns, over ${thousands(scale.calls)} calls from an empty queue, twenty at a time, with the endpoint
  answering 503; 3 s at most. Where the event is not stored when the call returns, the work comes later: **all work of the thread**
  is CPU time of the page's main thread for each event, until a second after the last call, less what a page without
  any script needs. Medians of ${rounds} rounds.
- **full queue**: after ${thousands(scale.fill)} calls with the endpoint answering 503, or as many as fit into 5 s. How many of them
  localStorage then holds is what the contestant's own bounds leave. Then ${thousands(scale.more)} further calls. **Memory** is what JavaScript and
  WebAssembly take more than before the calls, after a collection of garbage (\`measureUserAgentSpecificMemory\`, and the
  size of WebAssembly memories, which it leaves out).
- **the next page**: the same profile after a reload, the endpoint up again, and one further event for those that deliver
  only then.
  Time from the script's first moment to the last event that arrived; given up when nothing new came for 16 s.
- **events**: called twenty at a time while the endpoint is up. Bytes are what the browser wrote to its connections,
  with headers. Time from the first call until the last one arrived; 6 s of calls at most, and given up 4 s after
  nothing new came.

How each is set up; what is not named is its default:

${all.map(({ name, setup }) => `- **${name}**: ${setup}`).join("\n")}`;
  return { text, over: missed.filter(({ met }) => met).map((one) => `${one.what}: ${one.text(one.value)}`) };
}
