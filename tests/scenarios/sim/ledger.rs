//! What is owed: every accepted record, until the endpoint has named it, or its loss is accounted for.

use std::collections::{BTreeMap, BTreeSet};

/// Why a record need not arrive any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Excuse {
    /// The engine dropped it, and counted it.
    Dropped,
    /// Its only copy was the memory of a tab that is gone.
    DiedInMemory,
    /// The browser was killed before it was on disk.
    DiedOnDisk,
    /// Another script took its item away, or wrote over it.
    Spoiled,
}

#[derive(Default)]
pub struct Ledger {
    /// Accepted records by id, with the storage key.
    pub accepted: BTreeMap<String, String>,
    /// Ids that an answer named, which a page has read.
    pub named: BTreeSet<String>,
    pub excused: BTreeMap<String, Excuse>,
    /// Records that the engines reported as dropped.
    pub dropped: u64,
}

impl Ledger {
    /// Accepted, and neither named nor excused.
    pub fn owed(&self) -> impl Iterator<Item = (&String, &String)> {
        self.accepted.iter().filter(|(id, _)| !self.named.contains(*id) && !self.excused.contains_key(*id))
    }

    pub fn excuse(&mut self, id: &str, excuse: Excuse) {
        if self.accepted.contains_key(id) {
            self.excused.entry(id.into()).or_insert(excuse);
        }
    }

    pub fn excused(&self, excuse: Excuse) -> usize {
        self.excused.values().filter(|found| **found == excuse).count()
    }
}

/// The id at the end of a storage key.
pub fn id_of(key: &str) -> &str {
    key.rsplit(':').next().unwrap_or(key)
}
