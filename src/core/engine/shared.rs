//! What one leader leaves to the next, in a small item beside the records: a page that starts neither asks an endpoint
//! anew that is known to be dead, nor forgets how many records were dropped. Written when it changes, not in a call.
//!
//! Without locks each tab writes it for itself, and a count of dropped records may be told by two of them.

use super::{Delivery, Engine, Storage};
use crate::core::backoff;
use crate::core::effect::{Effect, stored_items};
use crate::core::json;
use crate::core::message::Parts;
use crate::core::record::KEY_PREFIX;
use crate::core::text::joined;

/// How delivery is doing, for whoever leads.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Shared {
    /// Failures in a row.
    pub failures: u32,
    /// Until when the last failure told us to wait. Last words do not: where they fail as well, this still holds.
    pub rest: u64,
    /// Records that were dropped and that the endpoint has not been told of.
    pub dropped: u32,
}

impl Engine {
    fn shared_key(&self) -> String {
        joined(&[KEY_PREFIX, &self.settings.app, ":state"])
    }

    /// A new leader reads what the one before left. The item holds `[failures, dropped, wait, written]`: how long to wait, in
    /// milliseconds, and when that was said by the visitor's clock. It may have jumped; so nobody waits longer than was said.
    pub(super) fn read_shared(&mut self, items: &str) {
        if self.saved.is_some() {
            return;
        }
        let key = self.shared_key();
        let shared = stored_items(items).find(|(found, _)| *found == key);
        let mut parts = Parts::of(shared.map_or("", |(_, text)| text));
        self.shared.failures = parts.number() as u32;
        let dropped = parts.number() as u32;
        let wait = parts.number().min(backoff::CAP);
        let wait = wait.saturating_sub(self.now.wall.saturating_sub(parts.number()));
        self.shared.rest = if wait > 0 { self.now.monotonic + wait } else { 0 };
        self.saved = Some(Shared { dropped, ..self.shared });
        self.shared.dropped = self.shared.dropped.saturating_add(dropped);
        if self.is_waiting() {
            self.delivery = Delivery::Idle;
        }
    }

    /// Has it changed since it was written down?
    pub(super) fn is_unsaved(&self) -> bool {
        self.saved.is_some_and(|saved| saved != self.shared)
    }

    /// Writes down what has changed.
    pub(super) fn share(&mut self) {
        if !self.is_unsaved() {
            return;
        }
        self.saved = Some(self.shared);
        let key = self.shared_key();
        let Shared { failures, rest, dropped } = self.shared;
        if failures == 0 && dropped == 0 {
            self.effects.push(Effect::Forget(key));
            return;
        }
        let mut text = String::new();
        for number in [failures.into(), dropped.into(), rest.saturating_sub(self.now.monotonic), self.now.wall] {
            text.push(if text.is_empty() { '[' } else { ',' });
            json::write_number(&mut text, number);
        }
        text.push(']');
        self.effects.push(Effect::Save { key, text });
    }

    /// This tab leads no longer: what it knows is the next leader's.
    pub(super) fn hand_over(&mut self) {
        self.share();
        if self.saved.take().is_some() && self.storage == Storage::Working {
            self.shared.dropped = 0;
        }
    }
}
