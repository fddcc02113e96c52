// The collector's release build: what `npm start` runs is what the end-to-end tests ask.
import { join } from "node:path";
import { target } from "./paths.mjs";
import { run, step } from "./steps.mjs";

export const collector = join(target, "release", "tillpost-collector");

export const buildCollector = () =>
  step("collector: cargo build", () =>
    run("cargo", ["build", "--release", "--package", "tillpost-collector", "--bins"]),
  );
