// Whatever a page passes: the call returns undefined, throws nothing and prints nothing, the collector has exactly what
// the documentation says, and the page can know by a code what was wrong.
import assert from "node:assert/strict";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { openShop } from "./harness.mjs";

const www = fileURLToPath(new URL("pages", import.meta.url));

/** How deep an attribute may be nested, as `limits::DEPTH` says. */
const DEPTH = 8;

/** `levels` objects in each other, the innermost empty. */
const nested = (levels, fields = {}) =>
  Array.from({ length: levels }).reduce((inner) => (inner ? { ...fields, a: inner } : fields), undefined);

const warn = (code, field) => ({ code, field });

/**
 * What is stored. `payload` is read in the page and completed by `product_id` (the case's name) and `event_type`; `data`
 * is what the collector must have then.
 */
const stored = {
  "nothing more": { payload: () => ({}), data: {} },
  "plain values": {
    payload: () => ({
      text: "ż 😀 \u2028",
      number: 749.5,
      zero: -0,
      big: 1e21,
      yes: true,
      no: null,
      list: [1, "2", [3]],
    }),
    data: { text: "ż 😀 \u2028", number: 749.5, zero: 0, big: 1e21, yes: true, no: null, list: [1, "2", [3]] },
  },
  "undefined values": {
    payload: () => ({ a: undefined, b: { c: undefined }, d: [undefined] }),
    data: { b: {}, d: [null] },
  },
  BigInt: {
    payload: () => ({ a: 12345678901234567890n }),
    data: { a: "12345678901234567890" },
    warnings: [warn("value_bigint", "a")],
  },
  "nested BigInt": {
    payload: () => ({ a: { b: [1n] } }),
    data: { a: { b: ["1"] } },
    warnings: [warn("value_bigint", "a")],
  },
  Date: { payload: () => ({ a: new Date(0) }), data: { a: "1970-01-01T00:00:00.000Z" } },
  "invalid Date": { payload: () => ({ a: new Date(NaN) }), data: { a: null } },
  Map: { payload: () => ({ a: new Map([["x", new Map([["y", 1]])]]) }), data: { a: { x: { y: 1 } } } },
  Set: { payload: () => ({ a: new Set(["x", new Set([1])]) }), data: { a: ["x", [1]] } },
  "getter that throws": {
    payload: () => ({
      get a() {
        throw new Error("getter");
      },
      b: 1,
    }),
    data: { b: 1 },
    warnings: [warn("value_unreadable", "a")],
  },
  "Proxy that throws, inside": {
    payload: () => ({
      a: new Proxy(
        {},
        {
          get() {
            throw new Error("get");
          },
        },
      ),
      b: 1,
    }),
    data: { b: 1 },
    warnings: [warn("value_unreadable", "a")],
  },
  "revoked Proxy, inside": {
    payload: () => {
      const { proxy, revoke } = Proxy.revocable({}, {});
      revoke();
      return { a: proxy, b: [proxy] };
    },
    data: { b: [null] },
    warnings: [warn("value_unreadable", "a"), warn("value_unreadable", "b")],
  },
  "function, symbol": {
    payload: () => ({ a: () => {}, b: Symbol("s"), c: { d: () => {}, e: 1 } }),
    data: { c: { e: 1 } },
    warnings: ["a", "b", "c"].map((field) => warn("value_unsupported", field)),
  },
  "NaN, Infinity": {
    payload: () => ({ a: NaN, b: Infinity, c: -Infinity, d: [NaN] }),
    data: { d: [null] },
    warnings: ["a", "b", "c", "d"].map((field) => warn("value_unsupported", field)),
  },
  "text of 10 MB": {
    payload: () => ({ a: "x".repeat(10_000_000), b: 1 }),
    data: { b: 1 },
    warnings: [warn("value_too_large", "a")],
  },
  "key of 10 MB": {
    payload: () => ({ ["x".repeat(10_000_000)]: 1, b: 1 }),
    data: { b: 1 },
    warnings: [{ code: "value_too_large" }],
  },
  "lone surrogates": {
    payload: () => ({ a: "x\ud800y", b: "\udc00", c: "\ud83d\ude00" }),
    data: { a: "x\ufffdy", b: "\ufffd", c: "😀" },
  },
  "toJSON that throws": {
    payload: () => ({
      a: {
        toJSON() {
          throw new Error("toJSON");
        },
      },
      b: 1,
    }),
    data: { b: 1 },
    warnings: [warn("value_unreadable", "a")],
  },
  "toJSON that answers itself": {
    payload: () => ({
      a: {
        toJSON() {
          return this;
        },
      },
      b: 1,
    }),
    data: { b: 1 },
    warnings: [warn("value_too_deep", "a")],
  },
  "array of 1,000,000": {
    payload: () => ({ a: new Array(1_000_000).fill(1), b: 1 }),
    data: { b: 1 },
    warnings: [warn("value_too_large", "a")],
  },
  "sparse array of 4,294,967,295": {
    payload: () => ({ a: new Array(4_294_967_295), b: 1 }),
    data: { b: 1 },
    warnings: [warn("value_too_large", "a")],
  },
  "nested as deep as may be": {
    payload: () => ({ a: { a: { a: { a: { a: { a: { a: { a: 1 } } } } } } } }),
    data: { a: { a: { a: { a: { a: { a: { a: { a: 1 } } } } } } } },
  },
  "nested 10,000 deep": {
    payload: () => {
      let a = {};
      for (let i = 0; i < 10_000; i++) a = { a };
      return { a };
    },
    data: { a: nested(DEPTH) },
    warnings: [warn("value_too_deep", "a")],
  },
  "no prototype": { payload: () => Object.assign(Object.create(null), { a: 1 }), data: { a: 1 } },
  frozen: { payload: () => Object.freeze({ a: Object.freeze([1]) }), data: { a: [1] } },
  "subclass of Array": {
    payload: () => ({ a: class extends Array {}.from([1, 2]) }),
    data: { a: [1, 2] },
  },
  "of another realm": {
    payload: () => document.querySelector("iframe").contentWindow.eval("({ a: { b: [1] }, c: new Date(0) })"),
    data: { a: { b: [1] }, c: "1970-01-01T00:00:00.000Z" },
  },
  "Map, Set and boxed text of another realm": {
    payload: () =>
      document
        .querySelector("iframe")
        .contentWindow.eval(
          "({ a: new Map([['b', 1]]), c: new Set([2]), d: Object('x'), e: Object(3), f: Object(false) })",
        ),
    data: { a: { b: 1 }, c: [2], d: "x", e: 3, f: false },
  },
  "inherited and hidden fields": {
    payload: () => Object.defineProperty(Object.create({ a: 1 }), "b", { value: 1, configurable: true }),
    data: {},
  },
  "name of 33 characters": {
    payload: () => ({ ["n".repeat(32)]: 1, ["n".repeat(33)]: 2 }),
    data: { ["n".repeat(32)]: 1 },
    warnings: [warn("attribute_name", "n".repeat(33))],
  },
  "201 attributes": {
    payload: () => Object.fromEntries(Array.from({ length: 201 }, (_, i) => [`a${i}`, i])),
    data: Object.fromEntries(Array.from({ length: 200 }, (_, i) => [`a${i}`, i])),
    warnings: [warn("attributes_too_many", "a200")],
  },
  "__proto__ as a name": {
    payload: () => JSON.parse('{"__proto__":{"a":1}}'),
    data: JSON.parse('{"__proto__":{"a":1}}'),
  },
};

/** What is refused: `arguments` of the call, and all errors that the page is told. */
const refused = {
  "no arguments": { arguments: () => [], errors: [{ code: "kind_unknown" }] },
  "unknown kind": { arguments: () => ["product.event", {}], errors: [{ code: "kind_unknown" }] },
  "a symbol as kind": { arguments: () => [Symbol("kind"), {}], errors: [{ code: "kind_unknown" }] },
  "no payload": { arguments: () => ["product_event"], errors: [{ code: "payload_not_object" }] },
  null: { arguments: () => ["product_event", null], errors: [{ code: "payload_not_object" }] },
  text: { arguments: () => ["product_event", "{}"], errors: [{ code: "payload_not_object" }] },
  "an array": { arguments: () => ["product_event", [{}]], errors: [{ code: "payload_not_object" }] },
  "a function": { arguments: () => ["product_event", () => {}], errors: [{ code: "payload_not_object" }] },
  "a revoked Proxy": {
    arguments: () => {
      const { proxy, revoke } = Proxy.revocable({}, {});
      revoke();
      return ["product_event", proxy];
    },
    errors: [{ code: "payload_unreadable" }],
  },
  "a Proxy whose keys throw": {
    arguments: () => [
      "product_event",
      new Proxy(
        {},
        {
          ownKeys() {
            throw new Error("ownKeys");
          },
        },
      ),
    ],
    errors: [{ code: "payload_unreadable" }],
  },
  "nothing in it": {
    arguments: () => ["product_event", {}],
    errors: [warn("product_id_missing", "product_id"), warn("event_type_missing", "event_type")],
  },
  "no product_id": {
    arguments: () => ["product_event", { event_type: "view" }],
    errors: [warn("product_id_missing", "product_id")],
  },
  "a blank product_id": {
    arguments: () => ["product_event", { product_id: " \t", event_type: "view" }],
    errors: [warn("product_id_missing", "product_id")],
  },
  "NaN as product_id": {
    arguments: () => ["product_event", { product_id: NaN, event_type: "view" }],
    errors: [warn("product_id_invalid", "product_id")],
  },
  "an object as product_id": {
    arguments: () => ["product_event", { product_id: { toString: () => "12-0" }, event_type: "view" }],
    errors: [warn("product_id_invalid", "product_id")],
  },
  "a product_id of 10 MB": {
    arguments: () => ["product_event", { product_id: "x".repeat(10_000_000), event_type: "view" }],
    errors: [warn("product_id_too_long", "product_id")],
  },
  "an unknown type": {
    arguments: () => ["product_event", { product_id: "12-0", event_type: "addtocart" }],
    errors: [{ ...warn("event_type_unknown", "event_type"), nearest: "add to cart" }],
  },
  "a type that is no text": {
    arguments: () => ["product_event", { product_id: "12-0", event_type: 1 }],
    errors: [warn("event_type_invalid", "event_type")],
  },
  "more than 32 KiB": {
    arguments: () => ["product_event", { product_id: "12-0", event_type: "view", text: "漢".repeat(12_000) }],
    errors: [{ code: "record_too_large" }],
  },
};

/** A page without debug mode; everything that it writes to the console is in `printed`. */
async function openPlain(t) {
  const shop = await openShop(t, { www });
  const printed = [];
  shop.page.on("console", (message) => printed.push(message.text()));
  await shop.page.evaluate(() => {
    /** Calls, and answers what came of it: what was returned or thrown, and what the page was told. */
    globalThis.attempt = async (...args) => {
      const told = [];
      const stop = ["stored", "rejected"].map((topic) =>
        tillpost.on(topic, ({ errors = [], warnings = [] }) => told.push({ topic, errors, warnings })),
      );
      let outcome;
      try {
        const returned = userengage(...args);
        outcome = returned === undefined ? "returned" : `returned ${String(returned)}`;
      } catch (error) {
        outcome = `threw ${error}`;
      }
      // Listeners are called in a microtask; this is later.
      await new Promise((done) => setTimeout(done));
      for (const off of stop) off();
      return { outcome, told };
    };
  });
  return { ...shop, printed };
}

test("whatever the payload holds, the event arrives with what can be sent, and each thing left out has a code", async (t) => {
  const { page, settled, printed } = await openPlain(t);
  for (const [name, { payload, warnings = [] }] of Object.entries(stored)) {
    const answer = await page.evaluate(`(() => {
      const payload = (${payload})();
      const fields = { product_id: ${JSON.stringify(name)}, event_type: "view" };
      // Not by assignment: the payload may be frozen, or without a prototype, or made of accessors.
      const whole = Object.create(Object.getPrototypeOf(payload), {
        ...Object.getOwnPropertyDescriptors(fields),
        ...Object.getOwnPropertyDescriptors(payload),
      });
      return attempt("product_event", Object.isFrozen(payload) ? Object.freeze(whole) : whole);
    })()`);
    assert.deepEqual(answer, { outcome: "returned", told: [{ topic: "stored", errors: [], warnings }] }, name);
  }
  const events = await settled();
  const arrived = Object.fromEntries(events.map(({ product_id, data }) => [product_id, data]));
  for (const [name, { data }] of Object.entries(stored)) assert.deepEqual(arrived[name], data, name);
  assert.equal(events.length, Object.keys(stored).length);
  assert.deepEqual(printed, []);
});

test("what is no event is told to the page with every error, and nothing arrives", async (t) => {
  const { page, settled, printed } = await openPlain(t);
  for (const [name, { arguments: make, errors }] of Object.entries(refused)) {
    const answer = await page.evaluate(`attempt(...(${make})())`);
    assert.deepEqual(answer, { outcome: "returned", told: [{ topic: "rejected", errors, warnings: [] }] }, name);
  }
  assert.deepEqual(await settled(), []);
  assert.deepEqual(printed, []);
});

test("a type that only its spelling hides is folded, with a warning", async (t) => {
  const { page, settled } = await openPlain(t);
  const answer = await page.evaluate(() => attempt("product_event", { product_id: 12, event_type: " Add_To-Cart " }));
  const warnings = [{ code: "event_type_folded", field: "event_type", nearest: "add to cart" }];
  assert.deepEqual(answer.told, [{ topic: "stored", errors: [], warnings }]);
  const [{ product_id, event_type }] = await settled();
  assert.deepEqual([product_id, event_type], ["12", "add to cart"]);
});

test("a cyclic payload is cut where it has gone as deep as an attribute may", async (t) => {
  const { page, settled } = await openPlain(t);
  const { outcome, told } = await page.evaluate(() => {
    const payload = { product_id: "cyclic", event_type: "view" };
    payload.a = payload;
    payload.list = [payload];
    return attempt("product_event", payload);
  });
  assert.equal(outcome, "returned");
  assert.deepEqual(
    told.map(({ topic, warnings }) => [topic, warnings.map(({ code, field }) => `${code} ${field}`)]),
    [["stored", ["value_too_deep a", "value_too_deep list"]]],
  );
  const [{ data }] = await settled();
  let depth = 0;
  for (let inner = data; inner; inner = inner.a) depth++;
  assert.equal(depth, DEPTH + 1);
});

test("what you pass is what is sent: a change right after the call changes nothing", async (t) => {
  const { page, settled } = await openPlain(t);
  await page.evaluate(() => {
    const payload = { product_id: "before", event_type: "view", list: [1], inner: { a: 1 } };
    userengage("product_event", payload);
    payload.product_id = "after";
    payload.list.push(2);
    payload.inner.a = 2;
    delete payload.event_type;
  });
  const events = await settled();
  assert.deepEqual(
    events.map(({ product_id, data }) => [product_id, data]),
    [["before", { list: [1], inner: { a: 1 } }]],
  );
});

test("a getter that calls userengage again is two events", async (t) => {
  const { page, settled } = await openPlain(t);
  await page.evaluate(() =>
    userengage("product_event", {
      product_id: "outer",
      event_type: "view",
      get a() {
        userengage("product_event", { product_id: "inner", event_type: "click" });
        return 1;
      },
    }),
  );
  const events = await settled();
  assert.deepEqual(
    events.map(({ product_id, data }) => [product_id, data]),
    [
      ["inner", {}],
      ["outer", { a: 1 }],
    ],
  );
});

test("track answers for its own call, also where a getter of its payload makes another one", async (t) => {
  const { page, settled } = await openPlain(t);
  const answer = await page.evaluate(() =>
    tillpost.track({
      product_id: "outer",
      event_type: "view",
      get a() {
        userengage("product_event", { product_id: "inner", event_type: "click" });
        return 1;
      },
    }),
  );
  const events = await settled();
  assert.equal(answer.ok, true);
  assert.equal(answer.id, events.find(({ product_id }) => product_id === "outer").id);
});

test("a listener that throws is the page's own error, and costs neither the event nor another listener", async (t) => {
  const shop = await openPlain(t);
  shop.expected.push(/uncaught: Error: the listener's/);
  await shop.page.evaluate(() => {
    globalThis.heard = 0;
    tillpost.on("stored", () => {
      throw new Error("the listener's");
    });
    tillpost.on("stored", () => {
      heard++;
      if (heard === 1) userengage("product_event", { product_id: "from a listener", event_type: "view" });
    });
  });
  const { outcome } = await shop.page.evaluate(() => attempt("product_event", { product_id: "x", event_type: "view" }));
  assert.equal(outcome, "returned");
  assert.equal((await shop.settled()).length, 2);
  assert.equal(await shop.page.evaluate(() => heard), 2);
  assert.equal(shop.problems.filter((text) => text.includes("the listener's")).length, 2);
});

test("in debug mode each call explains itself in one line", async (t) => {
  const shop = await openShop(t);
  const printed = [];
  shop.page.on("console", (message) => printed.push(message.text()));
  await shop.page.evaluate(() => userengage("product_event", { product_id: "12-0", event_type: "sell" }));
  await shop.page.evaluate(() => new Promise((done) => setTimeout(done)));
  assert.equal(printed.length, 1);
  assert.match(printed[0], /^tillpost: product_event refused/);
});
