//! Promise 11: a 64-character REST key is a secret. It is refused with an error that says why, and goes nowhere.

use tillpost::core::code::{Code, Problem};
use tillpost::core::settings::Settings;
use tillpost::core::value::Value;

const PAGE: &str = "https://shop.example/";

fn resolve(app: Value) -> (Option<Settings>, Vec<Problem>) {
    let mut problems = Vec::new();
    let options = Value::Object(vec![("app".into(), app)]);
    (Settings::resolve(options, PAGE, &mut problems), problems)
}

#[test]
fn promise_11_a_rest_key_starts_nothing_and_is_not_repeated() {
    for key in ["k".repeat(64), "0123456789abcdef".repeat(4), [" ", &"K".repeat(64), "\n"].concat()] {
        let (settings, problems) = resolve(Value::Text(key.clone()));
        assert!(settings.is_none());
        assert_eq!(problems, [Problem::of(Code::AppIsSecret, "app")]);
        assert!(!format!("{problems:?}").contains(key.trim()), "the report repeats the key");
    }
    let (settings, problems) = resolve(Value::Number("1".repeat(64)));
    assert!(settings.is_none());
    assert_eq!(problems[0].code, Code::AppIsSecret);
}

#[test]
fn promise_11_a_public_key_starts() {
    for key in ["a", "abc123", &"k".repeat(32)] {
        let (settings, problems) = resolve(Value::Text(key.into()));
        assert_eq!((settings.unwrap().app.as_str(), problems), (key, vec![]));
    }
    for key in [33, 63, 65] {
        assert_eq!(resolve(Value::Text("k".repeat(key))).1[0].code, Code::AppInvalid, "{key}");
    }
}
