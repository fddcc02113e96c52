//! What happens when. Two things at one moment happen in the order in which they were entered.

use super::tab::TabId;
use std::collections::BTreeMap;
use tillpost::core::effect::{Answer, Input, Lock};

/// Something that will happen.
pub enum Due {
    /// A request reaches the endpoint.
    Arrival(u64),
    /// An answer reaches the page.
    Answer(u64, Answer),
    /// A page hears that another one stored an item, or took it away; or that its mirror has nothing.
    StorageEvent(TabId, Input<'static>),
    /// The mirror's transaction is over.
    Mirror,
    /// A page hears of the lock.
    Lock(TabId, Lock),
}

#[derive(Default)]
pub struct Agenda {
    entries: BTreeMap<(u64, u64), Due>,
    entered: u64,
}

impl Agenda {
    pub fn enter(&mut self, when: u64, due: Due) {
        self.entered += 1;
        self.entries.insert((when, self.entered), due);
    }

    /// The moment of the next entry.
    pub fn next(&self) -> Option<u64> {
        self.entries.keys().next().map(|(when, _)| *when)
    }

    /// Takes the next entry, if its time has come.
    pub fn take(&mut self, now: u64) -> Option<Due> {
        let first = self.entries.first_entry()?;
        (first.key().0 <= now).then(|| first.remove())
    }

    /// What other tabs did to storage and this one has not heard of, the last first.
    pub fn unheard(&self, tab: TabId) -> impl Iterator<Item = &Input<'static>> {
        self.entries.values().rev().filter_map(move |due| match due {
            Due::StorageEvent(listener, event) if *listener == tab => Some(event),
            _ => None,
        })
    }

    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Nothing that was under way inside the browser happens any more.
    pub fn clear(&mut self) {
        self.entries.clear();
    }
}
