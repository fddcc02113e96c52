//! What the page hears: its listeners, and in debug mode the console.
//!
//! Listeners are page code. They run in a microtask, after the call that caused the report has returned, so they can
//! neither slow it down nor throw into it nor call back into it.

use crate::core::effect::{Report, Topic};
use js_sys::Function;
use serde::Serialize;
use std::cell::{Cell, RefCell};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = console, js_name = info)]
    fn console_info(prefix: &str, name: &str, report: &JsValue);
    #[wasm_bindgen(js_namespace = console, js_name = warn)]
    fn console_warn(prefix: &str, name: &str, report: &JsValue);
    #[wasm_bindgen(catch, js_name = reportError)]
    fn report_error(error: &JsValue) -> Result<(), JsValue>;
}

struct Listener {
    number: u32,
    name: String,
    call: Function,
}

thread_local! {
    static LISTENERS: RefCell<Vec<Listener>> = const { RefCell::new(Vec::new()) };
    static NUMBER: Cell<u32> = const { Cell::new(0) };
    static DEBUG: Cell<bool> = const { Cell::new(false) };
}

/// Explains every report in the console from now on.
pub fn debug(on: bool) {
    DEBUG.set(on);
}

/// Adds a listener.
pub fn on(name: String, call: Function) -> u32 {
    let number = NUMBER.get() + 1;
    NUMBER.set(number);
    LISTENERS.with_borrow_mut(|listeners| listeners.push(Listener { number, name, call }));
    number
}

/// Takes a listener away.
pub fn off(number: u32) {
    LISTENERS.with_borrow_mut(|listeners| listeners.retain(|listener| listener.number != number));
}

/// Tells the page, if anybody listens.
pub fn tell(report: &Report) {
    let name = report.topic.name();
    if DEBUG.get() {
        let print = if matches!(report.topic, Topic::Stored | Topic::Sent) { console_info } else { console_warn };
        print("tillpost", name, &value(report));
    }
    let calls: Vec<Function> = LISTENERS.with_borrow(|listeners| {
        listeners.iter().filter(|listener| listener.name == name).map(|listener| listener.call.clone()).collect()
    });
    if calls.is_empty() {
        return;
    }
    let report = value(report);
    spawn_local(async move {
        for call in calls {
            if let Err(error) = call.call1(&JsValue::UNDEFINED, &report) {
                // The listener's own error, shown as one that nobody caught.
                let _ = report_error(&error);
            }
        }
    });
}

/// A value of ours as a JavaScript object.
pub fn value(value: &impl Serialize) -> JsValue {
    let serializer = serde_wasm_bindgen::Serializer::new().serialize_maps_as_objects(true);
    value.serialize(&serializer).unwrap_or_default()
}
