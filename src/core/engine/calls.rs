//! The engine's way from a call to a record in storage, or in memory where storage does not take it. Sends nothing.

use super::role::{OTHERS, OVERLAP};
use super::{Delivery, Engine, Role, Storage};
use crate::core::address;
use crate::core::attribution::PageView;
use crate::core::batch;
use crate::core::call::{self, Circumstances};
use crate::core::code::{Code, Problem};
use crate::core::consent::Consent;
use crate::core::effect::{Call, Early, Effect, stored_items};
use crate::core::id::{self, Ids};
use crate::core::json::Object;
use crate::core::kind::{self, Kind};
use crate::core::link;
use crate::core::panel::Panel;
use crate::core::record::{Record, VISITOR_KEY};
use crate::core::report::{self, Topic};
use crate::core::text::place_of;
use crate::core::value::Value;
use crate::core::visitor::{Visitor, Who};

/// How long until storage that failed is tried again, in milliseconds.
const STORAGE_RETRY: u64 = 5_000;
/// How many records that only memory holds are tried at once.
const STORAGE_RETRY_RECORDS: usize = 50;

impl Engine {
    pub(super) fn open_page(&mut self, address: &str) {
        let (page, code) = self.view_of(address);
        self.page = page;
        if let Some(code) = code {
            self.tell(code);
        }
    }

    fn view_of(&mut self, address: &str) -> (PageView, Option<Code>) {
        let view = self.ids.next_id(self.now.wall);
        PageView::open(address, &view, self.now.monotonic, &self.visitor.id, &self.settings)
    }

    pub(super) fn navigated(&mut self, address: &str, again: bool) {
        if self.page.is_left_by(address, &self.settings) {
            self.open_page(address);
            if again {
                self.page.forget_tokens();
            }
        }
        if self.settings.clean_address {
            let clean = address::clean(address, &self.settings.token_names);
            if clean != address {
                self.effects.push(Effect::ShowAddress(clean));
            }
        }
    }

    /// No token that was found so far goes with an event any more: who acts from now on may be somebody else.
    pub fn forget_tokens(&mut self) {
        self.page.forget_tokens();
        self.page_left.forget_tokens();
    }

    /// The address of a panel's link with the token in it; `None` where it stays as it is.
    #[must_use]
    pub fn link(&self, href: &str, panel: Panel<'_>) -> Option<String> {
        // A visitor that is not stored is another one on the next page: no link is bound to it.
        let stored = self.has_consent() && self.storage == Storage::Working;
        let visitor = if stored { &*self.visitor.id } else { "" };
        link::decorated(href, panel.source, &self.page.address, visitor, &self.settings)
    }

    pub(super) fn call(&mut self, call: &Call<'_>) {
        if call.kind == kind::DESTROY {
            self.flush();
            return;
        }
        if self.settings.consent == Consent::Denied {
            self.refuse_for(Code::ConsentDenied);
            return;
        }
        let resets = matches!(Kind::of_call(call.kind), Some((Kind::Reset, _)));
        // A log-out is never refused: who comes next is somebody else.
        if !self.rate.take(self.now.monotonic) && !resets {
            self.refuse();
            return;
        }
        if call.early.is_none() && self.visitor.is_left_by(Who::of(call.identity, Value::Undefined)) {
            self.forget_tokens();
        }
        let early = call.early.unwrap_or(Early { id: "", t: 0 });
        // A call that was kept may come from a page that was left: it is judged in that page's view.
        let page = if call.address.is_empty() || !self.page.is_left_by(&call.address, &self.settings) {
            &mut self.page
        } else if call.early.is_some() {
            if self.page_left.is_left_by(&call.address, &self.settings) {
                self.page_left = self.view_of(&call.address).0;
            }
            &mut self.page_left
        } else {
            self.open_page(&call.address);
            &mut self.page
        };
        page.tick(self.now.monotonic);
        let identify_id = self.ids.next_id(self.now.wall);
        let own_id = if id::is_id(early.id) { String::new() } else { self.ids.next_id(self.now.wall) };
        let id = if own_id.is_empty() { early.id } else { &own_id };
        let circumstances = Circumstances {
            settings: &self.settings,
            page,
            id,
            identify_id: &identify_id,
            // A page may have patched its clock away: then an early call has no time of its own.
            t: if early.t == 0 { self.now.wall } else { early.t },
            identity: call.identity,
            panel: call.panel,
        };
        let before = self.visitor.text();
        let mut heard = Object::default();
        let accepted = call::accept(call.kind, call.payload, &circumstances, &mut self.visitor, &mut heard);
        let topic = if accepted.is_some() { Topic::Stored } else { Topic::Rejected };
        let mut identified = None;
        if let Some(accepted) = accepted {
            heard.text("id", id);
            if !accepted.product_id.is_empty() {
                page.accepted(accepted.product_id, accepted.source, accepted.carried, self.settings.policy);
            }
            if let Some(identify) = accepted.identify {
                let mut heard = Object::default();
                heard.text("id", &identify_id);
                heard.text("kind", Kind::Identify.name());
                identified = Some(report::about(Topic::Stored, heard));
                self.take(identify);
            }
            self.take(accepted.record);
            if resets {
                self.end_visitor();
                self.forget_tokens();
            }
        }
        if self.visitor.text() != before && self.has_consent() {
            self.effects.push(self.visitor.save());
        }
        // The call's own report is the first.
        self.effects.push(report::about(topic, heard));
        if let Some(identified) = identified {
            self.effects.push(identified);
        }
        if self.refused > 0 {
            self.effects.push(report::dropped(Code::RateLimited, std::mem::take(&mut self.refused)));
        }
        // Those who come next get what is passed at a log-out.
        if resets && has_attributes(call.payload) {
            let early = call.early.map(|early| Early { id: "", ..early });
            self.call(&Call { kind: kind::UPDATE, early, ..call.clone() });
        }
    }

    /// Stores a record; without consent memory holds it.
    fn take(&mut self, record: Record) {
        if self.has_consent() {
            self.effects.push(Effect::Persist(record));
        } else {
            self.queue.add(record, false);
        }
    }

    /// Who comes next has nothing in common with who was there: no id either.
    pub(super) fn end_visitor(&mut self) {
        let id = Ids::new(&mut self.random).next_id(self.now.wall);
        self.visitor.end(id, &self.cookie);
    }

    /// A call is refused, whatever it says.
    fn refuse_for(&mut self, code: Code) {
        self.effects.push(report::rejected("", Problem::new(code)));
    }

    /// Counts a call over the limit. The page hears of the first; of the others when one is taken again.
    fn refuse(&mut self) {
        self.shared.dropped = self.shared.dropped.saturating_add(1);
        self.refused = self.refused.saturating_add(1);
        if self.refused == 1 {
            self.refuse_for(Code::RateLimited);
        }
    }

    pub(super) fn persisted(&mut self, record: &Record, stored: bool) {
        if !stored {
            self.storage_failed();
        }
        self.queue.add(record.clone(), stored);
        if stored {
            self.storage_worked();
        }
    }

    pub(super) fn storage_failed(&mut self) {
        if self.storage == Storage::Working {
            self.tell(Code::StorageUnavailable);
        }
        self.storage = Storage::Failing { retry: self.now.monotonic + STORAGE_RETRY };
    }

    /// Storage has recovered once it holds everything that waits.
    fn storage_worked(&mut self) {
        if self.storage != Storage::Working && !self.queue.has(&|entry| !entry.stored) {
            self.storage = Storage::Working;
            self.tell(Code::StorageRecovered);
        }
    }

    pub(super) fn found(&mut self, items: &str) {
        if !self.role.leads() {
            return;
        }
        self.others = Some(0);
        self.read_shared(items);
        let mut listed = 0;
        for (key, text) in stored_items(items) {
            listed += usize::from(self.adopt(key, text));
        }
        self.storage_worked();
        if matches!(self.delivery, Delivery::Idle) && batch::is_due(&self.queue, true) {
            // What waits has gathered while there was no lock. What is here and not listed was acknowledged by the leader
            // before, and then we hear of it in a moment; or another script has cleared storage, and we have the last copy.
            let wait = if self.queue.len() > listed { OVERLAP } else { self.settle };
            self.delivery = Delivery::Waiting { until: (self.now.monotonic + wait).max(self.shared.rest) };
        }
    }

    pub(super) fn added(&mut self, key: &str, text: &str) {
        self.company = self.now.monotonic + OTHERS;
        if key == VISITOR_KEY {
            self.adopt_visitor(text);
        } else if self.role == Role::Leader {
            self.adopt(key, text);
        } else if !self.role.leads() && Record::from_storage(key, "", &self.settings.app).is_some() {
            self.others = self.others.map(|others| others + 1);
        }
        // Without locks the tab that stored it is there to send it.
    }

    /// Another tab says who the visitor is now.
    fn adopt_visitor(&mut self, text: &str) {
        if let Some(visitor) = Visitor::read(text) {
            if visitor.id != self.visitor.id {
                self.forget_tokens();
            }
            self.visitor = visitor;
        }
    }

    /// Takes a record over that is in storage. Is it one?
    fn adopt(&mut self, key: &str, text: &str) -> bool {
        let record = Record::from_storage(key, text, &self.settings.app);
        record.map(|record| self.queue.adopt(record)).is_some()
    }

    /// Another tab took an item away: acknowledged there. What only memory holds was never stored, and stays.
    pub(super) fn gone(&mut self, key: &str) {
        self.company = self.now.monotonic + OTHERS;
        if let Some(record) = Record::from_storage(key, "", &self.settings.app) {
            if self.queue.holds(record.id()) {
                self.queue.remove_stored(record.id());
            } else {
                self.others = self.others.map(|others| others.saturating_sub(1));
            }
        }
    }

    /// Takes back what storage has lost, or never took, and the mirror kept: the browser was killed, or the page is gone
    /// that held it in memory. Where storage does not take it now either, the mirror has it for the next leader.
    pub(super) fn recalled(&mut self, items: &str) {
        if !self.role.leads() {
            return;
        }
        self.recalled = true;
        for (key, text) in stored_items(items) {
            if let Some(record) = Record::from_storage(key, text, &self.settings.app)
                && !self.queue.holds(record.id())
            {
                self.effects.push(Effect::Save { key: record.key.clone(), text: record.text.clone() });
                self.queue.adopt(record);
            }
        }
    }

    /// Drops the oldest of what is over the bound.
    pub(super) fn bound(&mut self) {
        if !self.role.leads() && self.queue.is_over(0) {
            // Storage has its bound from the leader.
            self.queue.release_stored();
            self.others = None;
        }
        let mut dropped = Vec::new();
        while let Some(record) = self.queue.overflow() {
            dropped.push(record);
        }
        self.drop_records(&dropped, Code::QueueFull);
    }

    pub(super) fn drop_records(&mut self, records: &[Record], code: Code) {
        if !records.is_empty() {
            let count = records.len() as u32;
            self.shared.dropped += count;
            // Without consent they are in memory only, and nothing is written anywhere about them.
            if self.has_consent() {
                self.effects.push(forget(records));
            }
            self.effects.push(report::dropped(code, count));
        }
    }

    pub(super) fn retry_storage(&mut self) {
        if let Storage::Failing { retry } = self.storage
            && retry <= self.now.monotonic
        {
            self.storage = Storage::Failing { retry: self.now.monotonic + STORAGE_RETRY };
            // Nothing to store: the leader tries storage by listing it, which it may have missed.
            if !self.store_held(STORAGE_RETRY_RECORDS) {
                self.storage = Storage::Failing { retry: u64::MAX };
                if self.role.leads() {
                    self.effects.push(Effect::Scan);
                }
            }
        }
    }

    /// Stores so many records that only memory holds. Are there any?
    pub(super) fn store_held(&mut self, most: usize) -> bool {
        let mut left = most;
        for entry in self.queue.iter() {
            if !entry.stored && left > 0 {
                left -= 1;
                self.effects.push(Effect::Persist(entry.record.clone()));
            }
        }
        left < most
    }
}

/// Takes records out of storage.
pub(super) fn forget(records: &[Record]) -> Effect {
    let mut keys = String::new();
    for record in records {
        if !keys.is_empty() {
            keys.push(' ');
        }
        keys.push_str(&record.key);
    }
    Effect::Forget(keys)
}

/// Is there anything to be said of the visitor who comes after a log-out?
fn has_attributes(payload: Value<'_>) -> bool {
    matches!(payload, Value::Object(_)) && payload.items().any(|(name, _)| place_of(name, kind::KEYS).is_none())
}
