//! The engine: one input in, effects out. It is called by whoever has a clock, storage and a network; it has none.
//!
//! What it promises:
//! - A call that was accepted is in the page's storage before [`Engine::handle`]'s effects are done, else in memory.
//! - A record is forgotten by its id, after the endpoint named that id, or when a bound drops it and it is counted.
//! - No more than one request is under way, but for the last words of a page that is left.
//! - Nothing waits for the visitor's clock.

use super::answer::{self, Fate, Verdict};
use super::attribution::PageView;
use super::backoff;
use super::batch::{self, Bounds};
use super::call::{self, Circumstances};
use super::code::{Code, Problem};
use super::effect::{Answer, Call, Effect, Input, Lock, Now, Report, StoredItem, Topic};
use super::fields::{self, Field};
use super::id::{self, Ids};
use super::limits::{BATCH_BYTES, BATCH_RECORDS};
use super::queue::Queue;
use super::random::Random;
use super::record::Record;
use super::settings::Settings;
use serde::ser::{Serialize, Serializer};

/// How long records gather before they are sent, in milliseconds: a list of products is one request.
const GATHER: u64 = 250;
/// How long an answer may take, in milliseconds.
const ANSWER_LIMIT: u64 = 10_000;
/// How long until storage that failed is tried again, in milliseconds.
const STORAGE_RETRY: u64 = 5_000;
/// How many records that only memory holds are tried at once.
const STORAGE_RETRY_RECORDS: usize = 50;
/// How often a record may be refused alone before it is set aside.
const REFUSALS: u8 = 2;
/// Bodies up to this size outlive the page from the start, so that leaving it costs no second request. Larger ones
/// would take the budget that the page's other scripts share.
const SMALL_BODY: usize = 16 * 1024;

/// Where delivery stands.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Delivery {
    /// Nothing is due.
    Idle,
    /// Records gather, or the endpoint gets time to recover: nothing is sent before this moment.
    Waiting { until: u64 },
    /// Requests are under way: one, and the last words of a page that was hidden.
    Sending(Vec<Request>),
    /// The browser says that there is no network.
    Offline,
    /// The endpoint does not know this page: nothing until the next page, or until the page asks for it.
    Paused,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Request {
    number: u32,
    /// When it is given up.
    until: u64,
    /// Bytes of the budget that all requests share which outlive the page.
    keepalive_bytes: usize,
    /// How many dropped records it told of.
    dropped: u32,
}

/// Whether this tab drains for all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    /// Another may: this tab adds its records to storage, and sends only what storage would not take.
    Member,
    Leader,
}

/// Whether storage takes records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Storage {
    Working,
    Failing { retry: u64 },
}

/// What a page knows when it starts.
#[derive(Clone, Debug)]
pub struct Start {
    /// Randomness from the browser.
    pub seed: u64,
    /// The visitor's id, where storage holds one.
    pub visitor: Option<String>,
    /// The page's address.
    pub address: String,
    /// What the browser says of the network.
    pub online: bool,
}

/// How the engine is doing, for the page to see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    /// `idle`, `waiting`, `sending`, `offline`, `paused`, or `standby` where another tab drains.
    pub state: &'static str,
    /// Records that this tab is to send.
    pub queued: u32,
    /// `local`, or `memory` while storage does not take records.
    pub storage: &'static str,
    /// Records dropped on this page that the endpoint has not been told of.
    pub dropped: u32,
    /// Failures of delivery in a row.
    pub failures: u32,
    /// The version of the module.
    pub version: &'static str,
}

impl Serialize for Status {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let fields = [
            ("state", Field::Text(self.state)),
            ("storage", Field::Text(self.storage)),
            ("version", Field::Text(self.version)),
            ("queued", Field::Count(self.queued)),
            ("dropped", Field::Count(self.dropped)),
            ("failures", Field::Count(self.failures)),
        ];
        fields::serialize(&fields, serializer)
    }
}

/// The engine of one page.
#[derive(Clone, Debug)]
pub struct Engine {
    settings: Settings,
    random: Random,
    ids: Ids,
    visitor: String,
    page: PageView,
    /// The page before, which calls may come from that were made before the module was there.
    page_left: PageView,
    queue: Queue,
    delivery: Delivery,
    role: Role,
    storage: Storage,
    online: bool,
    failures: u32,
    /// Until when the last failure told us to wait. Last words do not: where they fail as well, this still holds.
    rest: u64,
    /// The most records of the next batch: halved when one is refused, doubled when one is answered.
    batch_records: usize,
    dropped: u32,
    requests: u32,
}

impl Engine {
    /// An engine that has just started. Its first effects ask for the lock, and store the visitor's id if it is new.
    #[must_use]
    pub fn start(settings: Settings, start: Start, now: Now, effects: &mut Vec<Effect>) -> Self {
        let mut random = Random::new(start.seed);
        let mut ids = Ids::new(&mut random);
        let visitor = start.visitor.filter(|visitor| id::is_id(visitor)).unwrap_or_else(|| {
            let visitor = ids.next_id(now.wall);
            effects.push(Effect::SaveVisitor(visitor.clone()));
            visitor
        });
        effects.push(Effect::Lead);
        let mut engine = Self {
            settings,
            random,
            ids,
            visitor,
            page: PageView::default(),
            page_left: PageView::default(),
            queue: Queue::default(),
            delivery: Delivery::Idle,
            role: Role::Member,
            storage: Storage::Working,
            online: start.online,
            failures: 0,
            rest: 0,
            batch_records: BATCH_RECORDS,
            dropped: 0,
            requests: 0,
        };
        engine.open_page(&start.address, now, effects);
        engine
    }

    /// The options that this engine runs with.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// How it is doing.
    #[must_use]
    pub fn status(&self) -> Status {
        let state = match (&self.delivery, self.role) {
            (Delivery::Idle, Role::Member) => "standby",
            (Delivery::Idle, Role::Leader) => "idle",
            (Delivery::Waiting { .. }, _) => "waiting",
            (Delivery::Sending(_), _) => "sending",
            (Delivery::Offline, _) => "offline",
            (Delivery::Paused, _) => "paused",
        };
        Status {
            state,
            queued: self.queue.len() as u32,
            storage: if self.storage == Storage::Working { "local" } else { "memory" },
            dropped: self.dropped,
            failures: self.failures,
            version: env!("CARGO_PKG_VERSION"),
        }
    }

    /// When the engine wants [`Input::Tick`] at the latest, on the monotonic clock.
    #[must_use]
    pub fn deadline(&self) -> Option<u64> {
        let mut deadline = u64::MAX;
        match &self.delivery {
            Delivery::Waiting { until } => deadline = *until,
            Delivery::Sending(requests) => {
                for request in requests {
                    deadline = deadline.min(request.until);
                }
            }
            Delivery::Idle | Delivery::Offline | Delivery::Paused => {}
        }
        if let Storage::Failing { retry } = self.storage {
            deadline = deadline.min(retry);
        }
        (deadline < u64::MAX).then_some(deadline)
    }

    /// Takes an input, and appends what is to be done.
    pub fn handle(&mut self, now: Now, input: Input, effects: &mut Vec<Effect>) {
        match input {
            Input::Call(call) => self.call(call, now, effects),
            Input::Persisted { record, stored } => self.persisted(record, stored, now, effects),
            Input::Found(items) => self.found(items, effects),
            Input::Unlisted => self.storage_failed(now, effects),
            Input::Lock(Lock::Held | Lock::Unavailable) => {
                self.role = Role::Leader;
                effects.push(Effect::Scan);
            }
            Input::Answer { request, answer } => self.answered(request, answer, now, effects),
            Input::Online(online) => {
                self.online = online;
                if online && matches!(self.delivery, Delivery::Offline) {
                    self.delivery = Delivery::Waiting { until: now.monotonic };
                }
            }
            Input::Hidden => self.last_words(now, effects),
            Input::Left => {
                self.last_words(now, effects);
                self.resign(effects);
            }
            Input::Shown => {
                if self.role == Role::Member {
                    effects.push(Effect::Lead);
                }
            }
            Input::Flush => {
                if matches!(self.delivery, Delivery::Paused) || self.failures == 0 && self.is_waiting() {
                    self.delivery = Delivery::Waiting { until: now.monotonic };
                }
            }
            Input::Tick => {}
        }
        self.advance(now, effects);
    }

    fn is_waiting(&self) -> bool {
        matches!(self.delivery, Delivery::Idle | Delivery::Waiting { .. })
    }

    // Calls and storage

    fn open_page(&mut self, address: &str, now: Now, effects: &mut Vec<Effect>) {
        let view = self.ids.next_id(now.wall);
        let (page, code) = PageView::open(address, view, &self.settings);
        self.page = page;
        if let Some(code) = code {
            tell(effects, code);
        }
    }

    fn call(&mut self, call: Call, now: Now, effects: &mut Vec<Effect>) {
        // A call that was kept may come from a page that was left: it is judged in that page's view.
        let page = if !self.page.is_left_by(&call.address, &self.settings) {
            &mut self.page
        } else if call.early.is_some() {
            if self.page_left.is_left_by(&call.address, &self.settings) {
                let view = self.ids.next_id(now.wall);
                self.page_left = PageView::open(&call.address, view, &self.settings).0;
            }
            &mut self.page_left
        } else {
            self.open_page(&call.address, now, effects);
            &mut self.page
        };
        let (id, t) = match call.early {
            Some(early) if id::is_id(&early.id) => (early.id, early.t),
            _ => (self.ids.next_id(now.wall), now.wall),
        };
        let circumstances = Circumstances {
            settings: &self.settings,
            page,
            visitor: &self.visitor,
            id: &id,
            t,
            identity: &call.identity,
        };
        let mut report = Report::default();
        if let Some(accepted) = call::accept(&call.kind, call.payload, &circumstances, &mut report) {
            if accepted.spends_token {
                page.spend_token();
            }
            effects.push(Effect::Persist(accepted.record));
        }
        effects.push(Effect::Report(report));
    }

    fn persisted(&mut self, record: Record, stored: bool, now: Now, effects: &mut Vec<Effect>) {
        if !stored {
            self.storage_failed(now, effects);
        }
        if self.role == Role::Leader || !stored {
            self.queue.add(record, stored);
        } else {
            // It is the leader's now. This tab may have held it while storage was failing.
            self.queue.remove(record.id());
        }
        if stored {
            self.storage_worked(effects);
        }
        self.bound(effects);
    }

    fn storage_failed(&mut self, now: Now, effects: &mut Vec<Effect>) {
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

    fn found(&mut self, items: Vec<StoredItem>, effects: &mut Vec<Effect>) {
        if self.role == Role::Member {
            return;
        }
        for item in items {
            if let Some(record) = Record::from_storage(item.key, item.text, &self.settings.app) {
                self.queue.adopt(record);
            }
        }
        self.storage_worked(effects);
        self.bound(effects);
    }

    fn bound(&mut self, effects: &mut Vec<Effect>) {
        let mut keys = Vec::new();
        while let Some(record) = self.queue.overflow() {
            keys.push(record.key);
        }
        self.drop_records(keys, Code::QueueFull, effects);
    }

    fn drop_records(&mut self, keys: Vec<String>, code: Code, effects: &mut Vec<Effect>) {
        if !keys.is_empty() {
            let count = keys.len() as u32;
            self.dropped += count;
            effects.push(Effect::Forget(keys));
            effects.push(Effect::Report(Report { topic: Topic::Dropped, count, ..Report::error(code) }));
        }
    }

    // Delivery

    /// Moves delivery as far as time and the network allow. The one place where a batch starts on its way.
    fn advance(&mut self, now: Now, effects: &mut Vec<Effect>) {
        self.retry_storage(now, effects);
        self.give_up_late_requests(now, effects);
        if matches!(self.delivery, Delivery::Idle) && batch::is_due(&self.queue) {
            self.delivery = Delivery::Waiting { until: now.monotonic + GATHER };
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

    fn retry_storage(&mut self, now: Now, effects: &mut Vec<Effect>) {
        if let Storage::Failing { retry } = self.storage
            && retry <= now.monotonic
        {
            self.storage = Storage::Failing { retry: now.monotonic + STORAGE_RETRY };
            let mut left = STORAGE_RETRY_RECORDS;
            for entry in self.queue.iter() {
                if !entry.stored && left > 0 {
                    left -= 1;
                    effects.push(Effect::Persist(entry.record.clone()));
                }
            }
            // Nothing to store: the leader tries storage by listing it, which it may have missed.
            if left == STORAGE_RETRY_RECORDS {
                self.storage = Storage::Failing { retry: u64::MAX };
                if self.role == Role::Leader {
                    effects.push(Effect::Scan);
                }
            }
        }
    }

    fn next_bounds(&self) -> Bounds {
        Bounds { records: self.batch_records, ..Bounds::WHOLE }
    }

    fn send(&mut self, bounds: Bounds, leaving: bool, now: Now, effects: &mut Vec<Effect>) -> Option<Request> {
        self.discard_unreadable(bounds.records, effects);
        let number = self.requests.wrapping_add(1).max(1);
        let dropped = self.dropped;
        let body = batch::build(&mut self.queue, &self.settings, number, bounds, now.wall, dropped)?;
        self.requests = number;
        let keepalive = leaving || body.len() <= SMALL_BODY;
        let keepalive_bytes = if keepalive { body.len() } else { 0 };
        effects.push(Effect::Send { request: number, body, keepalive });
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
    fn last_words(&mut self, now: Now, effects: &mut Vec<Effect>) {
        if !self.online || matches!(self.delivery, Delivery::Paused) {
            return;
        }
        let mut used = 0;
        if let Delivery::Sending(requests) = &self.delivery {
            for request in requests {
                used += request.keepalive_bytes;
            }
        }
        let bounds = Bounds { bytes: BATCH_BYTES.saturating_sub(used), ..self.next_bounds() };
        if let Some(request) = self.send(bounds, true, now, effects) {
            match &mut self.delivery {
                Delivery::Sending(requests) => requests.push(request),
                delivery => *delivery = Delivery::Sending(vec![request]),
            }
        }
    }

    /// Hands the queue to the next leader: what storage holds is read again by whoever leads then.
    fn resign(&mut self, effects: &mut Vec<Effect>) {
        // A member lets its wish for the lock go: granted to a page that is put away, it would cost it its place there.
        self.role = Role::Member;
        effects.push(Effect::Resign);
        self.queue.release_stored();
        self.queue.iter_mut().for_each(|entry| entry.request = 0);
        self.delivery = if matches!(self.delivery, Delivery::Paused) { Delivery::Paused } else { Delivery::Idle };
    }

    fn give_up_late_requests(&mut self, now: Now, effects: &mut Vec<Effect>) {
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

    fn answered(&mut self, number: u32, answer: Answer, now: Now, effects: &mut Vec<Effect>) {
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
            Answer::Response { status, retry_after, body } => (answer::verdict(status), retry_after, body),
            Answer::Failed => (Verdict::Retry, String::new(), String::new()),
        };
        match verdict {
            Verdict::Answered => match self.acknowledge(&body, effects) {
                // What it carried may have left meanwhile: named by an earlier answer, or the leader's now.
                Some(named) if named > 0 || !self.queue.iter().any(|entry| entry.request == number) => {
                    self.dropped = self.dropped.saturating_sub(request.dropped);
                    self.batch_records = (self.batch_records * 2).min(BATCH_RECORDS);
                    self.failures = 0;
                    self.rest = 0;
                    self.proceed(now.monotonic);
                }
                _ => self.fail(Code::AnswerInvalid, None, now, effects),
            },
            Verdict::Retry => {
                self.fail(Code::DeliveryFailed, answer::retry_after(&retry_after), now, effects);
            }
            Verdict::Refused => self.refused(number, now, effects),
            Verdict::Unauthorized => {
                // Last words that are still under way would be answered the same, and nobody would wait for them.
                if let Delivery::Sending(others) = &self.delivery {
                    for request in others {
                        effects.push(Effect::Abort(request.number));
                    }
                }
                self.queue.iter_mut().for_each(|entry| entry.request = 0);
                self.delivery = Delivery::Paused;
                tell(effects, Code::DeliveryUnauthorized);
            }
        }
        self.queue.iter_mut().filter(|entry| entry.request == number).for_each(|entry| entry.request = 0);
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
        self.failures = self.failures.saturating_add(1);
        let delay = backoff::delay(self.failures, retry_after, &mut self.random);
        self.rest = self.rest.max(now.monotonic + delay);
        self.proceed(self.rest);
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

/// Tells the page of something that is not about one call.
fn tell(effects: &mut Vec<Effect>, code: Code) {
    effects.push(Effect::Report(Report::error(code)));
}

/// The endpoint will not take this record.
fn rejected(id: String, problem: Problem) -> Report {
    Report { topic: Topic::Rejected, id, errors: vec![problem], ..Report::default() }
}
