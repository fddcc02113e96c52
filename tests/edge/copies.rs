//! A copy is what `JSON.stringify` would have made of the value, wherever that makes something of it.

use crate::{door, js};
use tillpost::core::limits::{DEPTH, PAYLOAD_CHARS, VALUES};
use tillpost::core::value::{Unusable, Value};
use wasm_bindgen_test::wasm_bindgen_test;

/// The copy of a value.
fn copy(code: &str) -> String {
    js(&[&door(include_str!("../../pkg/copy.mjs")), "copy(", code, ")"].concat()).as_string().unwrap()
}

/// The JSON of a payload's field with this value, as JavaScript would write the same again.
fn copied(code: &str) -> String {
    let text = copy(&["{ field: ", code, " }"].concat());
    let mut json = String::new();
    Value::of(&text).field("field").write(&mut json);
    let again = js_sys::JSON::parse(&json).unwrap_or_else(|_| panic!("{code} became {text}"));
    js_sys::JSON::stringify(&again).unwrap().into()
}

#[wasm_bindgen_test]
fn a_copy_is_what_json_stringify_makes_of_the_value() {
    for value in [
        "null",
        "true",
        "''",
        "'ż😀\\u2028\\u2029</script>'",
        "String.fromCharCode(...Array(0x300).keys())",
        "0",
        "-0",
        "-1",
        "0.1",
        "-749.5",
        "5e-324",
        "1.7976931348623157e308",
        "1e21",
        "123456789012345680000",
        "2 ** 53",
        "-(2 ** 53)",
        "2 ** 53 - 1",
        "1 - 2 ** 53",
        "[]",
        "[1, , 2]",
        "[undefined, () => {}, Symbol()]",
        "Object.assign([1], { more: 2 })",
        "new (class extends Array {})(1, 2)",
        "new Array(1998)",
        "({})",
        "({ b: 1, a: 2, 2: 3, 1: 4, '': 5, '\\0': 6 })",
        "({ a: undefined, b: () => {}, [Symbol()]: 1 })",
        "({ get a() { return 1 }, set b(_) {} })",
        "Object.create({ inherited: 1 }, { hidden: { value: 2 }, own: { value: 3, enumerable: true } })",
        "Object.create(null, { a: { value: 1, enumerable: true } })",
        "new (class { a = 1; #b = 2; c() {} })",
        "JSON.parse('{\"__proto__\":{\"a\":1},\"constructor\":2,\"toString\":3}')",
        "new Date(0)",
        "new Date(NaN)",
        "({ toJSON: () => [1, { toJSON: () => 'inner' }] })",
        "({ toJSON: 'no function' })",
        "Object.freeze({ a: Object.freeze([1]) })",
        "new Proxy({ a: [1] }, {})",
        "new Proxy([1, 2], {})",
        "new Uint8Array([1, 2])",
        "/x/g",
        "new Error('x')",
        "new URL('https://shop.example/?a=1')",
        "document.createElement('p')",
        "[[[[[[[[1]]]]]]]]",
    ] {
        let code = ["JSON.stringify(", value, ")"].concat();
        assert_eq!(Some(copied(&["(", value, ")"].concat())), js(&code).as_string(), "{value}");
    }
}

#[wasm_bindgen_test]
fn what_json_stringify_refuses_or_loses_is_kept_as_far_as_it_goes() {
    for (value, kept) in [
        ("[1n, -1n]", r#"["1","-1"]"#),
        ("new Map([['a', new Map([[1, 2]])], [{}, 3]])", r#"{"a":{"1":2},"[object Object]":3}"#),
        ("new Set([1, new Set(['a'])])", r#"[1,["a"]]"#),
        ("({ a: NaN, b: Infinity, c: 1 })", r#"{"c":1}"#),
        ("'\\ud800x'", "\"\u{fffd}x\""),
        ("({ get a() { throw 1 }, b: 2 })", r#"{"b":2}"#),
        ("({ a: { toJSON() { throw 1 } }, b: 2 })", r#"{"b":2}"#),
        ("({ a: { get toJSON() { throw 1 } }, b: 2 })", r#"{"b":2}"#),
        ("({ a: new Proxy({}, { ownKeys() { throw 1 } }), b: 2 })", r#"{"b":2}"#),
        ("({ a: new Proxy([], { get(_, name) { if (name === 'length') throw 1 } }), b: 2 })", r#"{"b":2}"#),
        ("({ a: 'x'.repeat(1e7), b: 2 })", r#"{"b":2}"#),
        ("({ a: new Array(1e6), b: 2 })", r#"{"b":2}"#),
        ("({ a: new Set(Array(3000).keys()), b: 2 })", r#"{"b":2}"#),
    ] {
        assert_eq!(copied(&["(", value, ")"].concat()), kept, "{value}");
    }
}

#[wasm_bindgen_test]
fn what_cannot_be_copied_says_why() {
    for (value, why) in [
        ("() => {}", Unusable::Unsupported),
        ("Symbol()", Unusable::Unsupported),
        ("NaN", Unusable::Unsupported),
        (
            "(() => { const { proxy, revoke } = Proxy.revocable({}, {}); revoke(); return proxy })()",
            Unusable::Unreadable,
        ),
        ("new Proxy({}, { get() { throw 1 } })", Unusable::Unreadable),
        ("'x'.repeat(1e7)", Unusable::TooLarge),
        ("new Array(1e6)", Unusable::TooLarge),
        ("Object.fromEntries(Object.entries(Array(3000).fill(0)))", Unusable::TooLarge),
    ] {
        assert_eq!(Value::of(&copy(value)), Value::Unusable(why), "{value}");
    }
}

#[wasm_bindgen_test]
fn the_bounds_are_those_of_the_core() {
    for (largest, larger) in [
        (
            ["'x'.repeat(", &PAYLOAD_CHARS.to_string(), ")"].concat(),
            ["'x'.repeat(", &(PAYLOAD_CHARS + 1).to_string(), ")"].concat(),
        ),
        (["Array(", &(VALUES - 1).to_string(), ")"].concat(), ["Array(", &VALUES.to_string(), ")"].concat()),
    ] {
        assert!(!matches!(Value::of(&copy(&largest)), Value::Unusable(_)), "{largest}");
        assert_eq!(Value::of(&copy(&larger)), Value::Unusable(Unusable::TooLarge), "{larger}");
    }
    let nested = |levels: usize| "[".repeat(levels) + &"]".repeat(levels);
    assert_eq!(copied(&nested(DEPTH)), nested(DEPTH));
    assert_eq!(copied(&nested(DEPTH + 1)), "[".repeat(DEPTH) + "null" + &"]".repeat(DEPTH));
}

#[wasm_bindgen_test]
fn what_is_lost_inside_of_a_field_is_said_behind_it() {
    for (payload, text) in [
        (
            "{ a: [1, undefined, () => 1, NaN, 12n], b: undefined, c: 5n, d: -Infinity }",
            r#"{"a":[1,null,null,null,"12"]0n,"b":undefined,"c":5n,"d":-Infinity}"#,
        ),
        ("{ a: { b: NaN, c: { d: Symbol() }, e: null } }", r#"{"a":{"c":{},"e":null}symbol}"#),
        ("{ a: { get b() { throw 1 }, c: 2 }, d: true }", r#"{"a":{"c":2}unreadable,"d":true}"#),
        ("{ a: { ['x'.repeat(1e6)]: 1 }, ['y'.repeat(1e6)]: 2 }", r#"{"a":{}large,"":large}"#),
        ("{ toJSON: () => ({ a: NaN, b: [NaN] }) }", r#"{"a":NaN,"b":[null]NaN}"#),
        ("[1n, [undefined, -5n]]", r#"[1n,[null,"-5"]0n]"#),
        ("new Map([['a', new Set([1, () => 2])]])", r#"{"a":[1,null]function}"#),
        (r#"{ a: '"\\\n\u007f' }"#, "{\"a\":\"\\u0022\\u005c\\u000a\u{7f}\"}"),
    ] {
        assert_eq!(copy(payload), text, "{payload}");
    }
}
