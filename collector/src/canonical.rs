//! The border of escapes. The core reads JSON where it lies, in one form: no white space, strings escaped as
//! [`json::write_text`] does. What arrives is brought into that form; what leaves is plain text, or JSON as everybody
//! writes it.

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use tillpost::core::json::{self, Object};
use tillpost::core::value::Value;

/// One JSON value in the core's form, its fields in their order and each as often as it came. `None` where the text is
/// none, or not to be read: half of a surrogate pair, a number beyond a float, 128 levels.
#[must_use]
pub fn of(text: &str) -> Option<String> {
    let mut out = String::with_capacity(text.len());
    let mut reader = serde_json::Deserializer::from_str(text);
    Writer(&mut out).deserialize(&mut reader).ok()?;
    reader.end().ok()?;
    Some(out)
}

/// The JSON of a plain text.
#[must_use]
pub fn of_text(plain: &str) -> String {
    let mut out = String::with_capacity(plain.len() + 2);
    json::write_text(&mut out, plain);
    out
}

/// The JSON of a value.
#[must_use]
pub fn of_value(value: Value<'_>) -> String {
    let mut out = String::new();
    // What JSON has no form for cannot have come in JSON.
    let _ = value.write(&mut out);
    out
}

/// An object with further fields behind its own: of two of one name the core takes the later.
#[must_use]
pub fn with_fields(object: Value<'_>, fields: &[(&str, &str)]) -> String {
    let text = if let Value::Object(text) = object { text } else { "" };
    let mut all = Object::default();
    all.fields(text.strip_suffix('}').unwrap_or_default());
    for (name, value) in fields {
        all.json(name, value);
    }
    all.finish()
}

/// The same JSON as it is stored and answered: with the short escapes that there are for what is not rare.
#[must_use]
pub fn stored(canonical: &str) -> String {
    let mut out = String::with_capacity(canonical.len());
    let mut parts = canonical.split("\\u00");
    out.push_str(parts.next().unwrap_or_default());
    for part in parts {
        let (digits, rest) = part.split_at_checked(2).unwrap_or((part, ""));
        match digits {
            "22" => out.push_str("\\\""),
            "5c" => out.push_str("\\\\"),
            "0a" => out.push_str("\\n"),
            "0d" => out.push_str("\\r"),
            "09" => out.push_str("\\t"),
            other => {
                out.push_str("\\u00");
                out.push_str(other);
            }
        }
        out.push_str(rest);
    }
    out
}

/// The plain text that a text or a number is.
#[must_use]
pub fn plain(value: Value<'_>) -> Option<String> {
    let (Value::Text(text) | Value::Number(text)) = value else { return None };
    Some(json::unescaped(text))
}

/// An id that somebody else gave: a text or a number, of 1 to `most` characters without the space around it.
#[must_use]
pub fn id(value: Value<'_>, most: usize) -> Option<String> {
    let text = plain(value)?;
    let id = text.trim();
    (1..=most).contains(&id.chars().count()).then(|| id.to_owned())
}

/// Writes the value that serde reads. Numbers become the shortest digits that say the same, never with an exponent.
struct Writer<'a>(&'a mut String);

impl Writer<'_> {
    fn word<E>(self, word: &str) -> Result<(), E> {
        self.0.push_str(word);
        Ok(())
    }

    fn close<E>(self, bracket: char) -> Result<(), E> {
        if self.0.ends_with(',') {
            self.0.pop();
        }
        self.0.push(bracket);
        Ok(())
    }
}

impl<'de> DeserializeSeed<'de> for Writer<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Writer<'_> {
    type Value = ();

    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("a JSON value")
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        self.word("null")
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<(), E> {
        self.word(if value { "true" } else { "false" })
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<(), E> {
        self.word(&value.to_string())
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<(), E> {
        self.word(&value.to_string())
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<(), E> {
        self.word(&value.to_string())
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<(), E> {
        json::write_text(self.0, value);
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        self.0.push('[');
        while items.next_element_seed(Writer(self.0))?.is_some() {
            self.0.push(',');
        }
        self.close(']')
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<(), A::Error> {
        self.0.push('{');
        while entries.next_key_seed(Writer(self.0))?.is_some() {
            self.0.push(':');
            entries.next_value_seed(Writer(self.0))?;
            self.0.push(',');
        }
        self.close('}')
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_escapes_become_one_and_what_is_stored_has_the_usual() {
        for (came, canonical, kept) in [
            (
                r#""\"\\\/\b\f\n\r\t""#,
                r#""\u0022\u005c/\u0008\u000c\u000a\u000d\u0009""#,
                r#""\"\\/\u0008\u000c\n\r\t""#,
            ),
            (r#""\u005Cu0022\u005c\u005c""#, r#""\u005cu0022\u005c\u005c""#, r#""\\u0022\\\\""#),
            (r#""\u017c\ud83d\uDED2 ż🛒\u0000\u007f""#, "\"ż🛒 ż🛒\\u0000\u{7f}\"", "\"ż🛒 ż🛒\\u0000\u{7f}\""),
            (r#" { "a\u0062" : [ ] , "\n" : "" } "#, r#"{"ab":[],"\u000a":""}"#, r#"{"ab":[],"\n":""}"#),
        ] {
            assert_eq!(of(came).as_deref(), Some(canonical), "{came}");
            assert_eq!(stored(canonical), kept, "{came}");
            let value = |json| serde_json::from_str::<serde_json::Value>(json).unwrap();
            assert_eq!((value(canonical), value(kept)), (value(came), value(came)), "{came}");
        }
    }

    #[test]
    fn fields_keep_their_order_and_numbers_their_value() {
        for (came, canonical) in [
            (
                r#"{"b":1,"a":[{},[],[[]],null,true,false],"b":{"b":""}}"#,
                r#"{"b":1,"a":[{},[],[[]],null,true,false],"b":{"b":""}}"#,
            ),
            ("[1.0,-0,0.10,1e3,1E-7,12345678901234567890]", "[1,-0,0.1,1000,0.0000001,12345678901234567890]"),
            ("1e21", "1000000000000000000000"),
        ] {
            assert_eq!(of(came).as_deref(), Some(canonical));
        }
    }

    #[test]
    fn what_is_no_value_is_none() {
        let deep = |levels: usize| "[".repeat(levels) + &"]".repeat(levels);
        for text in ["", "{", "1 2", "undefined", "1e999", r#""\ud83d""#, "\"\n\"", r#"{"a":1,}"#, &deep(128)] {
            assert_eq!(of(text), None, "{text}");
        }
        assert_eq!(of(&deep(127)), Some(deep(127)));
    }

    #[test]
    fn further_fields_stand_behind() {
        assert_eq!(with_fields(Value::of("{}"), &[("a", "1"), ("b", "undefined")]), r#"{"a":1,"b":undefined}"#);
        assert_eq!(with_fields(Value::of(r#"{"a":{}}"#), &[("a", "1")]), r#"{"a":{},"a":1}"#);
    }

    #[test]
    fn ids_are_plain_text_without_space_around_it() {
        for (json, expect) in [
            (r#""\u0009a\u0022b\u00a0""#, Some("a\"b")),
            ("7", Some("7")),
            (r#""abcd""#, None),
            (r#"" ""#, None),
            ("[1]", None),
            ("null", None),
        ] {
            assert_eq!(id(Value::of(&of(json).unwrap()), 3).as_deref(), expect, "{json}");
        }
        assert_eq!(of_text("a\"\n"), r#""a\u0022\u000a""#);
    }
}
