//! Storage that throws is storage that did not take it; no more.

use crate::{host, js};
use tillpost::browser::storage::Local;
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

fn keys(storage: &Local) -> Vec<String> {
    stored_items(&storage.list().unwrap()).map(|(key, _)| key.into()).collect()
}

#[wasm_bindgen_test]
fn storage_that_throws_is_survived() {
    let host = host();
    let storage = Local::new(host.clone());
    let key = [KEY_PREFIX, "edge:v:a"].concat();
    js("localStorage.setItem('page', 'of the page')");
    assert!(storage.put(&key, "ż"));
    assert_eq!(keys(&storage), [key.as_str()]);

    while_broken("Storage.prototype", "setItem", || assert!(!storage.put("edge", "")));
    while_broken("Storage.prototype", "getItem", || {
        assert_eq!(storage.visitor(), "");
        // What a page patches later does not reach the list.
        assert_eq!(keys(&storage), [key.as_str()]);
    });
    js("whole = Object.getOwnPropertyDescriptor(window, 'localStorage');
        Object.defineProperty(window, 'localStorage', { configurable: true, get() { throw new DOMException() } }); 0");
    host.act("forget", &key);
    host.act("copy", &[&key, "\n"].concat());
    host.act("nobody knows this", "");
    js("Object.defineProperty(window, 'localStorage', whole); 0");
    while_broken("Object", "keys", || assert!(storage.list().is_none()));

    assert_eq!(storage.list().unwrap(), [&key, "\nż"].concat());

    // Keys of other scripts that begin like ours: none shifts what is listed after it, and none is the visitor.
    js("for (const key of ['tillpost:1:a\\nb', 'tillpost:1:\\n']) localStorage.setItem(key, 'x\\ny')");
    js("localStorage.setItem('tillpost:visitor2', 'somebody')");
    let list = storage.list().unwrap();
    assert_eq!(stored_items(&list).count(), 3, "{list}");
    assert!(stored_items(&list).any(|item| item == (key.as_str(), "ż")), "{list}");
    assert_eq!(storage.visitor(), "");
    js("localStorage.setItem('tillpost:visitor', 'v.w')");
    assert_eq!(storage.visitor(), "v.w");
    js("for (const key of Object.keys(localStorage)) if (/\\n|visitor/.test(key)) localStorage.removeItem(key)");
    host.act("forget", &[&key, " unknown"].concat());
    assert!(storage.list().unwrap().is_empty());
    assert_eq!(js("localStorage.getItem('page')").as_string().as_deref(), Some("of the page"));
}
