//! All effects, and no decision: page events become inputs of the engine, its effects become calls of the browser.
//!
//! What JavaScript may throw is caught where it is called; a `RefCell` is never borrowed while page code can run.
//!
//! | file | the browser's |
//! |---|---|
//! | [`copy`] | values, copied into the core's |
//! | [`storage`] | localStorage |
//! | [`network`] | fetch |
//! | [`lock`] | Web Locks |
//! | [`clock`] | clocks, timer, randomness |
//! | [`events`] | events of window and document |
//! | [`reports`] | objects, made of ours |
//! | [`page`] | all of them around the one engine |
//!
//! The functions here are the module's exports. The doors in `pkg/` are their only callers.

mod alloc;
pub mod clock;
pub mod copy;
pub mod events;
pub mod lock;
pub mod network;
pub mod page;
pub mod reports;
pub mod storage;

use crate::core::effect::{Call, Early, Input};
use crate::core::value::Value;
use wasm_bindgen::prelude::*;

/// Starts the page's engine. Answers `false`, after a report, where the options do not allow delivery.
///
/// `hear` is called with every report, as soon as it is made.
#[wasm_bindgen]
pub fn start(options: &JsValue, hear: js_sys::Function) -> bool {
    page::start(copy::copy(options), hear)
}

/// `userengage(kind, payload)`: judges, copies and stores.
#[wasm_bindgen]
pub fn userengage(kind: &JsValue, payload: &JsValue) {
    page::dispatch(Input::Call(call(kind, payload)));
}

/// The same for `product_event`, and answers with the report of the call, whose topic is `stored` or `rejected`.
#[wasm_bindgen]
pub fn track(payload: &JsValue) -> JsValue {
    let call = call(&JsValue::from_str("product_event"), payload);
    page::dispatch(Input::Call(call)).map_or(JsValue::UNDEFINED, |report| reports::value(&report))
}

/// Takes over a call that was kept before the module was there.
#[wasm_bindgen]
pub fn replay(id: String, time: f64, address: String, identity: &JsValue, kind: &JsValue, payload: &JsValue) {
    let early = Some(Early { id, t: clock::whole(time) });
    page::dispatch(Input::Call(Call { address, early, identity: page::identity_of(identity), ..call(kind, payload) }));
}

fn call(kind: &JsValue, payload: &JsValue) -> Call {
    let kind = match copy::copy(kind) {
        Value::Text(kind) => kind,
        // The engine knows no kind without a name, and says so.
        _ => String::new(),
    };
    Call { kind, payload: copy::copy(payload), identity: page::live_identity(), address: page::address(), early: None }
}

/// Asks for delivery now.
#[wasm_bindgen]
pub fn flush() {
    page::dispatch(Input::Flush);
}

/// How the engine is doing; `undefined` before the start.
#[wasm_bindgen]
pub fn status() -> JsValue {
    page::ask(|engine| reports::value(&engine.status())).unwrap_or_default()
}
