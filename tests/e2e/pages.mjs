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

/**
 * Ends the process of a page: it has no last words. One that is closed may have some even when it is offline, because
 * Playwright gives the network back first.
 */
export async function crash({ page, context }) {
  const devtools = await context.newCDPSession(page);
  const crashed = page.waitForEvent("crash");
  devtools.send("Page.crash").catch(() => {});
  await crashed;
  await page.close();
}
