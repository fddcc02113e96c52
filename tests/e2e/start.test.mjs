// What `npm start` says before it builds anything. The collector's own messages: collector/tests/promises/start.rs.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

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
