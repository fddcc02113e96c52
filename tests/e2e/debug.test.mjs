// Debug mode explains each call in the console: what was accepted, changed, refused and why, with where to read more. Its
// words are fetched in debug mode only.
import assert from "node:assert/strict";
import { test } from "node:test";
import { scriptedEndpoint, until } from "./harness.mjs";
import { openPage, tag } from "./pages.mjs";

const FILE = "/tillpost-debug.js";
const docs = "docs/codes.md";

/** A page in debug mode; `printed` is what it writes to the console. */
async function openDebug(t, { attributes = "data-debug", html = tag("/api", attributes), expected } = {}) {
  const endpoint = await scriptedEndpoint(t);
  const { page } = await openPage(t, endpoint, { html: "", path: "/blank", started: false, expected });
  const printed = [];
  page.on("console", (message) => printed.push(`${message.type()} ${message.text()}`));
  endpoint.page("/", html);
  await page.goto(endpoint.origin);
  /** Waits for so many lines. */
  async function lines(count) {
    await until(
      () => printed.length >= count,
      () => printed.join("\n"),
    );
    return printed;
  }
  return { endpoint, page, printed, lines };
}

test("each call is explained: accepted, changed, refused, sent", async (t) => {
  const { page, lines, endpoint } = await openDebug(t);
  await page.waitForFunction(() => globalThis.tillpost?.status?.());
  const ids = await page.evaluate(() => [
    tillpost.track({ product_id: "12-0", event_type: "add to cart" }).id,
    tillpost.track({ product_id: "12-0", event_type: "Add_To_Cart", price: NaN }).id,
    userengage("product_event", { product_id: "12-0", event_type: "addtocart" }),
    userengage("event.search"),
  ]);
  const printed = await lines(7);
  await endpoint.received(3);
  assert.deepEqual(printed.slice(0, 3), [
    `info tillpost: product_event "add to cart" 12-0 accepted, as ${ids[0]}`,
    [
      `warning tillpost: product_event "add to cart" 12-0 accepted, with changes, as ${ids[1]}`,
      `  event_type event_type_folded: Case, underscores, hyphens or spaces of \`event_type\` were folded. Probably meant: "add to cart". ${docs}#event_type_folded`,
      `  price value_unsupported: A function, a symbol, NaN or an infinity: left out. ${docs}#value_unsupported`,
    ].join("\n"),
    [
      "warning tillpost: product_event refused, not stored",
      `  event_type event_type_unknown: \`event_type\` is none of the 16; the nearest is named. Probably meant: "add to cart". ${docs}#event_type_unknown`,
    ].join("\n"),
  ]);
  assert.match(printed[3], /^info tillpost: event accepted, as \w+$/);
  assert.equal(printed[4], `info tillpost: the endpoint has ${ids[0]}`);
});

const SECRET = "k".repeat(64);
for (const [name, attributes, expected] of [
  ["no app", "", ["app", "app_missing"]],
  ["a REST key as app", `data-app="${SECRET}"`, ["app", "app_is_secret"]],
  ["an endpoint that is no address", 'data-app="a" data-endpoint="in.example"', ["endpoint", "endpoint_invalid"]],
  ["an option that there is not", 'data-app="a" data-end-point="/api"', ["endPoint", "option_unknown", "endpoint"]],
  ["an option of the wrong type", 'data-app="a" data-attributes="price: money"', ["attributes", "option_invalid"]],
])
  test(`${name} is explained when the page starts, and heard by who listens later`, async (t) => {
    const html = `<script async src="/tillpost.js" data-debug ${attributes}></script>`;
    const { page, lines } = await openDebug(t, { html });
    const [printed] = await lines(1);
    const [field, code, nearest] = expected;
    assert.ok(printed.startsWith(`warning tillpost: ${field} ${code}: `), printed);
    assert.ok(printed.endsWith(`${docs}#${code}`), printed);
    assert.equal(printed.includes(`Probably meant: "${nearest}".`), nearest !== undefined);
    assert.ok(!printed.includes(SECRET));
    const heard = await page.evaluate(async () => {
      const heard = [];
      tillpost.on("error", ({ field, code, nearest }) => heard.push([field, code, nearest].filter(Boolean)));
      await new Promise((done) => setTimeout(done));
      return heard;
    });
    assert.deepEqual(heard, [expected]);
  });

for (const [how, snippet] of Object.entries({ with: '<script src="/snippet.js"></script>', without: "" }))
  test(`calls of a page with unusable options, ${how} the snippet, are kept and sent by a page that can`, async (t) => {
    const { page, endpoint } = await openDebug(t, { html: `${snippet}<script src="/tillpost.js"></script>` });
    await page.evaluate(() => userengage("product_event", { product_id: "kept", event_type: "view" }));
    assert.deepEqual(await page.evaluate(() => [tillpost.status().state, tillpost.status().queued]), ["ready", 1]);
    endpoint.page("/next", tag());
    await page.goto(`${endpoint.origin}/next`);
    assert.equal((await endpoint.received(1))[0].product_id, "kept");
  });

test("without debug mode the words are not fetched, and nothing is printed", async (t) => {
  const { page, endpoint, printed } = await openDebug(t, { attributes: "async" });
  await page.waitForFunction(() => globalThis.tillpost?.status?.());
  await page.evaluate(() => userengage("product_event", { event_type: "addtocart" }));
  await page.evaluate(() => userengage("product_event", { product_id: "x", event_type: "view" }));
  await endpoint.received(1);
  assert.deepEqual(printed, []);
  assert.ok(!endpoint.files.some((path) => path.startsWith(FILE)));
});

test("where the words cannot be had, the bare reports are printed", async (t) => {
  const { page, endpoint, lines } = await openDebug(t, { html: "", expected: [/integrity/] });
  endpoint.page(FILE, Buffer.from("export const explain = () => {}"), { "content-type": "text/javascript" });
  endpoint.page("/", tag("/api", "data-debug"));
  await page.goto(endpoint.origin);
  await page.waitForFunction(() => globalThis.tillpost?.status?.());
  await page.evaluate(() => userengage("product_event", { product_id: "x", event_type: "view" }));
  const printed = await lines(3);
  assert.ok(
    printed.some((text) => /^info \{.*topic: stored/.test(text)),
    printed.join("\n"),
  );
});
