//! What the page hears. The door that started the module takes every report, and passes it to listeners and console.

use crate::core::effect::Report;
use js_sys::Function;
use serde::Serialize;
use wasm_bindgen::prelude::*;

/// Tells the door.
pub fn tell(hear: &Function, report: &Report) {
    // The door's own function: it defers page code to a microtask and does not throw.
    let _ = hear.call1(&JsValue::UNDEFINED, &value(report));
}

/// A value of ours as a JavaScript object.
pub fn value(value: &impl Serialize) -> JsValue {
    let serializer = serde_wasm_bindgen::Serializer::new().serialize_maps_as_objects(true);
    value.serialize(&serializer).unwrap_or_default()
}
