//! localStorage. Every access may throw: blocked, full, busy, corrupt.

use super::host::Host;
use crate::core::effect::stored_items;
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

    /// Puts an item. Is it in storage?
    pub fn put(&self, key: &str, text: &str) -> bool {
        self.storage().is_some_and(|storage| storage.set_item(key, text).is_ok())
    }

    /// All items of ours, if storage can be read: as one text, so that 5,000 of them cross into the module at once.
    pub fn list(&self) -> Option<String> {
        self.storage()?;
        self.host.list(KEY_PREFIX).ok()
    }

    /// The visitor, as it was stored.
    pub fn visitor(&self) -> String {
        if self.storage().is_none() {
            return String::new();
        }
        let items = self.host.list(VISITOR_KEY).unwrap_or_default();
        stored_items(&items).find(|(key, _)| *key == VISITOR_KEY).map_or("", |(_, text)| text).into()
    }
}
