// Pages whose scripts have patched what we need, before us or after us. No event is lost, none is changed, and the page
// is not harmed: nothing is thrown at it, nothing answered, nothing printed.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { scriptedEndpoint, until } from "./harness.mjs";
import { emptied, openPage, ready, snippetFile, storedKeys, tag } from "./pages.mjs";

/** What pages replace, and for some of them, what it answers when it lies. */
const targets = {
  fetch: ["globalThis", "fetch"],
  "JSON.stringify": ["JSON", "stringify"],
  "JSON.parse": ["JSON", "parse"],
  "Storage.prototype.setItem": ["Storage.prototype", "setItem"],
  "Storage.prototype.getItem": ["Storage.prototype", "getItem"],
  "Storage.prototype.removeItem": ["Storage.prototype", "removeItem"],
  "Promise.prototype.then": ["Promise.prototype", "then"],
  "Promise.prototype.catch": ["Promise.prototype", "catch"],
  "Date.now": ["Date", "now"],
  "Date.parse": ["Date", "parse"],
  "Headers.prototype.get": ["Headers.prototype", "get"],
  queueMicrotask: ["globalThis", "queueMicrotask"],
};
const manners = {
  throws: 'throw new TypeError("the page\'s own");',
  "answers something else": "return { toString: () => 'something else' };",
};
const counts = "counted++; return real.apply(this, args);";

/** Whole ones. */
const classes = {
  "Promise replaced": "const Real = Promise; globalThis.Promise = class extends Real {};",
  "Promise gone": "globalThis.Promise = function () { throw new TypeError('the page\\'s own'); };",
  "Date frozen at 0": "globalThis.Date = class { static now() { return 0; } };",
  "fetch gone": "delete globalThis.fetch;",
};
const replaced = ([owner, key], body) =>
  `{ const owner = ${owner}; const real = owner.${key}; owner.${key} = function (...args) { ${body} }; }`;
const patches = {
  "all of them count and pass on": Object.values(targets)
    .map((target) => replaced(target, counts))
    .join("\n"),
  ...classes,
};
for (const [name, target] of Object.entries(targets))
  for (const [manner, body] of Object.entries(manners)) patches[`${name} ${manner}`] = replaced(target, body);

const data = { name: 'Quote " back \\ slash', lines: [{ n: 1.5 }, null, "ż\n\u0001"], at: { deep: true } };
const call = (id) =>
  `harmless &&= userengage("product_event", Object.assign({ product_id: "${id}", event_type: "view" }, data)) === undefined;`;

describe("a hostile page", { concurrency: 3 }, () => {
  for (const [name, patch] of Object.entries(patches))
    for (const when of ["before", "after"])
      test(`${name}, ${when} us`, async (t) => {
        const endpoint = await scriptedEndpoint(t);
        const html = `<script>
          let counted = 0;
          let harmless = true;
          const data = ${JSON.stringify(data)};
          function patch() { ${patch} }
          function go() {
            ${when === "after" ? "patch();" : ""}
            ${call("late")}
            document.title = harmless ? "done" : "harmed";
          }
          ${when === "before" ? "patch();" : ""}
          </script>${snippetFile}<script>${call("early")}</script>${tag("/api", 'onload="go()"')}`;
        const { page, problems } = await openPage(t, endpoint, { html, started: false });
        await until(async () => (await page.title()) !== "");
        assert.equal(await page.title(), "done");
        // A page without a fetch that works cannot send itself; the next one does.
        const mute = when === "before" && /^fetch/.test(name);
        if (!mute) await endpoint.received(2);
        // The answer is read by this page, whatever it has replaced, unless storage does not let it forget.
        if (!mute && !/^(Storage|all)/.test(name)) await emptied(page);
        endpoint.page("/next", tag());
        await page.goto(`${endpoint.origin}/next`);
        await ready(page);
        const records = await endpoint.received(2);
        assert.deepEqual(Object.fromEntries(records.map(({ product_id, data }) => [product_id, data])), {
          early: data,
          late: data,
        });
        // Of the time of the call, where the page leaves us a clock.
        assert.ok(records.every(({ t }) => Math.abs(Date.now() - t) < 60_000));
        await until(async () => (await storedKeys(page)).length === 0);
        assert.deepEqual(problems, []);
      });
});
