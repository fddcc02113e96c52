//! The engine's way from a call to a record in storage, or in memory where storage does not take it. Sends nothing.

use super::delivery::GATHER;
use super::{Delivery, Engine, Role, Storage, tell};
use crate::core::address;
use crate::core::attribution::PageView;
use crate::core::batch;
use crate::core::call::{self, Circumstances};
use crate::core::code::{Code, Problem};
use crate::core::consent::Consent;
use crate::core::effect::{Call, Early, Effect, Now, Report, StoredItem, Topic};
use crate::core::id::{self, Ids};
use crate::core::kind::{self, Kind};
use crate::core::link;
use crate::core::panel::Panel;
use crate::core::record::{Record, VISITOR_KEY};
use crate::core::value::Value;
use crate::core::visitor::{Visitor, Who};

/// How long until storage that failed is tried again, in milliseconds.
const STORAGE_RETRY: u64 = 5_000;
/// How many records that only memory holds are tried at once.
const STORAGE_RETRY_RECORDS: usize = 50;

impl Engine {
    pub(super) fn open_page(&mut self, address: &str, now: Now, effects: &mut Vec<Effect>) {
        let (page, code) = self.view_of(address, now);
        self.page = page;
        if let Some(code) = code {
            tell(effects, code);
        }
    }

    fn view_of(&mut self, address: &str, now: Now) -> (PageView, Option<Code>) {
        let view = self.ids.next_id(now.wall);
        PageView::open(address, view, now.monotonic, &self.visitor.id, &self.settings)
    }

    pub(super) fn navigated(&mut self, address: &str, again: bool, now: Now, effects: &mut Vec<Effect>) {
        if self.page.is_left_by(address, &self.settings) {
            self.open_page(address, now, effects);
            if again {
                self.page.forget_tokens();
            }
        }
        if self.settings.clean_address {
            let clean = address::clean(address, &self.settings.token_names);
            if clean != address {
                effects.push(Effect::ShowAddress(clean));
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
    pub fn link(&self, href: &str, panel: &Panel) -> Option<String> {
        // A visitor that is not stored is another one on the next page: no link is bound to it.
        let stored = self.has_consent() && self.storage == Storage::Working;
        let visitor = if stored { &*self.visitor.id } else { "" };
        link::decorated(href, &panel.source, &self.page.address, visitor, &self.settings)
    }

    pub(super) fn call(&mut self, call: Call, now: Now, effects: &mut Vec<Effect>) {
        if call.kind == kind::DESTROY {
            self.flush(now);
            return;
        }
        if self.settings.consent == Consent::Denied {
            refuse_for(Code::ConsentDenied, effects);
            return;
        }
        let resets = matches!(Kind::of_call(&call.kind), Some((Kind::Reset, _)));
        // A log-out is never refused: who comes next is somebody else.
        if !self.rate.take(now.monotonic) && !resets {
            self.refuse(effects);
            return;
        }
        if call.early.is_none() && self.visitor.is_left_by(Who::of(&call.identity, &[])) {
            self.forget_tokens();
        }
        // A call that was kept may come from a page that was left: it is judged in that page's view.
        let page = if call.address.is_empty() || !self.page.is_left_by(&call.address, &self.settings) {
            &mut self.page
        } else if call.early.is_some() {
            if self.page_left.is_left_by(&call.address, &self.settings) {
                self.page_left = self.view_of(&call.address, now).0;
            }
            &mut self.page_left
        } else {
            self.open_page(&call.address, now, effects);
            &mut self.page
        };
        page.tick(now.monotonic);
        let identify_id = self.ids.next_id(now.wall);
        let (mut id, mut t) = (String::new(), 0);
        if let Some(early) = &call.early {
            (id, t) = (early.id.clone(), early.t);
        }
        if !id::is_id(&id) {
            id = self.ids.next_id(now.wall);
        }
        // A page may have patched its clock away: then an early call has no time of its own.
        if t == 0 {
            t = now.wall;
        }
        // Those who come next get what is passed at a log-out.
        let (payload, next) = if resets { (Value::Undefined, call.payload) } else { (call.payload, Value::Undefined) };
        let circumstances = Circumstances {
            settings: &self.settings,
            page,
            id: &id,
            identify_id: &identify_id,
            t,
            identity: &call.identity,
            panel: call.panel.as_ref(),
        };
        let before = self.visitor.text();
        let mut report = Report::default();
        let mut identified = None;
        if let Some(accepted) = call::accept(&call.kind, payload, &circumstances, &mut self.visitor, &mut report) {
            if !report.product_id.is_empty() {
                page.accepted(&report.product_id, accepted.source, accepted.carried, self.settings.policy);
            }
            if let Some(identify) = accepted.identify {
                identified = Some(Report {
                    topic: Topic::Stored,
                    id: identify_id,
                    kind: Kind::Identify.name(),
                    ..Report::default()
                });
                self.take(identify, effects);
            }
            self.take(accepted.record, effects);
            if resets {
                self.end_visitor(now);
                self.forget_tokens();
            }
        }
        if self.visitor.text() != before && self.has_consent() {
            effects.push(self.visitor.save());
        }
        // The call's own report is the first.
        effects.push(Effect::Report(report));
        effects.extend(identified.map(Effect::Report));
        if self.refused > 0 {
            let count = std::mem::take(&mut self.refused);
            let report = Report { topic: Topic::Dropped, count, ..Report::error(Code::RateLimited) };
            effects.push(Effect::Report(report));
        }
        if has_attributes(&next) {
            let early = call.early.map(|early| Early { id: String::new(), ..early });
            self.call(Call { kind: kind::UPDATE.into(), payload: next, early, ..call }, now, effects);
        }
    }

    /// Stores a record; without consent memory holds it.
    fn take(&mut self, record: Record, effects: &mut Vec<Effect>) {
        if self.has_consent() {
            effects.push(Effect::Persist(record));
        } else {
            self.queue.add(record, false);
            self.bound(effects);
        }
    }

    /// Who comes next has nothing in common with who was there: no id either.
    pub(super) fn end_visitor(&mut self, now: Now) {
        let id = Ids::new(&mut self.random).next_id(now.wall);
        self.visitor.end(id, &self.cookie);
    }

    /// Counts a call over the limit. The page hears of the first; of the others when one is taken again.
    fn refuse(&mut self, effects: &mut Vec<Effect>) {
        self.shared.dropped = self.shared.dropped.saturating_add(1);
        self.refused = self.refused.saturating_add(1);
        if self.refused == 1 {
            refuse_for(Code::RateLimited, effects);
        }
    }

    pub(super) fn persisted(&mut self, record: Record, stored: bool, now: Now, effects: &mut Vec<Effect>) {
        if !stored {
            self.storage_failed(now, effects);
        }
        self.queue.add(record, stored);
        if stored {
            self.storage_worked(effects);
        }
        self.bound(effects);
    }

    pub(super) fn storage_failed(&mut self, now: Now, effects: &mut Vec<Effect>) {
        if self.storage == Storage::Working {
            tell(effects, Code::StorageUnavailable);
        }
        self.storage = Storage::Failing { retry: now.monotonic + STORAGE_RETRY };
    }

    /// Storage has recovered once it holds everything that waits.
    fn storage_worked(&mut self, effects: &mut Vec<Effect>) {
        if self.storage != Storage::Working && self.queue.iter().all(|entry| entry.stored) {
            self.storage = Storage::Working;
            tell(effects, Code::StorageRecovered);
        }
    }

    pub(super) fn found(&mut self, items: Vec<StoredItem>, now: Now, effects: &mut Vec<Effect>) {
        if !self.role.leads() {
            return;
        }
        self.others = Some(0);
        self.read_shared(&items, now);
        let mut listed = 0;
        for item in items {
            listed += usize::from(self.adopt(item));
        }
        self.storage_worked(effects);
        self.bound(effects);
        if matches!(self.delivery, Delivery::Idle) && batch::is_due(&self.queue, true) {
            // What waits has gathered while there was no lock, but for a page that starts. What is here and not listed was
            // acknowledged by the leader before, and then we hear of it in a moment; or another script has cleared storage,
            // and we have the last copy.
            let starts = !self.recalled && !self.hidden;
            let wait = if starts || self.queue.len() > listed { GATHER } else { 0 };
            self.delivery = Delivery::Waiting { until: (now.monotonic + wait).max(self.shared.rest) };
        }
    }

    pub(super) fn added(&mut self, item: StoredItem, effects: &mut Vec<Effect>) {
        if item.key == VISITOR_KEY {
            self.adopt_visitor(&item.text);
        } else if self.role == Role::Leader {
            self.adopt(item);
            self.bound(effects);
        } else if !self.role.leads() && Record::from_storage(item.key, String::new(), &self.settings.app).is_some() {
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
    fn adopt(&mut self, item: StoredItem) -> bool {
        let record = Record::from_storage(item.key, item.text, &self.settings.app);
        record.map(|record| self.queue.adopt(record)).is_some()
    }

    /// Another tab took an item away: acknowledged there. What only memory holds was never stored, and stays.
    pub(super) fn gone(&mut self, key: String) {
        if let Some(record) = Record::from_storage(key, String::new(), &self.settings.app) {
            if self.queue.holds(record.id()) {
                self.queue.remove_stored(record.id());
            } else {
                self.others = self.others.map(|others| others.saturating_sub(1));
            }
        }
    }

    /// Takes back what storage has lost, or never took, and the mirror kept: the browser was killed, or the page is gone
    /// that held it in memory. Where storage does not take it now either, the mirror has it for the next leader.
    pub(super) fn recalled(&mut self, items: Vec<StoredItem>, effects: &mut Vec<Effect>) {
        if !self.role.leads() {
            return;
        }
        self.recalled = true;
        for item in items {
            if let Some(record) = Record::from_storage(item.key, item.text, &self.settings.app)
                && !self.queue.holds(record.id())
            {
                effects.push(Effect::Save(StoredItem { key: record.key.clone(), text: record.text.clone() }));
                self.queue.adopt(record);
            }
        }
        self.bound(effects);
    }

    fn bound(&mut self, effects: &mut Vec<Effect>) {
        if !self.role.leads() && self.queue.is_over() {
            // Storage has its bound from the leader.
            self.queue.release_stored();
            self.others = None;
        }
        let mut keys = Vec::new();
        while let Some(record) = self.queue.overflow() {
            keys.push(record.key);
        }
        self.drop_records(keys, Code::QueueFull, effects);
    }

    pub(super) fn drop_records(&mut self, keys: Vec<String>, code: Code, effects: &mut Vec<Effect>) {
        if !keys.is_empty() {
            let count = keys.len() as u32;
            self.shared.dropped += count;
            // Without consent they are in memory only, and nothing is written anywhere about them.
            if self.has_consent() {
                effects.push(Effect::Forget(keys));
            }
            effects.push(Effect::Report(Report { topic: Topic::Dropped, count, ..Report::error(code) }));
        }
    }

    pub(super) fn retry_storage(&mut self, now: Now, effects: &mut Vec<Effect>) {
        if let Storage::Failing { retry } = self.storage
            && retry <= now.monotonic
        {
            self.storage = Storage::Failing { retry: now.monotonic + STORAGE_RETRY };
            // Nothing to store: the leader tries storage by listing it, which it may have missed.
            if !self.store_held(STORAGE_RETRY_RECORDS, effects) {
                self.storage = Storage::Failing { retry: u64::MAX };
                if self.role.leads() {
                    effects.push(Effect::Scan);
                }
            }
        }
    }

    /// Stores so many records that only memory holds. Are there any?
    pub(super) fn store_held(&self, most: usize, effects: &mut Vec<Effect>) -> bool {
        let mut left = most;
        for entry in self.queue.iter() {
            if !entry.stored && left > 0 {
                left -= 1;
                effects.push(Effect::Persist(entry.record.clone()));
            }
        }
        left < most
    }
}

/// A call is refused, whatever it says.
fn refuse_for(code: Code, effects: &mut Vec<Effect>) {
    let errors = vec![Problem::new(code)];
    effects.push(Effect::Report(Report { topic: Topic::Rejected, errors, ..Report::default() }));
}

/// Is there anything to be said of the visitor who comes after a log-out?
fn has_attributes(payload: &Value) -> bool {
    let Value::Object(fields) = payload else { return false };
    fields.iter().any(|(name, _)| name != "apiKey" && name != "userKey")
}
