//! All effects, and no decision: messages of the door become inputs of the engine, its effects become calls of the
//! browser.
//!
//! What JavaScript may throw is caught where it is called; a `RefCell` is never borrowed while page code can run.
//!
//! | file | the browser's |
//! |---|---|
//! | [`host`] | events, timer, lock and storage, as the door lends them |
//! | [`clock`] | clocks, and when the timer is set |
//! | [`network`], [`waker`] | fetch |
//! | [`page`] | all of them around the one engine |
//!
//! The functions here are the module's exports. The doors in `pkg/` are their only callers.

mod alloc;
pub mod clock;
pub mod host;
pub mod network;
pub mod page;
pub mod waker;

use crate::core::engine::Engine;
use crate::core::message;
use wasm_bindgen::prelude::*;

/// Starts the page's engine. Answers `false`, after a report, where the options do not allow delivery.
#[wasm_bindgen]
pub fn start(message: &str, host: host::Host) -> bool {
    page::start(message, host)
}

/// Tells the engine what happened: [`message::input`] reads it. Nothing happens before the start.
#[wasm_bindgen]
pub fn tell(message: &str) {
    if let (Some(page), Some(input)) = (page::get(), message::input(message)) {
        page.dispatch(input);
    }
}

/// The address of a panel's link with the token in it; `undefined` where it stays as it is. The message: the address, and
/// the panel.
#[wasm_bindgen]
pub fn link(message: &str) -> JsValue {
    let mut parts = message::Parts::of(message);
    let (href, panel) = (parts.text(), message::panel(&mut parts));
    let link = |engine: &Engine| engine.link(&href, panel?);
    page::get().and_then(|page| page.ask(link)).map_or(JsValue::UNDEFINED, |link| JsValue::from_str(&link))
}

/// How the engine is doing; `undefined` before the start.
#[wasm_bindgen]
pub fn status() -> JsValue {
    page::get().and_then(|page| serde_wasm_bindgen::to_value(&page.ask(Engine::status)).ok()).unwrap_or_default()
}
