//! The lock is held while something waits, and passed on when the page is left.

use crate::{host, js};
use tillpost::browser::page;
use tillpost::core::effect::Input;
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::wasm_bindgen_test;

fn state() -> &'static str {
    page::get().map_or("", |page| page.ask(|engine| engine.status().state))
}

const TURN: &str = "new Promise((done) => setTimeout(done))";

async fn until_state(wanted: &str) {
    js("begun = performance.now()");
    while state() != wanted {
        assert!(js("performance.now() < begun + 10_000").is_truthy(), "{} instead of {wanted}", state());
        settled(TURN).await;
    }
}

/// Waits for the promise that this code gives.
async fn settled(code: &str) -> String {
    JsFuture::from(js_sys::Promise::resolve(&js(code))).await.unwrap().as_string().unwrap_or_default()
}

/// `held` is what another tab would see: everybody who asks is granted the lock in turn.
#[wasm_bindgen_test]
async fn the_lock_is_held_while_something_waits_and_passed_on() {
    const QUERY: &str = "navigator.locks.query().then(({ held, pending }) =>
        [held, pending].map((locks) => locks.filter(({ name }) => name === 'tillpost:edge').length).join())";
    // Nothing goes over the network here: the browser is said to be offline.
    assert!(page::start(r#"[{"app":"edge"},"https://shop.example/",false,1,2]"#, host()));
    let page = page::get().unwrap();
    until_state("idle").await;
    // It has looked what there is, and nothing waits.
    while settled(QUERY).await != "0,0" {}
    tillpost::browser::tell(r#"["call","event.waits"]"#);
    until_state("offline").await;
    assert_eq!(settled(QUERY).await, "1,0");

    js("other = new Promise((granted) => navigator.locks.request('tillpost:edge', () => granted('passed on'))); 0");
    assert_eq!(settled(QUERY).await, "1,1");
    page.dispatch(Input::Left);
    assert_eq!(settled("other").await, "passed on");
    while settled(QUERY).await != "0,0" {}

    // From the back-forward cache.
    page.dispatch(Input::Shown);
    until_state("offline").await;
    assert_eq!(settled(QUERY).await, "1,0");
    // A wish that is not granted yet is taken back as well.
    page.dispatch(Input::Left);
    js(
        "release = undefined; navigator.locks.request('tillpost:edge', () => new Promise((done) => (release = done))); 0",
    );
    while js("!release").is_truthy() {
        settled(TURN).await;
    }
    page.dispatch(Input::Shown);
    // It asks a quarter of a second later.
    assert_eq!(settled(QUERY).await, "1,0");
    while settled(QUERY).await != "1,1" {}
    page.dispatch(Input::Left);
    assert_eq!(settled(QUERY).await, "1,0");
    js("release(); localStorage.clear()");
}
