//! What an event sets on its product's profile. Knows no database.
//!
//! An attribute of a declared type is kept in that type; a value that does not fit leaves the profile as it was. What is
//! not declared becomes a string. `custom_data` belongs to the event alone.

use crate::canonical;
use tillpost::core::attribute::Schema;
use tillpost::core::json;
use tillpost::core::value::Value;

/// Attributes that never enter a profile: kept per event, or a product's identity.
const NOT_PROFILE: [&str; 3] = ["custom_data", "custom_id", "id"];

/// Names as the profile spells them, and values as JSON, of attributes in the core's form.
#[must_use]
pub fn of(attributes: Value<'_>, schema: &Schema) -> Vec<(String, String)> {
    let mut profile = Vec::new();
    for (escaped, value) in attributes.items() {
        let name = slug(&json::unescaped(escaped));
        if NOT_PROFILE.contains(&name.as_str()) {
            continue;
        }
        let value = match schema.get(escaped).map(|declared| declared.convert(value)) {
            None => undeclared(value),
            // It does not fit.
            Some(None) => continue,
            Some(Some(converted)) if converted.is_empty() => canonical::of_value(value),
            Some(Some(converted)) => converted,
        };
        profile.push((name, canonical::stored(&value)));
    }
    profile
}

/// `On Sale` and `on_sale` are one attribute.
fn slug(name: &str) -> String {
    let letter = |letter: char| if matches!(letter, ' ' | '-') { '_' } else { letter.to_ascii_lowercase() };
    name.chars().map(letter).collect()
}

fn undeclared(value: Value<'_>) -> String {
    match value {
        Value::Null | Value::Text(_) => canonical::of_value(value),
        other => canonical::of_text(&canonical::stored(&canonical::of_value(other))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes_have_their_declared_type_or_become_strings() {
        let schema = Schema::of(Value::of(r#"{"price":"float"}"#)).unwrap();
        for (sent, kept) in [
            (r#"{"price":749.5}"#, vec![("price", "749.5")]),
            (r#"{"Price":"749.50"}"#, vec![("price", "749.50")]),
            (r#"{"price":"749,50 zł"}"#, vec![]),
            (r#"{"On Sale":true,"size":42}"#, vec![("on_sale", r#""true""#), ("size", r#""42""#)]),
            (r#"{"tags":["a",1],"gone":null}"#, vec![("tags", r#""[\"a\",1]""#), ("gone", "null")]),
            (r#"{"Say \"a\"":"\n\b","Q":["\""]}"#, vec![("say_\"a\"", r#""\n\u0008""#), ("q", r#""[\"\\\"\"]""#)]),
            (r#"{"custom_data":{"a":1},"custom_id":"x","id":1}"#, vec![]),
        ] {
            let attributes = canonical::of(sent).unwrap();
            let kept: Vec<_> = kept.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
            assert_eq!(of(Value::of(&attributes), &schema), kept, "{sent}");
        }
    }
}
