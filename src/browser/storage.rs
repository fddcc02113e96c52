//! localStorage. Every access may throw: blocked, full, busy, corrupt.

use super::copy;
use crate::core::effect::StoredItem;
use crate::core::record::KEY_PREFIX;
use web_sys::Storage;

/// The visitor's id, beside the records.
const VISITOR_KEY: &str = "tillpost:visitor";

thread_local! {
    static LOCAL: std::cell::RefCell<Option<Storage>> = const { std::cell::RefCell::new(None) };
}

/// The storage, if the browser gives it. Asked again as long as it does not: a block can be lifted.
fn local() -> Option<Storage> {
    let known = LOCAL.with_borrow(Clone::clone);
    if known.is_some() {
        return known;
    }
    let storage = web_sys::window()?.local_storage().ok()??;
    LOCAL.set(Some(storage.clone()));
    Some(storage)
}

/// Puts an item. Is it in storage?
pub fn put(key: &str, text: &str) -> bool {
    local().is_some_and(|storage| storage.set_item(key, text).is_ok())
}

/// Takes items out. One that cannot be taken out is found again, sent again, and answered as a duplicate.
pub fn forget(keys: &[String]) {
    if let Some(storage) = local() {
        for key in keys {
            let _ = storage.remove_item(key);
        }
    }
}

/// All items of ours. `Object.keys` lists 2,000 items five times as fast as `key(index)`.
pub fn list() -> Vec<StoredItem> {
    let Some(storage) = local() else { return Vec::new() };
    let Ok(keys) = copy::keys(&storage) else { return Vec::new() };
    keys.iter().filter_map(|key| key.as_string()).filter_map(|key| item(&storage, key)).collect()
}

fn item(storage: &Storage, key: String) -> Option<StoredItem> {
    if !key.starts_with(KEY_PREFIX) {
        return None;
    }
    let text = storage.get_item(&key).ok()??;
    Some(StoredItem { key, text })
}

/// The visitor's id, as it was stored.
pub fn visitor() -> Option<String> {
    local()?.get_item(VISITOR_KEY).ok()?
}

/// Stores the visitor's id. Where that fails the visitor is a new one on the next page.
pub fn save_visitor(visitor: &str) {
    let _ = put(VISITOR_KEY, visitor);
}
