//! Is this payload a product event? One answer, for the page and for the endpoint.

use super::attribute::Schema;
use super::code::{Code, Problem};
use super::event_type::EventType;
use super::limits::{ATTRIBUTE_NAME_CHARS, ATTRIBUTES, PRODUCT_ID_CHARS};
use super::token;
use super::value::{Unusable, Value};

/// A payload that is a product event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProductEvent {
    /// The shop's own id of the product.
    pub product_id: String,
    /// What was done with it.
    pub event_type: EventType,
    /// The token that the shop passed itself. It wins over any other.
    pub token: Option<String>,
    /// All further attributes, each writable as JSON.
    pub attributes: Vec<(String, Value)>,
}

/// Checks a payload. Warnings and errors are appended to `problems`; with an error the answer is `None`.
///
/// All errors are found in one go: who mends a page wants the whole list.
pub fn check(payload: Value, schema: &Schema, problems: &mut Vec<Problem>) -> Option<ProductEvent> {
    let fields = object(payload, problems)?;
    let (mut product_id, mut event_type, mut token) = (Value::Undefined, Value::Undefined, Value::Undefined);
    let mut rest = Vec::new();
    for (name, value) in fields {
        match name.as_str() {
            "product_id" => product_id = value,
            "event_type" => event_type = value,
            "recommendation_token" => token = value,
            _ => rest.push((name, value)),
        }
    }
    let product_id = check_product_id(product_id).map_err(|code| problems.push(Problem::of(code, "product_id")));
    let event_type = check_event_type(event_type, problems);
    let token = check_token(token, problems);
    let attributes = attributes(rest, schema, problems);
    Some(ProductEvent { product_id: product_id.ok()?, event_type: event_type?, token, attributes })
}

/// The fields of a payload that must be an object.
pub fn object(payload: Value, problems: &mut Vec<Problem>) -> Option<Vec<(String, Value)>> {
    let code = match payload {
        Value::Object(fields) => return Some(fields),
        Value::Unusable(Unusable::Unreadable) => Code::PayloadUnreadable,
        _ => Code::PayloadNotObject,
    };
    problems.push(Problem::new(code));
    None
}

pub(super) fn check_product_id(value: Value) -> Result<String, Code> {
    match value {
        Value::Undefined | Value::Null => Err(Code::ProductIdMissing),
        Value::Unusable(Unusable::TooLarge) => Err(Code::ProductIdTooLong),
        Value::Text(text) | Value::Number(text) | Value::BigInt(text) => {
            let trimmed = text.trim_ascii();
            if trimmed.is_empty() {
                Err(Code::ProductIdMissing)
            } else if trimmed.chars().count() > PRODUCT_ID_CHARS {
                Err(Code::ProductIdTooLong)
            } else {
                Ok(trimmed.into())
            }
        }
        _ => Err(Code::ProductIdInvalid),
    }
}

/// Checks an event type alone.
pub fn check_event_type(value: Value, problems: &mut Vec<Problem>) -> Option<EventType> {
    const FIELD: &str = "event_type";
    let code = match value {
        Value::Undefined | Value::Null => Code::EventTypeMissing,
        Value::Text(text) if text.trim_ascii().is_empty() => Code::EventTypeMissing,
        Value::Text(text) => {
            if let Some(event_type) = EventType::from_name(&text) {
                return Some(event_type);
            }
            let folded = EventType::from_folded(&text);
            let (code, nearest) = match folded {
                Some(event_type) => (Code::EventTypeFolded, event_type.name()),
                None => (Code::EventTypeUnknown, EventType::nearest(&text)),
            };
            problems.push(Problem { code, field: FIELD.into(), nearest });
            return folded;
        }
        _ => Code::EventTypeInvalid,
    };
    problems.push(Problem::of(code, FIELD));
    None
}

fn check_token(value: Value, problems: &mut Vec<Problem>) -> Option<String> {
    let code = match value {
        Value::Undefined | Value::Null => return None,
        Value::Text(text) => match token::check(&text) {
            Ok(()) => return Some(text),
            Err(code) => code,
        },
        Value::Unusable(Unusable::TooLarge) => Code::TokenLength,
        _ => Code::TokenAlphabet,
    };
    problems.push(Problem::of(code, "recommendation_token"));
    None
}

/// The attributes that can be sent, each in its declared type; what is left out is a warning that names the field.
pub fn attributes(fields: Vec<(String, Value)>, schema: &Schema, problems: &mut Vec<Problem>) -> Vec<(String, Value)> {
    let mut kept = Vec::new();
    let mut too_many = false;
    for (name, mut value) in fields {
        let code = match &value {
            Value::Undefined => continue,
            Value::Unusable(reason) => reason.code(),
            _ if name.is_empty() || name.chars().count() > ATTRIBUTE_NAME_CHARS => Code::AttributeName,
            // One warning says it of all.
            _ if too_many => continue,
            _ if kept.len() == ATTRIBUTES => {
                too_many = true;
                Code::AttributesTooMany
            }
            _ => {
                if schema.get(&name).is_some_and(|attribute_type| !attribute_type.convert(&mut value)) {
                    problems.push(Problem::of(Code::AttributeType, &name));
                }
                kept.push((name, value));
                continue;
            }
        };
        problems.push(Problem::of(code, &name));
    }
    kept
}
