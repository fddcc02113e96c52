// An endpoint whose faults a test scripts, and which knows what really reached it.
//
//   const endpoint = await scriptedEndpoint(t);
//   endpoint.answer({ status: 503 }, { hang: true }, { cut: true });   // the next three requests; then all is well
//   endpoint.page("/", "<script src=/tillpost.js data-app=abc123 data-endpoint=/api></script>");
//   await endpoint.received(3);
//   await endpoint.down();   // nobody listens on its port, until endpoint.up()
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { undo, until } from "./support.mjs";

const dist = resolve(fileURLToPath(import.meta.url), "../../../pkg/dist");
const types = { ".js": "text/javascript", ".mjs": "text/javascript", ".html": "text/html", ".css": "text/css" };

/** Does the endpoint store what it is sent? */
const taken = ({ cut, status = 200, hang }) => cut !== "before" && status === 200 && !hang;

/**
 * A scripted answer:
 * - `status`, `headers`, `body`: sent as they are. Without `body`, a 200 names every record as stored or duplicate.
 * - `delay`: milliseconds before the answer. `hang`: no answer until the test ends. `drip`: the answer's first half at
 *   once, then one byte each second.
 * - `cut`: the connection ends without an answer, after the records were stored; `cut: "before"`: before.
 * - `omit`: ids, or a test of a record, that the answer does not name and that are not stored.
 * - `reject`: the same, for records that are answered as rejected.
 * - `refuse`: the same; a batch that holds one of them is answered with `status` (400 if none is given) and stored not at
 *   all.
 */
export async function scriptedEndpoint(t) {
  const script = [];
  let standing = {};
  const pages = new Map();
  const requests = [];
  const preflights = [];
  const files = [];
  const stored = new Map();
  const problems = [];

  const matches = (rule, record) => (typeof rule === "function" ? rule(record) : (rule ?? []).includes(record.id));

  /** Stores the records and words the answer, as an endpoint that works would. */
  function store(records, { omit, reject }) {
    return records.flatMap((record) => {
      if (matches(omit, record)) return [];
      if (matches(reject, record)) return [{ id: record.id, status: "rejected", code: "scripted" }];
      const seen = stored.has(record.id);
      stored.set(record.id, [...(stored.get(record.id) ?? []), record]);
      return [{ id: record.id, status: seen ? "duplicate" : "stored" }];
    });
  }

  async function post(request, response) {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = Buffer.concat(chunks).toString();
    if (request.url === "/problems") {
      problems.push(body);
      return response.writeHead(204).end();
    }
    let batch;
    try {
      batch = JSON.parse(body);
    } catch {
      // Recorded as it came; a test may be about this.
    }
    const records = batch?.records ?? [];
    const plan = { ...(script.shift() ?? standing) };
    if (plan.refuse) plan.status = records.some((record) => matches(plan.refuse, record)) ? (plan.status ?? 400) : 200;
    const { method, url, headers } = request;
    requests.push({ at: Date.now(), method, url, headers, body, batch, ids: records.map(({ id }) => id), plan });

    const refused = !taken(plan);
    const results = refused ? [] : store(records, plan);
    if (plan.hang) return;
    if (plan.delay) await new Promise((next) => setTimeout(next, plan.delay));
    if (plan.cut) return request.socket.destroy();
    const cors = { "access-control-allow-origin": "*" };
    response.writeHead(plan.status ?? 200, { "content-type": "application/json", ...cors, ...plan.headers });
    const answer = Buffer.from(plan.body ?? JSON.stringify(refused ? {} : { results }));
    if (!plan.drip) return response.end(answer);
    let at = Math.floor(answer.length / 2);
    response.write(answer.subarray(0, at));
    const dripping = setInterval(() => response.write(answer.subarray(at, ++at)), 1_000);
    response.on("close", () => clearInterval(dripping));
  }

  async function get(request, response) {
    const path = new URL(request.url, "http://localhost").pathname;
    files.push(request.url);
    const page = pages.get(path);
    if (page) {
      if (page.hang) return;
      response.writeHead(200, { "content-type": "text/html", ...page.headers });
      return response.end(page.html);
    }
    try {
      const file = await readFile(join(dist, path));
      response.writeHead(200, { "content-type": types[extname(path)] ?? "application/octet-stream" });
      response.end(file);
    } catch {
      response.writeHead(path === "/favicon.ico" ? 204 : 404).end();
    }
  }

  function handle(request, response) {
    if (request.method === "POST") return post(request, response);
    if (request.method === "GET") return get(request, response);
    preflights.push(request.url);
    response.writeHead(204, {
      "access-control-allow-origin": "*",
      "access-control-allow-headers": "*",
      "access-control-allow-methods": "*",
    });
    response.end();
  }

  // A browser that goes away in the middle of a request is a fault under test, not one of the endpoint.
  const server = createServer((request, response) => handle(request, response)?.catch(() => response.destroy()));
  const up = (port) => new Promise((done) => server.listen(port, "127.0.0.1", done));
  const down = () =>
    new Promise((done) => {
      server.close(done);
      server.closeAllConnections();
    });
  await up(0);
  undo(t, () => void down());
  const { port } = server.address();

  return {
    origin: `http://127.0.0.1:${port}`,
    /** Closes the port: whoever connects is refused. */
    down,
    /** Listens again, on the same port. */
    up: () => up(port),
    /** What pages that report to `/problems` could not deal with. */
    problems,
    /** Every POST, in order, with its `ids`. */
    requests,
    /** The addresses that browsers asked about before they would send. */
    preflights,
    /** The address of every GET, in order. */
    files,
    /** By id, each time that this record was stored. More than once means that it came again. */
    stored,
    /** Scripts the next requests, one answer each. */
    answer: (...plans) => void script.push(...plans),
    /** The answer to every request that none is scripted for. */
    otherwise: (plan) => void (standing = plan),
    /** Serves a page of the same origin, in UTF-8; a Buffer as it is; with nothing to serve, never answers. Files of pkg/dist (`/tillpost.js`) are served without being asked for. */
    page: (path, html, headers) =>
      void pages.set(path, {
        hang: html === undefined,
        html: Buffer.isBuffer(html) ? html : `<!doctype html><meta charset="utf-8">${html}`,
        headers,
      }),
    /** Waits until so many different records are stored, and answers their first forms. */
    async received(atLeast, within) {
      const explain = () => `${stored.size} of ${atLeast} stored, after ${requests.length} requests.`;
      await until(() => stored.size >= atLeast, explain, within);
      return [...stored.values()].map(([first]) => first);
    },
    /** Milliseconds from this moment (of Date.now()) to the first request after it that was taken. */
    firstTakenAfter: (moment) => requests.find(({ at, plan }) => at >= moment && taken(plan))?.at - moment,
    /** Waits until so many requests came, whatever was answered. */
    async asked(atLeast, within) {
      await until(
        () => requests.length >= atLeast,
        () => `${requests.length} of ${atLeast} requests came.`,
        within,
      );
      return requests;
    },
  };
}
