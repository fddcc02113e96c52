// The browsers of the tests: those at CHROME, CHROMEDRIVER, FIREFOX, WEBKIT_DRIVER and MINIBROWSER, those in PATH, or
// Debian's through apt-get. Nothing else is downloaded.
import { accessSync, constants, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { tools } from "./paths.mjs";
import { Stop, ask, run, step } from "./steps.mjs";

const executable = (folder, name) => {
  try {
    accessSync(join(folder, name), constants.X_OK);
    return join(folder, name);
  } catch {
    // Not in this folder.
  }
};

const find = (...names) => {
  for (const folder of (process.env.PATH ?? "").split(delimiter))
    for (const name of names) {
      const found = executable(folder, name);
      if (found) return found;
    }
};

const browser = () =>
  process.env.CHROME ?? find("chromium", "chromium-browser", "google-chrome", "google-chrome-stable");
const driver = () => process.env.CHROMEDRIVER ?? find("chromedriver");

/** Paths of browser and driver. Installs them where that is possible without asking anybody. */
export async function chromium() {
  if (!browser() || !driver()) await install("chromium", "chromium-driver");
  const found = { chrome: browser(), chromedriver: driver() };
  if (found.chrome && found.chromedriver) return found;
  throw new Stop(
    "The tests need Chromium and a chromedriver of the same version. On Debian or Ubuntu: " +
      "apt-get install chromium chromium-driver. Elsewhere install them and set CHROME and CHROMEDRIVER to their paths.",
  );
}

/** Firefox's path, or undefined. Its tests need no driver beside it. */
export async function firefox() {
  const path = () => process.env.FIREFOX ?? find("firefox-esr", "firefox");
  if (!path()) await install("firefox-esr");
  return path();
}

/** WebKitGTK's driver, its small browser and a display for them, or undefined. */
export async function webkit() {
  const paths = () => {
    const driver = process.env.WEBKIT_DRIVER ?? find("WebKitWebDriver");
    const browser = process.env.MINIBROWSER ?? miniBrowser();
    return driver && browser && find("Xvfb") ? { driver, browser } : undefined;
  };
  if (!paths()) await install("webkit2gtk-driver", "xvfb");
  return paths();
}

/** It lies beside the library, in a folder that is named after the machine. */
function miniBrowser() {
  try {
    for (const machine of readdirSync("/usr/lib")) {
      const folder = join("/usr/lib", machine, "webkit2gtk-4.1");
      const found = executable(folder, "MiniBrowser");
      if (found) return found;
    }
  } catch {
    // Not Linux.
  }
}

const wanted = {
  chromium: async () => {
    const { chrome, chromedriver } = await chromium();
    return { CHROME: chrome, CHROMEDRIVER: chromedriver };
  },
  firefox: async () => {
    const path = await firefox();
    return path && { FIREFOX: path };
  },
  webkit: async () => {
    const found = await webkit();
    return found && { WEBKIT_DRIVER: found.driver, MINIBROWSER: found.browser };
  },
};

const missing = {
  firefox:
    "Firefox is missing. On Debian: apt-get install firefox-esr. Elsewhere install it and set FIREFOX to its path.",
  webkit:
    "WebKitGTK is missing. On Debian or Ubuntu: apt-get install webkit2gtk-driver xvfb. Elsewhere there is none to test with.",
};

/**
 * What tests/browsers needs to find these engines: environment variables. A missing one is said and left out; in CI
 * Chromium and Firefox must be there.
 */
export async function enginesFor(...names) {
  const env = {};
  const found = [];
  for (const name of names) {
    const paths = await wanted[name]();
    if (paths) {
      Object.assign(env, paths);
      found.push(name);
    } else if (process.env.CI && name === "firefox") throw new Stop(missing[name]);
    else console.log(`SKIPPED: all cases in ${name}. ${missing[name]}`);
  }
  return { ...env, BROWSERS: found.join(",") };
}

async function install(...packages) {
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
  // Another system's repository may not have them: the caller looks again, and says what is missing.
  await step(packages.join(" and "), async () => {
    await apt("update", "-q");
    await apt("install", "-q", "-y", "--no-install-recommends", ...packages);
  }).catch((error) => console.log(error.message));
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
