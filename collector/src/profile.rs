//! What an event sets on its product's profile. Knows no database.
//!
//! An attribute of a declared type is kept in that type; a value that does not fit leaves the profile as it was. What is
//! not declared becomes a string. `custom_data` belongs to the event alone.

use tillpost::core::attribute::Schema;
use tillpost::core::json;
use tillpost::core::value::Value;

/// Attributes that never enter a profile: kept per event, or a product's identity.
const NOT_PROFILE: [&str; 3] = ["custom_data", "custom_id", "id"];

/// Names as the profile spells them, and values as JSON.
#[must_use]
pub fn of(attributes: &[(String, Value)], schema: &Schema) -> Vec<(String, String)> {
    let mut profile = Vec::with_capacity(attributes.len());
    for (name, value) in attributes {
        let name = slug(name);
        if NOT_PROFILE.contains(&name.as_str()) {
            continue;
        }
        let value = match schema.get(&name) {
            None => undeclared(value),
            Some(declared) => {
                let mut converted = value.clone();
                if !declared.convert(&mut converted) {
                    continue;
                }
                json_of(&converted)
            }
        };
        profile.push((name, value));
    }
    profile
}

/// A value as JSON text.
#[must_use]
pub fn json_of(value: &Value) -> String {
    let mut text = String::new();
    // What JSON has no form for cannot have come in JSON.
    let _ = value.write(&mut text);
    text
}

/// `On Sale` and `on_sale` are one attribute.
fn slug(name: &str) -> String {
    let letter = |letter: char| if matches!(letter, ' ' | '-') { '_' } else { letter.to_ascii_lowercase() };
    name.chars().map(letter).collect()
}

fn undeclared(value: &Value) -> String {
    match value {
        Value::Null | Value::Text(_) => json_of(value),
        other => {
            let mut text = String::new();
            json::write_text(&mut text, &json_of(other));
            text
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tillpost::core::attribute::AttributeType;

    #[test]
    fn attributes_have_their_declared_type_or_become_strings() {
        let schema = Schema::new(vec![("price".into(), AttributeType::Float)]);
        for (sent, kept) in [
            (r#"{"price":749.5}"#, vec![("price", "749.5")]),
            (r#"{"Price":"749.50"}"#, vec![("price", "749.50")]),
            (r#"{"price":"749,50 zł"}"#, vec![]),
            (r#"{"On Sale":true,"size":42}"#, vec![("on_sale", r#""true""#), ("size", r#""42""#)]),
            (r#"{"tags":["a",1],"gone":null}"#, vec![("tags", r#""[\"a\",1]""#), ("gone", "null")]),
            (r#"{"custom_data":{"a":1},"custom_id":"x","id":1}"#, vec![]),
        ] {
            let Value::Object(attributes) = serde_json::from_str(sent).unwrap() else { panic!("{sent}") };
            let kept: Vec<_> = kept.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
            assert_eq!(of(&attributes, &schema), kept, "{sent}");
        }
    }
}
