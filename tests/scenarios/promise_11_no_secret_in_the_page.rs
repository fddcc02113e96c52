//! Promise 11: a 64-character REST key is a secret. It is refused with an error that says why, and goes nowhere.

use crate::sim::Value;
use tillpost::core::code::Code;
use tillpost::core::settings::Settings;
use tillpost::core::value;

const PAGE: &str = "https://shop.example/";

/// All that is said of something wrong: a code, the field and what was probably meant.
type Said = (Code, String, &'static str);

/// What becomes of an `app`: the key that pages start with, or what is wrong with it.
fn resolve(app: Value) -> Result<String, Vec<Said>> {
    let mut problems = Vec::new();
    let options = Value::Object(vec![("app".into(), app)]).copied();
    let settings = Settings::resolve(value::Value::of(&options), PAGE, &mut problems);
    assert_eq!(settings.is_none(), !problems.is_empty());
    let said = problems.into_iter().map(|problem| (problem.code, problem.field.into(), problem.nearest));
    settings.map(|settings| settings.app).ok_or_else(|| said.collect())
}

fn only(code: Code) -> Vec<Said> {
    vec![(code, "app".into(), "")]
}

#[test]
fn promise_11_a_rest_key_starts_nothing_and_is_not_repeated() {
    for key in ["k".repeat(64), "0123456789abcdef".repeat(4), [" ", &"K".repeat(64), "\n"].concat()] {
        assert_eq!(resolve(Value::Text(key)), Err(only(Code::AppIsSecret)), "and nothing of the key");
    }
    assert_eq!(resolve(Value::Number("1".repeat(64))), Err(only(Code::AppIsSecret)));
}

#[test]
fn promise_11_a_public_key_starts() {
    for key in ["a", "abc123", &"k".repeat(32)] {
        assert_eq!(resolve(Value::Text(key.into())).as_deref(), Ok(key));
    }
    for key in [33, 63, 65] {
        assert_eq!(resolve(Value::Text("k".repeat(key))), Err(only(Code::AppInvalid)), "{key}");
    }
}
