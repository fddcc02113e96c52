//! The page's one engine, and the loop around it: an input in, its effects carried out.

use super::clock::{Timer, now};
use super::host::{Act, Host};
use super::network::Requests;
use crate::core::code::{Code, Problem};
use crate::core::effect::{Effect, Input};
use crate::core::engine::{Engine, Start};
use crate::core::message::Parts;
use crate::core::record::KEY_PREFIX;
use crate::core::report;
use crate::core::settings::{Endpoint, Settings};
use crate::core::text::joined;
use std::cell::{Cell, RefCell};

/// Everything that the module holds.
pub struct Page {
    engine: RefCell<Engine>,
    pub(super) host: Host,
    pub(super) requests: Requests,
    timer: Timer,
    endpoint: Endpoint,
    /// The name of the lock.
    lock: String,
    /// What the keys of this application's items start with.
    prefix: String,
}

thread_local! {
    // Made once and never freed, so that nothing of it is borrowed or counted while page code runs.
    static PAGE: Cell<Option<&'static Page>> = const { Cell::new(None) };
}

/// The page, once it is started.
pub fn get() -> Option<&'static Page> {
    PAGE.get()
}

/// Starts the engine, once for a page. The message: options, the address that the page was loaded from, is it online, two
/// numbers of randomness, was it loaded by going back or again, the visitor's cookie, does the browser send Global Privacy
/// Control, is the page hidden, and the visitor as storage holds it.
pub fn start(message: &str, host: Host) -> bool {
    let hear = |problem: Problem<'_>| {
        if let Effect::Report(report) = report::error(problem) {
            host.act(Act::Hear as u32, &report);
        }
    };
    if get().is_some() {
        hear(Problem::new(Code::AlreadyStarted));
        return true;
    }
    let mut parts = Parts::of(message);
    let (options, address) = (parts.value(), parts.text());
    let mut problems = Vec::new();
    let settings = Settings::resolve(options, &address, &mut problems);
    for problem in problems {
        hear(problem);
    }
    let Some(settings) = settings else { return false };
    let endpoint = settings.endpoint.clone();
    let (lock, prefix) = (joined(&["tillpost:", &settings.app]), joined(&[KEY_PREFIX, &settings.app, ":"]));
    let start = Start {
        address,
        online: parts.flag(),
        seed: parts.number() << 32 | parts.number(),
        again: parts.flag(),
        cookie: parts.text(),
        global_privacy_control: parts.flag(),
        hidden: parts.flag(),
        visitor: parts.text(),
    };
    let mut effects = Vec::new();
    let engine = Engine::start(settings, start, now(), &mut effects);
    let page: &Page = Box::leak(Box::new(Page {
        engine: RefCell::new(engine),
        timer: Timer::new(host.clone()),
        host,
        requests: Requests::default(),
        endpoint,
        lock,
        prefix,
    }));
    PAGE.set(Some(page));
    page.perform(&effects);
    // It may wait for a moment, and no other input may come.
    page.dispatch(Input::Tick);
    true
}

impl Page {
    /// Asks the engine.
    pub fn ask<T>(&self, question: impl FnOnce(&Engine) -> T) -> T {
        question(&self.engine.borrow())
    }

    /// Gives the engine an input, and carries out what it asks for.
    pub fn dispatch(&'static self, input: Input<'_>) {
        let now = now();
        if matches!(input, Input::Tick) {
            self.timer.fired();
        }
        let mut effects = Vec::new();
        let mut engine = self.engine.borrow_mut();
        engine.handle(now, &input, &mut effects);
        let deadline = engine.deadline();
        // An effect may run page code, and page code may call us.
        drop(engine);
        self.timer.wake_at(deadline, now);
        self.perform(&effects);
    }

    /// Carries out effects, in order.
    fn perform(&'static self, effects: &[Effect]) {
        for effect in effects {
            let (act, text) = match effect {
                Effect::Persist(record) => {
                    let stored = self.host.put(&record.key, &record.text, true);
                    self.dispatch(Input::Persisted { record, stored });
                    continue;
                }
                Effect::Scan => {
                    self.dispatch(self.host.list(KEY_PREFIX).map_or(Input::Unlisted, Input::Found));
                    continue;
                }
                Effect::Save { key, text } => {
                    self.host.put(key, text, false);
                    continue;
                }
                Effect::Send { request, body, keepalive, leaving } => {
                    self.requests.send(self, &self.endpoint, *request, body, *keepalive, *leaving);
                    continue;
                }
                Effect::Abort(request) => {
                    self.requests.abort(*request, self);
                    continue;
                }
                Effect::Report(report) => (Act::Hear, report.as_str()),
                Effect::Forget(keys) => (Act::Forget, keys.as_str()),
                Effect::ShowAddress(address) => (Act::Show, address.as_str()),
                Effect::Lead => (Act::Lead, self.lock.as_str()),
                Effect::Erase => (Act::Erase, self.prefix.as_str()),
                Effect::Resign { leaving: false } => (Act::Resign, ""),
                Effect::Resign { leaving: true } => (Act::Leave, ""),
                Effect::Recall => (Act::Recall, ""),
                Effect::Replay => (Act::Replay, ""),
            };
            self.host.act(act as u32, text);
        }
    }
}
