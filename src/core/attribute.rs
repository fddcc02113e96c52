//! Declared attribute types: checking and converting a value. An attribute that is not declared passes as it is.

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
        Self::ALL.into_iter().find(|attribute_type| attribute_type.name() == name)
    }

    /// The value in this type.
    ///
    /// # Errors
    /// The value itself, unchanged, where it does not fit.
    pub fn convert(self, value: Value) -> Result<Value, Value> {
        // An absent value fits every type.
        if matches!(value, Value::Null | Value::Undefined) {
            return Ok(value);
        }
        match self {
            Self::Json => Ok(value),
            Self::Boolean => match &value {
                Value::Bool(_) => Ok(value),
                Value::Text(text) | Value::Number(text) => match text.as_str() {
                    "true" | "1" => Ok(Value::Bool(true)),
                    "false" | "0" => Ok(Value::Bool(false)),
                    _ => Err(value),
                },
                _ => Err(value),
            },
            Self::Float => match value {
                Value::Number(_) => Ok(value),
                Value::Text(text) if super::json::is_number(text.trim()) => Ok(Value::Number(text.trim().into())),
                other => Err(other),
            },
            Self::Integer => match value {
                Value::Number(text) if is_integer(&text) => Ok(Value::Number(text)),
                Value::Text(text) if is_integer(text.trim()) => Ok(Value::Number(text.trim().into())),
                other => Err(other),
            },
            Self::String => match value {
                Value::Text(text) | Value::Number(text) | Value::BigInt(text) => Ok(Value::Text(text)),
                Value::Bool(truth) => Ok(Value::Text(if truth { "true" } else { "false" }.into())),
                other => Err(other),
            },
            Self::Fixed => match value {
                Value::Text(text) | Value::Number(text) => Ok(Value::Text(text)),
                Value::Array(items) if items.iter().all(|item| matches!(item, Value::Text(_))) => {
                    Ok(Value::Array(items))
                }
                other => Err(other),
            },
            Self::Date => match value {
                Value::Text(text) if is_datetime(&text) => Ok(Value::Text(text.get(..10).unwrap_or_default().into())),
                other => Err(other),
            },
            Self::Datetime => match value {
                Value::Text(text) if is_datetime(&text) => Ok(Value::Text(text)),
                other => Err(other),
            },
        }
    }
}

fn is_integer(text: &str) -> bool {
    super::json::is_number(text) && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-')
}

/// `YYYY-MM-DD`, alone or followed by `T` or a space and a time.
fn is_datetime(text: &str) -> bool {
    let (date, time) = match text.split_once(['T', 't', ' ']) {
        Some((date, time)) => (date, Some(time)),
        None => (text, None),
    };
    is_date(date) && time.is_none_or(is_time)
}

fn is_date(text: &str) -> bool {
    let mut parts = text.split('-');
    let (Some(year), Some(month), Some(day), None) =
        (digits(parts.next(), 4), digits(parts.next(), 2), digits(parts.next(), 2), parts.next())
    else {
        return false;
    };
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        _ => return false,
    };
    (1..=days).contains(&day)
}

/// `hh:mm[:ss[.f]]` with `Z`, `+hh[:]mm`, `-hh[:]mm` or no zone.
fn is_time(text: &str) -> bool {
    let (clock, zone) = match text.find(['Z', 'z', '+', '-']).and_then(|at| text.split_at_checked(at)) {
        Some((clock, zone)) => (clock, Some(zone)),
        None => (text, None),
    };
    let zone_fits = zone.is_none_or(|zone| match zone.as_bytes() {
        [b'Z' | b'z'] => true,
        [b'+' | b'-', hours @ .., b':', m1, m2] if hours.len() == 2 => all_digits(hours) && all_digits(&[*m1, *m2]),
        [b'+' | b'-', hours_minutes @ ..] => matches!(hours_minutes.len(), 2 | 4) && all_digits(hours_minutes),
        _ => false,
    });
    let mut parts = clock.split(':');
    let hours = digits(parts.next(), 2).is_some_and(|hours| hours < 24);
    let minutes = digits(parts.next(), 2).is_some_and(|minutes| minutes < 60);
    let seconds = parts.next().is_none_or(|seconds| {
        let (whole, fraction) = seconds.split_once('.').unwrap_or((seconds, "0"));
        digits(Some(whole), 2).is_some_and(|whole| whole <= 60)
            && !fraction.is_empty()
            && all_digits(fraction.as_bytes())
    });
    hours && minutes && seconds && zone_fits && parts.next().is_none()
}

fn all_digits(text: &[u8]) -> bool {
    text.iter().all(u8::is_ascii_digit)
}

fn digits(text: Option<&str>, length: usize) -> Option<u32> {
    let text = text.filter(|text| text.len() == length && all_digits(text.as_bytes()))?;
    text.parse().ok()
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
    let slug = |character: char| match character {
        ' ' | '-' => '_',
        other => other.to_ascii_lowercase(),
    };
    one.chars().map(slug).eq(other.chars().map(slug))
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
            assert_eq!(attribute_type.convert(from.clone()), Ok(to), "{attribute_type:?} {from:?}");
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
            assert_eq!(attribute_type.convert(value.clone()), Err(value), "{attribute_type:?}");
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
