//! The engine's way from a record that waits to one that is acknowledged. Judges no call.

use super::{Delivery, Engine, Request, Role, Storage, tell};
use crate::core::answer::{self, Fate, Verdict};
use crate::core::backoff;
use crate::core::batch::{self, Bounds};
use crate::core::code::{Code, Problem};
use crate::core::effect::{Answer, Effect, Now, Report, Topic};
use crate::core::limits::{BATCH_BYTES, BATCH_RECORDS};

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
    pub(super) fn advance(&mut self, now: Now, effects: &mut Vec<Effect>) {
        if !self.has_consent() {
            return;
        }
        self.give_up_late_requests(now, effects);
        self.retry_storage(now, effects);
        self.list_again(now, effects);
        // What is in storage is the leader's, once it has looked what that is. Memory holds something only while storage does
        // not take it.
        let leads = self.role.leads() && self.others.is_some();
        let may_be_due = matches!(self.delivery, Delivery::Idle) && (leads || self.storage != Storage::Working);
        if may_be_due && batch::is_due(&self.queue, leads) {
            // A hidden page's timers run once a minute: no first attempt is to wait for one. A page that is left has had
            // its last words.
            let gather = if self.hidden && leads { 0 } else { GATHER };
            self.delivery = Delivery::Waiting { until: (now.monotonic + gather).max(self.shared.rest) };
        }
        if let Delivery::Waiting { until } = self.delivery
            && until <= now.monotonic
        {
            self.delivery = if !self.online {
                Delivery::Offline
            } else if let Some(request) = self.send(self.next_bounds(), false, now, effects) {
                Delivery::Sending(vec![request])
            } else {
                Delivery::Idle
            };
        }
    }

    fn next_bounds(&self) -> Bounds {
        Bounds { records: self.batch_records, stored: self.role.leads() && self.others.is_some(), ..Bounds::WHOLE }
    }

    fn send(&mut self, bounds: Bounds, leaving: bool, now: Now, effects: &mut Vec<Effect>) -> Option<Request> {
        self.discard_unreadable(bounds.records, effects);
        let number = self.requests.wrapping_add(1).max(1);
        // Nobody may be there to hear that last words were answered: where it is written down, the next leader tells it.
        let dropped = if leaving && self.saved.is_some() { 0 } else { self.shared.dropped };
        let body = batch::build(&mut self.queue, &self.settings, number, bounds, now.wall, dropped)?;
        self.requests = number;
        let keepalive = leaving || body.len() <= SMALL_BODY;
        let keepalive_bytes = if keepalive { body.len() } else { 0 };
        effects.push(Effect::Send { request: number, body, keepalive, leaving });
        Some(Request { number, until: now.monotonic + ANSWER_LIMIT, keepalive_bytes, dropped })
    }

    /// Checks what storage gave before it is sent: one item that others wrote over must not spoil a batch.
    fn discard_unreadable(&mut self, records: usize, effects: &mut Vec<Effect>) {
        let mut unreadable = Vec::new();
        let mut readable = 0;
        for entry in self.queue.iter_mut().filter(|entry| entry.request == 0) {
            if readable == records {
                break;
            }
            entry.checked = entry.checked || entry.record.is_readable();
            if entry.checked {
                readable += 1;
            } else {
                unreadable.push(String::from(entry.record.id()));
            }
        }
        let mut keys = Vec::new();
        for id in unreadable {
            if let Some(record) = self.queue.remove(&id) {
                keys.push(record.key);
            }
        }
        self.drop_records(keys, Code::RecordUnreadable, effects);
    }

    /// One last batch that may outlive the page, within what is left of the browser's budget.
    pub(super) fn last_words(&mut self, now: Now, effects: &mut Vec<Effect>) {
        if !self.online || !self.has_consent() || matches!(self.delivery, Delivery::Paused) {
            return;
        }
        let mut used = 0;
        if let Delivery::Sending(requests) = &self.delivery {
            for request in requests {
                used += request.keepalive_bytes;
            }
        }
        // Nobody else may lead yet: where this tab has not asked, what it stored is its to send.
        let stored = self.role != Role::Asking;
        let bounds = Bounds { bytes: BATCH_BYTES.saturating_sub(used), stored, ..self.next_bounds() };
        if let Some(request) = self.send(bounds, true, now, effects) {
            match &mut self.delivery {
                Delivery::Sending(requests) => requests.push(request),
                delivery => *delivery = Delivery::Sending(vec![request]),
            }
        }
    }

    pub(super) fn give_up_late_requests(&mut self, now: Now, effects: &mut Vec<Effect>) {
        let Delivery::Sending(requests) = &self.delivery else { return };
        let mut late = Vec::new();
        for request in requests {
            if request.until <= now.monotonic {
                late.push(request.number);
            }
        }
        for number in late {
            effects.push(Effect::Abort(number));
            self.answered(number, Answer::Failed, now, effects);
        }
    }

    pub(super) fn answered(&mut self, number: u32, answer: Answer, now: Now, effects: &mut Vec<Effect>) {
        let Some(request) = self.take_request(number) else {
            // The page was left and came back: what is named is acknowledged all the same.
            if let Answer::Response { status, body, .. } = answer
                && answer::verdict(status) == Verdict::Answered
            {
                self.acknowledge(&body, effects);
            }
            return;
        };
        let (verdict, retry_after, body) = match answer {
            Answer::Response { status, retry_after, retry_at, date, body } => {
                (answer::verdict(status), answer::retry_after(&retry_after, retry_at, date, now.wall), body)
            }
            Answer::Failed => (Verdict::Retry, None, String::new()),
        };
        match verdict {
            Verdict::Answered => match self.acknowledge(&body, effects) {
                // What it carried may have left meanwhile: named by an earlier answer, or the leader's now.
                Some(named) if named > 0 || !self.queue.iter().any(|entry| entry.request == number) => {
                    self.shared.dropped = self.shared.dropped.saturating_sub(request.dropped);
                    self.batch_records = (self.batch_records * 2).min(BATCH_RECORDS);
                    self.shared.failures = 0;
                    self.shared.rest = 0;
                    self.proceed(now.monotonic);
                }
                _ => self.fail(Code::AnswerInvalid, None, now, effects),
            },
            Verdict::Retry => {
                self.fail(Code::DeliveryFailed, retry_after, now, effects);
            }
            Verdict::Refused => self.refused(number, now, effects),
            Verdict::Unauthorized => {
                // Last words that are still under way would be answered the same, and nobody would wait for them.
                self.abort_all(effects);
                // Another page may be known: it can lead then. This one asks for the lock again when it is asked to.
                self.resign(now, effects);
                self.delivery = Delivery::Paused;
                tell(effects, Code::DeliveryUnauthorized);
            }
        }
        self.queue.iter_mut().filter(|entry| entry.request == number).for_each(|entry| entry.request = 0);
    }

    pub(super) fn abort_all(&self, effects: &mut Vec<Effect>) {
        if let Delivery::Sending(requests) = &self.delivery {
            for request in requests {
                effects.push(Effect::Abort(request.number));
            }
        }
    }

    /// Takes a request off the list of those under way. Delivery stays `Sending` until its answer is dealt with.
    fn take_request(&mut self, number: u32) -> Option<Request> {
        let Delivery::Sending(requests) = &mut self.delivery else { return None };
        let place = requests.iter().position(|request| request.number == number)?;
        Some(requests.swap_remove(place))
    }

    /// The next batch from this moment on, unless another request is still under way.
    fn proceed(&mut self, until: u64) {
        match &self.delivery {
            Delivery::Sending(requests) if !requests.is_empty() => {}
            _ => self.delivery = Delivery::Waiting { until },
        }
    }

    fn fail(&mut self, code: Code, retry_after: Option<u64>, now: Now, effects: &mut Vec<Effect>) {
        self.shared.failures = self.shared.failures.saturating_add(1);
        let delay = backoff::delay(self.shared.failures, retry_after, &mut self.random);
        self.shared.rest = self.shared.rest.max(now.monotonic + delay);
        if let Some(wait) = retry_after {
            self.asked = now.monotonic + wait.min(backoff::CAP);
        }
        self.proceed(self.shared.rest);
        tell(effects, code);
    }

    /// A batch was refused whole. Half of it next; a record that is refused alone, twice, is set aside.
    ///
    /// Each refusal of a lone record counts as a failure, so that an endpoint which refuses everything is asked less
    /// and less often and does not eat the queue.
    fn refused(&mut self, number: u32, now: Now, effects: &mut Vec<Effect>) {
        let mut carried = self.queue.iter_mut().filter(|entry| entry.request == number);
        let (first, others) = (carried.next(), carried.count());
        if others > 0 {
            self.batch_records = others.div_ceil(2);
            self.proceed(now.monotonic);
            return;
        }
        let bad = first.and_then(|entry| {
            entry.refusals += 1;
            (entry.refusals >= REFUSALS).then(|| String::from(entry.record.id()))
        });
        if let Some(record) = bad.and_then(|id| self.queue.remove(&id)) {
            effects.push(Effect::Report(rejected(record.id().into(), Problem::new(Code::RecordRefused))));
            self.drop_records(vec![record.key], Code::RecordRefused, effects);
        }
        self.fail(Code::DeliveryFailed, None, now, effects);
    }

    /// Forgets what the answer names. `None` where it could not be read, else how many of ours it named.
    fn acknowledge(&mut self, body: &str, effects: &mut Vec<Effect>) -> Option<usize> {
        let mut keys = Vec::new();
        for outcome in answer::outcomes(body)? {
            let Some(record) = self.queue.remove(&outcome.id) else { continue };
            keys.push(record.key);
            let id = outcome.id;
            let sent = |id, status| Report { topic: Topic::Sent, id, status, ..Report::default() };
            effects.push(Effect::Report(match outcome.fate {
                Fate::Stored => sent(id, "stored"),
                Fate::Duplicate => sent(id, "duplicate"),
                Fate::Rejected => rejected(id, Problem::of(Code::RecordRejected, &outcome.code)),
            }));
        }
        let named = keys.len();
        if named > 0 {
            effects.push(Effect::Forget(keys));
        }
        Some(named)
    }
}

/// The endpoint will not take this record.
fn rejected(id: String, problem: Problem) -> Report {
    Report { topic: Topic::Rejected, id, errors: vec![problem], ..Report::default() }
}
