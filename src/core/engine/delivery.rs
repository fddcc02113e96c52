//! The engine's way from a record that waits to one that is acknowledged. Judges no call.

use super::calls::forget;
use super::{Delivery, Engine, Request, Role, Storage};
use crate::core::answer::{self, Fate, Outcome, Verdict};
use crate::core::backoff;
use crate::core::batch::{self, Bounds};
use crate::core::code::{Code, Problem};
use crate::core::effect::{Answer, Effect};
use crate::core::limits::{BATCH_BYTES, BATCH_RECORDS};
use crate::core::report;

/// How long records gather before they are sent, in milliseconds: a list of products is one request.
pub(super) const GATHER: u64 = 250;
/// How long an answer may take, in milliseconds.
const ANSWER_LIMIT: u64 = 10_000;
/// How often a record may be refused alone before it is set aside.
const REFUSALS: u8 = 2;
/// Bodies up to this size outlive the page from the start, so that leaving it costs no second request. Larger ones
/// would take the budget that the page's other scripts share.
const SMALL_BODY: usize = 16 * 1024;

impl Engine {
    /// Moves delivery as far as time and the network allow. The one place where a batch starts on its way.
    pub(super) fn advance(&mut self) {
        if !self.has_consent() {
            return;
        }
        self.give_up_late_requests();
        self.retry_storage();
        self.list_again();
        // What is in storage is the leader's, once it has looked what that is. Memory holds something only while storage does
        // not take it.
        let leads = self.role.leads() && self.others.is_some();
        let may_be_due = matches!(self.delivery, Delivery::Idle) && (leads || self.storage != Storage::Working);
        if may_be_due && batch::is_due(&self.queue, leads) {
            // A hidden page's timers run once a minute: no first attempt is to wait for one. A page that is left has had
            // its last words.
            let gather = if self.hidden && leads { 0 } else { GATHER };
            self.delivery = Delivery::Waiting { until: (self.now.monotonic + gather).max(self.shared.rest) };
        }
        if let Delivery::Waiting { until } = self.delivery
            && until <= self.now.monotonic
        {
            self.delivery = if !self.online {
                Delivery::Offline
            } else if self.send(self.next_bounds(), false) {
                Delivery::Sending
            } else {
                Delivery::Idle
            };
        }
    }

    fn next_bounds(&self) -> Bounds {
        Bounds { records: self.batch_records, stored: self.role.leads() && self.others.is_some(), ..Bounds::WHOLE }
    }

    /// Sends a batch, if there is one.
    fn send(&mut self, bounds: Bounds, leaving: bool) -> bool {
        self.discard_unreadable(bounds.records);
        let number = self.last_request.wrapping_add(1).max(1);
        // Nobody may be there to hear that last words were answered: where it is written down, the next leader tells it.
        let dropped = if leaving && self.saved.is_some() { 0 } else { self.shared.dropped };
        let Some(body) = batch::build(&mut self.queue, &self.settings, number, bounds, self.now.wall, dropped) else {
            return false;
        };
        self.last_request = number;
        let keepalive = leaving || body.len() <= SMALL_BODY;
        let keepalive_bytes = if keepalive { body.len() } else { 0 };
        self.effects.push(Effect::Send { request: number, body, keepalive, leaving });
        self.requests.push(Request { number, until: self.now.monotonic + ANSWER_LIMIT, keepalive_bytes, dropped });
        true
    }

    /// Checks what storage gave before it is sent: one item that others wrote over must not spoil a batch.
    fn discard_unreadable(&mut self, records: usize) {
        let mut unreadable = Vec::new();
        let mut readable = 0;
        for entry in self.queue.iter_mut() {
            if entry.request > 0 {
                continue;
            }
            if readable == records {
                break;
            }
            entry.checked = entry.checked || entry.record.is_readable();
            if entry.checked {
                readable += 1;
            } else {
                unreadable.push(entry.record.clone());
            }
        }
        for record in &unreadable {
            self.queue.remove(record.id());
        }
        self.drop_records(&unreadable, Code::RecordUnreadable);
    }

    /// One last batch that may outlive the page, within what is left of the browser's budget.
    pub(super) fn last_words(&mut self) {
        if !self.online || !self.has_consent() || matches!(self.delivery, Delivery::Paused) {
            return;
        }
        let mut used = 0;
        for request in &self.requests {
            used += request.keepalive_bytes;
        }
        // Nobody else may lead yet: where this tab has not asked, what it stored is its to send.
        let stored = !matches!(self.role, Role::Asking { .. });
        let bounds = Bounds { bytes: BATCH_BYTES.saturating_sub(used), stored, ..self.next_bounds() };
        if self.send(bounds, true) {
            self.delivery = Delivery::Sending;
        }
    }

    pub(super) fn give_up_late_requests(&mut self) {
        // The oldest is the first that is late.
        while let Some(Request { number, until, .. }) = self.requests.first()
            && *until <= self.now.monotonic
        {
            let number = *number;
            self.effects.push(Effect::Abort(number));
            self.answered(number, &Answer::Failed);
        }
    }

    pub(super) fn answered(&mut self, number: u32, answer: &Answer) {
        let Some(request) = self.take_request(number) else {
            // The page was left and came back: what is named is acknowledged all the same.
            if let Answer::Response { status, body, .. } = answer
                && answer::verdict(*status) == Verdict::Answered
            {
                self.acknowledge(body);
            }
            return;
        };
        let (verdict, retry_after, body) = match answer {
            Answer::Response { status, retry_after, retry_at, date, body } => {
                let wait = answer::retry_after(retry_after, *retry_at, *date, self.now.wall);
                (answer::verdict(*status), wait, body.as_str())
            }
            Answer::Failed => (Verdict::Retry, None, ""),
        };
        match verdict {
            Verdict::Answered => match self.acknowledge(body) {
                // What it carried may have left meanwhile: named by an earlier answer, or the leader's now.
                Some(named) if named > 0 || !self.queue.has(&|entry| entry.request == number) => {
                    self.shared.dropped = self.shared.dropped.saturating_sub(request.dropped);
                    self.batch_records = (self.batch_records * 2).min(BATCH_RECORDS);
                    self.shared.failures = 0;
                    self.shared.rest = 0;
                    self.proceed(self.now.monotonic);
                }
                _ => self.fail(Code::AnswerInvalid, None),
            },
            Verdict::Retry => {
                self.fail(Code::DeliveryFailed, retry_after);
            }
            Verdict::Refused => self.refused(number),
            Verdict::Unauthorized => {
                // Last words that are still under way would be answered the same, and nobody would wait for them.
                self.abort_all();
                // Another page may be known: it can lead then. This one asks for the lock again when it is asked to.
                self.resign();
                self.delivery = Delivery::Paused;
                self.tell(Code::DeliveryUnauthorized);
            }
        }
        self.queue.give_back(number);
    }

    pub(super) fn abort_all(&mut self) {
        for request in &self.requests {
            self.effects.push(Effect::Abort(request.number));
        }
    }

    /// Takes a request off the list of those under way. Delivery stays `Sending` until its answer is dealt with.
    fn take_request(&mut self, number: u32) -> Option<Request> {
        let place = self.requests.iter().position(|request| request.number == number)?;
        Some(self.requests.remove(place))
    }

    /// The next batch from this moment on, unless another request is still under way.
    fn proceed(&mut self, until: u64) {
        if self.requests.is_empty() {
            self.delivery = Delivery::Waiting { until };
        }
    }

    fn fail(&mut self, code: Code, retry_after: Option<u64>) {
        self.shared.failures = self.shared.failures.saturating_add(1);
        let delay = backoff::delay(self.shared.failures, retry_after, &mut self.random);
        self.shared.rest = self.shared.rest.max(self.now.monotonic + delay);
        if let Some(wait) = retry_after {
            self.asked = self.now.monotonic + wait.min(backoff::CAP);
        }
        self.proceed(self.shared.rest);
        self.tell(code);
    }

    /// A batch was refused whole. Half of it next; a record that is refused alone, twice, is set aside.
    ///
    /// Each refusal of a lone record counts as a failure, so that an endpoint which refuses everything is asked less
    /// and less often and does not eat the queue.
    fn refused(&mut self, number: u32) {
        let (mut carried, mut lone) = (0_usize, None);
        for entry in self.queue.iter_mut() {
            if entry.request == number {
                carried += 1;
                lone = Some(entry);
            }
        }
        if carried > 1 {
            self.batch_records = carried / 2;
            self.proceed(self.now.monotonic);
            return;
        }
        let mut bad = None;
        if let Some(entry) = lone {
            entry.refusals += 1;
            if entry.refusals >= REFUSALS {
                bad = Some(String::from(entry.record.id()));
            }
        }
        if let Some(record) = bad.and_then(|id| self.queue.remove(&id)) {
            self.effects.push(report::rejected(record.id(), Problem::new(Code::RecordRefused)));
            self.drop_records(&[record], Code::RecordRefused);
        }
        self.fail(Code::DeliveryFailed, None);
    }

    /// Forgets what the answer names. `None` where it could not be read, else how many of ours it named.
    fn acknowledge(&mut self, body: &str) -> Option<usize> {
        let mut named = Vec::new();
        for (_, result) in answer::results(body)? {
            let Some(Outcome { id, fate, code }) = Outcome::of(result) else { continue };
            let Some(record) = self.queue.remove(id) else { continue };
            named.push(record);
            self.effects.push(match fate {
                Fate::Stored => report::sent(id, "stored"),
                Fate::Duplicate => report::sent(id, "duplicate"),
                Fate::Rejected => report::rejected(id, Problem::of(Code::RecordRejected, code)),
            });
        }
        if !named.is_empty() {
            self.effects.push(forget(&named));
        }
        Some(named.len())
    }
}
