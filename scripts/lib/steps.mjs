// Named steps with their times, child processes that show what went wrong, and errors that say what to do.
import { spawn } from "node:child_process";
import { root } from "./paths.mjs";

/** An error whose text is all that the reader needs: what happened, and what to do about it. */
export class Stop extends Error {}

const colour = process.stdout.isTTY ? (code, text) => `\x1b[${code}m${text}\x1b[0m` : (_, text) => text;

/** Runs `work` and prints the step's name when it begins, its time when it ends. */
export async function step(name, work) {
  console.log(colour(1, `▸ ${name}`));
  const began = performance.now();
  const seconds = () => `${((performance.now() - began) / 1000).toFixed(1)} s`;
  try {
    const result = await work();
    console.log(colour(32, `✓ ${name}`), `${seconds()}${typeof result === "string" ? `  ${result}` : ""}`);
    return result;
  } catch (error) {
    console.log(colour(31, `✗ ${name}`), seconds());
    throw error;
  }
}

/**
 * Runs a program to its end and answers what it wrote to stdout. By default the reader sees everything as it comes;
 * with `quiet` only when it fails.
 */
export function run(program, args, { quiet = false, env = {}, cwd = root, hint = "" } = {}) {
  return new Promise((done, fail) => {
    const child = spawn(program, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: quiet ? ["ignore", "pipe", "pipe"] : ["ignore", "inherit", "inherit"],
    });
    let stdout = "";
    let all = "";
    child.stdout?.on("data", (text) => ((stdout += text), (all += text)));
    child.stderr?.on("data", (text) => (all += text));
    const command = [program.replace(`${root}/`, ""), ...args].join(" ");
    child.on("error", (error) => {
      const why = error.code === "ENOENT" ? "is not installed or not in PATH" : error.message;
      fail(new Stop(`${program} ${why}.${hint ? ` ${hint}` : ""}`));
    });
    child.on("close", (code, signal) => {
      if (code === 0) return done(stdout);
      if (all) process.stderr.write(all.endsWith("\n") ? all : `${all}\n`);
      fail(new Stop(`\`${command}\` ended with ${signal ?? code}.${hint ? ` ${hint}` : ""}`));
    });
  });
}

/** The same, answering undefined instead of failing. For questions such as "is it installed?". */
export const ask = (program, args) =>
  new Promise((done) => {
    const child = spawn(program, args, { cwd: root, stdio: ["ignore", "pipe", "ignore"] });
    let stdout = "";
    child.stdout.on("data", (text) => (stdout += text));
    child.on("error", () => done(undefined));
    child.on("close", (code) => done(code === 0 ? stdout : undefined));
  });

/** A script's main function: a `Stop` is shown as its text, anything else with its stack. */
export async function main(work) {
  try {
    process.exitCode = (await work()) ?? 0;
  } catch (error) {
    console.error(colour(31, error instanceof Stop ? error.message : error.stack));
    process.exitCode = 1;
  }
}
