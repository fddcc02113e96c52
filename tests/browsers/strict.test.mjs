// Promise 12: it runs where the shop is. Under policies without 'wasm-unsafe-eval' the module runs as JavaScript, with its
// hash checked. These policies also forbid what a driver does in a page, so the endpoint is asked and nothing else.
import assert from "node:assert/strict";
import { productIds, tag } from "../e2e/in-page.mjs";
import { until } from "../e2e/support.mjs";
import { faults, scriptedEndpoint } from "./harness.mjs";

const promise = 12;
const FILE = "/tillpost-nowasm.js";
const js = { "content-type": "text/javascript" };
const view = (id) => `userengage("product_event", { product_id: "${id}", event_type: "view" });`;

const policies = {
  "a list of hosts": { policy: "script-src 'self'" },
  "a nonce": { policy: "script-src 'nonce-abc'", nonce: "abc" },
  "a nonce and strict-dynamic": { policy: "script-src 'nonce-abc' 'strict-dynamic'", nonce: "abc" },
  "Trusted Types that allow no policy": {
    policy: "script-src 'self'; require-trusted-types-for 'script'; trusted-types 'none'",
  },
};

/** The scripts of the page: an early call, ours, a call after loading, and from then on what the page is doing. */
async function openStrict(t, open, { policy, nonce }) {
  const endpoint = await scriptedEndpoint(t);
  const own = nonce ? ` nonce="${nonce}"` : "";
  endpoint.page("/early.js", Buffer.from(view("early")), js);
  const after = `addEventListener("load", () => {
    ${view("late")}
    setInterval(() => tillpost.status && fetch("/state/" + tillpost.status().state + (window.changed ? "/changed" : "")), 50);
  })`;
  endpoint.page("/after.js", Buffer.from(after), js);
  const script = (name) => `<script${own} src="/${name}.js"></script>`;
  const html = script("snippet") + script("early") + tag("/api", `async${own}`) + script("after");
  return {
    endpoint,
    go: () => open(endpoint, { html, headers: { "content-security-policy": policy }, started: false }),
    fetched: () => endpoint.files.filter((path) => path.startsWith(FILE)).length,
  };
}

faults((fault) => {
  for (const [name, page] of Object.entries(policies))
    fault(
      `no WebAssembly, ${name}`,
      { promise, holds: "the JavaScript build is fetched once, and calls before and after arrive" },
      async ({ t, open }) => {
        const { endpoint, go, fetched } = await openStrict(t, open, page);
        await go();
        const records = await endpoint.received(2);
        assert.deepEqual(productIds(records), ["early", "late"]);
        assert.equal(fetched(), 1);
      },
    );

  fault(
    "no WebAssembly, and another JavaScript build",
    { promise, holds: "it does not run: its hash is not the one that the script knows" },
    async ({ t, open }) => {
      const { endpoint, go, fetched } = await openStrict(t, open, policies["a list of hosts"]);
      endpoint.page(FILE, Buffer.from("window.changed = true; export default () => ({})"), js);
      await go();
      await until(() => endpoint.files.includes("/state/broken"));
      assert.deepEqual([fetched(), endpoint.files.some((path) => path.endsWith("/changed"))], [1, false]);
      assert.equal(endpoint.stored.size, 0);
    },
  );
});
