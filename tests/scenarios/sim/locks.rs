//! The Web Lock: one tab holds it, others wait in order. It passes on when it is let go, or its tab is gone.

use super::tab::TabId;
use std::collections::VecDeque;

#[derive(Default)]
pub struct Locks {
    /// The browser has none.
    pub missing: bool,
    holder: Option<TabId>,
    waiting: VecDeque<TabId>,
}

impl Locks {
    pub fn holder(&self) -> Option<TabId> {
        self.holder
    }

    /// Does nobody hold it, and nobody wait for it?
    pub fn is_unwanted(&self) -> bool {
        self.holder.is_none() && self.waiting.is_empty()
    }

    /// A tab asks. Asking twice is asking once, as `src/browser/lock.rs` does it.
    pub fn ask(&mut self, tab: TabId) {
        if self.holder != Some(tab) && !self.waiting.contains(&tab) {
            self.waiting.push_back(tab);
        }
    }

    /// A tab lets go, or stops waiting.
    pub fn let_go(&mut self, tab: TabId) {
        self.waiting.retain(|waiting| *waiting != tab);
        if self.holder == Some(tab) {
            self.holder = None;
        }
    }

    /// The next holder, if the lock is free and someone waits.
    pub fn grant(&mut self) -> Option<TabId> {
        if self.holder.is_some() {
            return None;
        }
        self.holder = self.waiting.pop_front();
        self.holder
    }
}
