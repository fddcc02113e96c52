// Everything that is built except the collector. Loaded after set-up: this is where npm packages come in.
import { buildModule } from "./wasm.mjs";
import { buildBundles } from "./bundle.mjs";

export async function build() {
  await buildModule();
  await buildBundles();
}
