//! What the door lends the module: `pkg/host.mjs`.

use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    /// The browser's events, timer, lock, storage and mirror.
    #[derive(Clone)]
    pub type Host;

    /// `localStorage`, where the browser gives it.
    #[wasm_bindgen(method, getter, catch)]
    pub fn storage(this: &Host) -> Result<web_sys::Storage, JsValue>;
    /// All items of `localStorage` whose keys start with this: keys and texts in turn, each ended by a line break.
    #[wasm_bindgen(method, catch)]
    pub fn list(this: &Host, prefix: &str) -> Result<String, JsValue>;
    /// Takes a report. The door defers page code to a microtask; what throws is a console that the page has replaced.
    #[wasm_bindgen(method, catch)]
    pub fn hear(this: &Host, report: JsValue) -> Result<(), JsValue>;
    /// Sets the one timer, instead of the one that runs; a negative delay is none.
    #[wasm_bindgen(method)]
    pub fn wake(this: &Host, delay: f64);
    /// Asks for the lock. Does nothing where it is held or asked for.
    #[wasm_bindgen(method)]
    pub fn lead(this: &Host, name: &str);
    /// Shows another address for the page, in its own place of the history.
    #[wasm_bindgen(method)]
    pub fn show(this: &Host, address: &str);
    /// Copies a record into the mirror: this text where localStorage did not take it, else what is there.
    #[wasm_bindgen(method)]
    pub fn copy(this: &Host, key: &str, text: Option<&str>);
    /// Takes records out of localStorage and of the mirror: their keys, with spaces between them.
    #[wasm_bindgen(method)]
    pub fn forget(this: &Host, keys: &str);
    /// Asks the mirror for what localStorage does not hold.
    #[wasm_bindgen(method)]
    pub fn recall(this: &Host);
    /// Lets the lock go, or the wish for it.
    #[wasm_bindgen(method)]
    pub fn resign(this: &Host, leaving: bool);
    /// Hands kept calls over.
    #[wasm_bindgen(method)]
    pub fn replay(this: &Host);
    /// Takes everything out of storage that starts with this, the visitor's id, and kept calls.
    #[wasm_bindgen(method)]
    pub fn erase(this: &Host, prefix: &str);

    #[wasm_bindgen(js_namespace = Date, js_name = now)]
    pub fn wall_clock() -> f64;
    #[wasm_bindgen(js_namespace = Date, js_name = parse)]
    pub fn parse_date(text: &str) -> f64;
    #[wasm_bindgen(js_namespace = performance, js_name = now)]
    pub fn monotonic_clock() -> f64;
}
