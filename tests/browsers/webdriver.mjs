// A WebDriver client: tabs with those methods of Playwright's pages that the tests use. It speaks HTTP to chromedriver
// and WebKitWebDriver, and to Firefox its Marionette protocol, into which geckodriver would translate: Firefox needs no
// driver beside it. One client for all three, because none in npm is: Playwright's BiDi sends commands that Firefox ESR
// does not know, puppeteer knows no WebKitGTK, and selenium-webdriver needs Node 22 and a geckodriver built by cargo.
import { connect as tcp } from "node:net";

/** What the driver said instead of an answer. */
export class DriverError extends Error {
  constructor(error, message, command) {
    super(`${command}: ${error}: ${message}`);
    this.error = error;
  }
}

/** Commands over HTTP: `[method, path]` for each, the session's path before it. */
const http = {
  navigate: ["POST", "/url"],
  back: ["POST", "/back"],
  refresh: ["POST", "/refresh"],
  execute: ["POST", "/execute/async"],
  windows: ["GET", "/window/handles"],
  newWindow: ["POST", "/window/new"],
  switchTo: ["POST", "/window"],
  close: ["DELETE", "/window"],
  timeouts: ["POST", "/timeouts"],
  cdp: ["POST", "/goog/cdp/execute"],
  network: ["POST", "/chromium/network_conditions"],
  quit: ["DELETE", ""],
};

/** The same in Firefox. */
const marionette = {
  navigate: "WebDriver:Navigate",
  back: "WebDriver:Back",
  refresh: "WebDriver:Refresh",
  execute: "WebDriver:ExecuteAsyncScript",
  windows: "WebDriver:GetWindowHandles",
  newWindow: "WebDriver:NewWindow",
  switchTo: "WebDriver:SwitchToWindow",
  close: "WebDriver:CloseWindow",
  timeouts: "WebDriver:SetTimeouts",
  context: "Marionette:SetContext",
  quit: "Marionette:Quit",
};

/** @returns a function that sends a command to the driver at this address, in a new session */
export async function overHttp(origin, capabilities) {
  const send = async (method, path, parameters) => {
    const body = method === "POST" ? JSON.stringify(parameters) : undefined;
    const answer = await fetch(origin + path, { method, body, headers: { "content-type": "application/json" } });
    const { value } = await answer.json();
    if (!answer.ok) throw new DriverError(value.error, value.message, `${method} ${path}`);
    return value;
  };
  const session = await send("POST", "/session", { capabilities: { alwaysMatch: capabilities } });
  const command = (name, parameters = {}) => {
    const [method, path] = http[name];
    return send(method, `/session/${session.sessionId}${path}`, parameters);
  };
  return { command, capabilities: session.capabilities };
}

/** @returns a function that sends a command to the Firefox at this port, in a new session */
export async function overMarionette(port, capabilities) {
  const socket = tcp(port, "127.0.0.1");
  const waiting = new Map();
  let read = Buffer.alloc(0);
  const hello = new Promise((done, fail) => {
    waiting.set("hello", { done, fail });
    const ended = (why) => {
      for (const { fail } of waiting.values()) fail(new DriverError("gone", why, "Firefox"));
      waiting.clear();
    };
    socket.on("error", (error) => ended(error.message)).on("close", () => ended("the connection ended"));
  });
  socket.on("data", (bytes) => {
    read = Buffer.concat([read, bytes]);
    for (;;) {
      // Each message is its length, a colon, and JSON: [1, id, error, result]; the first one is an object.
      const colon = read.indexOf(":");
      const end = colon + 1 + Number(read.subarray(0, colon));
      if (colon < 0 || read.length < end) return;
      const message = JSON.parse(read.subarray(colon + 1, end));
      read = read.subarray(end);
      const [, id, error, result] = Array.isArray(message) ? message : [1, "hello", null, message];
      const { done, fail, name } = waiting.get(id) ?? {};
      waiting.delete(id);
      if (error) fail?.(new DriverError(error.error, error.message, name));
      else done?.(result);
    }
  });
  await hello;

  let last = 0;
  const send = (name, parameters) =>
    new Promise((done, fail) => {
      if (socket.destroyed) return fail(new DriverError("gone", "the connection ended", name));
      waiting.set(++last, { done, fail, name });
      const text = JSON.stringify([0, last, name, parameters]);
      socket.write(`${Buffer.byteLength(text)}:${text}`);
    });
  const session = await send("WebDriver:NewSession", { capabilities: { alwaysMatch: capabilities } });
  const command = async (name, parameters = {}) => {
    const result = await send(marionette[name], parameters);
    return result && "value" in result ? result.value : result;
  };
  return { command, capabilities: session.capabilities };
}

/** Runs in the browser. The page's own `eval`, so that what a function sets is set where the page sees it. */
const RUN = `
  const [code, argument, done] = arguments;
  (async () => {
    const value = await window.eval("(" + code + ")")(argument === null ? undefined : JSON.parse(argument));
    return JSON.stringify({ value });
  })().then(done, (error) => done(JSON.stringify({ thrown: String(error && error.stack || error), name: error && error.message })));
`;

/** A session: its tabs share a profile. One command at a time, each in the tab that it is for. */
export class Session {
  #queue = Promise.resolve();
  #current;

  constructor({ command, capabilities }) {
    this.raw = command;
    this.version = capabilities.browserVersion;
    this.pid = capabilities["moz:processID"] ?? capabilities["goog:processID"];
  }

  async begin() {
    await this.raw("timeouts", { script: 30_000, pageLoad: 30_000, implicit: 0 });
    // What the browser opens by itself stays open: without a window some of them end.
    [this.#current] = await this.raw("windows");
    return this;
  }

  /** Does `work` while no other command is under way, in this tab if one is given. */
  alone(work, handle) {
    const result = this.#queue.then(async () => {
      if (handle && handle !== this.#current) {
        await this.raw("switchTo", { handle, focus: false });
        this.#current = handle;
      }
      return work(this.raw);
    });
    this.#queue = result.catch(() => {});
    return result;
  }

  /** After a window was closed, or its page has died, none is current. */
  forget() {
    this.#current = undefined;
  }

  /** A window of its own: a tab in the background has its timers throttled, and each engine makes another tab visible. */
  async newPage() {
    const { handle } = await this.alone(async (command) => {
      // Drivers answer this only in a window that is there.
      if (!this.#current) {
        [this.#current] = await command("windows");
        await command("switchTo", { handle: this.#current, focus: false });
      }
      return command("newWindow", { type: "window", focus: false });
    });
    return new Page(this, handle);
  }
}

export class Page {
  constructor(session, handle) {
    this.session = session;
    this.handle = handle;
  }

  #do(name, parameters) {
    return this.session.alone((command) => command(name, parameters), this.handle);
  }

  goto(url) {
    return this.#do("navigate", { url });
  }

  reload() {
    return this.#do("refresh");
  }

  goBack() {
    return this.#do("back");
  }

  /** Calls a function in the page with an argument that JSON can hold, and answers what it answers, awaited. */
  async evaluate(call, argument) {
    const answer = await this.#run(call, argument);
    if (!answer) throw new Error(`The page was left while it ran ${call}`);
    return answer.value;
  }

  /** `null` where the page was left meanwhile: Firefox answers that then. */
  async #run(call, argument) {
    const args = [String(call), argument === undefined ? null : JSON.stringify(argument)];
    const answer = JSON.parse(await this.#do("execute", { script: RUN, args }));
    if (answer?.thrown) throw new Error(`In the page: ${answer.thrown}`);
    return answer;
  }

  /** Also across a navigation. */
  async waitForFunction(call, argument) {
    const end = performance.now() + 15_000;
    while (!(await this.#run(call, argument))?.value) {
      if (performance.now() > end) throw new Error(`Never true: ${call}`);
      await new Promise((next) => setTimeout(next, 25));
    }
  }

  async close() {
    if (this.closed) return;
    this.closed = true;
    await this.#do("close");
    this.session.forget();
  }
}
