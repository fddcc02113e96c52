//! The browser layer in a real browser: what only the border can show. Run by `npm test -- edge`; natively there is
//! nothing here.
#![cfg(target_arch = "wasm32")]
#![allow(clippy::unwrap_used, clippy::panic)]

mod copies;
mod locks;
mod stores;
mod timers;

use wasm_bindgen::JsValue;
use wasm_bindgen_test::wasm_bindgen_test_configure;

wasm_bindgen_test_configure!(run_in_browser);

/// Runs JavaScript of a test as a script of the page's own, and answers its value.
fn js(code: &str) -> JsValue {
    // `eval` itself would be called from a module, whose code is strict and declares nothing for the page.
    let eval = js_sys::Function::new_with_args("code", "return (0, eval)(code)");
    eval.call1(&JsValue::NULL, &code.into()).unwrap_or_else(|error| panic!("{code}: {error:?}"))
}
