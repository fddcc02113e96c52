// Promise 8: calls before load count. The snippet answers from the first moment, and what it kept is sent by whichever
// page gets the module.
import assert from "node:assert/strict";
import { call, emptied, productIds, ready, snippetFile, snippetInline, status, storedKeys, tag } from "../e2e/in-page.mjs"; // prettier-ignore
import { until } from "../e2e/support.mjs";
import { faults, openShop } from "./harness.mjs";

const promise = 8;
const METHODS = ["pageHit", "resetAuth", "destroy", "init", "refresh"];

/** A script of the page's own. */
const script = (code) => `<script>${code}</script>`;
const early = (id) => script(`userengage("product_event", { product_id: "${id}", event_type: "view" })`);

/** Looks at the globals as a page would, and calls everything in them. */
const look = (methods) => {
  const thrown = [];
  for (const name of methods)
    try {
      if (UE[name]({ page: 1 }) !== undefined) thrown.push(`${name} answers`);
    } catch (error) {
      thrown.push(`${name}: ${error}`);
    }
  return { userengage: typeof userengage, UE: !!window.UE, thrown };
};
const whole = { userengage: "function", UE: true, thrown: [] };
const only = (records, kind = "product_event") => records.filter((record) => record.kind === kind);

faults((fault) => {
  for (const [how, snippet] of [
    ["as a file", () => snippetFile],
    ["inline", snippetInline],
  ])
    fault(
      `calls before load, the snippet ${how}`,
      { promise, holds: "the globals are there from the first moment and stay, and the call counts" },
      async ({ t, open }) => {
        const shop = await openShop(t);
        const html = `${await snippet()}${script(`first = (${look})(${JSON.stringify(METHODS)})`)}${early("early")}${tag()}`;
        const page = await open(shop, { html });
        assert.deepEqual(await page.evaluate(() => first), whole);
        assert.deepEqual(await page.evaluate(look, METHODS), whole);
        await call(page, "late");
        await until(() => only(stored(shop)).length === 2);
        assert.deepEqual(productIds(only(stored(shop))), ["early", "late-0"]);
      },
    );

  fault(
    "no snippet",
    { promise, holds: "the globals are there as soon as the script has run" },
    async ({ t, open }) => {
      const shop = await openShop(t);
      const html = tag("/api", "") + script(`first = (${look})(${JSON.stringify(METHODS)})`) + early("first");
      const page = await open(shop, { html });
      assert.deepEqual(await page.evaluate(() => first), whole);
      await until(() => only(stored(shop)).length === 1);
      assert.deepEqual(productIds(only(stored(shop))), ["first"]);
    },
  );

  fault(
    "the script comes late",
    { promise, holds: "it takes over what was called meanwhile, as it was then" },
    async ({ t, open, note }) => {
      const shop = await openShop(t);
      const code = `
        civchat = { user_id: 52 };
        const payload = { product_id: "a", event_type: "click", n: 1, list: [1] };
        userengage("product_event", payload);
        payload.product_id = "changed"; payload.n = 2; payload.list.push(2);
        civchat = {};
        userengage("product_event", { product_id: "b", event_type: "view", at: new Date(0), big: 1n });
        userengage("event.search", { query: "can" });
        made = Date.now();`;
      const page = await open(shop, { html: snippetFile + script(code), started: false });
      note("call", await call(page, "kept", 20));
      // The time of a call is its own, not that of the script.
      await page.waitForFunction(() => Date.now() > made + 50);
      const added = await page.evaluate((tag) => {
        document.body.append(document.createRange().createContextualFragment(tag));
        return Date.now();
      }, tag());
      await ready(page);
      await call(page, "c");
      // The visitor that `civchat` names is a record too.
      await until(() => stored(shop).some(({ product_id }) => product_id === "c-0"));
      const records = stored(shop).filter(({ kind, product_id }) => kind !== "identify" && !/^kept/.test(product_id));
      assert.equal(productIds(stored(shop)).filter((id) => /^kept/.test(id)).length, 20);
      note("delivered", shop.firstTakenAfter(added));
      assert.deepEqual(
        records.map(({ kind, product_id, name, data, user }) => [kind, product_id ?? name, data, user]),
        [
          ["product_event", "a", { n: 1, list: [1] }, { user_id: "52" }],
          ["product_event", "b", { at: "1970-01-01T00:00:00.000Z", big: "1" }, undefined],
          ["event", "search", { query: "can" }, undefined],
          ["product_event", "c-0", { price: 7.5 }, undefined],
        ],
      );
      const made = await page.evaluate(() => made);
      assert.ok(records.slice(0, 3).every(({ t }) => t <= made));
      assert.ok(records[3].t >= added);
      await emptied(page);
    },
  );

  fault(
    "payloads that cannot be kept as text",
    { promise, holds: "taken over as they are, by the same page; nothing is thrown" },
    async ({ t, open }) => {
      const shop = await openShop(t);
      const code = `
        const cyclic = { product_id: "cyclic", event_type: "view" };
        cyclic.self = cyclic;
        const { proxy, revoke } = Proxy.revocable({}, {});
        revoke();
        for (const args of [["product_event", cyclic], ["product_event", proxy], [], [Symbol(), () => {}], [cyclic, 1n],
            ["product_event", { product_id: "throws", event_type: "view", get a() { throw new Error("getter") } }]])
          if (userengage(...args) !== undefined) throw new Error("It answers.");
        Object.defineProperty(window, "civchat", { get() { throw new Error("civchat") }, configurable: true });
        userengage("product_event", { product_id: "no civchat", event_type: "view" });`;
      await open(shop, { html: snippetFile + script(code) + tag() });
      assert.deepEqual(productIds(await shop.received(3)), ["cyclic", "throws", "no civchat"]);
    },
  );

  fault("the script stands twice on the page", { promise, holds: "each call counts once" }, async ({ t, open }) => {
    const shop = await openShop(t);
    const page = await open(shop, { html: snippetFile + early("early") + tag() + tag("/api", "defer") });
    await call(page, "late", 2);
    await shop.received(3);
    await until(async () => (await status(page)).queued === 0);
    assert.deepEqual(
      shop.requests.flatMap(({ batch }) => productIds(batch.records)),
      ["early", "late-0", "late-1"],
    );
  });

  fault(
    "the script never comes",
    { promise, holds: "the next page sends the calls, once" },
    async ({ t, open, note }) => {
      const shop = await openShop(t);
      const html = snippetFile + early("a") + early("b");
      const page = await open(shop, { html, path: "/never", started: false });
      note("call", await call(page, "c", 20));
      assert.equal(shop.requests.length, 0);
      shop.page("/next", tag());
      const next = Date.now();
      await page.goto(`${shop.origin}/next`);
      const records = await shop.received(22);
      note("delivered", shop.firstTakenAfter(next));
      assert.deepEqual(productIds(records).slice(0, 3), ["a", "b", "c-0"]);
      assert.ok(records.every(({ page }) => page.url === `${shop.origin}/never`));
      await emptied(page);
      await page.goto(`${shop.origin}/next`);
      await ready(page);
      await call(page, "d");
      await shop.received(23);
      assert.ok([...shop.stored.values()].every((times) => times.length === 1));
    },
  );

  fault(
    "the script never comes, on page after page",
    { promise, holds: "500 calls are kept, of all pages together: the shop's storage is not filled" },
    async ({ t, open, note }) => {
      const shop = await openShop(t);
      const page = await open(shop, { html: snippetFile, path: "/never", started: false });
      note("call", await call(page, "first", 300));
      await page.reload();
      await call(page, "second", 300);
      assert.equal((await storedKeys(page)).length, 500);
      shop.page("/next", tag());
      await page.goto(`${shop.origin}/next`);
      await shop.received(500);
    },
  );

  fault(
    "a visitor clicks and leaves before the script is there",
    { promise, holds: "counted from the next page" },
    async ({ t, open, note }) => {
      const shop = await openShop(t);
      const link = `<a href="/product" onclick="userengage('product_event', { product_id: '12-0', event_type: 'click' })">Can</a>`;
      const never = tag().replace("/tillpost.js", "/hangs.js");
      shop.page("/hangs.js");
      shop.page("/product", snippetFile + early("detail") + tag());
      // The page clicks by itself: a driver waits for the script that hangs.
      const click = script(`addEventListener("DOMContentLoaded", () => document.querySelector("a").click())`);
      shop.page("/", snippetFile + never + click + link);
      const page = await open(shop, { path: "/blank", html: "", started: false });
      const left = Date.now();
      await page.evaluate(() => void setTimeout(() => (location.href = "/")));
      await shop.received(2);
      note("delivered", shop.firstTakenAfter(left));
      assert.deepEqual(
        [...shop.stored.values()].map(([{ product_id, page }]) => [product_id, new URL(page.url).pathname]),
        [
          ["12-0", "/"],
          ["detail", "/product"],
        ],
      );
    },
  );
});

const stored = (shop) => [...shop.stored.values()].map(([first]) => first);
