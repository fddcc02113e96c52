//! What a caller passed, copied. Never holds a reference into the page.
//!
//! Numbers stay the text that JavaScript made of them: formatting a float costs 10 KB of module.

use super::code::Code;
use super::json::{self, Reader};

/// A value, copied out of the page or read from a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// `undefined`: left out in silence, as `JSON.stringify` does.
    Undefined,
    /// `null`
    Null,
    /// `true`, `false`
    Bool(bool),
    /// The text of a finite number, as JSON writes it.
    Number(String),
    /// The digits of a BigInt.
    BigInt(String),
    /// Text. A date is its ISO 8601 text.
    Text(String),
    /// An array.
    Array(Vec<Value>),
    /// An object, its keys in their order.
    Object(Vec<(String, Value)>),
    /// Something that is left out with a warning.
    Unusable(Unusable),
}

/// Why a value is left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unusable {
    /// A function, a symbol, NaN or an infinity.
    Unsupported,
    /// Reading it threw.
    Unreadable,
    /// Nested deeper than [`super::limits::DEPTH`].
    TooDeep,
    /// Over [`super::limits::PAYLOAD_CHARS`] or [`super::limits::VALUES`].
    TooLarge,
}

impl Value {
    /// A number from the text that JavaScript's `String(number)` gives.
    #[must_use]
    pub fn number(text: String) -> Self {
        if json::is_number(&text) { Self::Number(text) } else { Self::Unusable(Unusable::Unsupported) }
    }

    /// Reads a value that `pkg/copy.mjs` wrote, `depth` levels deep at the most: JSON, or a word for what JSON cannot
    /// say. `None` where the text is neither.
    #[must_use]
    pub fn read(reader: &mut Reader<'_>, depth: usize) -> Option<Self> {
        let inner = depth.checked_sub(1)?;
        match reader.peek()? {
            b'"' => reader.string().map(Self::Text),
            b'{' => {
                let mut fields = Vec::new();
                reader.object(&mut |reader, name| {
                    fields.push((name, Self::read(reader, inner)?));
                    Some(())
                })?;
                Some(Self::Object(fields))
            }
            b'[' => {
                let mut items = Vec::new();
                reader.array(&mut |reader| {
                    items.push(Self::read(reader, inner)?);
                    Some(())
                })?;
                Some(Self::Array(items))
            }
            _ => Some(Self::of_word(reader.word())),
        }
    }

    fn of_word(word: &str) -> Self {
        match word {
            "undefined" => Self::Undefined,
            "null" => Self::Null,
            "true" => Self::Bool(true),
            "false" => Self::Bool(false),
            "unreadable" => Self::Unusable(Unusable::Unreadable),
            "deep" => Self::Unusable(Unusable::TooDeep),
            "large" => Self::Unusable(Unusable::TooLarge),
            _ => match word.strip_suffix('n') {
                Some(digits) if json::is_number(digits) => Self::BigInt(digits.into()),
                // Also `NaN`, `Infinity`, `function` and `symbol`.
                _ => Self::number(word.into()),
            },
        }
    }

    /// Appends the JSON of this value, and answers the warning for what had to be changed or left out of it.
    ///
    /// As `JSON.stringify` does: what cannot be written is missing from an object and `null` in an array.
    pub fn write(&self, out: &mut String) -> Option<Code> {
        let mut warning = None;
        match self {
            Self::Bool(true) => out.push_str("true"),
            Self::Bool(false) => out.push_str("false"),
            Self::Number(text) => out.push_str(text),
            Self::Text(text) => json::write_text(out, text),
            Self::BigInt(text) => {
                json::write_text(out, text);
                warning = Some(Code::ValueBigint);
            }
            Self::Null | Self::Undefined => out.push_str("null"),
            Self::Unusable(reason) => {
                out.push_str("null");
                warning = Some(reason.code());
            }
            Self::Array(items) => {
                out.push('[');
                for item in items {
                    separate(out);
                    warning = item.write(out).or(warning);
                }
                out.push(']');
            }
            Self::Object(fields) => {
                out.push('{');
                for (name, value) in fields {
                    match value {
                        Self::Undefined => {}
                        Self::Unusable(reason) => warning = Some(reason.code()),
                        value => {
                            separate(out);
                            json::write_text(out, name);
                            out.push(':');
                            warning = value.write(out).or(warning);
                        }
                    }
                }
                out.push('}');
            }
        }
        warning
    }
}

/// A comma, but not at the start of an array or object.
fn separate(out: &mut String) {
    if !matches!(out.as_bytes().last(), Some(b'[' | b'{')) {
        out.push(',');
    }
}

impl Unusable {
    /// The warning under which such a value is left out.
    #[must_use]
    pub fn code(self) -> Code {
        match self {
            Self::Unsupported => Code::ValueUnsupported,
            Self::Unreadable => Code::ValueUnreadable,
            Self::TooDeep => Code::ValueTooDeep,
            Self::TooLarge => Code::ValueTooLarge,
        }
    }
}

#[cfg(not(target_arch = "wasm32"))]
mod from_json {
    //! Natively a value is read by serde: the collector judges what arrived by the code that judged it in the page.

    use super::Value;
    use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};

    impl<'de> Deserialize<'de> for Value {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            deserializer.deserialize_any(AnyValue)
        }
    }

    struct AnyValue;

    impl<'de> Visitor<'de> for AnyValue {
        type Value = Value;

        fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            formatter.write_str("a JSON value")
        }

        fn visit_unit<E: Error>(self) -> Result<Value, E> {
            Ok(Value::Null)
        }

        fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
            Ok(Value::Bool(value))
        }

        fn visit_i64<E: Error>(self, value: i64) -> Result<Value, E> {
            Ok(Value::Number(value.to_string()))
        }

        fn visit_u64<E: Error>(self, value: u64) -> Result<Value, E> {
            Ok(Value::Number(value.to_string()))
        }

        fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
            Ok(Value::number(value.to_string()))
        }

        fn visit_str<E: Error>(self, value: &str) -> Result<Value, E> {
            Ok(Value::Text(value.into()))
        }

        fn visit_string<E: Error>(self, value: String) -> Result<Value, E> {
            Ok(Value::Text(value))
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
            let mut array = Vec::new();
            while let Some(item) = items.next_element()? {
                array.push(item);
            }
            Ok(Value::Array(array))
        }

        fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
            let mut object = Vec::new();
            while let Some(entry) = entries.next_entry()? {
                object.push(entry);
            }
            Ok(Value::Object(object))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(value: Value, expect: &str) {
        let mut text = String::new();
        value.write(&mut text);
        assert_eq!(text, expect);
        serde_json::from_str::<serde_json::Value>(&text).expect("what is written is JSON");
    }

    #[test]
    fn is_written_as_json_stringify_writes_it() {
        check(Value::Text("\"\\\n\u{1}\u{2028}ż🛒".into()), "\"\\\"\\\\\\n\\u0001\u{2028}ż🛒\"");
        check(Value::number("1e+21".into()), "1e+21");
        check(
            Value::Array(vec![Value::Undefined, Value::Unusable(Unusable::Unsupported), Value::Null]),
            "[null,null,null]",
        );
        check(
            Value::Object(vec![
                ("a".into(), Value::Undefined),
                ("b".into(), Value::Unusable(Unusable::TooDeep)),
                ("c".into(), Value::Bool(true)),
            ]),
            r#"{"c":true}"#,
        );
    }

    #[test]
    fn a_number_that_is_none_is_unusable() {
        for text in ["NaN", "Infinity", "-Infinity", "", "0x10", "1.", ".5", "01", "1e"] {
            assert_eq!(Value::number(text.into()), Value::Unusable(Unusable::Unsupported), "{text}");
        }
    }
}
