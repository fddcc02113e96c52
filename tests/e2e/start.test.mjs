// What `npm start` says, and that it serves until Ctrl-C. The collector's own messages: collector/tests/promises/start.rs.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { until } from "./harness.mjs";

const script = fileURLToPath(new URL("../../scripts/start.mjs", import.meta.url));

/** Runs it to its end. It must end by itself, before it would set anything up. */
async function start(...args) {
  const child = spawn(process.execPath, [script, ...args], { env: { ...process.env, PORT: "" } });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (text) => (said += text));
  const [code] = await once(child, "close");
  return { code, said: said.replace(/\x1b\[\d+m/g, "").trim() };
}

test("a taken port is said at once, with what to do", async (t) => {
  const other = createServer().listen(0, "127.0.0.1");
  t.after(() => other.close());
  await once(other, "listening");
  const { port } = other.address();
  const { code, said } = await start("--port", String(port));
  assert.equal(code, 1);
  assert.equal(
    said,
    `Port ${port} is taken by another program. Stop it, or choose another port: npm start -- --port ${port + 1}`,
  );
});

test("what is no port is said at once, with the usage", async () => {
  for (const port of ["65536", "-1", "http", "80a"]) {
    const { code, said } = await start(`--port=${port}`);
    assert.equal(code, 1);
    assert.match(said, new RegExp(`^"${port}" is not a port\\.\nnpm start -- `));
  }
});

test("the shop, the live view and the REST calls are served until Ctrl-C, with a token that is never printed", async (t) => {
  const data = await mkdtemp(join(tmpdir(), "tillpost-start-"));
  const child = spawn(process.execPath, [script, "--port", "0", "--data", data]);
  const ended = once(child, "close");
  t.after(async () => {
    child.kill("SIGKILL");
    await ended;
    await rm(data, { recursive: true, force: true });
  });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (text) => (said += text));
  // Everything is built by now; on another machine this may be the first build.
  const origin = await until(
    () => /Demo shop +(http\S+)\//.exec(said)?.[1],
    () => said,
    300_000,
  );
  for (const path of ["/", "/live.html", "/tillpost.js", "/snippet.js", "/healthz"])
    assert.equal((await fetch(origin + path)).status, 200, path);

  const token = (await readFile(join(data, "token"), "utf8")).trim();
  const authorization = { authorization: `Token ${token}` };
  const details = await fetch(`${origin}/api/public/users-by-id/52/product_events/?type=1`, { headers: authorization });
  assert.equal(details.status, 404, "no such user yet, but the token is taken");
  assert.equal((await fetch(details.url)).status, 401);

  child.kill("SIGINT");
  assert.deepEqual(await ended, [0, null]);
  assert.match(said, /Stopped\./);
  assert.ok(!said.includes(token));
});
