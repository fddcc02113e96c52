// The three browsers: how each is started, and what it lets a test do to it. Paths come from scripts/lib/browsers.mjs.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { until } from "../e2e/support.mjs";
import { Session, overHttp, overMarionette } from "./webdriver.mjs";

const env = process.env;

/** A program that ends with the browser that it belongs to. */
function program(path, args, options = {}) {
  const child = spawn(path, args, { stdio: ["ignore", "pipe", "pipe"], ...options });
  const ended = new Promise((done) => child.once("close", done).once("error", done));
  let said = "";
  for (const stream of child.stdio) stream?.on("data", (text) => (said += text));
  return {
    pid: child.pid,
    said: () => said,
    /** Waits until it has said this, and answers the match. */
    says: (pattern) =>
      until(
        () => pattern.exec(said) ?? undefined,
        () => `${path} said:\n${said}`,
        30_000,
      ),
    async end(signal = "SIGTERM") {
      child.kill(signal);
      await ended;
    },
  };
}

/** Root has no sandbox in Chromium. Nothing of these goes to the network. */
const chromiumArgs = [
  "headless",
  "disable-gpu",
  "disable-dev-shm-usage",
  "no-first-run",
  "disable-background-networking",
  "disable-component-update",
  ...(process.getuid?.() === 0 ? ["no-sandbox"] : []),
];

const chromium = {
  key: "chromium",
  name: "Chromium",

  async start({ blocked = false, profile } = {}) {
    const driver = program(env.CHROMEDRIVER ?? "chromedriver", ["--port=0"]);
    try {
      const [, port] = await driver.says(/started successfully on port (\d+)/);
      // As the settings page does it when all site data is blocked.
      const prefs = blocked ? { profile: { default_content_setting_values: { cookies: 2 } } } : {};
      const transport = await overHttp(`http://127.0.0.1:${port}`, {
        "goog:chromeOptions": {
          binary: env.CHROME ?? "/usr/bin/chromium",
          args: profile ? [...chromiumArgs, `user-data-dir=${profile}`] : chromiumArgs,
          prefs,
        },
      });
      return { session: await new Session(transport).begin(), close: () => quit(transport, driver), below: driver.pid };
    } catch (error) {
      await driver.end();
      throw error;
    }
  },

  async crash(page) {
    await page.session
      .alone((command) => command("cdp", { cmd: "Page.crash", params: {} }), page.handle)
      .catch((error) => {
        if (!/crashed/.test(error.message)) throw error;
      });
    page.session.forget();
  },

  offline: (page, offline) =>
    page.session.alone(
      (command) =>
        command("network", {
          network_conditions: { offline, latency: 0, download_throughput: -1, upload_throughput: -1 },
        }),
      page.handle,
    ),
};

/** Stock Firefox asks the network for a lot when it starts; nothing here may leave the machine. */
const firefoxPrefs = {
  "marionette.port": 0,
  "app.normandy.enabled": false,
  "app.update.disabledForTesting": true,
  "browser.safebrowsing.downloads.enabled": false,
  "browser.safebrowsing.malware.enabled": false,
  "browser.safebrowsing.phishing.enabled": false,
  "browser.safebrowsing.update.enabled": false,
  "datareporting.policy.dataSubmissionEnabled": false,
  "extensions.systemAddon.update.enabled": false,
  "network.captive-portal-service.enabled": false,
  "network.connectivity-service.enabled": false,
  "services.settings.server": "data:,#",
  "toolkit.telemetry.server": "data:,",
  // A process for each tab, so that one can die without the others.
  "dom.ipc.processCount.webCOOP+COEP": 16,
  "dom.ipc.processCount.webIsolated": 16,
  // Offline is offline for the endpoint on this machine too.
  "network.disable-localhost-when-offline": true,
  // An address that is asked for from outside of the page ends the script that runs there at that moment, half-way through.
  // In 4 of 94 times that was Tillpost's own `pagehide`, and the next page had to send. docs/delivery.md says so.
  "dom.ipc.processHangMonitor": false,
};

const firefox = {
  key: "firefox",
  name: "Firefox",

  async start({ blocked = false, profile: own } = {}) {
    const profile = own ?? (await mkdtemp(join(tmpdir(), "tillpost-firefox-")));
    const remove = () => own ?? rm(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
    // Of a browser before this one.
    await rm(join(profile, "MarionetteActivePort"), { force: true });
    // 2: all site data is blocked.
    const prefs = blocked ? { ...firefoxPrefs, "network.cookie.cookieBehavior": 2 } : firefoxPrefs;
    const lines = Object.entries(prefs).map(([name, value]) => `user_pref("${name}", ${JSON.stringify(value)});\n`);
    await writeFile(join(profile, "user.js"), lines.join(""));
    // System access: to switch the network off, and to learn which process a page is in.
    const args = ["--headless", "--marionette", "--remote-allow-system-access", "--no-remote", "--profile", profile];
    const browser = program(env.FIREFOX ?? "firefox-esr", args, { env: { ...env, MOZ_CRASHREPORTER_DISABLE: "1" } });
    try {
      const port = await until(
        () => readFile(join(profile, "MarionetteActivePort"), "utf8").then(Number, () => undefined),
        () => `Firefox said:\n${browser.said()}`,
        30_000,
      );
      const transport = await overMarionette(port, {});
      const close = async () => {
        await quit(transport, browser);
        await remove();
      };
      return { session: await new Session(transport).begin(), close, below: process.pid };
    } catch (error) {
      await browser.end();
      await remove();
      throw error;
    }
  },

  async crash(page) {
    const { osPid: pid, address } = await privileged(
      page,
      "const { osPid, documentURI } = gBrowser.selectedBrowser.browsingContext.currentWindowGlobal; done({ osPid, address: documentURI.spec })",
    );
    page.session.forget();
    // Tabs of one site may share a process: this one has died with another.
    if (address.startsWith("about:tabcrashed")) return;
    // It is -1 for a page in Firefox's own process, and to kill -1 would end everything on this machine.
    await killBelow(page.session.pid, pid);
  },

  offline: (page, offline) => privileged(page, `Services.io.offline = ${offline}; done()`),
};

/** Runs a script in Firefox itself, in the window of this page. */
const privileged = (page, script) =>
  page.session.alone(async (command) => {
    await command("context", { value: "chrome" });
    try {
      return await command("execute", { script: `const [done] = arguments; ${script}`, args: [] });
    } finally {
      await command("context", { value: "content" });
    }
  }, page.handle);

/** Is this process a child, or a child's child, of that one? */
async function isBelow(pid, ancestor) {
  while (Number.isInteger(pid) && pid > 1) {
    const status = await readFile(`/proc/${pid}/status`, "utf8").catch(() => "");
    pid = Number(/^PPid:\s+(\d+)/m.exec(status)?.[1]);
    if (pid === ancestor) return true;
  }
  return false;
}

/** Kills a process after it was shown to be a descendant of that one, and waits until it is gone. */
export async function killBelow(ancestor, pid) {
  if (!(await isBelow(pid, ancestor))) throw new Error(`Process ${pid} is not below ${ancestor}: not killed.`);
  process.kill(pid, "SIGKILL");
  await until(async () => !(await alive(pid)));
}

/** A zombie is not: its parent only has not asked for it yet. */
const alive = async (pid) => {
  const status = await readFile(`/proc/${pid}/status`, "utf8").catch(() => "State: Z");
  return !/^State:\s+Z/m.test(status);
};

const webkit = {
  key: "webkit",
  name: "WebKitGTK",

  async start({ blocked = false } = {}) {
    const screen = program("Xvfb", ["-displayfd", "1", "-screen", "0", "1280x720x24", "-nolisten", "tcp"]);
    let driver;
    try {
      const [display] = await screen.says(/\d+(?=\n)/);
      // It cannot choose one itself.
      const port = await freePort();
      driver = program(env.WEBKIT_DRIVER ?? "WebKitWebDriver", [`--port=${port}`], {
        env: { ...env, DISPLAY: `:${display}` },
      });
      const origin = `http://127.0.0.1:${port}`;
      await until(() => fetch(`${origin}/status`).then(({ ok }) => ok || undefined, () => undefined)); // prettier-ignore
      const transport = await overHttp(origin, {
        "webkitgtk:browserOptions": {
          binary: env.MINIBROWSER,
          args: ["--automation", ...(blocked ? ["--enable-html5-local-storage=false"] : [])],
        },
      });
      const close = async () => {
        await quit(transport, driver);
        await screen.end();
      };
      return { session: await new Session(transport).begin(), close };
    } catch (error) {
      await driver?.end();
      await screen.end();
      throw error;
    }
  },
};

async function quit({ command }, child) {
  // A browser that has lost its session is ended with its driver.
  await Promise.race([command("quit").catch(() => {}), new Promise((late) => setTimeout(late, 5_000).unref())]);
  await child.end();
}

async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  await new Promise((done) => server.close(done));
  return port;
}

const all = { chromium, firefox, webkit };

/** The engines that `BROWSERS` names, by default Chromium. */
export const engines = (env.BROWSERS ?? "chromium").split(",").map((key) => {
  if (!all[key]) throw new Error(`BROWSERS names "${key}"; the engines are ${Object.keys(all).join(", ")}.`);
  return all[key];
});
