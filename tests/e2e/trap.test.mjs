// A module that breaks: one report, an unharmed page, and no call that is lost.
import assert from "node:assert/strict";
import { test } from "node:test";
import { scriptedEndpoint, until } from "./harness.mjs";
import { call, listen, openPage, productIds, ready, status, storedKeys, tag, told } from "./pages.mjs";

/**
 * Lets the page break the module: from `trap(name)` on its exports throw what a trap throws. Only what the module is
 * called through is replaced; its memory and its code are the real ones.
 */
const breakable = `<script>
  const Instance = WebAssembly.Instance;
  let trapped = false;
  trap = () => (trapped = true);
  WebAssembly.Instance = function (module, imports) {
    const { exports } = new Instance(module, imports);
    const whole = Object.entries(exports).map(([name, part]) => [
      name,
      typeof part !== "function" ? part : (...args) => {
        if (trapped) throw new WebAssembly.RuntimeError("unreachable");
        return part(...args);
      },
    ]);
    return { exports: Object.fromEntries(whole) };
  };
</script>`;

/** Asserts that the page goes on: its own scripts run, the globals answer, nothing is thrown. */
const unharmed = (page) =>
  page.evaluate(() => {
    const answers = [userengage("product_event", { product_id: "unharmed", event_type: "view" }), userengage()];
    for (const name of ["pageHit", "resetAuth", "destroy", "init", "refresh"]) answers.push(window.UE?.[name]?.());
    tillpost.flush();
    tillpost.on("stored", () => {})();
    return answers.every((answer) => answer === undefined) && typeof tillpost.status() === "object";
  });

test("a trap is reported once, harms nothing, and every call before and after it is sent by the next page", async (t) => {
  const endpoint = await scriptedEndpoint(t);
  endpoint.otherwise({ status: 503 });
  const { page } = await openPage(t, endpoint, { html: breakable + tag(), expected: [/503/] });
  await listen(page);
  await call(page, "before", 2);
  await page.evaluate(() => trap());
  await call(page, "after", 3);
  assert.ok(await unharmed(page));
  assert.deepEqual(await told(page, "error"), [{ topic: "error", code: "module_trapped" }]);
  assert.equal((await status(page)).state, "broken");
  // A call of the page is in storage when it returns, also now.
  assert.equal((await storedKeys(page)).filter((key) => key.startsWith("tillpost:0:")).length >= 4, true);

  endpoint.otherwise({});
  endpoint.page("/next", tag());
  await page.goto(`${endpoint.origin}/next`);
  // UE.pageHit and UE.init are page views, UE.refresh and UE.resetAuth change the user.
  const records = (await endpoint.received(10)).filter(({ kind }) => kind === "product_event");
  assert.deepEqual(productIds(records), ["before-0", "before-1", "after-0", "after-1", "after-2", "unharmed"]);
  await until(async () => (await storedKeys(page)).length === 0);
});

test("in debug mode a trap is printed once, with what was thrown", async (t) => {
  const endpoint = await scriptedEndpoint(t);
  const html = breakable + tag("/api", "data-debug");
  const { page, problems } = await openPage(t, endpoint, { html, expected: [/tillpost/] });
  await page.evaluate(() => trap());
  await call(page, "after", 2);
  const printed = () => problems.filter((text) => /RuntimeError: unreachable/.test(text)).length;
  await until(() => printed() > 0);
  assert.equal(printed(), 1, problems.join("\n"));
});

test("a trap in a timer is reported once and harms nothing", async (t) => {
  const endpoint = await scriptedEndpoint(t);
  const { page } = await openPage(t, endpoint, { html: breakable + tag() });
  await listen(page);
  // The timer of the call is running; the module breaks before it ends.
  await page.evaluate(() => {
    userengage("product_event", { product_id: "before-0", event_type: "view" });
    trap();
  });
  await until(async () => (await told(page, "error")).length > 0);
  await call(page, "after");
  endpoint.page("/next", tag());
  await page.goto(`${endpoint.origin}/next`);
  assert.deepEqual(productIds(await endpoint.received(2)), ["before-0", "after-0"]);
});

test("a page whose own functions break while a call is made is not harmed by it", async (t) => {
  const endpoint = await scriptedEndpoint(t);
  const { page } = await openPage(t, endpoint);
  const outcome = await page.evaluate(() => {
    const broken = () => {
      throw new Error("the page's own");
    };
    const now = Date.now;
    Date.now = performance.now = Math.random = Object.keys = JSON.stringify = broken;
    Storage.prototype.setItem = broken;
    try {
      return userengage("product_event", { product_id: "x", event_type: "view" });
    } catch (error) {
      return `threw ${error}`;
    } finally {
      Date.now = now;
    }
  });
  assert.equal(outcome, undefined);
});
