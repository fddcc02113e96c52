// What customers install is a tarball, so a tarball is installed elsewhere and used as they would.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const pkg = resolve(fileURLToPath(import.meta.url), "../../../pkg");

function installed(t) {
  const folder = mkdtempSync(join(tmpdir(), "tillpost-package-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const npm = (...args) =>
    execFileSync("npm", args, { cwd: folder, encoding: "utf8", shell: process.platform === "win32" });
  npm("pack", pkg, "--silent");
  const [tarball] = readdirSync(folder).filter((name) => name.endsWith(".tgz"));
  writeFileSync(join(folder, "package.json"), '{"private":true}');
  npm("install", `./${tarball}`, "--no-audit", "--no-fund", "--offline");
  const run = (...args) => JSON.parse(execFileSync(process.execPath, args, { cwd: folder, encoding: "utf8" }));
  return { folder, run };
}

test("on a server the import does nothing and does not fail, by import and by require", (t) => {
  const { run } = installed(t);
  const use = `
    const before = Object.keys(globalThis).length;
    const answer = [tillpost.start({ app: "abc123" }), tillpost.track({ product_id: "1", event_type: "view" })];
    tillpost.userengage("event.x"); tillpost.flush(); tillpost.on("stored", () => {})();
    answer.push(tillpost.status() === undefined, Object.keys(globalThis).length - before);
    console.log(JSON.stringify({ names: Object.keys(tillpost).filter((name) => name !== "default" && name !== "module.exports").sort(), answer }));`;
  const names = ["flush", "on", "start", "status", "track", "userengage"];
  const answer = [false, { ok: false, errors: [{ code: "not_started" }], warnings: [] }, true, 0];
  assert.deepEqual(run("--input-type=module", "-e", `import * as tillpost from "tillpost";${use}`), { names, answer });
  assert.deepEqual(run("-e", `const tillpost = require("tillpost");${use}`), { names, answer });
  // The browser's door has the same names, and importing it alone touches no global.
  const door = `import * as tillpost from "tillpost"; console.log(JSON.stringify(Object.keys(tillpost).sort()))`;
  assert.deepEqual(run("--conditions=browser", "--input-type=module", "-e", door), names);
});

test("the tarball holds what a page and a bundle need, and nothing else", (t) => {
  const { folder } = installed(t);
  const list = (path) => readdirSync(join(folder, "node_modules/tillpost", path)).sort();
  assert.deepEqual(list("dist"), ["engine.mjs", "manifest.json", "module.mjs", "snippet.js", "tillpost.js"]);
  const own = list("").filter((name) => name !== "dist");
  assert.deepEqual(
    own.filter((name) => !/^(package\.json|.*\.(mjs|cjs|d\.ts))$/.test(name)),
    [],
  );
});
