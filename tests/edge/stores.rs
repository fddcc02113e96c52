//! Storage that throws is storage that did not take it; no more.

use crate::{host, js};
use tillpost::browser::host::{Act, Host};
use tillpost::core::effect::stored_items;
use tillpost::core::record::KEY_PREFIX;
use wasm_bindgen_test::wasm_bindgen_test;

/// Runs `check` while this function of `owner` throws what browsers throw.
fn while_broken(owner: &str, name: &str, check: impl FnOnce()) {
    js(&["whole = ", owner, ".", name].concat());
    js(&[owner, ".", name, " = () => { throw new DOMException('', 'QuotaExceededError') }"].concat());
    check();
    js(&[owner, ".", name, " = whole"].concat());
}

fn keys(host: &Host) -> Vec<String> {
    stored_items(&host.list(KEY_PREFIX).unwrap()).map(|(key, _)| key.into()).collect()
}

#[wasm_bindgen_test]
fn storage_that_throws_is_survived() {
    let host = host();
    let key = [KEY_PREFIX, "edge:v:a"].concat();
    js("localStorage.setItem('page', 'of the page')");
    assert!(host.put(&key, "ż", true));
    assert_eq!(keys(&host), [key.as_str()]);

    assert!(!host.put("edge", &"x".repeat(12 << 20), false), "more than fits");
    // What a page patches later does not reach us.
    while_broken("Storage.prototype", "setItem", || assert!(host.put(&key, "ż", true)));
    while_broken("Storage.prototype", "getItem", || assert_eq!(keys(&host), [key.as_str()]));
    js("whole = Object.getOwnPropertyDescriptor(window, 'localStorage');
        Object.defineProperty(window, 'localStorage', { configurable: true, get() { throw new DOMException() } }); 0");
    host.act(Act::Forget as u32, &key);
    assert!(host.put(&key, "ż", true), "asked for once");
    host.act(99, "");
    js("Object.defineProperty(window, 'localStorage', whole); 0");
    while_broken("Object", "getOwnPropertyNames", || assert!(host.list(KEY_PREFIX).is_none()));

    assert_eq!(host.list(KEY_PREFIX).unwrap(), [&key, "\nż"].concat());

    // Keys of other scripts that begin like ours: none shifts what is listed after it.
    js("for (const key of ['tillpost:1:a\\nb', 'tillpost:1:\\n']) localStorage.setItem(key, 'x\\ny')");
    let list = host.list(KEY_PREFIX).unwrap();
    assert_eq!(stored_items(&list).count(), 3, "{list}");
    assert!(stored_items(&list).any(|item| item == (key.as_str(), "ż")), "{list}");
    js("for (const key of Object.keys(localStorage)) if (/\\n/.test(key)) localStorage.removeItem(key)");
    host.act(Act::Forget as u32, &[&key, " unknown"].concat());
    assert!(host.list(KEY_PREFIX).unwrap().is_empty());
    assert_eq!(js("localStorage.getItem('page')").as_string().as_deref(), Some("of the page"));
}
