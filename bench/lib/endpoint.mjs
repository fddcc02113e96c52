// One endpoint for all: answers each protocol with success, or 503 while it is down, and knows what reached it.
import { createServer } from "node:http";
import { gunzipSync } from "node:zlib";

/** How each protocol says that all went well. */
const success = {
  tillpost: (text) => {
    const { records = [] } = JSON.parse(text);
    return JSON.stringify({ results: records.map(({ id }) => ({ id, status: "stored" })) });
  },
  snowplow: () => "ok",
  segment: () => '{"success":true}',
  rudderstack: () => '"OK"',
  amplitude: (text) => {
    const events_ingested = JSON.parse(text).events?.length ?? 0;
    return JSON.stringify({
      code: 200,
      events_ingested,
      payload_size_bytes: text.length,
      server_upload_time: Date.now(),
    });
  },
  posthog: () => '{"status":1}',
  algolia: () => '{"status":200,"message":"OK"}',
};

const isolated = {
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-embedder-policy": "require-corp",
  "cache-control": "no-store",
};

/**
 * @param {(id: string, name: string) => Buffer | undefined} file a script of one of the contestants, for those that load
 * parts of themselves later
 */
export async function startEndpoint(file) {
  let down = false;
  let requests = 0;
  let bodies = 0;
  let lastAt = 0;
  let events = new Set();
  const sockets = new Map();

  async function post(request, response, protocol) {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = Buffer.concat(chunks);
    requests += 1;
    bodies += body.length;
    if (down) return response.writeHead(503, isolated).end();
    const text = (body[0] === 0x1f && body[1] === 0x8b ? gunzipSync(body) : body).toString();
    const before = events.size;
    for (const [, number] of text.matchAll(/\bp-(\d+)\b/g)) events.add(number);
    if (events.size > before) lastAt = performance.now();
    response.writeHead(200, { ...isolated, "content-type": "application/json" });
    response.end(success[protocol]?.(text) ?? "{}");
  }

  function get(response, path) {
    if (path === "/") {
      response.writeHead(200, { ...isolated, "content-type": "text/html" });
      return response.end('<!doctype html><meta charset="utf-8"><title>bench</title><p>A page of a shop.</p>');
    }
    const [, folder, id, name] = path.split("/");
    const script = folder === "sdk" && file(id, name);
    if (!script) return response.writeHead(path === "/favicon.ico" ? 204 : 404, isolated).end();
    response.writeHead(200, { ...isolated, "content-type": "text/javascript" }).end(script);
  }

  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url, "http://localhost");
    if (request.method === "GET") return get(response, pathname);
    const first = pathname.split("/")[1];
    post(request, response, first === "api" ? "tillpost" : first).catch(() => response.destroy());
  });
  server.on("connection", (socket) => {
    sockets.set(socket, 0);
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));

  return {
    origin: `http://127.0.0.1:${server.address().port}`,
    down: (value) => void (down = value),
    /** How many different events have arrived. */
    arrived: () => events.size,
    /** When the last one came that was new. */
    lastAt: () => lastAt,
    /** Forgets what was counted. */
    reset() {
      requests = bodies = lastAt = 0;
      events = new Set();
      for (const socket of sockets.keys()) {
        if (socket.destroyed) sockets.delete(socket);
        else sockets.set(socket, socket.bytesRead);
      }
    },
    /** Requests, and bytes that the browser sent: with headers, and of bodies alone. */
    counted() {
      let wire = 0;
      for (const [socket, before] of sockets) wire += socket.bytesRead - before;
      return { requests, bodies, wire };
    },
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}
