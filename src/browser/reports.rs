//! Values of ours as JavaScript objects.

use serde::Serialize;
use wasm_bindgen::JsValue;

/// An object of the same fields.
pub fn object(value: &impl Serialize) -> JsValue {
    let serializer = serde_wasm_bindgen::Serializer::new().serialize_maps_as_objects(true);
    value.serialize(&serializer).unwrap_or_default()
}
