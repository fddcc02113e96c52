// What real callers do (gathered from public code), on a page each: the collector is asked for what arrived, and that is
// compared with what was passed.
import assert from "node:assert/strict";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { openShop } from "./harness.mjs";

const www = fileURLToPath(new URL("pages", import.meta.url));

/** Runs `caller` in a page of its own, and answers what the collector has then, identity records aside. */
async function arrived(t, caller, argument) {
  const { page, settled } = await openShop(t, { www });
  await page.evaluate(caller, argument);
  return (await settled()).filter(({ kind }) => kind !== "identify");
}

const data = (events) => events.map(({ product_id, data }) => [product_id, data]);

test("one object, changed and sent again in the same task", async (t) => {
  const events = await arrived(t, () => {
    const payload = { product_id: "12-0", event_type: "add to cart", quantity: 1, tags: ["a"] };
    userengage("product_event", payload);
    payload.quantity = 2;
    payload.tags.push("b");
    delete payload.unknown;
    userengage("product_event", payload);
    payload.event_type = "remove";
    payload.tags = undefined;
    userengage("product_event", payload);
  });
  assert.deepEqual(
    events.map(({ event_type, data }) => [event_type, data]),
    [
      ["add to cart", { quantity: 1, tags: ["a"] }],
      ["add to cart", { quantity: 2, tags: ["a", "b"] }],
      ["remove", { quantity: 2 }],
    ],
  );
});

test("one object, filled again for each product of a list", async (t) => {
  const events = await arrived(t, () => {
    const payload = { event_type: "view" };
    for (let i = 0; i < 40; i++) {
      payload.product_id = i;
      payload.name = `Product ${i}`;
      payload.position = i + 1;
      userengage("product_event", payload);
    }
  });
  const expect = Array.from({ length: 40 }, (_, i) => [`${i}`, { name: `Product ${i}`, position: i + 1 }]);
  assert.deepEqual(data(events), expect);
});

test("undefined, null, NaN and infinities: what JSON has no word for is left out, null stays", async (t) => {
  const events = await arrived(t, () =>
    userengage("product_event", {
      product_id: "1",
      event_type: "view",
      nothing: null,
      missing: undefined,
      price: NaN,
      stock: Infinity,
      zero: 0,
      no: false,
      empty: "",
      list: [null, undefined, NaN, 1],
    }),
  );
  assert.deepEqual(data(events), [
    ["1", { nothing: null, zero: 0, no: false, empty: "", list: [null, null, null, 1] }],
  ]);
});

test("numbers as text, prices with their currency: passed as they are", async (t) => {
  const payload = { price: "749.50", old_price: "1 299,00 zł", sku: "007", quantity: "2", discount: "-10%", big: 1e21 };
  const events = await arrived(
    t,
    (payload) => userengage("product_event", { product_id: 7, event_type: "view", ...payload }),
    payload,
  );
  assert.deepEqual(data(events), [["7", payload]]);
});

test("nested objects, arrays and custom_data", async (t) => {
  const payload = {
    custom_data: {
      lines: [{ id: "12-0", options: { color: "green", sizes: [1, 2] } }],
      note: "ż",
      empty: {},
      none: [],
    },
    categories: ["Garden", ["Cans"]],
    company: { name: "Third Floor", address: { city: "Kraków" } },
  };
  const events = await arrived(
    t,
    (payload) => userengage("product_event", { product_id: "1", event_type: "order", ...payload }),
    payload,
  );
  assert.deepEqual(data(events), [["1", payload]]);
});

test("keys of any case, with spaces, and not ASCII", async (t) => {
  const payload = {
    "On Sale": true,
    on_sale: false,
    Größe: "M",
    "Cena (zł)": 1,
    цвет: "red",
    "🌱": "seed",
    A: 1,
    a: 2,
  };
  const events = await arrived(
    t,
    (payload) => userengage("product_event", { product_id: "1", event_type: "view", ...payload }),
    payload,
  );
  assert.deepEqual(data(events), [["1", payload]]);
});

test("composite ids, numbers as ids, and an id that is absent by the caller's own bug", async (t) => {
  const { page, settled } = await openShop(t, { www });
  const refused = await page.evaluate(async () => {
    const refused = [];
    tillpost.on("rejected", ({ errors }) => refused.push(errors.map(({ code }) => code)));
    for (const product_id of ["12-0", "SKU/12:0 x", " 5 ", 12, 12.5, 0, -1, undefined, null, "", {}, []])
      userengage("product_event", { product_id, event_type: "view" });
    userengage("product_event", { event_type: "view" });
    await new Promise((done) => setTimeout(done));
    return refused;
  });
  const events = await settled();
  assert.deepEqual(
    events.map(({ product_id }) => product_id),
    ["12-0", "SKU/12:0 x", "5", "12", "12.5", "0", "-1"],
  );
  const [missing, invalid] = [["product_id_missing"], ["product_id_invalid"]];
  assert.deepEqual(refused, [missing, missing, missing, invalid, invalid, missing]);
});

test("an order: event.purchase beside a purchase for each line, all in one task", async (t) => {
  const lines = [
    { product_id: "12-0", name: "Can", price: 24.5, quantity: 2 },
    { product_id: "13-1", name: "Pot", price: "9,90", quantity: "1" },
    { product_id: 14, name: "Żurawina", price: null, quantity: 3 },
  ];
  const events = await arrived(
    t,
    (lines) => {
      userengage("event.purchase", { order: "A-1", total: 58.9, lines });
      for (const line of lines) userengage("product_event", { ...line, event_type: "purchase" });
    },
    lines,
  );
  assert.deepEqual(
    events.map(({ kind, name, product_id, data }) => [kind, kind === "event" ? name : product_id, data]),
    [
      ["event", "purchase", { order: "A-1", total: 58.9, lines }],
      ...lines.map(({ product_id, ...rest }) => ["product_event", `${product_id}`, rest]),
    ],
  );
});

test("event names with spaces and any letters; attributes absent, undefined, null or empty", async (t) => {
  const events = await arrived(t, () => {
    userengage("event.Newsletter sign up (footer)");
    userengage("event.żółw 🐢", undefined);
    userengage("event.a.b", null);
    userengage("event.empty", {});
    userengage("event.with", { A: 1 });
  });
  assert.deepEqual(
    events.map(({ kind, name, data }) => [kind, name, data]),
    [
      ["event", "Newsletter sign up (footer)", {}],
      ["event", "żółw 🐢", {}],
      ["event", "a.b", {}],
      ["event", "empty", {}],
      ["event", "with", { A: 1 }],
    ],
  );
});

test("client.update and UE.pageHit with everything that civchat holds", async (t) => {
  const events = await arrived(t, () => {
    window.civchat = {
      apiKey: "abc123",
      user_id: 52,
      email: "mira@shop.example",
      first_name: "Mira",
      phone_number: "+48123456789",
      gender: 3,
      status: 2,
      score: 100,
      company: { name: "Third Floor", company_id: "7" },
      source_context: { utm_source: "mail" },
      tags: ["vip", "b2b"],
      "Favourite Colour": "green",
    };
    userengage("client.update", { ...window.civchat });
    UE.pageHit({ ...window.civchat, event: { name: "signed up", plan: "free" } });
    UE.pageHit();
  });
  const attributes = {
    user_id: 52,
    email: "mira@shop.example",
    first_name: "Mira",
    phone_number: "+48123456789",
    gender: 3,
    status: 2,
    score: 100,
    company: { name: "Third Floor", company_id: "7" },
    source_context: { utm_source: "mail" },
    tags: ["vip", "b2b"],
    "Favourite Colour": "green",
  };
  assert.deepEqual(
    events.map(({ kind, data, user }) => [kind, data, user]),
    [
      ["client.update", attributes, { user_id: "52" }],
      ["page", { ...attributes, event: { name: "signed up", plan: "free" } }, { user_id: "52" }],
      ["page", {}, { user_id: "52" }],
    ],
  );
});

test("callers that fire the moment `userengage` is a function and `UE` is there", async (t) => {
  const { page, origin, settled, ready } = await openShop(t, { www, path: "/" });
  await page.addInitScript(() => {
    const wait = setInterval(() => {
      if (typeof userengage !== "function" || !window.UE) return;
      clearInterval(wait);
      userengage("product_event", { product_id: "first", event_type: "detail" });
    }, 1);
  });
  await page.goto(`${origin}/`);
  await ready();
  await page.waitForFunction(() => tillpost.status().queued === 0);
  assert.deepEqual(data(await settled()), [["first", {}]]);
});

test("a call, and navigation at once or 300 ms later", async (t) => {
  for (const wait of [0, 300]) {
    const { page, arrived } = await openShop(t, { www });
    await Promise.all([
      page.waitForURL(/\?next/),
      page.evaluate((wait) => {
        userengage("product_event", { product_id: `left-${wait}`, event_type: "click" });
        if (wait) setTimeout(() => location.assign("/?next"), wait);
        else location.assign("/?next");
      }, wait),
    ]);
    const [event] = await arrived({ atLeast: 1 });
    assert.equal(event.product_id, `left-${wait}`);
  }
});

test("a loop that does not end is bounded, its owner hears of it, and the collector is told how many were refused", async (t) => {
  const { page, settled, status } = await openShop(t, { www });
  const told = await page.evaluate(async () => {
    const told = [];
    tillpost.on("rejected", ({ errors }) => told.push(errors.map(({ code }) => code)));
    for (let i = 0; i < 10_500; i++) userengage("event.loop", { i: 1 });
    await new Promise((done) => setTimeout(done));
    // The loop took its time: a call a second is let through.
    let answer;
    for (let i = 0; i < 20; i++) answer = tillpost.track({ product_id: "1", event_type: "view" });
    return [told, answer.ok, answer.errors];
  });
  assert.deepEqual(told.slice(1), [false, [{ code: "rate_limited" }]]);
  assert.deepEqual(told[0][0], ["rate_limited"]);
  assert.ok(told[0].length < 20, `${told[0].length} reports`);
  const { dropped } = await status();
  assert.ok(dropped >= 400, `${dropped}`);
  await settled();
  assert.equal((await status()).dropped, 0);
});

test("log in, log out and the next visitor", async (t) => {
  const { page, settled } = await openShop(t, { www });
  await page.evaluate(() => {
    const view = (product_id) => userengage("product_event", { product_id, event_type: "view" });
    window.civchat = { apiKey: "abc123" };
    view("anonymous");
    window.civchat.user_id = "52";
    view("as 52");
    delete window.civchat.user_id;
    view("logged out");
    UE.resetAuth({ apiKey: "abc123" });
    view("somebody else");
  });
  const events = await settled();
  assert.deepEqual(
    events.map(({ kind, product_id }) => product_id ?? kind),
    ["anonymous", "identify", "as 52", "identify", "logged out", "reset", "somebody else"],
  );
  const visitors = events.map(({ visitor }) => visitor);
  assert.equal(new Set(visitors.slice(0, 6)).size, 1);
  assert.notEqual(visitors[5], visitors[6]);
});
