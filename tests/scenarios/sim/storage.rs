//! The localStorage of one origin: shared by all tabs, and not to be relied on.

use super::ledger::is_record;
use std::collections::{BTreeMap, VecDeque};
use tillpost::core::effect::Input;
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
    items: BTreeMap<String, String>,
    pub space: Space,
    writes: usize,
    units: usize,
    /// The time.
    pub clock: u64,
    /// What each write and each removal found, and when: the disk is behind.
    journal: VecDeque<(u64, String, Option<String>)>,
}

/// How far the disk is behind at most, in milliseconds.
const BEHIND: u64 = 30_000;

impl Default for Storage {
    fn default() -> Self {
        Self { items: BTreeMap::new(), space: Space::Free, writes: 0, units: 0, clock: 0, journal: VecDeque::new() }
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
        self.change(key, Some(text.into()));
    }

    pub fn get(&self, key: &str) -> Option<&str> {
        if self.space == Space::Blocked { None } else { self.items.get(key).map(String::as_str) }
    }

    /// `removeItem`: was there one?
    pub fn forget(&mut self, key: &str) -> bool {
        self.space != Space::Blocked && self.remove(key)
    }

    fn remove(&mut self, key: &str) -> bool {
        self.items.contains_key(key) && self.change(key, None).is_some()
    }

    fn change(&mut self, key: &str, text: Option<String>) -> Option<String> {
        let before = self.set(key, text);
        self.journal.push_back((self.clock, key.into(), before.clone()));
        while self.journal.front().is_some_and(|(when, ..)| when + BEHIND < self.clock) {
            self.journal.pop_front();
        }
        before
    }

    fn set(&mut self, key: &str, text: Option<String>) -> Option<String> {
        let before = match text {
            Some(text) => {
                self.units += units(key) + units(&text);
                self.items.insert(key.into(), text)
            }
            None => self.items.remove(key),
        };
        self.units -= before.as_ref().map_or(0, |text| units(key) + units(text));
        before
    }

    /// What `pkg/host.mjs` lists: all items with our prefix, a line for each key and each text. What other tabs did last and
    /// this one has not heard of is not to be seen in its copy.
    pub fn list<'a>(&'a self, unheard: impl Iterator<Item = &'a Input<'static>>) -> String {
        if self.space == Space::Blocked {
            return String::new();
        }
        let ours = self.items.iter().filter(|(key, _)| key.starts_with(KEY_PREFIX));
        let mut seen: BTreeMap<&String, &String> = ours.collect();
        for event in unheard {
            match event {
                Input::Added { key, .. } => {
                    seen.remove(key);
                }
                Input::Gone(key) => {
                    let mut last = self.journal.iter().rev();
                    seen.extend(last.find_map(|(_, gone, text)| (gone == key).then_some((gone, text.as_ref()?))));
                }
                _ => {}
            }
        }
        lines(seen.into_iter())
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

    /// The keys that start like this, as a page sees them.
    pub fn keys_from(&self, prefix: &str) -> Vec<String> {
        let blocked = self.space == Space::Blocked;
        self.items.keys().filter(|key| !blocked && key.starts_with(prefix)).cloned().collect()
    }

    /// Is as it was so many milliseconds ago: the browser died before it had written the rest to disk.
    pub fn lose(&mut self, milliseconds: u64) {
        while let Some((when, key, before)) = self.journal.pop_back() {
            if when + milliseconds <= self.clock {
                break;
            }
            self.set(&key, before);
        }
        self.journal.clear();
    }
}

/// Items as one text. What another script wrote may have line breaks in it.
pub fn lines<'a>(items: impl Iterator<Item = (&'a String, &'a String)>) -> String {
    let lines: Vec<_> = items.flat_map(|(key, text)| [key, text].map(|line| line.replace('\n', " "))).collect();
    lines.join("\n")
}

fn units(text: &str) -> usize {
    if text.is_ascii() { text.len() } else { text.encode_utf16().count() }
}
