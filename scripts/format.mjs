// npm run format: writes every file as the `format` step of npm test wants it.
import { at } from "./lib/paths.mjs";
import { setup } from "./lib/setup.mjs";
import { main, run } from "./lib/steps.mjs";

await main(async () => {
  await setup();
  await run("cargo", ["fmt", "--all"]);
  await run(process.execPath, [at("node_modules/prettier/bin/prettier.cjs"), "--write", "--log-level", "warn", "."]);
});
