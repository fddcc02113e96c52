//! The records that this tab is to send, sorted by id. Knows no time and no network.
//!
//! The leader's queue is all that storage holds, and its own records. Another tab's holds only what storage would not
//! take. A record leaves by its id, never by its position.

use super::limits::{QUEUE_BYTES, QUEUE_RECORDS};
use super::record::Record;

/// A record that waits.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The record.
    pub record: Record,
    /// Is it in storage too? Otherwise this is the only copy.
    pub stored: bool,
    /// Is its text known to be what we wrote? What storage gave is checked before it is sent.
    pub checked: bool,
    /// The request that carries it, 0 for none.
    pub request: u32,
    /// How often it was refused when it was sent alone.
    pub refusals: u8,
}

/// The records that wait.
#[derive(Clone, Debug, Default)]
pub struct Queue {
    // Boxed: each record that leaves moves all behind it, and an address is a tenth of an entry. A VecDeque would move
    // fewer, but weighs 0.7 KB.
    #[allow(clippy::vec_box)]
    entries: Vec<Box<Entry>>,
    bytes: usize,
}

impl Queue {
    /// How many records wait.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Does none wait?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Is this record among them?
    #[must_use]
    pub fn holds(&self, id: &str) -> bool {
        self.find(id).is_ok()
    }

    /// The records in order.
    pub fn iter(&self) -> std::slice::Iter<'_, Box<Entry>> {
        self.entries.iter()
    }

    /// The records in order, for marking them.
    pub fn iter_mut(&mut self) -> std::slice::IterMut<'_, Box<Entry>> {
        self.entries.iter_mut()
    }

    /// Is there a record of which this is true?
    pub fn has(&self, is_one: &dyn Fn(&Entry) -> bool) -> bool {
        for entry in &self.entries {
            if is_one(entry) {
                return true;
            }
        }
        false
    }

    /// Those that this request carried are on their way no longer; those of any request for 0.
    pub fn give_back(&mut self, request: u32) {
        for entry in &mut self.entries {
            if request == 0 || entry.request == request {
                entry.request = 0;
            }
        }
    }

    fn find(&self, id: &str) -> Result<usize, usize> {
        self.entries.binary_search_by(|entry| entry.record.id().cmp(id))
    }

    /// Adds a record that was made here, in its place. One that is here already only learns whether it is stored.
    pub fn add(&mut self, record: Record, stored: bool) {
        self.insert(Box::new(Entry { record, stored, checked: true, request: 0, refusals: 0 }));
    }

    /// Adds a record that storage gave.
    pub fn adopt(&mut self, record: Record) {
        self.insert(Box::new(Entry { record, stored: true, checked: false, request: 0, refusals: 0 }));
    }

    fn insert(&mut self, entry: Box<Entry>) {
        // A record of this page is the newest: no search, so a call costs the same with 5,000 waiting.
        let place = match self.entries.last() {
            Some(last) if last.record.id() >= entry.record.id() => self.find(entry.record.id()),
            _ => Err(self.entries.len()),
        };
        match place {
            Ok(place) => {
                if let Some(known) = self.entries.get_mut(place) {
                    known.stored |= entry.stored;
                }
            }
            Err(place) => {
                self.bytes += entry.record.text.len();
                self.entries.insert(place, entry);
            }
        }
    }

    /// Takes a record out.
    pub fn remove(&mut self, id: &str) -> Option<Record> {
        let place = self.find(id).ok()?;
        if place >= self.entries.len() {
            return None;
        }
        let entry = self.entries.remove(place);
        self.bytes -= entry.record.text.len();
        Some(entry.record)
    }

    /// Takes a record out, unless this is the only copy.
    pub fn remove_stored(&mut self, id: &str) {
        if let Ok(place) = self.find(id)
            && self.entries.get(place).is_some_and(|entry| entry.stored)
        {
            self.remove(id);
        }
    }

    /// Takes out what is in storage and not on its way: whoever leads next reads it from there.
    pub fn release_stored(&mut self) {
        let mut bytes = 0;
        self.entries.retain(|entry| {
            let stays = !entry.stored || entry.request > 0;
            if stays {
                bytes += entry.record.text.len();
            }
            stays
        });
        self.bytes = bytes;
    }

    /// Is the queue over its bound, and over this room for further records?
    #[must_use]
    pub fn is_over(&self, room: usize) -> bool {
        self.entries.len() > QUEUE_RECORDS + room || self.bytes > QUEUE_BYTES + room * 512
    }

    /// Takes out the oldest record if the queue is over its bound, and none that is on its way.
    pub fn overflow(&mut self) -> Option<Record> {
        if !self.is_over(0) {
            return None;
        }
        let id: String = self.entries.iter().find(|entry| entry.request == 0)?.record.id().into();
        self.remove(&id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(id: &str) -> Record {
        Record { key: ["tillpost:1:a:v:", id].concat(), text: "x".repeat(100) }
    }

    fn ids(queue: &Queue) -> Vec<&str> {
        queue.iter().map(|entry| entry.record.id()).collect()
    }

    #[test]
    fn records_are_sorted_and_each_stands_once() {
        let mut queue = Queue::default();
        for id in ["b", "d", "a", "c", "b", "d"] {
            queue.add(record(id), id == "b");
        }
        assert_eq!(ids(&queue), ["a", "b", "c", "d"]);
        assert_eq!(queue.remove("c"), Some(record("c")));
        assert_eq!(queue.remove("c"), None);
        queue.release_stored();
        assert_eq!(ids(&queue), ["a", "d"]);
        assert_eq!(queue.bytes, 200);
    }

    #[test]
    fn over_the_bound_the_oldest_goes_that_is_not_on_its_way() {
        let mut queue = Queue::default();
        for number in 0..QUEUE_RECORDS {
            queue.add(record(&(10_000 + number).to_string()), true);
        }
        assert_eq!(queue.overflow(), None);
        queue.add(record("99999"), true);
        queue.iter_mut().next().unwrap().request = 1;
        assert_eq!(queue.overflow(), Some(record("10001")));
        assert_eq!(queue.overflow(), None);
    }
}
