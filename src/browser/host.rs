//! What the door lends the module: `pkg/host.mjs`.

use wasm_bindgen::prelude::*;

/// What [`Host::act`] carries out: in this order also there.
#[derive(Clone, Copy)]
pub enum Act {
    /// A report is passed on.
    Hear,
    /// Keys are taken out of storage and of the mirror.
    Forget,
    /// The page shows another address.
    Show,
    /// The lock of this name is asked for.
    Lead,
    /// Everything of ours is taken out of storage.
    Erase,
    /// The lock is let go.
    Resign,
    /// The same, and the mirror is closed.
    Leave,
    /// The mirror is asked for what it holds.
    Recall,
    /// Calls that were kept are handed over.
    Replay,
}

#[wasm_bindgen]
extern "C" {
    /// The browser's events, timer, lock, storage and mirror.
    #[derive(Clone)]
    pub type Host;

    /// Puts an item into `localStorage`, and where it is a record, a copy into the mirror. Is it in storage?
    #[wasm_bindgen(method)]
    pub fn put(this: &Host, key: &str, text: &str, is_record: bool) -> bool;
    /// All items of `localStorage` whose keys start with this: keys and texts in turn, with line breaks between them. `None`
    /// where it cannot be read.
    #[wasm_bindgen(method)]
    pub fn list(this: &Host, prefix: &str) -> Option<String>;
    /// Carries out an effect that needs nothing of the module: an [`Act`], and its text.
    #[wasm_bindgen(method)]
    pub fn act(this: &Host, act: u32, text: &str);
    /// Sets the one timer, instead of the one that runs; a negative delay is none.
    #[wasm_bindgen(method)]
    pub fn wake(this: &Host, delay: f64);
    /// What `fetch` is to be called with, besides the address.
    #[wasm_bindgen(method)]
    pub fn init(this: &Host, body: &str, keepalive: bool, leaving: bool, cross_origin: bool) -> JsValue;
    /// Gives a request up, by what `init` answered.
    #[wasm_bindgen(method)]
    pub fn abort(this: &Host, init: JsValue);
    /// What a response says, read to its end: a message of five parts, in the order of
    /// [`crate::core::effect::Answer::Response`].
    #[wasm_bindgen(method)]
    pub fn answer(this: &Host, response: &web_sys::Response) -> String;

    #[wasm_bindgen(js_namespace = Date, js_name = now)]
    pub fn wall_clock() -> f64;
    #[wasm_bindgen(js_namespace = performance, js_name = now)]
    pub fn monotonic_clock() -> f64;
}
