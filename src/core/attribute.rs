//! Declared attribute types: checking and converting a value. An attribute that is not declared passes as it is.

use super::json::{self, Items};
use super::text::{find, joined, place_of, word_at};
use super::value::Value;
use serde::{Deserialize, Serialize};

/// The attribute types of User.com.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AttributeType {
    /// `true` or `false`; from the texts `true`, `false`, `1`, `0` and the numbers 1 and 0.
    Boolean,
    /// `YYYY-MM-DD`; from a date and time, whose time is cut.
    Date,
    /// ISO 8601: `YYYY-MM-DD`, or with `Thh:mm[:ss[.f]]` and an optional zone.
    Datetime,
    /// One choice or a list of choices, as text.
    Fixed,
    /// A number; from the text of one.
    Float,
    /// A whole number; from the text of one.
    Integer,
    /// Anything.
    Json,
    /// Text; from a number or a boolean.
    String,
}

/// Their names, in that order.
const NAMES: &str = "boolean,date,datetime,fixed,float,integer,json,string";

impl AttributeType {
    /// All types.
    pub const ALL: [AttributeType; 8] =
        [Self::Boolean, Self::Date, Self::Datetime, Self::Fixed, Self::Float, Self::Integer, Self::Json, Self::String];

    /// The name by which a shop declares it.
    #[must_use]
    pub fn name(self) -> &'static str {
        word_at(self as usize, NAMES)
    }

    /// The type of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.get(place_of(name, NAMES)?).copied()
    }

    /// The value in this type, as JSON; empty where it fits as it is, `None` where it does not fit.
    #[must_use]
    pub fn convert(self, value: Value<'_>) -> Option<String> {
        let text = match value {
            Value::Text(text) => json::trimmed(text),
            Value::Number(text) | Value::BigInt(text) => text,
            Value::Bool(true) => "true",
            Value::Bool(false) => "false",
            // An absent value fits every type.
            Value::Null | Value::Undefined => return Some(String::new()),
            _ => {
                let choices = matches!(value, Value::Array(_))
                    && self == Self::Fixed
                    && value.items().all(|(_, item)| matches!(item, Value::Text(_)));
                return (choices || self == Self::Json).then(String::new);
            }
        };
        let is_text = matches!(value, Value::Text(_));
        Some(match self {
            Self::Boolean if matches!(text, "true" | "1") => "true".into(),
            Self::Boolean if matches!(text, "false" | "0") => "false".into(),
            Self::Float if json::is_number(text) => text.into(),
            Self::Integer
                if json::is_number(text) && find(text, &|byte| !byte.is_ascii_digit() && byte != b'-').is_none() =>
            {
                text.into()
            }
            // Text keeps the space around it.
            Self::Json => String::new(),
            Self::String | Self::Fixed if is_text => String::new(),
            Self::String | Self::Fixed => joined(&["\"", text, "\""]),
            Self::Date | Self::Datetime if is_text && is_datetime(text) => {
                let length = if self == Self::Date { "YYYY-MM-DD".len() } else { text.len() };
                joined(&["\"", text.get(..length).unwrap_or_default(), "\""])
            }
            _ => return None,
        })
    }
}

/// `YYYY-MM-DD`, alone or followed by `T` or a space, `hh:mm`, `:ss`, `.f` and a zone: `Z`, `+hh`, `+hhmm` or `+hh:mm`.
fn is_datetime(text: &str) -> bool {
    let mut rest = text.as_bytes();
    let Some(year) = take(&mut rest, "0000-") else { return false };
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let (Some(month), Some(day)) = (take(&mut rest, "00-"), take(&mut rest, "00")) else { return false };
    let days = match month {
        2 => 28 + u32::from(leap),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return false,
    };
    if !(1..=days).contains(&day) {
        return false;
    }
    if rest.is_empty() {
        return true;
    }
    if take(&mut rest, "T").or_else(|| take(&mut rest, " ")).is_none() {
        return false;
    }
    let (Some(..24), Some(..60)) = (take(&mut rest, "00:"), take(&mut rest, "00")) else { return false };
    if take(&mut rest, ":00").is_some_and(|seconds| seconds > 60) {
        return false;
    }
    if take(&mut rest, ".0").is_some() {
        while take(&mut rest, "0").is_some() {}
    }
    if take(&mut rest, "+").or_else(|| take(&mut rest, "-")).is_some() {
        if take(&mut rest, "00").is_none() {
            return false;
        }
        let _ = take(&mut rest, ":00").or_else(|| take(&mut rest, "00"));
    } else {
        let _ = take(&mut rest, "Z");
    }
    rest.is_empty()
}

/// Takes what looks like `template` off the front, each 0 being a digit, and answers the number that the digits make.
fn take(rest: &mut &[u8], template: &str) -> Option<u32> {
    let (head, tail) = rest.split_at_checked(template.len())?;
    let mut number = 0;
    for (byte, wanted) in head.iter().zip(template.bytes()) {
        if wanted == b'0' && byte.is_ascii_digit() {
            number = number * 10 + u32::from(byte - b'0');
        } else if *byte != wanted {
            return None;
        }
    }
    *rest = tail;
    Some(number)
}

/// The attribute types that a shop declared: `{"price":"float"}`, looked up where they lie.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Schema(String);

impl Schema {
    /// The schema that an object says; `None` where this is none, or a type is not known.
    #[must_use]
    pub fn of(declarations: Value<'_>) -> Option<Self> {
        let Value::Object(text) = declarations else { return None };
        for (_, value) in declarations.items() {
            type_of(value)?;
        }
        Some(Self(text.into()))
    }

    /// The declared type of `name`. `On Sale` and `on_sale` are one attribute, as in User.com's answers; of two
    /// declarations that meet under one name the later wins.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<AttributeType> {
        let mut found = None;
        for (declared, value) in Items::of(&self.0) {
            if slugs_meet(declared, name) {
                found = type_of(value);
            }
        }
        found
    }
}

fn type_of(value: Value<'_>) -> Option<AttributeType> {
    if let Value::Text(name) = value { AttributeType::from_name(name) } else { None }
}

fn slugs_meet(one: &str, other: &str) -> bool {
    let slug = |byte: u8| match byte {
        b' ' | b'-' => b'_',
        other => other.to_ascii_lowercase(),
    };
    one.len() == other.len() && one.bytes().zip(other.bytes()).all(|(one, other)| slug(one) == slug(other))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_converted_to_the_declared_type() {
        use AttributeType::*;
        for (attribute_type, from, to) in [
            (Boolean, "\"true\"", "true"),
            (Boolean, "0", "false"),
            (Float, "\" 749.50 \"", "749.50"),
            (Float, "\"\\u000a7\"", "7"),
            (Float, "1e+21", "1e+21"),
            (Integer, "\"-3\"", "-3"),
            (Integer, "12n", "12"),
            (String, "12", "\"12\""),
            (String, "false", "\"false\""),
            (Date, "\"2024-02-29T10:00:00Z\"", "\"2024-02-29\""),
            (Datetime, "\"2024-02-29\"", "\"2024-02-29\""),
            (Datetime, "\"2024-02-29T23:59:60.5+02:00\"", "\"2024-02-29T23:59:60.5+02:00\""),
            (Datetime, "\"2024-02-29 10:00\"", "\"2024-02-29 10:00\""),
            // As they are.
            (Fixed, "\"red\"", ""),
            (Fixed, "[\"red\",\"blue\"]", ""),
            (Json, "{}", ""),
            (Integer, "null", ""),
        ] {
            assert_eq!(attribute_type.convert(Value::of(from)).as_deref(), Some(to), "{attribute_type:?} {from}");
        }
    }

    #[test]
    fn what_does_not_fit_is_not_converted() {
        use AttributeType::*;
        for (attribute_type, value) in [
            (Boolean, "\"yes\""),
            (Float, "\"749,50 zł\""),
            (Integer, "1.5"),
            (Integer, "\"\""),
            (String, "[]"),
            (Fixed, "[1]"),
            (Fixed, "{}"),
            (Date, "\"2023-02-29\""),
            (Date, "\"29.02.2024\""),
            (Datetime, "\"2024-02-29T24:00\""),
            (Datetime, "\"2024-02-29T10:00+2\""),
            (Datetime, "\"2024-02-29T10:00:\""),
            (Datetime, "\"ż\""),
        ] {
            assert_eq!(attribute_type.convert(Value::of(value)), None, "{attribute_type:?} {value}");
        }
    }

    #[test]
    fn names_meet_by_their_slug() {
        let schema = Schema::of(Value::of(r#"{"On Sale":"json","price":"float","on-sale":"boolean"}"#)).unwrap();
        assert_eq!(schema.get("on_sale"), Some(AttributeType::Boolean));
        assert_eq!(schema.get("Price"), Some(AttributeType::Float));
        assert_eq!(schema.get("prices"), None);
        for none in [r#"{"price":"money"}"#, r#"{"price":1}"#, "[]", "null"] {
            assert_eq!(Schema::of(Value::of(none)), None, "{none}");
        }
        for attribute_type in AttributeType::ALL {
            assert_eq!(AttributeType::from_name(attribute_type.name()), Some(attribute_type));
        }
    }
}
