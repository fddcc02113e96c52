//! Promise 1: whatever is passed, there is an answer with a code, and a record only where there is an event.

use crate::sim::{Topic, Value, World, value};
use serde_json::json;
use tillpost::core::code::Code;
use tillpost::core::value::Unusable;

/// Calls, and expects to be refused for this reason and no record.
fn refused(kind: &str, payload: Value, code: Code) {
    let mut world = World::new();
    let tab = world.open("/");
    let report = world.call(tab, kind, payload.clone());
    assert_eq!(report.topic, Topic::Rejected, "{kind} {payload:?}");
    assert_eq!(report.errors(), [code.as_str()], "{kind} {payload:?}");
    assert_eq!(report.id, "");
    world.run_until_quiet();
    assert_eq!(world.attempts(), 0);
    assert_eq!(world.stored(), [""; 0]);
}

#[test]
fn promise_01_invalid_input_gets_a_code_and_no_record() {
    let unreadable = Value::Unusable(Unusable::Unreadable);
    let product_event = |payload: serde_json::Value, code| refused("product_event", value(payload), code);
    refused("", Value::Undefined, Code::KindUnknown);
    refused("show_popup", value(json!({})), Code::KindUnknown);
    refused("product_event", Value::Undefined, Code::PayloadNotObject);
    refused("product_event", Value::BigInt("1".into()), Code::PayloadNotObject);
    refused("product_event", Value::Unusable(Unusable::Unsupported), Code::PayloadNotObject);
    refused("product_event", unreadable, Code::PayloadUnreadable);
    product_event(json!("view"), Code::PayloadNotObject);
    product_event(json!([1]), Code::PayloadNotObject);
    product_event(json!({"event_type": "view"}), Code::ProductIdMissing);
    product_event(json!({"event_type": "view", "product_id": " "}), Code::ProductIdMissing);
    product_event(json!({"event_type": "view", "product_id": true}), Code::ProductIdInvalid);
    product_event(json!({"event_type": "view", "product_id": "x".repeat(257)}), Code::ProductIdTooLong);
    product_event(json!({"product_id": "1"}), Code::EventTypeMissing);
    product_event(json!({"product_id": "1", "event_type": 5}), Code::EventTypeInvalid);
    product_event(json!({"product_id": "1", "event_type": "sell"}), Code::EventTypeUnknown);
    refused("event.", Value::Undefined, Code::EventNameMissing);
    refused(&["event.", &"x".repeat(256)].concat(), Value::Undefined, Code::EventNameTooLong);
    let large = "x".repeat(33 * 1024);
    product_event(json!({"product_id": "1", "event_type": "view", "text": large}), Code::RecordTooLarge);
}

#[test]
fn promise_01_all_errors_of_a_call_are_found_at_once_and_the_nearest_type_is_named() {
    let mut world = World::new();
    let tab = world.open("/");
    let report = world.call(tab, "product_event", value(json!({"event_type": "add to crat"})));
    assert_eq!(
        serde_json::to_value(&report.errors).unwrap(),
        json!([
            {"code": "product_id_missing", "field": "product_id"},
            {"code": "event_type_unknown", "field": "event_type", "nearest": "add to cart"},
        ])
    );
}

#[test]
fn promise_01_hostile_values_are_left_out_with_a_warning_and_the_event_arrives() {
    let mut world = World::new();
    let tab = world.open("/");
    let mut nested = Value::Unusable(Unusable::TooDeep);
    for _ in 0..8 {
        nested = Value::Object(vec![("again".into(), nested)]);
    }
    let fields = [
        ("product_id", Value::BigInt("9007199254740993".into())),
        ("event_type", Value::Text("Add_To-Cart".into())),
        ("getter", Value::Unusable(Unusable::Unreadable)),
        ("function", Value::Unusable(Unusable::Unsupported)),
        ("huge", Value::Unusable(Unusable::TooLarge)),
        ("cyclic", nested),
        ("bigint", Value::BigInt("123456789012345678901".into())),
        ("nothing", Value::Undefined),
        ("text", Value::Text("\u{0}\u{7}\"\\</script>\u{2028}\u{fffd}\u{1f4a9}".into())),
        ("items", Value::Array(vec![Value::Unusable(Unusable::Unsupported), Value::Undefined, Value::Null])),
    ];
    let payload = fields.map(|(name, value)| (String::from(name), value)).to_vec();
    let report = world.call(tab, "product_event", Value::Object(payload));
    assert_eq!(report.topic, Topic::Stored, "{report:?}");
    let mut warnings: Vec<_> =
        report.warnings.iter().map(|warning| (warning.field.as_str(), warning.code.as_str())).collect();
    warnings.sort_unstable();
    assert_eq!(
        warnings,
        [
            ("bigint", Code::ValueBigint),
            ("cyclic", Code::ValueTooDeep),
            ("event_type", Code::EventTypeFolded),
            ("function", Code::ValueUnsupported),
            ("getter", Code::ValueUnreadable),
            ("huge", Code::ValueTooLarge),
            ("items", Code::ValueUnsupported),
        ]
        .map(|(field, code)| (field, code.as_str()))
    );
    world.run_until_quiet();
    world.assert_arrived_once(std::slice::from_ref(&report.id));
    let record = world.collector().record(&report.id);
    assert_eq!(record["product_id"], "9007199254740993");
    assert_eq!(record["event_type"], "add to cart");
    assert_eq!(record["data"]["text"], "\u{0}\u{7}\"\\</script>\u{2028}\u{fffd}\u{1f4a9}");
    assert_eq!(record["data"]["bigint"], "123456789012345678901");
    assert_eq!(record["data"]["items"], json!([null, null, null]));
    assert_eq!(record["data"].get("getter"), None);
}
