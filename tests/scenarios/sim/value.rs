//! What a page passes, and the text that the door makes of it: `pkg/copy.mjs`, with a tree instead of a page.

use serde::Deserialize;
use tillpost::core::json;
use tillpost::core::value::Unusable;

/// A value of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    Undefined,
    Null,
    Bool(bool),
    /// As JavaScript writes it.
    Number(String),
    BigInt(String),
    Text(String),
    Array(Vec<Value>),
    Object(Vec<(String, Value)>),
    Unusable(Unusable),
}

impl Value {
    /// As the door copies it.
    pub fn copied(&self) -> String {
        self.written(true)
    }

    /// `outer` is the payload itself: its fields may be words, and what is lost inside of one is said behind it.
    fn written(&self, outer: bool) -> String {
        match self {
            Self::Undefined => "undefined".into(),
            Self::Null => "null".into(),
            Self::Bool(value) => value.to_string(),
            Self::Number(text) => text.clone(),
            Self::BigInt(digits) => [digits, "n"].concat(),
            Self::Text(text) => quoted(text),
            Self::Unusable(Unusable::Unsupported) => "NaN".into(),
            Self::Unusable(Unusable::Unreadable) => "unreadable".into(),
            Self::Unusable(Unusable::TooDeep) => "deep".into(),
            Self::Unusable(Unusable::TooLarge) => "large".into(),
            Self::Array(items) => {
                let items = items.iter().map(|item| item.inside(outer).unwrap_or_else(|| "null".into()));
                ["[", &items.collect::<Vec<_>>().join(","), "]"].concat()
            }
            Self::Object(fields) => {
                let fields = fields
                    .iter()
                    .filter_map(|(name, value)| Some([quoted(name), ":".into(), value.inside(outer)?].concat()));
                ["{", &fields.collect::<Vec<_>>().join(","), "}"].concat()
            }
        }
    }

    /// Inside of a field only JSON: as `JSON.stringify` does, with the digits of a BigInt.
    fn inside(&self, of_payload: bool) -> Option<String> {
        match self {
            _ if of_payload => Some([self.written(false), self.lost()].concat()),
            Self::Undefined | Self::Unusable(_) => None,
            Self::BigInt(digits) => Some(quoted(digits)),
            value => Some(value.written(false)),
        }
    }

    /// The word for what was lost in it last.
    fn lost(&self) -> String {
        let all: Vec<&Value> = match self {
            Self::Array(items) => items.iter().collect(),
            Self::Object(fields) => fields.iter().map(|(_, value)| value).collect(),
            _ => return String::new(),
        };
        let lost = all.into_iter().rev().map(|value| match value {
            Self::BigInt(_) => "0n".into(),
            Self::Unusable(_) => value.written(false),
            value => value.lost(),
        });
        lost.into_iter().find(|word| !word.is_empty()).unwrap_or_default()
    }
}

/// Text in quotes, as the door escapes it.
pub fn quoted(text: &str) -> String {
    let mut out = String::new();
    json::write_text(&mut out, text);
    out
}

impl From<serde_json::Value> for Value {
    fn from(json: serde_json::Value) -> Self {
        match json {
            serde_json::Value::Null => Self::Null,
            serde_json::Value::Bool(value) => Self::Bool(value),
            serde_json::Value::Number(number) => Self::Number(number.to_string().trim_end_matches(".0").into()),
            serde_json::Value::String(text) => Self::Text(text),
            serde_json::Value::Array(items) => Self::Array(items.into_iter().map(Into::into).collect()),
            serde_json::Value::Object(fields) => {
                Self::Object(fields.into_iter().map(|(name, value)| (name, value.into())).collect())
            }
        }
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        serde_json::Value::deserialize(deserializer).map(Into::into)
    }
}

#[test]
fn what_json_cannot_say_is_said_as_the_door_says_it() {
    let lost = Value::Unusable(Unusable::TooDeep);
    let inner = Value::Object(vec![("x".into(), Value::BigInt("1".into())), ("y".into(), lost.clone())]);
    let payload = Value::Object(vec![
        ("a".into(), Value::Array(vec![Value::Undefined, inner])),
        ("b".into(), Value::Undefined),
        ("c".into(), lost),
        ("d".into(), Value::BigInt("12".into())),
        ("e".into(), Value::Array(vec![Value::BigInt("1".into()), Value::Text("\n".into())])),
    ]);
    assert_eq!(payload.copied(), r#"{"a":[null,{"x":"1"}]deep,"b":undefined,"c":deep,"d":12n,"e":["1","\u000a"]0n}"#);
}
