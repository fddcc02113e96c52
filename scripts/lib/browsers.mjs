// Chromium and its driver: the ones at CHROME and CHROMEDRIVER, those in PATH, or Debian's through apt-get.
import { accessSync, constants, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { tools } from "./paths.mjs";
import { Stop, ask, run, step } from "./steps.mjs";

const find = (...names) => {
  for (const folder of (process.env.PATH ?? "").split(delimiter))
    for (const name of names) {
      try {
        accessSync(join(folder, name), constants.X_OK);
        return join(folder, name);
      } catch {
        // Not in this folder.
      }
    }
};

const browser = () =>
  process.env.CHROME ?? find("chromium", "chromium-browser", "google-chrome", "google-chrome-stable");
const driver = () => process.env.CHROMEDRIVER ?? find("chromedriver");

/** Paths of browser and driver. Installs them where that is possible without asking anybody. */
export async function chromium() {
  if (!browser() || !driver()) await install();
  const found = { chrome: browser(), chromedriver: driver() };
  if (found.chrome && found.chromedriver) return found;
  throw new Stop(
    "The tests need Chromium and a chromedriver of the same version. On Debian or Ubuntu: " +
      "apt-get install chromium chromium-driver. Elsewhere install them and set CHROME and CHROMEDRIVER to their paths.",
  );
}

async function install() {
  let debian = false;
  try {
    debian = /^ID(_LIKE)?=.*(debian|ubuntu)/m.test(readFileSync("/etc/os-release", "utf8"));
  } catch {
    // Not Linux: the message of `chromium` says what to install.
  }
  if (!debian) return;
  const root = process.getuid() === 0;
  if (!root && (await ask("sudo", ["-n", "true"])) === undefined) return;
  const apt = (...args) => run(root ? "apt-get" : "sudo", [...(root ? [] : ["-n", "apt-get"]), ...args]);
  await step("chromium and chromium-driver", async () => {
    await apt("update", "-q");
    await apt("install", "-q", "-y", "--no-install-recommends", "chromium", "chromium-driver");
  });
}

/** What wasm-bindgen's test runner tells the driver. Chromium's sandbox does not start under root. */
export function webdriver(chrome) {
  const args = ["headless", "disable-gpu", "disable-dev-shm-usage", "no-first-run", "disable-background-networking"];
  if (process.getuid?.() === 0) args.push("no-sandbox");
  const file = join(tools, "webdriver.json");
  mkdirSync(tools, { recursive: true });
  writeFileSync(file, JSON.stringify({ "goog:chromeOptions": { binary: chrome, args } }));
  return file;
}
