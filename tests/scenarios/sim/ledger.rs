//! What is owed: every accepted record, until the endpoint has named it, or its loss is accounted for.

use std::collections::{BTreeMap, BTreeSet};
use tillpost::core::record::KEY_PREFIX;

/// Why a record need not arrive any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Excuse {
    /// The engine dropped it, and counted it.
    Dropped,
    /// Its only copy was the memory of a tab that is gone.
    DiedInMemory,
    /// The browser was killed before it was on disk.
    DiedOnDisk,
    /// The visitor refused consent.
    Refused,
    /// Another script took its item away, or wrote over it.
    Spoiled,
}

#[derive(Default)]
pub struct Ledger {
    /// All accepted records by id, with the storage key.
    pub accepted: BTreeMap<String, String>,
    /// Those of them that are neither named nor excused.
    pub owed: BTreeSet<String>,
    /// Ids that an answer named, which a page has read.
    pub named: BTreeSet<String>,
    pub excused: BTreeMap<String, Excuse>,
    /// Ids that were named, and that a page then took out of storage and of the mirror: not to be sent again.
    forgotten: BTreeSet<String>,
    forgiven: BTreeSet<String>,
    /// How many of them came back with a browser that was killed.
    pub came_back: usize,
}

impl Ledger {
    pub fn accept(&mut self, id: &str, key: &str) {
        // A record is persisted again where storage failed, and an early call may come twice.
        if self.accepted.insert(id.into(), key.into()).is_none() && !self.named.contains(id) {
            self.owed.insert(id.into());
        }
    }

    pub fn name(&mut self, id: &str) {
        self.owed.remove(id);
        self.named.insert(id.into());
    }

    pub fn excuse(&mut self, id: &str, excuse: Excuse) {
        if self.owed.remove(id) {
            self.excused.insert(id.into(), excuse);
        }
    }

    /// A page has forgotten this record. What was dropped, and not acknowledged, may come back.
    pub fn forget(&mut self, id: &str) {
        if self.named.contains(id) {
            self.forgotten.insert(id.into());
        }
    }

    /// It may be sent again all the same: two pages hold it, or what says that it was forgotten could not be written.
    pub fn forgive(&mut self, id: &str) {
        self.forgiven.insert(id.into());
    }

    /// The browser was killed, and what it had forgotten is there again.
    pub fn come_back(&mut self, id: &str) {
        self.came_back += usize::from(self.forgotten.remove(id));
    }

    pub fn is_forgotten(&self, id: &str) -> bool {
        self.forgotten.contains(id) && !self.forgiven.contains(id)
    }

    pub fn excused(&self, excuse: Excuse) -> usize {
        self.excused.values().filter(|found| **found == excuse).count()
    }
}

/// Is this the key of a record, and not of what tabs share?
pub fn is_record(key: &str) -> bool {
    key.starts_with(KEY_PREFIX) && !key.ends_with(":state")
}

/// The id at the end of a storage key.
pub fn id_of(key: &str) -> &str {
    key.rsplit(':').next().unwrap_or(key)
}
