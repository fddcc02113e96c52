// npm run build: the SDK's module, the script tag, the snippet, the npm package and the demo shop's bundle.
import { setup } from "./lib/setup.mjs";
import { main } from "./lib/steps.mjs";

await main(async () => {
  await setup();
  const { build } = await import("./lib/build.mjs");
  await build();
});
