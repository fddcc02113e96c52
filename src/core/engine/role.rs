//! Who drains for all: when the lock is asked for, and when it is let go. Sends nothing.
//!
//! The lock is wanted only while something waits. In Firefox a page that holds it, or waits for it, loses its place in the
//! back-forward cache; a lock that was let go before costs nothing (measured, ESR 153).

use super::delivery::GATHER;
use super::{Delivery, Engine, Storage};
use crate::core::effect::{Effect, Lock};

/// How long a tab without locks waits before it lists storage again, in milliseconds.
const LIST: u64 = 15_000;
/// How long a tab leaves it to others to send what they stored, in milliseconds. Then they may be gone.
pub(super) const OTHERS: u64 = 1_000;

/// Within what time a page sees what the page before has removed from storage, in milliseconds. Who gets the lock nearly
/// always finds it there still; measured in Chromium 156 with 80 records, and three other programs on two cores, it took 4
/// to 22.
const SETTLE: u64 = 30;
/// The same between tabs that are both at work: with more programs beside them one sent records again 141 after the request
/// that had carried them. Not longer, because what waits meanwhile goes in one batch, and a tab that crashes with it leaves
/// it to be sent again.
pub(super) const OVERLAP: u64 = 150;
/// Within what time a lock is granted that nobody holds, in milliseconds.
const PROMPT: u64 = 5;

/// Whether this tab drains for all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// It adds its records to storage, and sends only what storage would not take. It asks for the lock at this moment.
    Member {
        ask: u64,
    },
    /// Its page is left. Until it is shown again it asks for nothing: that would cost it its place in the back-forward cache.
    Away,
    /// It has asked for the lock at this moment: another tab drains.
    Asking {
        since: u64,
    },
    Leader,
    /// Without locks each tab leads: it sends what it stored itself, and lists storage from time to time for what tabs
    /// have left that are gone.
    Unlocked {
        list: u64,
    },
}

impl Role {
    /// It may know of records that wait, and does not ask yet.
    pub const MEMBER: Self = Self::Member { ask: u64::MAX };

    /// Does it send what storage holds?
    pub fn leads(self) -> bool {
        matches!(self, Self::Leader | Self::Unlocked { .. })
    }

    /// What the page sees of it while nothing is due.
    pub fn idle_state(self) -> &'static str {
        match self {
            Self::Member { ask: u64::MAX } | Self::Away | Self::Leader | Self::Unlocked { .. } => "idle",
            Self::Member { .. } => "waiting",
            Self::Asking { .. } => "standby",
        }
    }

    /// When it has something to do by itself.
    pub fn deadline(self) -> u64 {
        match self {
            Self::Member { ask } => ask,
            Self::Unlocked { list } => list,
            Self::Away | Self::Asking { .. } | Self::Leader => u64::MAX,
        }
    }
}

impl Engine {
    pub(super) fn locked(&mut self, lock: Lock) {
        if !self.has_consent() {
            return;
        }
        let waited = matches!(self.role, Role::Asking { since } if since + PROMPT < self.now.monotonic);
        self.settle = if waited || self.now.monotonic < self.company {
            OVERLAP
        } else if !self.recalled && !self.hidden {
            SETTLE
        } else {
            0
        };
        self.role = match lock {
            Lock::Held => Role::Leader,
            Lock::Unavailable => Role::Unlocked { list: self.now.monotonic + LIST },
        };
        self.others = None;
        // Before the list is there, and with it the next request.
        self.give_up_late_requests();
        self.effects.push(Effect::Scan);
        // What died with a browser is found when this page leads for the first time.
        if !self.recalled {
            self.effects.push(Effect::Recall);
        }
    }

    /// Lists storage when it is time to, without locks.
    pub(super) fn list_again(&mut self) {
        if let Role::Unlocked { list } = self.role
            && list <= self.now.monotonic
        {
            self.role = Role::Unlocked { list: self.now.monotonic + LIST };
            self.effects.push(Effect::Scan);
        }
    }

    /// Asks for the lock while something waits in storage, and lets it go when nothing does.
    pub(super) fn follow_work(&mut self) {
        match self.role {
            Role::Member { ask } => {
                let own = self.queue.has(&|entry| entry.stored);
                let delay = match self.others {
                    _ if !self.has_consent() || matches!(self.delivery, Delivery::Paused) => u64::MAX,
                    // A hidden page's timers run once a minute.
                    Some(_) if own && self.hidden => 0,
                    Some(_) if own => GATHER,
                    Some(0) => u64::MAX,
                    Some(_) => OTHERS,
                    // Nobody knows what was left here before this page. The page before it may hold the lock until it hears
                    // that it was left, which can be later than this page's start: wanting it then would cost that page
                    // its place in the back-forward cache (measured, Chromium 156).
                    None => GATHER,
                };
                let ask = if delay == u64::MAX { delay } else { ask.min(self.now.monotonic + delay) };
                self.role = Role::Member { ask };
                if ask <= self.now.monotonic {
                    self.role = Role::Asking { since: self.now.monotonic };
                    self.effects.push(Effect::Lead);
                }
            }
            // The leader has sent everything meanwhile.
            Role::Asking { .. } => {
                if self.others == Some(0) && !self.queue.has(&|entry| entry.stored) {
                    self.let_go(false);
                }
            }
            Role::Leader => {
                let idle = matches!(self.delivery, Delivery::Idle) && self.queue.is_empty();
                // What the mirror gives back is only a leader's to take: another would send it at the same time.
                let looked = self.others == Some(0) && self.recalled;
                if idle && looked && self.storage == Storage::Working && self.shared.dropped == 0 {
                    self.let_go(false);
                }
            }
            Role::Away | Role::Unlocked { .. } => {}
        }
    }

    /// Hands the queue to the next leader: what storage holds is read again by whoever leads then.
    pub(super) fn resign(&mut self) {
        self.let_go(true);
        self.queue.give_back(0);
        self.queue.release_stored();
        self.requests.clear();
        self.delivery = Delivery::Idle;
    }

    fn let_go(&mut self, leaving: bool) {
        self.hand_over();
        self.role = Role::MEMBER;
        self.others = Some(0);
        self.effects.push(Effect::Resign { leaving });
    }
}
