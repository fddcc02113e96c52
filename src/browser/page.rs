//! The page's one engine, and the loop around it: an input in, its effects carried out.

use super::clock::{Timer, now};
use super::host::Host;
use super::network::Requests;
use super::reports;
use super::storage::Local;
use crate::core::code::Code;
use crate::core::effect::{Effect, Input, Report};
use crate::core::engine::{Engine, Start};
use crate::core::message::Parts;
use crate::core::record::KEY_PREFIX;
use crate::core::settings::Settings;
use crate::core::text::joined;
use std::cell::{Cell, RefCell};

/// Everything that the module holds.
pub struct Page {
    engine: RefCell<Engine>,
    host: Host,
    local: Local,
    pub(super) requests: Requests,
    timer: Timer,
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
/// Control, and is the page hidden.
pub fn start(message: &str, host: Host) -> bool {
    let hear = |report: &Report| {
        let _ = host.hear(reports::object(report));
    };
    if get().is_some() {
        hear(&Report::error(Code::AlreadyStarted));
        return true;
    }
    let mut parts = Parts::of(message);
    let (options, address) = (parts.value(), parts.text());
    let mut problems = Vec::new();
    let settings = Settings::resolve(options, &address, &mut problems);
    for problem in problems {
        hear(&Report { field: problem.field, nearest: problem.nearest, ..Report::error(problem.code) });
    }
    let Some(settings) = settings else { return false };
    let local = Local::new(host.clone());
    let start = Start {
        visitor: local.visitor(),
        address,
        online: parts.flag(),
        seed: parts.number() << 32 | parts.number(),
        again: parts.flag(),
        cookie: parts.text(),
        global_privacy_control: parts.flag(),
        hidden: parts.flag(),
    };
    let mut effects = Vec::new();
    let engine = Engine::start(settings, start, now(), &mut effects);
    let page: &Page = Box::leak(Box::new(Page {
        engine: RefCell::new(engine),
        timer: Timer::new(host.clone()),
        host,
        local,
        requests: Requests::default(),
    }));
    PAGE.set(Some(page));
    page.perform(effects);
    true
}

impl Page {
    /// Asks the engine.
    pub fn ask<T>(&self, question: impl FnOnce(&Engine) -> T) -> T {
        question(&self.engine.borrow())
    }

    /// Gives the engine an input, and carries out what it asks for.
    pub fn dispatch(&'static self, input: Input) {
        let now = now();
        if matches!(input, Input::Tick) {
            self.timer.fired();
        }
        let mut effects = Vec::new();
        let mut engine = self.engine.borrow_mut();
        engine.handle(now, input, &mut effects);
        let deadline = engine.deadline();
        // An effect may run page code, and page code may call us.
        drop(engine);
        self.timer.wake_at(deadline, now);
        self.perform(effects);
    }

    /// Carries out effects, in order.
    fn perform(&'static self, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Persist(record) => {
                    let stored = self.local.put(&record.key, &record.text);
                    self.host.copy(&record.key, (!stored).then_some(&record.text));
                    self.dispatch(Input::Persisted { record, stored });
                }
                Effect::Forget(keys) => {
                    let mut list = String::new();
                    for key in keys {
                        list.push_str(&key);
                        list.push(' ');
                    }
                    self.host.forget(list.trim_ascii_end());
                }
                Effect::Scan => self.dispatch(self.local.list().map_or(Input::Unlisted, Input::Found)),
                Effect::Recall => self.host.recall(),
                Effect::Lead => {
                    let name = self.ask(|engine| joined(&["tillpost:", &engine.settings().app]));
                    self.host.lead(&name);
                }
                Effect::Resign { leaving } => self.host.resign(leaving),
                Effect::Save(item) => drop(self.local.put(&item.key, &item.text)),
                Effect::Replay => self.host.replay(),
                Effect::Erase => {
                    let prefix = self.ask(|engine| joined(&[KEY_PREFIX, &engine.settings().app, ":"]));
                    self.host.erase(&prefix);
                }
                Effect::Send { request, body, keepalive, leaving } => {
                    let endpoint = self.ask(|engine| engine.settings().endpoint.clone());
                    self.requests.send(self, &endpoint, request, &body, keepalive, leaving);
                }
                Effect::Abort(request) => self.requests.abort(request),
                Effect::ShowAddress(address) => self.host.show(&address),
                Effect::Report(report) => {
                    let _ = self.host.hear(reports::object(&report));
                }
            }
        }
    }
}
