//! The browser layer in a real browser: what only the border can show. Run by `npm test -- edge`; natively there is
//! nothing here.
#![cfg(target_arch = "wasm32")]
#![allow(clippy::unwrap_used, clippy::panic)]

mod copies;
mod locks;
mod queries;
mod stores;
mod timers;

use tillpost::browser::host::Host;
use wasm_bindgen::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test_configure;

wasm_bindgen_test_configure!(run_in_browser);

/// Runs JavaScript of a test as a script of the page's own, and answers its value.
fn js(code: &str) -> JsValue {
    // `eval` itself would be called from a module, whose code is strict and declares nothing for the page.
    let eval = js_sys::Function::new_with_args("code", "return (0, eval)(code)");
    eval.call1(&JsValue::NULL, &code.into()).unwrap_or_else(|error| panic!("{code}: {error:?}"))
}

/// What the door lends the module, as the real door does.
fn host() -> Host {
    let tell =
        Closure::<dyn FnMut(String)>::new(|name: String| tillpost::browser::tell(&["[\"", &name, "\"]"].concat()));
    let mut code = String::from("(() => {");
    for file in [
        include_str!("../../pkg/copy.mjs"),
        include_str!("../../pkg/native.mjs"),
        include_str!("../../pkg/storage.mjs"),
        include_str!("../../pkg/mirror.mjs"),
        include_str!("../../pkg/host.mjs"),
    ] {
        code.push_str(&door(file));
    }
    let host = js(&[&code, "return (tell) => host(tell, () => {}, () => {}, () => {}) })()"].concat());
    host.unchecked_into::<js_sys::Function>().call1(&JsValue::NULL, &tell.into_js_value()).unwrap().unchecked_into()
}

/// A file of the door as a script that declares its functions. What it imports must be declared before.
fn door(file: &str) -> String {
    file.replace("\nexport ", "\n").replace("\nimport ", "\n// ") + "\n;"
}
