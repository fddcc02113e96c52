//! The mirror: a copy of the records in IndexedDB whose transactions complete later, one after the other for all tabs.
//! Effects as `pkg/mirror.mjs` carries them out.

use super::agenda::Due;
use super::ledger::{Excuse, id_of};
use super::storage::{Space, lines};
use super::tab::{Life, TabId};
use super::world::World;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use tillpost::core::effect::Input;

/// What starts the key of an item of localStorage that names records which the mirror may still hold.
const FORGOTTEN: &str = "tillpost:forgotten:";

/// What a transaction is to do to one record.
enum Change {
    /// Copy what localStorage holds when the transaction starts.
    Copy,
    Put(String),
    Delete,
}

/// One page's side.
#[derive(Default)]
struct Side {
    changes: BTreeMap<String, Change>,
    notes: Vec<String>,
    busy: bool,
    broken: bool,
    /// Does the engine wait for what the mirror holds? It is always answered.
    asked: bool,
    copied: BTreeSet<String>,
}

enum Work {
    Write {
        puts: Vec<(String, String)>,
        deletes: Vec<String>,
        notes: Vec<String>,
    },
    /// With what it has found, once it has started.
    Recall {
        notes: Vec<String>,
        forgotten: BTreeSet<String>,
        found: Vec<(String, String)>,
    },
}

struct Transaction {
    tab: TabId,
    work: Work,
}

pub struct Mirror {
    /// What complete transactions have left.
    pub items: BTreeMap<String, String>,
    /// How long a transaction takes, in milliseconds.
    pub delay: u64,
    /// Transactions are aborted.
    pub failing: bool,
    sides: BTreeMap<TabId, Side>,
    under_way: VecDeque<Transaction>,
    /// What pages in the back-forward cache have not heard.
    unheard: Vec<Transaction>,
    /// How many transactions there were.
    pub transactions: usize,
    /// How many notes there were of what it is to forget.
    noted: usize,
    /// How many records it gave back.
    pub saved: usize,
}

impl Default for Mirror {
    fn default() -> Self {
        Self {
            items: BTreeMap::new(),
            delay: 2,
            failing: false,
            sides: BTreeMap::new(),
            under_way: VecDeque::new(),
            unheard: Vec::new(),
            transactions: 0,
            noted: 0,
            saved: 0,
        }
    }
}

impl World {
    /// `copy`: of a record that localStorage took, or did not.
    pub(super) fn mirror_copy(&mut self, tab: TabId, key: &str, refused: Option<&str>) {
        let side = self.mirror.sides.entry(tab).or_default();
        if side.broken || refused.is_some() && !side.copied.insert(key.into()) {
            return;
        }
        if refused.is_none() {
            side.copied.remove(key);
        }
        side.changes.insert(key.into(), refused.map_or(Change::Copy, |text| Change::Put(text.into())));
    }

    /// `forget`, but for the records in localStorage.
    pub(super) fn mirror_forget(&mut self, tab: TabId, keys: &[&str]) {
        self.mirror.noted += 1;
        let side = self.mirror.sides.entry(tab).or_default();
        let note = [FORGOTTEN, &self.mirror.noted.to_string()].concat();
        if side.broken || !self.storage.put(&note, &keys.join(" ")) {
            keys.iter().for_each(|key| self.ledger.forgive(id_of(key)));
        } else {
            side.notes.push(note);
        }
        if side.broken {
            return;
        }
        for key in keys {
            side.copied.remove(*key);
            side.changes.insert((*key).into(), Change::Delete);
        }
    }

    /// `recall`.
    pub(super) fn mirror_recall(&mut self, tab: TabId) {
        let side = self.mirror.sides.entry(tab).or_default();
        side.asked = true;
        if side.broken {
            return self.mirror_answers_nothing(tab);
        }
        // Of notes that come later the deletion is still to come as well: after copies that are on their way.
        let notes = self.notes();
        let forgotten = self.named_by(&notes);
        self.transact(tab, Work::Recall { notes, forgotten, found: Vec::new() });
    }

    /// The end of a turn of the event loop: one transaction for all that changed in it.
    pub(super) fn mirror_turn_ends(&mut self, tab: TabId) {
        if self.mirror.sides.get(&tab).is_some_and(|side| !side.busy) {
            self.mirror_write(tab);
        }
    }

    /// At the end of a turn, when a transaction is complete, and when the page is left.
    pub(super) fn mirror_write(&mut self, tab: TabId) {
        let side = self.mirror.sides.entry(tab).or_default();
        if side.changes.is_empty() {
            return;
        }
        side.busy = true;
        let (mut puts, mut deletes) = (Vec::new(), Vec::new());
        for (key, change) in std::mem::take(&mut side.changes) {
            match change {
                Change::Copy => {
                    if let Some(text) = self.storage.get(&key) {
                        let text = text.into();
                        puts.push((key, text));
                    }
                }
                Change::Put(text) => puts.push((key, text)),
                Change::Delete => deletes.push(key),
            }
        }
        let notes = std::mem::take(&mut side.notes);
        self.transact(tab, Work::Write { puts, deletes, notes });
    }

    fn transact(&mut self, tab: TabId, work: Work) {
        if self.mirror.sides.entry(tab).or_default().broken {
            return;
        }
        // What blocks localStorage blocks IndexedDB.
        if self.storage.space == Space::Blocked {
            self.mirror_breaks(tab);
            return;
        }
        self.mirror.transactions += 1;
        self.mirror.under_way.push_back(Transaction { tab, work });
        if self.mirror.under_way.len() == 1 {
            self.start_transaction();
        }
    }

    fn start_transaction(&mut self) {
        let Some(first) = self.mirror.under_way.front_mut() else { return };
        if let Work::Recall { forgotten, found, .. } = &mut first.work {
            for (key, text) in &self.mirror.items {
                if !forgotten.contains(key) && self.storage.get(key).is_none() {
                    found.push((key.clone(), text.clone()));
                }
            }
        }
        self.agenda.enter(self.now + self.mirror.delay, Due::Mirror);
    }

    /// The transaction under way is over.
    pub(super) fn transaction_ends(&mut self) {
        let Some(transaction) = self.mirror.under_way.pop_front() else { return };
        if self.mirror.failing {
            self.mirror_breaks(transaction.tab);
        } else {
            match &transaction.work {
                Work::Write { puts, deletes, .. } => {
                    self.mirror.items.extend(puts.iter().cloned());
                    deletes.iter().for_each(|key| drop(self.mirror.items.remove(key)));
                }
                Work::Recall { forgotten, .. } => {
                    self.mirror.items.retain(|key, _| !forgotten.contains(key));
                }
            }
            self.transaction_completes(transaction);
        }
        self.start_transaction();
    }

    fn transaction_completes(&mut self, transaction: Transaction) {
        let tab = transaction.tab;
        match self.tabs[tab].life {
            Life::Gone => return,
            Life::Frozen => return self.mirror.unheard.push(transaction),
            Life::Open => {}
        }
        match transaction.work {
            Work::Write { notes, .. } => {
                self.remove_notes(&notes);
                self.mirror.sides.entry(tab).or_default().busy = false;
                self.mirror_write(tab);
            }
            Work::Recall { notes, mut found, .. } => {
                self.remove_notes(&notes);
                let late = self.named_by(&self.notes());
                found.retain(|(key, _)| !late.contains(key));
                for id in found.iter().map(|(key, _)| id_of(key)) {
                    // The mirror keeps what another page holds in memory: both send it.
                    if self.tabs.iter().any(|tab| tab.memory.contains(id)) {
                        self.ledger.forgive(id);
                    }
                }
                self.mirror.saved += found.len();
                self.mirror.sides.entry(tab).or_default().asked = false;
                let items = lines(found.iter().map(|(key, text)| (key, text)));
                self.dispatch(tab, Input::Recalled(items));
            }
        }
    }

    fn mirror_answers_nothing(&mut self, tab: TabId) {
        if std::mem::take(&mut self.mirror.sides.entry(tab).or_default().asked) {
            self.agenda.enter(self.now, Due::StorageEvent(tab, Input::Recalled(String::new())));
        }
    }

    fn mirror_breaks(&mut self, tab: TabId) {
        let side = self.mirror.sides.entry(tab).or_default();
        side.broken = true;
        side.changes.clear();
        self.mirror_answers_nothing(tab);
        self.remove_notes(&self.notes());
        // What it holds, or gets by a transaction that is on its way, is given back to the next page.
        for id in self.ledger.accepted.keys().cloned().collect::<Vec<_>>() {
            self.ledger.forgive(&id);
        }
    }

    /// `eraseMirror`: the database is deleted, after what is under way. Answers the ids of what it held.
    pub(super) fn mirror_erase(&mut self, tab: TabId) -> Vec<String> {
        self.mirror.sides.remove(&tab);
        self.remove_notes(&self.notes());
        for transaction in &mut self.mirror.under_way {
            if let Work::Write { puts, .. } = &mut transaction.work {
                puts.clear();
            }
        }
        std::mem::take(&mut self.mirror.items).keys().map(|key| id_of(key).into()).collect()
    }

    /// The page comes back out of the back-forward cache.
    pub(super) fn mirror_resumes(&mut self, tab: TabId) {
        for transaction in std::mem::take(&mut self.mirror.unheard) {
            if transaction.tab == tab {
                self.transaction_completes(transaction);
            } else {
                self.mirror.unheard.push(transaction);
            }
        }
    }

    /// The page's process dies. What it has asked the browser for may still be done; what has started is.
    pub(super) fn mirror_side_dies(&mut self, tab: TabId, done: bool) {
        self.mirror.sides.remove(&tab);
        let started = self.mirror.under_way.pop_front();
        self.mirror.under_way.retain(|transaction| done || transaction.tab != tab);
        self.mirror.under_way.extend(started);
        self.mirror.under_way.rotate_right(usize::from(!self.mirror.under_way.is_empty()));
    }

    /// The browser is killed: what is not complete never was.
    pub(super) fn mirror_dies(&mut self) {
        self.mirror.sides.clear();
        self.mirror.under_way.clear();
        self.mirror.unheard.clear();
    }

    /// After a kill, what is in storage or in the mirror is owed still, or comes back although it was acknowledged.
    pub(super) fn account_for_kill(&mut self) {
        for id in self.ledger.owed.clone() {
            let key = &self.ledger.accepted[&id];
            if !self.storage.holds(key) && !self.mirror.items.contains_key(key) {
                self.ledger.excuse(&id, Excuse::DiedOnDisk);
            }
        }
        let forgotten = self.named_by(&self.notes());
        let mut back = self.storage.keys();
        back.extend(self.mirror.items.keys().filter(|key| !forgotten.contains(*key)).cloned());
        back.iter().for_each(|key| self.ledger.come_back(id_of(key)));
    }

    /// The items of localStorage that name what the mirror must not give back.
    pub fn notes(&self) -> Vec<String> {
        self.storage.keys_from(FORGOTTEN)
    }

    fn remove_notes(&mut self, notes: &[String]) {
        for note in notes {
            self.storage.forget(note);
        }
    }

    fn named_by(&self, notes: &[String]) -> BTreeSet<String> {
        let mut named = BTreeSet::new();
        for note in notes {
            named.extend(self.storage.get(note).unwrap_or_default().split(' ').map(String::from));
        }
        named
    }
}
