// Promise 10 where only a browser shows it: links as they are followed, navigations, handlers of pages and frameworks.
// Absence is shown by comparing the whole list of what arrived.
import assert from "node:assert/strict";
import { test } from "node:test";
import { openProfile, openShop, scriptedEndpoint, until } from "./harness.mjs";
import { openPage, ready, snippetFile, storedKeys } from "./pages.mjs";

const inOrder = (events) => [...events].sort((a, b) => (a.id < b.id ? -1 : 1));
/** What was done with which product, and where it comes from. */
const brief = ({ kind, event_type = kind, product_id, token, panel, position }) =>
  [event_type, product_id, token, panel, position].filter((part) => part !== undefined).join(" ");

const tag = (attributes = "") =>
  `<script async src="/tillpost.js" data-app="abc123" data-endpoint="/api" ${attributes}></script>`;
const event = (product, type) => `userengage('product_event', {product_id: '${product}', event_type: '${type}'})`;

/** Everything that the endpoint has once the page has nothing left to send. */
async function arrived(page, endpoint) {
  await until(async () => {
    const { queued } = await page.evaluate(() => (tillpost.flush(), tillpost.status()));
    return queued === 0;
  });
  return inOrder([...endpoint.stored.values()].map(([first]) => first)).map(brief);
}

test("the article's first example: wish list and detail view from the panel both carry the token", async (t) => {
  const shop = await openShop(t);
  const { page } = shop;
  const token = await page.getAttribute("[data-recommendation-token]", "data-recommendation-token");
  await page.click('[data-test="panel-heart-07-0"]');
  await Promise.all([page.waitForURL("**/product.html?*"), page.click('[data-test="panel-tile-07-0"]')]);
  await page.waitForSelector("[data-buy]:enabled");
  assert.deepEqual(inOrder(await shop.settled()).map(brief), [
    `liking 07-0 ${token} picked 1`,
    `click 07-0 ${token} picked 1`,
    `detail 07-0 ${token} picked 1`,
  ]);
});

test("the article's second example: add to cart from the detail page and the later purchase do not", async (t) => {
  const shop = await openShop(t);
  const { page } = shop;
  const token = await page.getAttribute("[data-recommendation-token]", "data-recommendation-token");
  const follow = (name, to) => Promise.all([page.waitForURL(to), page.click(`[data-test="${name}"]`)]);
  await follow("panel-tile-02-0", "**/product.html?*");
  await page.waitForSelector("[data-buy]:enabled");
  await page.click('[data-test="add-to-cart"]');
  // From a panel of this page, on the other hand, it is an action of that panel.
  await page.click('[data-test="goes-add-12-0"]');
  await shop.visit("/cart.html");
  await follow("to-checkout", "**/checkout.html");
  await follow("place-order", "**/thanks.html");
  await shop.ready();
  await page.click('[data-test="pay"]');
  assert.deepEqual(inOrder(await shop.settled()).map(brief), [
    `click 02-0 ${token} picked 2`,
    `detail 02-0 ${token} picked 2`,
    "add to cart 02-0",
    "add to cart 12-0 demo-goes-with-02-0 goes-with 2",
    "checkout 02-0",
    "checkout 12-0",
    "order 02-0",
    "order 12-0",
    "purchase 02-0",
    "purchase 12-0",
  ]);
});

/** A panel as a server would write it, with what a page does in it. */
const panel = `
  <ul data-recommendation-token="tok" data-recommendation-panel="picked">
    <li data-recommendation-product="1"><a id="link" href="/p?id=1&q=a+b#reviews">One</a>
      <button id="heart" onclick="${event(1, "liking")}">like</button></li>
    <li data-recommendation-product="2" data-recommendation-position="7">
      <button id="later">later</button>
      <button id="two" onclick="${event(1, "remove")}; ${event(2, "add")}">instead</button></li>
    <li><button id="unnamed" onclick="${event(3, "liking")}; Promise.resolve().then(() => ${event(4, "add")})">like</button>
      <button id="unnamed-later">later</button>
      <a id="here" href="#" onclick="${event(3, "click")}; return false">here</a>
      <a id="foreign" href="https://else.example/">else</a>
      <a id="has" href="/p?rtoken=own">own</a></li>
    <li data-recommendation-token="inner"><form id="form" onsubmit="${event(5, "add to cart")}; return false">
      <button id="buy">buy</button></form></li>
  </ul>
  <button id="outside" onclick="${event(1, "add")}">outside</button>
  <div id="shadow"></div>
  <script>
    const later = (id, product) =>
      document.getElementById(id).addEventListener("click", async () => {
        await fetch("/tillpost.js");
        ${event("' + product + '", "add to cart")};
        ${event("9", "view")};
        done = true;
      });
    later("later", 2);
    later("unnamed-later", 3);
    document.getElementById("shadow").attachShadow({ mode: "open" }).innerHTML =
      '<div data-recommendation-token="shade"><button onclick="${event(6, "liking").replaceAll("'", "\\'")}">s</button></div>';
  </script>`;

test("what a click in a panel causes carries its token, and nothing else does", async (t) => {
  const endpoint = await scriptedEndpoint(t);
  const { page } = await openPage(t, endpoint, { html: tag() + panel });
  const click = (id) => page.click(`#${id}`);
  const wait = async (id) => {
    await page.evaluate(() => (globalThis.done = false));
    await click(id);
    await page.waitForFunction(() => globalThis.done);
  };
  await click("heart");
  await click("outside");
  await click("two");
  await click("unnamed");
  await click("here");
  await click("buy");
  await page.focus("#heart");
  await page.keyboard.press("Enter");
  await page.click("#shadow button");
  await wait("later");
  await wait("unnamed-later");
  await page.evaluate(event(1, "view"));
  assert.deepEqual(await arrived(page, endpoint), [
    "liking 1 tok picked 1",
    "add 1",
    "remove 1",
    "add 2 tok picked 7",
    "liking 3 tok picked",
    "add 4 tok picked",
    "click 3 tok picked",
    "add to cart 5 inner",
    "liking 1 tok picked 1",
    "liking 6 shade",
    // It has waited for the network: the tile names its product, so this one and no other.
    "add to cart 2 tok picked 7",
    "view 9",
    // And this tile names none: nobody could say whose event comes later.
    "add to cart 3",
    "view 9",
    "view 1",
  ]);
});

/** What a link becomes at the moment in which it is followed in this way, and after it. */
const followed = (page, id, type, init = {}) =>
  page.evaluate(
    async ([id, type, init]) => {
      const link = document.getElementById(id);
      let seen;
      const stop = (event) => {
        seen = link.href;
        event.preventDefault();
      };
      link.addEventListener(type, stop, { once: true });
      link.dispatchEvent(new MouseEvent(type, { bubbles: true, cancelable: true, composed: true, ...init }));
      await new Promise((next) => setTimeout(next, 5));
      return [seen.replace(location.origin, ""), link.getAttribute("href")];
    },
    [id, type, init],
  );

test("a panel's link has the token while it is followed, and is the page's own before and after", async (t) => {
  const endpoint = await scriptedEndpoint(t);
  const { page } = await openPage(t, endpoint, { html: tag('data-link-origins="https://blog.example"') + panel });
  const own = "/p?id=1&q=a+b#reviews";
  const decorated = "/p?id=1&q=a+b&recommendation_token=tok&recommendation_panel=picked.1#reviews";
  for (const type of ["click", "auxclick", "contextmenu"])
    assert.deepEqual(await followed(page, "link", type), [decorated, own], type);
  assert.equal((await followed(page, "foreign", "click"))[0], "https://else.example/");
  assert.equal((await followed(page, "has", "click"))[0], "/p?rtoken=own");
  assert.equal((await followed(page, "here", "click"))[0], "/#");
  // Links that are added later, and elements that code has made a panel.
  await page.evaluate(() => {
    const late = Object.assign(document.createElement("div"), { id: "late" });
    late.innerHTML = '<p><a id="new" href="/q">new</a><a id="blog" href="https://blog.example/x">blog</a></p>';
    document.body.append(late);
    tillpost.decorate(late, "late+token", { panel: "late" });
  });
  assert.deepEqual(await followed(page, "new", "click"), [
    "/q?recommendation_token=late%2Btoken&recommendation_panel=late",
    "/q",
  ]);
  assert.equal(
    (await followed(page, "blog", "click"))[0],
    "https://blog.example/x?recommendation_token=late%2Btoken&recommendation_panel=late",
  );
});

/** A page that sends a detail view of the product in its address as soon as it can. */
const landing = `<script>${event("' + new URLSearchParams(location.search).get('id') + '", "detail")}</script>`;

test("a click, a middle click and a new tab all bring the token along", async (t) => {
  const endpoint = await scriptedEndpoint(t);
  endpoint.page("/p", snippetFile + tag() + landing);
  const { page, context } = await openPage(t, endpoint, { html: tag() + panel });
  for (const options of [{ button: "middle" }, { modifiers: ["Control"] }]) {
    const [tab] = await Promise.all([context.waitForEvent("page"), page.click("#link", options)]);
    await ready(tab);
    assert.equal(new URL(tab.url()).searchParams.get("recommendation_token"), "tok");
    await arrived(tab, endpoint);
    await tab.close();
  }
  await Promise.all([page.waitForURL("**/p?*"), page.focus("#link").then(() => page.keyboard.press("Enter"))]);
  await ready(page);
  assert.deepEqual(await arrived(page, endpoint), Array(3).fill("detail 1 tok picked 1"));
});

test("going back to a landing, loading it again, and the back-forward cache are no second landing", async (t) => {
  for (const cached of [true, false]) {
    const endpoint = await scriptedEndpoint(t);
    const keptOut = cached ? "" : "<script>addEventListener('unload', () => {})</script>";
    const view = `<button onclick="${event(1, "view")}">view</button>`;
    endpoint.page("/p", snippetFile + tag() + landing + keptOut + view);
    endpoint.page("/next", tag());
    const { page } = await openPage(t, endpoint, { html: tag() + panel });
    await Promise.all([page.waitForURL("**/p?*"), page.click("#link")]);
    await ready(page);
    await arrived(page, endpoint);
    await page.goto(`${endpoint.origin}/next`);
    await ready(page);
    await page.goBack({ waitUntil: "commit" });
    await ready(page);
    await page.click("button");
    await arrived(page, endpoint);
    await page.reload();
    await ready(page);
    assert.deepEqual(await arrived(page, endpoint), [
      "detail 1 tok picked 1",
      ...(cached ? [] : ["detail 1"]),
      "view 1",
      "detail 1",
    ]);
  }
});

/** A shop in one page: links are handled by a router that passes their own addresses on. */
const single = `
  <ul data-recommendation-token="tok" data-recommendation-panel="picked">
    <li data-recommendation-product="1"><a id="one" href="/p/1">One</a></li>
    <li data-recommendation-product="2"><a id="two" href="/p/2">Two</a></li>
  </ul>
  <a id="home" href="/">Home</a><a id="plain" href="/p/1">One, from the menu</a>
  <script>
    const show = () => {
      const [, id] = /p.(\\d)/.exec(location.pathname) || [];
      if (id) setTimeout(() => userengage("product_event", { product_id: id, event_type: "detail" }));
    };
    addEventListener("click", (event) => {
      const link = event.target.closest("a");
      if (!link) return;
      event.preventDefault();
      history.pushState({}, "", link.dataset.to || link.getAttribute("href").replace(/[?].*/, ""));
      show();
    });
    addEventListener("popstate", show);
  </script>`;

test("a single-page shop: the link that was followed is a landing, and moving on is none", async (t) => {
  for (const without of ["", "<script>Object.defineProperty(window, 'navigation', { value: undefined })</script>"]) {
    const endpoint = await scriptedEndpoint(t);
    const { page } = await openPage(t, endpoint, { html: without + tag() + single });
    const told = async (act) => {
      const before = endpoint.stored.size + 1;
      await act();
      await until(async () => (await arrived(page, endpoint)).length >= before);
    };
    const home = () => page.click("#home");
    await told(() => page.click("#one"));
    await page.evaluate(event(1, "add to cart"));
    await page.evaluate(event(1, "view"));
    await home();
    await told(() => page.click("#plain"));
    await home();
    await told(() => page.click("#two"));
    await home();
    await told(() => page.goBack());
    assert.deepEqual(
      await arrived(page, endpoint),
      ["detail 1 tok picked 1", "add to cart 1", "view 1", "detail 1", "detail 2 tok picked 2", "detail 2"],
      without || "with the Navigation API",
    );
  }
});

test("a router that rewrites the address at once takes no token away, and a page without a call is a page", async (t) => {
  const endpoint = await scriptedEndpoint(t);
  const rewrite = "<script>history.replaceState({ router: 1 }, '', location.pathname)</script>";
  const { page } = await openPage(t, endpoint, { path: "/p", html: tag(), started: false });
  endpoint.page("/p", rewrite + tag());
  await page.goto(`${endpoint.origin}/p?rtoken=first`);
  await ready(page);
  assert.equal(page.url(), `${endpoint.origin}/p`);
  await page.evaluate(event(1, "view"));
  await page.evaluate(() => {
    history.pushState({}, "", "/q?rtoken=second");
    history.pushState({}, "", "/r");
    history.pushState({}, "", "/q");
  });
  await page.evaluate(event(2, "view"));
  await page.evaluate(() => {
    history.pushState({}, "", "/s?rtoken=third");
    history.replaceState({}, "", "/s");
  });
  await page.evaluate(event(3, "view"));
  assert.deepEqual(await arrived(page, endpoint), ["view 1 first", "view 2", "view 3 third"]);
});

test("the address bar is cleaned of the token alone, and the history's state stays", async (t) => {
  const endpoint = await scriptedEndpoint(t);
  const { page } = await openPage(t, endpoint, { path: "/p", html: tag("data-clean-address"), started: false });
  endpoint.page("/p", "<script>history.replaceState({ mine: 1 }, '')</script>" + tag("data-clean-address"));
  await page.goto(`${endpoint.origin}/p?a=%31&rtoken=tok&b=c+d&recommendation_panel=x.1#f`);
  await ready(page);
  await page.waitForURL(`${endpoint.origin}/p?a=%31&b=c+d#f`);
  assert.deepEqual(await page.evaluate(() => [history.state, history.length]), [{ mine: 1 }, 3]);
  await page.evaluate(event(1, "view"));
  await page.evaluate(() => history.pushState({ mine: 2 }, "", "/q?rtoken=next&x=1"));
  await page.waitForURL(`${endpoint.origin}/q?x=1`);
  await page.evaluate(event(2, "view"));
  assert.deepEqual(await arrived(page, endpoint), ["view 1 tok x 1", "view 2 next"]);
  assert.deepEqual(await page.evaluate(() => history.state), { mine: 2 });
});

test("a link that is copied to another browser profile is nobody's landing there, and still the own visitor's", async (t) => {
  const endpoint = await scriptedEndpoint(t);
  const options = tag("data-bind-tokens");
  endpoint.page("/p", snippetFile + options + landing);
  const { page } = await openPage(t, endpoint, { html: options + panel });
  const [link] = await followed(page, "link", "contextmenu");
  const visitor = await page.evaluate(() => localStorage["tillpost:visitor"]);
  assert.ok(!link.includes(visitor));
  await page.goto(endpoint.origin + link);
  await ready(page);
  const other = await (await openProfile(t)).context.newPage();
  await other.goto(endpoint.origin + link);
  await ready(other);
  const codes = await other.evaluate(() => new Promise((done) => tillpost.on("error", ({ code }) => done(code))));
  assert.equal(codes, "token_foreign");
  await arrived(page, endpoint);
  assert.deepEqual(await arrived(other, endpoint), ["detail 1 tok picked 1", "detail 1"]);
});

test("a click in a panel before the script is there carries its token all the same", async (t) => {
  const endpoint = await scriptedEndpoint(t);
  const { page } = await openPage(t, endpoint, { html: snippetFile + panel, started: false });
  await page.click("#heart");
  await page.click("#outside");
  await page.click("#buy");
  await page.evaluate(() => {
    const script = document.createElement("script");
    Object.assign(script.dataset, { app: "abc123", endpoint: "/api" });
    script.src = "/tillpost.js";
    document.head.append(script);
  });
  await endpoint.received(3);
  assert.deepEqual(await arrived(page, endpoint), ["liking 1 tok picked", "add 1", "add to cart 5 inner"]);
});

test("hostile links and panels reach no page, no log and no storage key", async (t) => {
  const messages = [];
  const endpoint = await scriptedEndpoint(t);
  const { page, context } = await openPage(t, endpoint, { html: tag("data-debug data-clean-address"), path: "/p" });
  context.on("console", (message) => messages.push(message.text()));
  const markup = "<img src=x onerror=alert(1)>";
  for (const [bad, code] of [
    [markup, "token_alphabet"],
    ["a\u0000\n\u001b[31mb", "token_alphabet"],
    ["javascript:alert(1)//'\"", "token_alphabet"],
    // Longer than a server takes an address: a page's own script may show it all the same.
    ["x".repeat(1_000_000), "token_length"],
  ]) {
    const path = `/p?rtoken=${encodeURIComponent(bad)}&recommendation_panel=${markup}`;
    const long = bad.length > 1000;
    if (!long) await page.goto(endpoint.origin + path);
    await ready(page);
    const heard = await page.evaluate(
      (path) =>
        new Promise((done) => {
          tillpost.on("error", done);
          if (path) history.pushState({}, "", `/q${path}`);
        }),
      long && path,
    );
    await page.evaluate(event(1, "view"));
    assert.equal(heard.code, code);
    const [keys, html] = [await storedKeys(page), await page.content()];
    for (const part of [markup, "onerror", "x".repeat(50), "\u001b"])
      assert.ok(![...keys, html, JSON.stringify(heard), ...messages].some((text) => text.includes(part)), code);
    assert.equal(new URL(page.url()).search, "");
  }
  // A token for another panel's product, and a panel's name that is none: nothing but text of the documented alphabet.
  await page.goto(`${endpoint.origin}/p?rtoken=other&recommendation_panel=${encodeURIComponent(markup)}.99999.x`);
  await ready(page);
  await page.evaluate(event(1, "view"));
  await page.evaluate((markup) => {
    document.body.innerHTML = `<div id="bad"><a href="/p2">x</a></div>`;
    tillpost.decorate(document.querySelector("#bad"), markup.repeat(1000), { panel: markup });
  }, markup);
  await page.evaluate(() => {
    const link = document.querySelector("#bad a");
    link.addEventListener("click", (event) => {
      userengage("product_event", { product_id: "1", event_type: "click" });
      globalThis.href = link.href;
      event.preventDefault();
    });
    link.click();
  });
  assert.equal(await page.evaluate(() => globalThis.href), `${endpoint.origin}/p2`);
  const events = await arrived(page, endpoint);
  assert.deepEqual(events, [...Array(4).fill("view 1"), "view 1 other", "click 1"]);
});
