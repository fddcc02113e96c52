//! What a caller passed, where it lies in the door's message. Copies nothing, and never reaches into the page.
//!
//! Numbers stay the text that JavaScript made of them: formatting a float costs 10 KB of module.

use super::code::Code;
use super::json::{self, Items, Reader};

/// A value: JSON, or one of the words that `pkg/copy.mjs` has for what JSON cannot say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Value<'a> {
    /// `undefined`: left out in silence, as `JSON.stringify` does.
    Undefined,
    /// `null`
    Null,
    /// `true`, `false`
    Bool(bool),
    /// The text of a finite number, as JSON writes it.
    Number(&'a str),
    /// The digits of a BigInt.
    BigInt(&'a str),
    /// Text, escaped as in JSON. A date is its ISO 8601 text.
    Text(&'a str),
    /// An array: its JSON, and behind it a word for what was lost in it.
    Array(&'a str),
    /// An object likewise, its keys in their order. The fields of a payload may be words, what is inside of them is JSON.
    Object(&'a str),
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

impl<'a> Value<'a> {
    /// The value that this text is.
    #[must_use]
    pub fn of(text: &'a str) -> Self {
        Reader::new(text).value().unwrap_or(Self::Undefined)
    }

    /// The value that a word stands for: what is no text, no array and no object.
    #[must_use]
    pub fn of_word(word: &'a str) -> Self {
        match word {
            "undefined" => Self::Undefined,
            "null" => Self::Null,
            "true" => Self::Bool(true),
            "false" => Self::Bool(false),
            "unreadable" => Self::Unusable(Unusable::Unreadable),
            "deep" => Self::Unusable(Unusable::TooDeep),
            "large" => Self::Unusable(Unusable::TooLarge),
            _ if json::is_number(word) => Self::Number(word),
            _ => match word.strip_suffix('n') {
                Some(digits) if json::is_number(digits) => Self::BigInt(digits),
                // `NaN`, `Infinity`, `function` and `symbol`.
                _ => Self::Unusable(Unusable::Unsupported),
            },
        }
    }

    /// The items of an array, the fields of an object; none of anything else.
    #[must_use]
    pub fn items(self) -> Items<'a> {
        Items::of(if let Self::Array(text) | Self::Object(text) = self { text } else { "" })
    }

    /// The last field of this name.
    #[must_use]
    pub fn field(self, wanted: &str) -> Self {
        let mut found = Self::Undefined;
        for (name, value) in self.items() {
            if name == wanted {
                found = value;
            }
        }
        found
    }

    /// Appends the JSON of this value, and answers the warning for what had to be changed or was left out of it.
    pub fn write(self, out: &mut String) -> Option<Code> {
        match self {
            Self::Bool(true) => out.push_str("true"),
            Self::Bool(false) => out.push_str("false"),
            Self::Number(text) => out.push_str(text),
            Self::Text(text) | Self::BigInt(text) => {
                out.push('"');
                out.push_str(text);
                out.push('"');
            }
            Self::Null | Self::Undefined | Self::Unusable(_) => out.push_str("null"),
            Self::Array(text) | Self::Object(text) => {
                let mut end = text.len();
                while end > 0 && !matches!(text.as_bytes().get(end - 1), Some(b'}' | b']')) {
                    end -= 1;
                }
                out.push_str(text.get(..end).unwrap_or_default());
                let lost = text.get(end..).unwrap_or_default().trim_ascii();
                return if lost.is_empty() { None } else { Self::of_word(lost).warning() };
            }
        }
        self.warning()
    }

    /// The warning under which such a value is changed or left out.
    fn warning(self) -> Option<Code> {
        match self {
            Self::BigInt(_) => Some(Code::ValueBigint),
            Self::Unusable(reason) => Some(reason.code()),
            _ => None,
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_written_as_it_was_read() {
        for (text, expect, warning) in [
            (r#""\u0022\u005c\u000a\u0001ż🛒""#, r#""\u0022\u005c\u000a\u0001ż🛒""#, None),
            ("1e+21", "1e+21", None),
            ("12n", "\"12\"", Some(Code::ValueBigint)),
            ("[null,{\"a\":[]}]", "[null,{\"a\":[]}]", None),
            ("[null]deep", "[null]", Some(Code::ValueTooDeep)),
            (r#"{"c":true} 0n"#, r#"{"c":true}"#, Some(Code::ValueBigint)),
            ("undefined", "null", None),
        ] {
            let mut out = String::new();
            assert_eq!((Value::of(text).write(&mut out), out.as_str()), (warning, expect), "{text}");
        }
    }

    #[test]
    fn a_number_that_is_none_is_unusable() {
        for text in ["NaN", "Infinity", "-Infinity", "0x10", "1.", ".5", "01", "1e", "function", "symbol"] {
            assert_eq!(Value::of(text), Value::Unusable(Unusable::Unsupported), "{text}");
        }
        assert_eq!(Value::of(""), Value::Undefined);
    }

    #[test]
    fn fields_are_found_in_their_order_and_the_last_of_a_name_wins() {
        let payload = Value::of(r#"{"a":1,"b":undefined,"c":{"a":[2]}large,"a":"x"}"#);
        let names: Vec<_> = payload.items().map(|(name, _)| name).collect();
        assert_eq!(names, ["a", "b", "c", "a"]);
        assert_eq!(payload.field("a"), Value::Text("x"));
        assert_eq!(payload.field("c"), Value::Object(r#"{"a":[2]}large"#));
        assert_eq!(payload.field("d"), Value::Undefined);
        assert_eq!(Value::of("[]").items().count() + Value::of("{}").items().count() + Value::Null.items().count(), 0);
    }
}
