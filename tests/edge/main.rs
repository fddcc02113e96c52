//! The browser layer in a real browser. Run by `npm test -- edge`; natively there is nothing here.
#![cfg(target_arch = "wasm32")]

use tillpost::core::event_type::EventType;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

#[wasm_bindgen_test]
fn the_core_judges_in_the_page_as_it_does_natively() {
    assert_eq!(EventType::from_name("add to cart").map(EventType::name), Some("add to cart"));
    assert_eq!(EventType::from_name("sell"), None);
}
