// The vendor's widget on the same page: what is ours comes to us, everything else goes to it, whichever loads first.
import assert from "node:assert/strict";
import { test } from "node:test";
import { scriptedEndpoint } from "./harness.mjs";
import { listen, openPage, ready, snippetFile, tag, told } from "./pages.mjs";
import { serveWidget, widgetScript, widgetTag } from "./widget.mjs";

const script = (code) => `<script>${code}</script>`;
const civchat = script(`civchat = { apiKey: "abc123", loads: 0, onLoad() { this.loads++; } }`);

/** Everything that a page does with the vendor's surface. */
const use = () => {
  const answers = {
    event: userengage("event.any name", { n: 1 }),
    product: userengage("product_event", { product_id: "12-0", event_type: "view" }),
    update: userengage("client.update", { first_name: "Ada" }),
    hit: UE.pageHit({ apiKey: "abc123", plan: "free" }),
    open: userengage("widget.open"),
    version: UE.version,
    show: UE.show(),
    shown: UE.isShown(),
    members: ["show" in UE, "pageHit" in UE, "missing" in UE, typeof UE.missing],
    userKey: civchat.userKey,
    reset: UE.resetAuth({ apiKey: "abc123" }),
  };
  return { answers, calls: widget.calls, open: widget.state.open };
};

const kinds = (records) => records.map(({ kind }) => kind);

for (const [order, html] of [
  ["the widget first, then the script", widgetTag + tag("/api", "")],
  ["the script first, then the widget", tag("/api", "") + widgetTag],
  ["the snippet, the widget, then the script", snippetFile + widgetTag + tag("/api", "")],
  ["the snippet, the script, then the widget", snippetFile + tag("/api", "") + widgetTag],
  ["the widget, the snippet, then the script", widgetTag + snippetFile + tag("/api", "")],
])
  test(`${order}: ours comes to us, the rest goes to the widget and its answer comes back`, async (t) => {
    const endpoint = await scriptedEndpoint(t);
    serveWidget(endpoint);
    const { page } = await openPage(t, endpoint, { html: civchat + html });
    await page.waitForLoadState("load");
    const { answers, calls, open } = await page.evaluate(use);
    assert.deepEqual(answers, {
      ...Object.fromEntries(["event", "product", "update", "hit", "reset"].map((name) => [name, undefined])),
      open: "opened",
      version: 2,
      show: 2,
      shown: true,
      members: [true, true, false, "undefined"],
      // The widget wrote its own: it stays.
      userKey: "widgetkey1",
    });
    // It hears of the log-out, so that nobody reads on in the chat; it counts no page view beside ours.
    assert.deepEqual(
      calls.map(([kind]) => kind),
      ["widget.open", "UE.resetAuth"],
    );
    assert.equal(open, true);
    const records = await endpoint.received(5);
    assert.deepEqual(kinds(records), ["event", "product_event", "client.update", "page", "reset"]);
    assert.deepEqual(records[3].data, { plan: "free" });
    // The widget called `onLoad`: that is not done again.
    await page.evaluate(() => userengage("event.later"));
    await endpoint.received(6);
    assert.equal(await page.evaluate(() => civchat.loads), 1);
  });

test("between snippet and script, calls of the widget work and ours are kept", async (t) => {
  const endpoint = await scriptedEndpoint(t);
  serveWidget(endpoint);
  const html = snippetFile + widgetTag;
  const { page } = await openPage(t, endpoint, { html, started: false });
  const before = await page.evaluate(() => [
    userengage("event.early", { n: 1 }),
    userengage("widget.open"),
    widget.calls.map(([kind]) => kind),
  ]);
  assert.deepEqual(before, [undefined, "opened", ["widget.open"]]);
  await page.evaluate((tag) => document.body.append(document.createRange().createContextualFragment(tag)), tag());
  await ready(page);
  const [record] = await endpoint.received(1);
  assert.deepEqual([record.name, record.data], ["early", { n: 1 }]);
  assert.deepEqual(await page.evaluate(() => [userengage("widget.close"), widget.state.open]), [undefined, false]);
});

for (const [how, snippet] of [
  ["with the snippet", snippetFile],
  ["without the snippet", ""],
])
  test(`controls that were called before the widget came are passed on when it comes, ${how}`, async (t) => {
    const endpoint = await scriptedEndpoint(t);
    const early = snippet && script(`userengage("widget.open"); userengage("event.early")`);
    const { page } = await openPage(t, endpoint, { html: snippet + early + tag("/api", "") });
    await listen(page);
    await page.evaluate(() => {
      userengage("widget.open");
      userengage("widget.show", { tab: 1 });
      userengage("event.late");
    });
    await page.evaluate(widgetScript);
    await page.waitForFunction((count) => widget.calls.length >= count, snippet ? 3 : 2);
    const calls = await page.evaluate(() => widget.calls.map(([kind, payload]) => [kind, payload]));
    const once = ["widget.open", undefined];
    assert.deepEqual(calls, [...(snippet ? [once] : []), once, ["widget.show", { tab: 1 }]]);
    await endpoint.received(snippet ? 2 : 1);
    assert.deepEqual(await told(page, "rejected"), []);
  });

test("a control that was called on the page before is not passed to the widget of the next", async (t) => {
  const endpoint = await scriptedEndpoint(t);
  const html = snippetFile + script(`userengage("widget.open"); userengage("event.early")`);
  const { page } = await openPage(t, endpoint, { html, path: "/never", started: false });
  serveWidget(endpoint);
  endpoint.page("/next", tag("/api", "") + widgetTag);
  await page.goto(`${endpoint.origin}/next`);
  await endpoint.received(1);
  await page.evaluate(() => new Promise((done) => setTimeout(done)));
  assert.deepEqual(await page.evaluate(() => widget.calls), []);
  assert.deepEqual(await page.evaluate(() => Object.keys(localStorage).filter((key) => /^tillpost:0/.test(key))), []);
});

test("without a widget its controls do nothing: no report, and one line in debug mode only", async (t) => {
  for (const [attributes, lines] of [
    ["", []],
    ["data-debug", [/widget\.open is for the chat widget/]],
  ]) {
    const endpoint = await scriptedEndpoint(t);
    const { page, context } = await openPage(t, endpoint, { html: tag("/api", attributes) });
    const printed = [];
    context.on("console", (message) => printed.push(message.text()));
    await listen(page);
    assert.equal(await page.evaluate(() => userengage("widget.open")), undefined);
    assert.equal(await page.evaluate(() => typeof UE.open), "undefined");
    await page.evaluate(() => userengage("event.x"));
    await endpoint.received(1);
    await page.waitForFunction(() => told.some(({ topic }) => topic === "sent"));
    assert.deepEqual(await told(page, "rejected"), []);
    const about = printed.filter((line) => /widget/.test(line));
    assert.equal(about.length, lines.length, printed.join("\n"));
    lines.forEach((line, i) => assert.match(about[i], line));
  }
});

for (const [how, text] of [
  ["adds to our UE", `window.UE = window.UE || {}; UE.show = () => "shown"; UE.pageHit = () => { throw 1; };`],
  ["declares its function", `function userengage(kind) { return "declared " + kind; } UE.show = () => "shown";`],
  [
    "declares its variables",
    `var userengage = (kind) => "declared " + kind; var UE = { show: () => "shown", pageHit() { throw 1; } };`,
  ],
  ["freezes its UE", `UE = Object.freeze({ show: () => "shown", pageHit() { throw 1; } });`],
])
  for (const first of [true, false])
    test(`a widget that ${how}, ${first ? "before" : "after"} us`, async (t) => {
      const endpoint = await scriptedEndpoint(t);
      serveWidget(endpoint, text);
      const html = first ? widgetTag + tag("/api", "") : tag("/api", "") + widgetTag;
      const { page } = await openPage(t, endpoint, { html: first ? script("UE = {}") + html : html });
      await page.waitForLoadState("load");
      const answers = await page.evaluate(() => [
        UE.show(),
        UE.pageHit({ a: 1 }),
        userengage("event.x"),
        userengage("widget.open"),
      ]);
      const declares = /^declares/.test(how);
      assert.deepEqual(answers, ["shown", undefined, undefined, declares ? "declared widget.open" : undefined]);
      assert.deepEqual(kinds(await endpoint.received(2)), ["page", "event"]);
    });

test("a page that wraps `userengage` neither loops nor loses the widget", async (t) => {
  const endpoint = await scriptedEndpoint(t);
  serveWidget(endpoint);
  const wrap = `{ const inner = userengage; seen = []; userengage = function (kind) { seen.push(kind); return inner.apply(this, arguments); }; }`;
  const html = tag("/api", "") + script(wrap) + widgetTag + script(wrap);
  const { page } = await openPage(t, endpoint, { html });
  const [answer, seen] = await page.evaluate(() => [userengage("widget.open"), seen]);
  assert.equal(answer, "opened");
  assert.deepEqual(seen, ["widget.open"]);
  await page.evaluate(() => userengage("event.x"));
  assert.deepEqual(kinds(await endpoint.received(1)), ["event"]);
});

test("after UE.destroy our globals are still there, and the widget's controls do nothing", async (t) => {
  const endpoint = await scriptedEndpoint(t);
  serveWidget(endpoint);
  const { page } = await openPage(t, endpoint, { html: tag("/api", "") + widgetTag });
  const left = await page.evaluate(() => {
    UE.destroy();
    return [typeof userengage, typeof UE.pageHit, userengage("widget.open"), typeof UE.show, widget.calls.length];
  });
  assert.deepEqual(left, ["function", "function", undefined, "undefined", 1]);
  await page.evaluate(() => (userengage("event.x"), UE.pageHit()));
  assert.deepEqual(kinds(await endpoint.received(2)), ["event", "page"]);
});

test("who has taken the snippet's function early still reaches us", async (t) => {
  const endpoint = await scriptedEndpoint(t);
  const html = snippetFile + script("mine = userengage; theirs = UE") + tag("/api", "");
  const { page } = await openPage(t, endpoint, { html });
  await page.evaluate(() => {
    mine("event.x", { n: 1 });
    theirs.pageHit({ n: 2 });
  });
  const records = await endpoint.received(2);
  assert.deepEqual(
    records.map(({ kind, data }) => [kind, data]),
    [
      ["event", { n: 1 }],
      ["page", { n: 2 }],
    ],
  );
  assert.deepEqual(await page.evaluate(() => Object.keys(localStorage).filter((key) => /^tillpost:0/.test(key))), []);
});

test("our globals are three", async (t) => {
  const endpoint = await scriptedEndpoint(t);
  const { page } = await openPage(t, endpoint, {
    html: script("before = new Set(Object.getOwnPropertyNames(window))") + snippetFile + tag("/api", ""),
  });
  const names = await page.evaluate(() =>
    Object.getOwnPropertyNames(window).filter((name) => !before.has(name) && name !== "before"),
  );
  assert.deepEqual(names.sort(), ["UE", "tillpost", "userengage"]);
});
