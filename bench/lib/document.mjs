// Writes a result between its markers in a document, and leaves the rest of the file as it is.
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { availableParallelism, cpus, loadavg, platform, release, totalmem } from "node:os";
import { fileURLToPath } from "node:url";

/**
 * @param {string} name of the markers: `<!-- name:begin -->` and `<!-- name:end -->`
 * @param {string} heading where there are none yet
 * @param {string} text what stands between them
 * @param {string} [path] of the document
 */
export function write(name, heading, text, path = "docs/performance.md") {
  const file = fileURLToPath(new URL(`../../${path}`, import.meta.url));
  const [begin, end] = [`<!-- ${name}:begin -->`, `<!-- ${name}:end -->`];
  const before = existsSync(file) ? readFileSync(file, "utf8") : "";
  const section = `${begin}\n\n${text.trim()}\n\n${end}`;
  const [from, to] = [before.indexOf(begin), before.indexOf(end)];
  const after =
    from >= 0 && to > from
      ? before.slice(0, from) + section + before.slice(to + end.length)
      : `${before.trimEnd()}\n\n${heading}\n\n${section}\n`;
  writeFileSync(file, after);
  return `${path}, ${heading.replace(/^#+ /, "")}`;
}

/** The machine's shape, and how busy it was: the noise of what was measured. */
export function machine() {
  const commit = () => {
    try {
      return `, commit ${execFileSync("git", ["rev-parse", "--short", "HEAD"], { cwd: fileURLToPath(new URL(".", import.meta.url)), encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim()}`;
    } catch {
      return "";
    }
  };
  const memory = Math.round(totalmem() / 2 ** 30);
  const shape = `${availableParallelism()} cores (${cpus()[0].model.trim()}), ${memory} GiB, ${platform()} ${release().split("-")[0]}`;
  return { shape: `${shape}, Node ${process.versions.node}${commit()}`, load: () => loadavg()[0].toFixed(1) };
}

/** A Markdown table, its columns as wide as their widest cell. */
export function table(rows) {
  const width = rows[0].map((_, column) => Math.max(3, ...rows.map((row) => [...row[column]].length)));
  const line = (row) => `| ${row.map((cell, i) => cell + " ".repeat(width[i] - [...cell].length)).join(" | ")} |`;
  return [line(rows[0]), line(width.map((n) => "-".repeat(n))), ...rows.slice(1).map(line)].join("\n");
}
