//! Is this payload a product event? One answer, for the page and for the endpoint.

use super::attribute::Schema;
use super::code::{Code, Problem};
use super::event_type::EventType;
use super::json;
use super::limits::{ATTRIBUTE_NAME_CHARS, ATTRIBUTES, PRODUCT_ID_CHARS};
use super::text::place_of;
use super::token;
use super::value::{Unusable, Value};

/// The fields that are no attributes.
const FIELDS: &str = "product_id,event_type,recommendation_token";

/// A payload that is a product event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProductEvent<'a> {
    /// The shop's own id of the product, escaped as in JSON.
    pub product_id: &'a str,
    /// What was done with it.
    pub event_type: EventType,
    /// The token that the shop passed itself. It wins over any other.
    pub token: Option<&'a str>,
    /// All further attributes, an object.
    pub data: String,
}

/// Checks a payload. Warnings and errors are appended to `problems`; with an error the answer is `None`.
///
/// All errors are found in one go: who mends a page wants the whole list.
pub fn check<'a>(payload: Value<'a>, schema: &Schema, problems: &mut Vec<Problem<'a>>) -> Option<ProductEvent<'a>> {
    if !is_object(payload, problems) {
        return None;
    }
    let product_id = check_product_id(payload.field("product_id"));
    if let Err(code) = product_id {
        Problem::note(problems, code, "product_id");
    }
    let event_type = check_event_type(payload.field("event_type"), problems);
    let token = check_token(payload.field("recommendation_token"), problems);
    let data = attributes(payload, FIELDS, schema, problems);
    Some(ProductEvent { product_id: product_id.ok()?, event_type: event_type?, token, data })
}

/// Is it the object that a payload must be?
pub fn is_object(payload: Value<'_>, problems: &mut Vec<Problem<'_>>) -> bool {
    let code = match payload {
        Value::Object(_) => return true,
        Value::Unusable(Unusable::Unreadable) => Code::PayloadUnreadable,
        _ => Code::PayloadNotObject,
    };
    Problem::note(problems, code, "");
    false
}

/// Checks a product's id. What space is around it is cut.
///
/// # Errors
/// The code that says why it is none.
pub fn check_product_id(value: Value<'_>) -> Result<&str, Code> {
    let (Value::Text(text) | Value::Number(text) | Value::BigInt(text)) = value else {
        return Err(match value {
            Value::Undefined | Value::Null => Code::ProductIdMissing,
            Value::Unusable(Unusable::TooLarge) => Code::ProductIdTooLong,
            _ => Code::ProductIdInvalid,
        });
    };
    let text = json::trimmed(text);
    if text.is_empty() {
        Err(Code::ProductIdMissing)
    } else if json::characters(text) > PRODUCT_ID_CHARS {
        Err(Code::ProductIdTooLong)
    } else {
        Ok(text)
    }
}

/// Checks an event type alone.
pub fn check_event_type(value: Value<'_>, problems: &mut Vec<Problem<'_>>) -> Option<EventType> {
    let (mut found, mut nearest) = (None, "");
    let code = match value {
        Value::Undefined | Value::Null => Code::EventTypeMissing,
        Value::Text(text) if json::trimmed(text).is_empty() => Code::EventTypeMissing,
        Value::Text(text) => {
            found = EventType::from_name(text);
            if found.is_some() {
                return found;
            }
            let text = json::unescaped(text);
            found = EventType::from_folded(&text);
            nearest = found.map_or_else(|| EventType::nearest(&text), EventType::name);
            if found.is_some() { Code::EventTypeFolded } else { Code::EventTypeUnknown }
        }
        _ => Code::EventTypeInvalid,
    };
    problems.push(Problem { code, field: "event_type", nearest });
    found
}

fn check_token<'a>(value: Value<'a>, problems: &mut Vec<Problem<'_>>) -> Option<&'a str> {
    let code = match value {
        Value::Undefined | Value::Null => return None,
        Value::Text(text) => match token::check(text) {
            Ok(()) => return Some(text),
            Err(code) => code,
        },
        Value::Unusable(Unusable::TooLarge) => Code::TokenLength,
        _ => Code::TokenAlphabet,
    };
    Problem::note(problems, code, "recommendation_token");
    None
}

/// The attributes that can be sent, as an object, each in its declared type and without those that are `no_attributes`, a list of words. What
/// is changed or left out is a warning that names the field.
pub fn attributes<'a>(
    payload: Value<'a>,
    no_attributes: &str,
    schema: &Schema,
    problems: &mut Vec<Problem<'a>>,
) -> String {
    let mut data = String::from("{");
    let mut kept = 0;
    for (name, value) in payload.items() {
        if place_of(name, no_attributes).is_some() {
            continue;
        }
        let mut warn = |code| Problem::note(problems, code, name);
        match value {
            Value::Undefined => {}
            Value::Unusable(reason) => warn(reason.code()),
            _ if name.is_empty() || json::characters(name) > ATTRIBUTE_NAME_CHARS => warn(Code::AttributeName),
            _ if kept >= ATTRIBUTES => {
                // One warning says it of all.
                if kept == ATTRIBUTES {
                    warn(Code::AttributesTooMany);
                }
                kept += 1;
            }
            _ => {
                data.push_str(if kept == 0 { "\"" } else { ",\"" });
                data.push_str(name);
                data.push_str("\":");
                kept += 1;
                let mut converted = String::new();
                if let Some(declared) = schema.get(name) {
                    match declared.convert(value) {
                        Some(json) => converted = json,
                        None => warn(Code::AttributeType),
                    }
                }
                data.push_str(&converted);
                if converted.is_empty()
                    && let Some(code) = value.write(&mut data)
                {
                    warn(code);
                }
            }
        }
    }
    data.push('}');
    data
}
