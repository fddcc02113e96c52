// npm start: installs what is missing, builds, and runs the collector with the demo shop until Ctrl-C.
//   npm start -- --port 9000 --data folder      (or PORT and DATA in the environment)
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join, relative } from "node:path";
import { parseArgs } from "node:util";
import { buildCollector, collector } from "./lib/collector.mjs";
import { at, dist, root } from "./lib/paths.mjs";
import { setup } from "./lib/setup.mjs";
import { Stop, main } from "./lib/steps.mjs";

await main(async () => {
  const { port, data } = options();
  // Before minutes of building: a taken port is known at once.
  await free(port);
  await setup();
  const { build } = await import("./lib/build.mjs");
  await build();
  await buildCollector();
  return serve(port, data);
});

function options() {
  const usage = "npm start -- [--port 8080] [--data folder]";
  let values;
  try {
    ({ values } = parseArgs({ options: { port: { type: "string" }, data: { type: "string" } } }));
  } catch (error) {
    throw new Stop(`${error.message}\n${usage}`);
  }
  const port = values.port ?? process.env.PORT ?? "8080";
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65535) throw new Stop(`"${port}" is not a port.\n${usage}`);
  return { port: Number(port), data: values.data ?? process.env.DATA ?? at("data") };
}

function free(port) {
  return new Promise((done, fail) => {
    const probe = createServer();
    probe.on("error", ({ code, message }) => {
      const why =
        code === "EADDRINUSE"
          ? `Port ${port} is taken by another program.`
          : `Port ${port} cannot be used: ${message}.`;
      fail(new Stop(`${why} Stop it, or choose another port: npm start -- --port ${port < 65535 ? port + 1 : 8080}`));
    });
    probe.listen(port, "127.0.0.1", () => probe.close(done));
  });
}

/** A path as somebody in the project's folder would write it. */
function shown(path) {
  return path.startsWith(root) ? relative(root, path) : path;
}

/** The file with the token of the REST calls. Made once; it is never printed. */
function tokenFile(data) {
  const file = join(data, "token");
  if (!existsSync(file)) {
    mkdirSync(data, { recursive: true });
    writeFileSync(file, randomBytes(32).toString("hex"), { mode: 0o600 });
  }
  return file;
}

/** Runs the collector in the foreground. Ends with 0 after Ctrl-C, else with the collector's own code. */
function serve(port, data) {
  const token = tokenFile(data);
  const args = ["--demo", "--listen", `127.0.0.1:${port}`, "--data", data, "--token-file", token];
  args.push("--www", at("www"), "--sdk", dist);
  // A process group of its own: Ctrl-C reaches it once, from here, and not a second time from the terminal.
  const child = spawn(collector, args, { cwd: root, stdio: ["ignore", "pipe", "inherit"], detached: true });
  // However this ends, the collector ends with it: left alone it would hold the port and the database.
  process.on("exit", () => child.kill());
  let stopping = false;
  let overdue;
  const stop = () => {
    if (stopping) return;
    stopping = true;
    console.log("\nStopping …");
    child.kill("SIGINT");
    overdue = setTimeout(() => {
      console.error("The collector did not stop within 10 s and was killed. What it had acknowledged is stored.");
      child.kill("SIGKILL");
    }, 10_000);
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, stop);

  child.stdout.on("data", (text) => {
    const address = /listening on (\S+)/.exec(text)?.[1];
    if (!address) return process.stdout.write(text);
    console.log(`
  Demo shop   ${address}/
  Live view   ${address}/live.html
  Data        ${shown(data)}
  REST token  in ${shown(token)}

  Ctrl-C stops it.
`);
  });
  return new Promise((done, fail) => {
    child.on("error", (error) => fail(new Stop(`The collector cannot be started: ${error.message}`)));
    child.on("close", (code) => {
      clearTimeout(overdue);
      if (stopping) console.log("Stopped.");
      done(stopping ? 0 : (code ?? 1));
    });
  });
}
