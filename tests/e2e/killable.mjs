// A Chromium whose process a test may kill, on a profile that outlives it.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { launch } from "./harness.mjs";
import { undo, until } from "./support.mjs";

/**
 * `open()` starts the browser on the profile and answers its context. `kill()` is SIGKILL for its main process, and
 * `quit()` an orderly end, as when the visitor closes its last window.
 */
export async function killableBrowser(t) {
  const folder = await mkdtemp(join(tmpdir(), "tillpost-killable-"));
  let child;
  let gone;

  async function end(signal) {
    if (child && child.exitCode === null && child.signalCode === null) child.kill(signal);
    await gone;
  }
  undo(t, async () => {
    await end("SIGKILL");
    await rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  });

  return {
    async open() {
      const own = ["--headless=new", "--remote-debugging-port=0", `--user-data-dir=${folder}`, "about:blank"];
      child = spawn(launch.executablePath, [...launch.args, ...own], { stdio: ["ignore", "ignore", "pipe"] });
      gone = once(child, "exit");
      let log = "";
      child.stderr.on("data", (text) => (log += text));
      const address = await until(
        () => /DevTools listening on (\S+)/.exec(log)?.[1],
        () => `Chromium does not start:\n${log}`,
        20_000,
      );
      const browser = await chromium.connectOverCDP(address);
      return browser.contexts()[0];
    },
    kill: () => end("SIGKILL"),
    quit: () => end("SIGINT"),
  };
}
