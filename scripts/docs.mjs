// npm run docs: writes what of the documents is made from the code. Tests say when that is stale.
import { readFileSync, writeFileSync } from "node:fs";
import { at } from "./lib/paths.mjs";
import { main, run } from "./lib/steps.mjs";

await main(async () => {
  const { MARK, table } = await import("./lib/options.mjs");
  const file = at("docs/options.md");
  const [written] = readFileSync(file, "utf8").split(MARK);
  writeFileSync(file, `${written}${MARK}${table(readFileSync(at("pkg/index.d.ts"), "utf8"))}`);
  await run("cargo", ["test", "--quiet", "--package", "tillpost", "--lib", "every_code_is_documented"], {
    env: { TILLPOST_WRITE_DOCS: "1" },
    quiet: true,
  });
});
