// Skips work whose inputs have not changed: their hash is kept beside Cargo's own records, under target/.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { at, root, target } from "./paths.mjs";

const skipped = new Set(["dist", "node_modules", "target"]);

function* files(path) {
  if (!existsSync(path)) return;
  if (statSync(path).isFile()) return yield path;
  for (const name of readdirSync(path).sort()) if (!skipped.has(name)) yield* files(join(path, name));
}

/** Hash of the names and contents of these files and folders, and of any further text that decides the result. */
export function hashOf(paths, ...texts) {
  const hash = createHash("sha256");
  for (const path of paths)
    for (const file of files(at(path))) hash.update(relative(root, file)).update("\0").update(readFileSync(file));
  for (const text of texts) hash.update("\0").update(String(text));
  return hash.digest("hex");
}

/** Calls `work` unless it ended well, not with `false`, with this hash before and all of `outputs` are still there. */
export async function unlessDone(name, hash, outputs, work) {
  const file = join(target, "stamps", name);
  const same = existsSync(file) && readFileSync(file, "utf8") === hash;
  if (same && outputs.every(existsSync)) return;
  // Work that fails half-way leaves other outputs than the hash says.
  rmSync(file, { force: true });
  if ((await work()) === false) return;
  mkdirSync(join(target, "stamps"), { recursive: true });
  writeFileSync(file, hash);
}
