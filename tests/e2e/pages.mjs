// Pages with the script tag in Chromium, on a scripted endpoint, for tests that need no shop around it.
import { openProfile } from "./harness.mjs";
import { ready, tag } from "./in-page.mjs";

export * from "./in-page.mjs";

/** A tab at `path` of the endpoint, in a profile of its own. Served is `html`, by default the script tag alone. */
export async function openPage(t, endpoint, { path = "/", html = tag(), headers, started = true, ...options } = {}) {
  endpoint.page(path, html, headers);
  const profile = await openProfile(t, options);
  const page = await profile.context.newPage();
  await page.goto(endpoint.origin + path);
  if (started) await ready(page);
  return { ...profile, page };
}
