// The packed tarball, installed into a project elsewhere: what customers install.
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const here = fileURLToPath(new URL(".", import.meta.url));
const pkg = resolve(here, "../../pkg");

/**
 * A project in a folder of its own, made of the fixture of this name, if there is one, and the tarball.
 * @returns its folder; `npm` and `node`, run in it; and what `node` answers as JSON
 */
export function project(t, fixture) {
  const folder = mkdtempSync(join(tmpdir(), "tillpost-package-"));
  t.after(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  const run = (program, ...args) =>
    execFileSync(program, args, { cwd: folder, encoding: "utf8", shell: process.platform === "win32" });
  const npm = (...args) => run("npm", ...args);
  if (fixture) for (const name of ["source", fixture]) cpSync(join(here, name), folder, { recursive: true });
  npm("pack", pkg, "--silent");
  const [tarball] = readdirSync(folder).filter((name) => name.endsWith(".tgz"));
  const manifest = join(folder, "package.json");
  const own = existsSync(manifest) ? JSON.parse(readFileSync(manifest, "utf8")) : { private: true };
  writeFileSync(manifest, JSON.stringify({ ...own, dependencies: { tillpost: `file:${tarball}` } }));
  // Nothing is run when a package is installed; without bundlers nothing is fetched either.
  npm("install", "--no-audit", "--no-fund", "--ignore-scripts", fixture ? "--prefer-offline" : "--offline");
  return {
    folder,
    npm,
    node: (...args) => JSON.parse(run(process.execPath, ...args)),
  };
}
