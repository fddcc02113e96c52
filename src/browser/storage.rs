//! localStorage. Every access may throw: blocked, full, busy, corrupt.

use super::host::Host;
use crate::core::effect::StoredItem;
use crate::core::record::{KEY_PREFIX, VISITOR_KEY};
use std::cell::OnceCell;
use web_sys::Storage;

/// The origin's storage.
pub struct Local {
    host: Host,
    storage: OnceCell<Storage>,
}

impl Local {
    /// The storage of this host.
    pub fn new(host: Host) -> Self {
        Self { host, storage: OnceCell::new() }
    }

    /// The storage, if the browser gives it. Asked again as long as it does not: a block can be lifted.
    fn storage(&self) -> Option<&Storage> {
        if self.storage.get().is_none() {
            let _ = self.storage.set(self.host.storage().ok()?);
        }
        self.storage.get()
    }

    fn get(&self, key: &str) -> Option<String> {
        self.storage()?.get_item(key).ok()?
    }

    /// Puts an item. Is it in storage?
    pub fn put(&self, key: &str, text: &str) -> bool {
        self.storage().is_some_and(|storage| storage.set_item(key, text).is_ok())
    }

    /// All items of ours, if storage can be read. Listing 2,000 keys at once is five times as fast as `key(index)`.
    pub fn list(&self) -> Option<Vec<StoredItem>> {
        let mut items = Vec::new();
        let storage = self.storage()?;
        let keys = js_sys::Reflect::own_keys(storage).ok()?;
        for index in 0..keys.length() {
            if let Some(key) = keys.get(index).as_string()
                && key.starts_with(KEY_PREFIX)
                && let Some(text) = storage.get_item(&key).ok()?
            {
                items.push(StoredItem { key, text });
            }
        }
        Some(items)
    }

    /// The visitor, as it was stored.
    pub fn visitor(&self) -> Option<String> {
        self.get(VISITOR_KEY)
    }
}
