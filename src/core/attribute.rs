//! Declared attribute types: checking and converting a value. An attribute that is not declared passes as it is.

use super::json;
use super::text::find;
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

impl AttributeType {
    /// All types.
    pub const ALL: [AttributeType; 8] =
        [Self::Boolean, Self::Date, Self::Datetime, Self::Fixed, Self::Float, Self::Integer, Self::Json, Self::String];

    /// The name by which a shop declares it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Boolean => "boolean",
            Self::Date => "date",
            Self::Datetime => "datetime",
            Self::Fixed => "fixed",
            Self::Float => "float",
            Self::Integer => "integer",
            Self::Json => "json",
            Self::String => "string",
        }
    }

    /// The type of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|attribute_type| attribute_type.name() == name).copied()
    }

    /// Converts the value into this type. Answers `false`, and leaves it as it is, where it does not fit.
    pub fn convert(self, value: &mut Value) -> bool {
        // An absent value fits every type.
        if matches!(value, Value::Null | Value::Undefined) {
            return true;
        }
        let is_text = matches!(value, Value::Text(_));
        let text = match &*value {
            Value::Text(text) | Value::Number(text) | Value::BigInt(text) => text.trim_ascii(),
            Value::Bool(true) => "true",
            Value::Bool(false) => "false",
            Value::Array(items) => {
                return self == Self::Json
                    || self == Self::Fixed && items.iter().all(|item| matches!(item, Value::Text(_)));
            }
            _ => return self == Self::Json,
        };
        let converted = match self {
            Self::Json => return true,
            Self::Boolean if text == "true" || text == "1" => Value::Bool(true),
            Self::Boolean if text == "false" || text == "0" => Value::Bool(false),
            Self::Float if json::is_number(text) => Value::Number(text.into()),
            Self::Integer
                if json::is_number(text) && find(text, &|byte| !byte.is_ascii_digit() && byte != b'-').is_none() =>
            {
                Value::Number(text.into())
            }
            // Text keeps the space around it.
            Self::String | Self::Fixed if is_text => return true,
            Self::String | Self::Fixed => Value::Text(text.into()),
            Self::Date | Self::Datetime if is_text && is_datetime(text) => {
                let length = if self == Self::Date { "YYYY-MM-DD".len() } else { text.len() };
                Value::Text(text.get(..length).unwrap_or_default().into())
            }
            _ => return false,
        };
        *value = converted;
        true
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

/// The attribute types that a shop declared, by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Schema(Vec<(String, AttributeType)>);

impl Schema {
    /// A schema of these declarations. Of two that meet under one name the later wins.
    #[must_use]
    pub fn new(declarations: Vec<(String, AttributeType)>) -> Self {
        Self(declarations)
    }

    /// The declared type of `name`. `On Sale` and `on_sale` are one attribute, as in User.com's answers.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<AttributeType> {
        self.0.iter().rev().find(|(declared, _)| slugs_meet(declared, name)).map(|(_, attribute_type)| *attribute_type)
    }
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

    fn text(text: &str) -> Value {
        Value::Text(text.into())
    }

    fn number(text: &str) -> Value {
        Value::Number(text.into())
    }

    #[test]
    fn values_are_converted_to_the_declared_type() {
        use AttributeType::*;
        for (attribute_type, from, to) in [
            (Boolean, text("true"), Value::Bool(true)),
            (Boolean, number("0"), Value::Bool(false)),
            (Float, text(" 749.50 "), number("749.50")),
            (Float, number("1e+21"), number("1e+21")),
            (Integer, text("-3"), number("-3")),
            (String, number("12"), text("12")),
            (String, Value::Bool(false), text("false")),
            (Fixed, text("red"), text("red")),
            (Fixed, Value::Array(vec![text("red"), text("blue")]), Value::Array(vec![text("red"), text("blue")])),
            (Date, text("2024-02-29T10:00:00Z"), text("2024-02-29")),
            (Datetime, text("2024-02-29"), text("2024-02-29")),
            (Datetime, text("2024-02-29T23:59:60.5+02:00"), text("2024-02-29T23:59:60.5+02:00")),
            (Datetime, text("2024-02-29 10:00"), text("2024-02-29 10:00")),
            (Json, Value::Object(vec![]), Value::Object(vec![])),
            (Integer, Value::Null, Value::Null),
        ] {
            let mut value = from.clone();
            assert!(attribute_type.convert(&mut value), "{attribute_type:?} {from:?}");
            assert_eq!(value, to, "{attribute_type:?} {from:?}");
        }
    }

    #[test]
    fn what_does_not_fit_comes_back_unchanged() {
        use AttributeType::*;
        for (attribute_type, value) in [
            (Boolean, text("yes")),
            (Float, text("749,50 zł")),
            (Integer, number("1.5")),
            (Integer, text("")),
            (String, Value::Array(vec![])),
            (Fixed, Value::Array(vec![number("1")])),
            (Date, text("2023-02-29")),
            (Date, text("29.02.2024")),
            (Datetime, text("2024-02-29T24:00")),
            (Datetime, text("2024-02-29T10:00+2")),
            (Datetime, text("2024-02-29T10:00:")),
            (Datetime, text("ż")),
        ] {
            let mut same = value.clone();
            assert!(!attribute_type.convert(&mut same), "{attribute_type:?} {value:?}");
            assert_eq!(same, value);
        }
    }

    #[test]
    fn names_meet_by_their_slug() {
        let schema =
            Schema::new(vec![("On Sale".into(), AttributeType::Boolean), ("price".into(), AttributeType::Float)]);
        assert_eq!(schema.get("on_sale"), Some(AttributeType::Boolean));
        assert_eq!(schema.get("Price"), Some(AttributeType::Float));
        assert_eq!(schema.get("prices"), None);
        for attribute_type in AttributeType::ALL {
            assert_eq!(AttributeType::from_name(attribute_type.name()), Some(attribute_type));
        }
    }
}
