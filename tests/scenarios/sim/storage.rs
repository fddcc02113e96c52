//! The localStorage of one origin: shared by all tabs, and not to be relied on.

use super::ledger::is_record;
use std::collections::BTreeMap;
use tillpost::core::effect::StoredItem;
use tillpost::core::record::KEY_PREFIX;

/// What storage has room for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Space {
    /// As much as browsers give: 5,242,880 UTF-16 units of keys and values.
    Free,
    /// Not one item more.
    Full,
    /// So many units.
    Units(usize),
    /// Every access throws.
    Blocked,
    /// Every so many-th write throws, whatever it is.
    Flaky(usize),
}

const QUOTA: usize = 5_242_880;

pub struct Storage {
    items: BTreeMap<String, (u64, String)>,
    pub space: Space,
    writes: usize,
    age: u64,
    units: usize,
}

impl Default for Storage {
    fn default() -> Self {
        Self { items: BTreeMap::new(), space: Space::Free, writes: 0, age: 0, units: 0 }
    }
}

impl Storage {
    /// `setItem`: is it stored?
    pub fn put(&mut self, key: &str, text: &str) -> bool {
        self.writes += 1;
        let quota = match self.space {
            Space::Free => QUOTA,
            Space::Units(units) => units,
            Space::Full | Space::Blocked => return false,
            Space::Flaky(every) if self.writes.is_multiple_of(every) => return false,
            Space::Flaky(_) => QUOTA,
        };
        if self.units + units(key) + units(text) > quota {
            return false;
        }
        self.write(key, text);
        true
    }

    /// Another script writes an item: no bound of ours, no failure.
    pub fn write(&mut self, key: &str, text: &str) {
        self.age += 1;
        self.remove(key);
        self.units += units(key) + units(text);
        self.items.insert(key.into(), (self.age, text.into()));
    }

    pub fn get(&self, key: &str) -> Option<&str> {
        if self.space == Space::Blocked { None } else { self.items.get(key).map(|(_, text)| text.as_str()) }
    }

    /// `removeItem`: was there one?
    pub fn forget(&mut self, key: &str) -> bool {
        self.space != Space::Blocked && self.remove(key)
    }

    fn remove(&mut self, key: &str) -> bool {
        let Some((_, text)) = self.items.remove(key) else { return false };
        self.units -= units(key) + units(&text);
        true
    }

    /// What `src/browser/storage.rs` lists: all items with our prefix.
    pub fn list(&self) -> Vec<StoredItem> {
        if self.space == Space::Blocked {
            return Vec::new();
        }
        let ours = self.items.iter().filter(|(key, _)| key.starts_with(KEY_PREFIX));
        ours.map(|(key, (_, text))| StoredItem { key: key.clone(), text: text.clone() }).collect()
    }

    /// The keys of our records, whatever a page may see of them.
    pub fn keys(&self) -> Vec<String> {
        self.items.keys().filter(|key| is_record(key)).cloned().collect()
    }

    /// All keys, ours or not.
    pub fn all_keys(&self) -> Vec<String> {
        self.items.keys().cloned().collect()
    }

    pub fn holds(&self, key: &str) -> bool {
        self.items.contains_key(key)
    }

    /// Loses the newest items, as a browser that is killed before it has written them to disk.
    pub fn lose_newest(&mut self, count: usize) -> Vec<String> {
        let mut ages: Vec<(u64, String)> = self.items.iter().map(|(key, (age, _))| (*age, key.clone())).collect();
        ages.sort_unstable_by(|one, other| other.cmp(one));
        let lost: Vec<String> = ages.into_iter().take(count).map(|(_, key)| key).collect();
        for key in &lost {
            self.remove(key);
        }
        lost
    }
}

fn units(text: &str) -> usize {
    if text.is_ascii() { text.len() } else { text.encode_utf16().count() }
}
