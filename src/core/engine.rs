//! The engine: one input in, effects out. It is called by whoever has a clock, storage and a network; it has none.
//!
//! What it promises:
//! - A call that was accepted is in the page's storage before [`Engine::handle`]'s effects are done, else in memory.
//! - A record is forgotten by its id, after the endpoint named that id, or when a bound drops it and it is counted.
//! - No more than one request is under way, but for the last words of a page that is left.
//! - Nothing waits for the visitor's clock.

mod calls;
mod consent;
mod delivery;
mod role;
mod shared;

use super::attribution::PageView;
use super::code::{Code, Problem};
use super::consent::Consent;
use super::effect::{Effect, Input, Now};
use super::id::Ids;
use super::limits::{BATCH_RECORDS, QUEUE_ROOM};
use super::queue::Queue;
use super::random::Random;
use super::rate::Rate;
use super::report;
use super::settings::Settings;
use super::visitor::Visitor;
use role::Role;
use serde::ser::{Serialize, SerializeTuple, Serializer};
use shared::Shared;

/// How long a call may put off what is not its own, in milliseconds.
const PUT_OFF: u64 = 1_000;

/// Where delivery stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Delivery {
    /// Nothing is due.
    Idle,
    /// Records gather, or the endpoint gets time to recover: nothing is sent before this moment.
    Waiting { until: u64 },
    /// Requests are under way: one, and the last words of a page that was hidden.
    Sending,
    /// The browser says that there is no network.
    Offline,
    /// The endpoint does not know this page: nothing until the next page, or until the page asks for it.
    Paused,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Request {
    number: u32,
    /// When it is given up.
    until: u64,
    /// Bytes of the budget that all requests share which outlive the page.
    keepalive_bytes: usize,
    /// How many dropped records it told of.
    dropped: u32,
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
    /// The visitor, as storage holds it, or empty.
    pub visitor: String,
    /// The cookie `__ca__chat`, which holds the visitor's key where the shop has it; else empty.
    pub cookie: String,
    /// The address that the page was loaded from.
    pub address: String,
    /// Was it loaded by going back or forward, or again? Then its token was used on the first visit.
    pub again: bool,
    /// What the browser says of the network.
    pub online: bool,
    /// Is it hidden?
    pub hidden: bool,
    /// Does the browser send Global Privacy Control?
    pub global_privacy_control: bool,
}

/// How the engine is doing, for the page to see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    /// `idle`, `waiting`, `sending`, `offline`, `paused`, or `standby` where another tab drains.
    pub state: &'static str,
    /// Records that this tab is to send.
    pub queued: u32,
    /// `local`, or `memory` while storage does not take records, or must not.
    pub storage: &'static str,
    /// `granted`, `pending` or `denied`.
    pub consent: &'static str,
    /// Records that were dropped and that the endpoint has not been told of.
    pub dropped: u32,
    /// Failures of delivery in a row.
    pub failures: u32,
    /// The visitor's id, as the endpoint knows it.
    pub visitor: String,
    /// The version of the module.
    pub version: &'static str,
}

impl Serialize for Status {
    /// An array, in the order of `pkg/runtime.mjs`. Names would cost 0.2 KB of module.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut array = serializer.serialize_tuple(8)?;
        for text in [self.state, self.storage, &self.visitor, self.consent, self.version] {
            array.serialize_element(text)?;
        }
        for count in [self.queued, self.dropped, self.failures] {
            array.serialize_element(&count)?;
        }
        array.end()
    }
}

/// The engine of one page.
#[derive(Clone, Debug)]
pub struct Engine {
    /// The moment that is being dealt with, and what is to be done of it so far.
    now: Now,
    effects: Vec<Effect>,
    settings: Settings,
    random: Random,
    ids: Ids,
    visitor: Visitor,
    cookie: String,
    page: PageView,
    /// The page before, which calls may come from that were made before the module was there.
    page_left: PageView,
    queue: Queue,
    delivery: Delivery,
    role: Role,
    /// How many records other tabs have put into storage, as far as this tab has heard; `None` where it has to look.
    others: Option<u32>,
    /// Until when another tab that was heard of is taken to be at work.
    company: u64,
    /// How long this leader waits after it has listed storage, because its list may be behind. Each tab works on a copy of
    /// storage: what another one has removed last, or the page before a page that starts, may still be seen here.
    settle: u64,
    /// Has the mirror said what it holds?
    recalled: bool,
    storage: Storage,
    online: bool,
    hidden: bool,
    shared: Shared,
    /// Until when the endpoint itself has asked us to wait.
    asked: u64,
    /// What of it stands in storage; nothing before a leader has read it there.
    saved: Option<Shared>,
    /// When what calls have put off is done at the latest.
    put_off: u64,
    /// The most records of the next batch: halved when one is refused, doubled when one is answered.
    batch_records: usize,
    /// Those under way, the oldest first: none unless delivery is sending.
    requests: Vec<Request>,
    last_request: u32,
    rate: Rate,
    /// Calls refused since the last one that was taken.
    refused: u32,
}

impl Engine {
    /// An engine that has just started. With consent its first effects store the visitor's id and ask for the lock.
    #[must_use]
    pub fn start(mut settings: Settings, start: Start, now: Now, effects: &mut Vec<Effect>) -> Self {
        let mut random = Random::new(start.seed);
        let mut ids = Ids::new(&mut random);
        let visitor = Visitor::start(&start.visitor, &start.cookie, &mut ids, now.wall);
        // From here on it says whether it is in force.
        settings.global_privacy_control &= start.global_privacy_control;
        if settings.global_privacy_control {
            settings.consent = Consent::Denied;
        }
        let mut engine = Self {
            now,
            effects: Vec::new(),
            settings,
            random,
            ids,
            visitor,
            cookie: start.cookie,
            page: PageView::default(),
            page_left: PageView::default(),
            queue: Queue::default(),
            delivery: Delivery::Idle,
            role: Role::MEMBER,
            others: Some(0),
            company: 0,
            settle: 0,
            recalled: false,
            storage: Storage::Working,
            online: start.online,
            hidden: start.hidden,
            shared: Shared::default(),
            asked: 0,
            saved: None,
            put_off: u64::MAX,
            batch_records: BATCH_RECORDS,
            requests: Vec::new(),
            last_request: 0,
            rate: Rate::default(),
            refused: 0,
        };
        engine.open_page(&start.address);
        if start.again {
            engine.forget_tokens();
        }
        engine.follow_consent();
        engine.follow_work();
        effects.append(&mut engine.effects);
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
        let state = match self.delivery {
            Delivery::Idle => self.role.idle_state(),
            Delivery::Waiting { .. } => "waiting",
            Delivery::Sending => "sending",
            Delivery::Offline => "offline",
            Delivery::Paused => "paused",
        };
        Status {
            state,
            queued: self.queue.len() as u32,
            storage: if self.storage == Storage::Working && self.has_consent() { "local" } else { "memory" },
            consent: self.settings.consent.as_str(),
            dropped: self.shared.dropped,
            failures: self.shared.failures,
            visitor: self.visitor.id.clone(),
            version: env!("CARGO_PKG_VERSION"),
        }
    }

    /// When the engine wants [`Input::Tick`] at the latest, on the monotonic clock.
    #[must_use]
    pub fn deadline(&self) -> Option<u64> {
        let mut deadline = self.put_off.min(self.role.deadline());
        if let Delivery::Waiting { until } = self.delivery {
            deadline = deadline.min(until);
        }
        if let Some(oldest) = self.requests.first() {
            deadline = deadline.min(oldest.until);
        }
        if let Storage::Failing { retry } = self.storage {
            deadline = deadline.min(retry);
        }
        (deadline < u64::MAX).then_some(deadline)
    }

    /// Takes an input, and appends what is to be done.
    pub fn handle(&mut self, now: Now, input: &Input<'_>, effects: &mut Vec<Effect>) {
        self.now = now;
        let call = matches!(input, Input::Call(_) | Input::Persisted { .. });
        match input {
            Input::Call(call) => self.call(call),
            Input::Persisted { record, stored } => self.persisted(record, *stored),
            Input::Found(items) => self.found(items),
            Input::Unlisted => {
                self.others = Some(0);
                self.storage_failed();
            }
            Input::Added { key, text } => self.added(key, text),
            Input::Gone(key) => self.gone(key),
            Input::Recalled(items) => self.recalled(items),
            Input::Lock(lock) => self.locked(*lock),
            Input::Answer { request, answer } => self.answered(*request, answer),
            Input::Online(online) => {
                // What failed may have been this network: a wait of ours ends, one that the endpoint asked for does not.
                if *online && !self.online && matches!(self.delivery, Delivery::Offline | Delivery::Waiting { .. }) {
                    self.shared.rest = self.asked;
                    self.delivery = Delivery::Waiting { until: self.asked.max(self.now.monotonic) };
                }
                self.online = *online;
            }
            Input::Hidden => {
                self.hidden = true;
                self.last_words();
            }
            Input::Visible => self.hidden = false,
            Input::Left => {
                self.last_words();
                self.resign();
                self.role = Role::Away;
                // Should it come back, the visitor went back to it.
                self.forget_tokens();
            }
            Input::Shown => {
                if !self.role.leads() {
                    self.others = None;
                }
                if self.role == Role::Away {
                    self.role = Role::MEMBER;
                }
            }
            Input::Flush => self.flush(),
            Input::Navigated { address, again } => self.navigated(address, *again),
            Input::Consent(chosen) => self.consent(*chosen),
            Input::Tick => {}
        }
        // A call is not to pay for what those before it have left: a full queue, and a count that is to be written down.
        let due = self.put_off.min(self.now.monotonic + PUT_OFF);
        let later = call && self.now.monotonic < due && !self.queue.is_over(QUEUE_ROOM);
        if !later {
            self.bound();
        }
        self.advance();
        self.follow_work();
        self.put_off = if later && (self.queue.is_over(0) || self.is_unsaved()) {
            due
        } else {
            self.share();
            u64::MAX
        };
        effects.append(&mut self.effects);
    }

    fn flush(&mut self) {
        let paused = matches!(self.delivery, Delivery::Paused);
        if (paused || self.shared.failures == 0 && self.is_waiting()) && self.has_consent() {
            self.delivery = Delivery::Waiting { until: self.now.monotonic };
            if let Role::Member { ask } = &mut self.role {
                *ask = self.now.monotonic;
            }
            if !self.role.leads() {
                self.others = None;
            }
        }
    }

    fn is_waiting(&self) -> bool {
        matches!(self.delivery, Delivery::Idle | Delivery::Waiting { .. })
    }

    /// Tells the page of something that is not about one call.
    fn tell(&mut self, code: Code) {
        self.effects.push(report::error(Problem::new(code)));
    }
}
