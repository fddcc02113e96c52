// npm run load: how many records per second the collector stores. Arguments go to collector/examples/load.rs.
import { main, run } from "./lib/steps.mjs";

await main(async () => {
  await run("cargo", [
    "run",
    "--release",
    "--package",
    "tillpost-collector",
    "--example",
    "load",
    "--",
    ...process.argv.slice(2),
  ]);
});
