//! Everything together: what a visitor, a browser or a failure can do, and time that passes only when asked to.

use super::agenda::{Agenda, Due};
use super::call::{Call, Panel};
use super::collector::Collector;
use super::ledger::{Excuse, Ledger, id_of};
use super::locks::Locks;
use super::mirror::Mirror;
use super::network::Network;
use super::report::Report;
use super::storage::Storage;
use super::tab::{Life, Tab, TabId};
use super::value::Value;
use super::words::product;
use std::collections::BTreeSet;
use tillpost::core::consent::Consent;
use tillpost::core::effect::{Effect, Input, Lock, Now};
use tillpost::core::engine::{Engine, Start};
use tillpost::core::record::VISITOR_KEY;
use tillpost::core::settings::Settings;
use tillpost::core::value;

pub const SECOND: u64 = 1_000;
pub const MINUTE: u64 = 60 * SECOND;
pub const HOUR: u64 = 60 * MINUTE;
pub const DAY: u64 = 24 * HOUR;

/// The wall clock when a world begins, in milliseconds.
pub const BEGINNING: i64 = 1_700_000_000_000;
/// Until a crashed tab's lock passes on, in milliseconds: measured in Chromium.
const CRASH_NOTICED: u64 = 400;

pub struct World {
    pub now: u64,
    clock_error: i64,
    options: String,
    pub online: bool,
    /// The cookie `__ca__chat`.
    pub cookie: String,
    pub tabs: Vec<Tab>,
    pub storage: Storage,
    /// Until another tab sees what one has stored or removed, in milliseconds: each process works on a copy.
    pub behind: u64,
    pub mirror: Mirror,
    pub locks: Locks,
    pub network: Network,
    pub collector: Collector,
    pub ledger: Ledger,
    pub agenda: Agenda,
    pub(super) was_blocked: bool,
    /// How many inputs are being dealt with, one inside the other.
    pub(super) nested: usize,
    /// Steps since time last passed.
    steps_now: usize,
    /// Pages that lost their place in the back-forward cache.
    pub evicted: usize,
    /// How often storage could not be listed or cleared because it was blocked: its items are the next page's then.
    pub blocked_accesses: usize,
    /// Does the browser send it?
    pub global_privacy_control: bool,
    /// Calls that the next page finds kept.
    pub early: Vec<Call>,
    /// What engines had done by the browser.
    pub performed: Vec<Effect>,
    /// When something was saved that is no record.
    pub saves: Vec<u64>,
}

impl World {
    pub fn new() -> Self {
        Self::with_options(r#"{"app":"shop1"}"#)
    }

    /// A world whose pages start with these options, JSON.
    pub fn with_options(options: &str) -> Self {
        Self {
            now: 0,
            clock_error: 0,
            options: options.into(),
            online: true,
            cookie: String::new(),
            tabs: Vec::new(),
            storage: Storage::default(),
            behind: 3,
            mirror: Mirror::default(),
            locks: Locks::default(),
            network: Network::default(),
            collector: Collector::default(),
            ledger: Ledger::default(),
            agenda: Agenda::default(),
            was_blocked: false,
            nested: 0,
            steps_now: 0,
            evicted: 0,
            blocked_accesses: 0,
            global_privacy_control: false,
            early: Vec::new(),
            performed: Vec::new(),
            saves: Vec::new(),
        }
    }

    /// The options that pages start with from now on, JSON.
    pub fn set_options(&mut self, options: &str) {
        self.options = options.into();
    }

    pub fn collector(&self) -> &Collector {
        &self.collector
    }

    // Time

    /// What the visitor's clock shows.
    pub fn wall(&self) -> u64 {
        u64::try_from(BEGINNING + self.now as i64 + self.clock_error).unwrap_or(0)
    }

    /// Somebody sets the visitor's clock.
    pub fn jump_clock(&mut self, milliseconds: i64) {
        self.clock_error += milliseconds;
    }

    pub fn now_of(&self, tab: TabId) -> Now {
        Now { monotonic: self.now - self.tabs[tab].opened, wall: self.wall() }
    }

    /// When an engine's timer fires next. The browser layer adds a millisecond: its clock is cut to whole ones.
    fn next_tick(&self) -> Option<(u64, TabId)> {
        let open = self.tabs.iter().enumerate().filter(|(_, tab)| tab.life == Life::Open);
        let ticks = open.filter_map(|(id, tab)| {
            let when = tab.opened + tab.engine.deadline()? + 1;
            Some((if tab.hidden { when.next_multiple_of(MINUTE) } else { when }, id))
        });
        ticks.map(|(when, id)| (when.max(self.now), id)).min()
    }

    /// The moment at which something happens next.
    pub fn next_moment(&self) -> Option<u64> {
        self.agenda.next().into_iter().chain(self.next_tick().map(|(when, _)| when)).min()
    }

    /// Lets the next thing happen.
    pub fn step(&mut self) {
        let Some(moment) = self.next_moment() else { return };
        self.steps_now = if moment > self.now { 0 } else { self.steps_now + 1 };
        assert!(self.steps_now < 100_000, "time does not pass: {:?}", self.statuses());
        self.now = self.now.max(moment);
        self.storage.clock = self.now;
        match self.agenda.take(self.now) {
            Some(Due::Arrival(id)) => self.arrive(id),
            Some(Due::Answer(id, answer)) => self.answer(id, answer),
            Some(Due::StorageEvent(tab, event)) => {
                if self.tabs[tab].life == Life::Open {
                    self.dispatch(tab, event);
                }
            }
            Some(Due::Mirror) => self.transaction_ends(),
            Some(Due::Lock(tab, lock)) => self.lock(tab, lock),
            None => {
                let due = self.next_tick().filter(|(when, _)| *when <= self.now);
                due.map(|(_, tab)| self.dispatch(tab, Input::Tick));
            }
        }
    }

    pub fn advance(&mut self, milliseconds: u64) {
        let until = self.now + milliseconds;
        while self.next_moment().is_some_and(|moment| moment <= until) {
            self.step();
        }
        self.now = until;
        self.storage.clock = until;
    }

    /// Is nothing under way, and no engine about to do something?
    pub fn is_quiet(&self) -> bool {
        let settled = |tab: &Tab| !matches!(tab.engine.status().state, "waiting" | "sending");
        self.agenda.is_empty() && self.tabs.iter().filter(|tab| tab.life == Life::Open).all(settled)
    }

    /// Lets everything happen that still will.
    pub fn run_until_quiet(&mut self) {
        let limit = self.now + 30 * DAY;
        while !self.is_quiet() {
            assert!(self.now < limit, "not quiet after a month: {:?}", self.statuses());
            self.step();
        }
    }

    /// Milliseconds until something is so; fails after an hour.
    pub fn time_until(&mut self, mut so: impl FnMut(&Self) -> bool) -> u64 {
        let start = self.now;
        while !so(self) {
            assert!(self.next_moment().is_some(), "nothing will happen any more: {:?}", self.statuses());
            assert!(self.now < start + HOUR, "not so after an hour: {:?}", self.statuses());
            self.step();
        }
        self.now - start
    }

    fn statuses(&self) -> Vec<String> {
        let tabs = self.tabs.iter().filter(|tab| tab.life != Life::Gone);
        tabs.map(|tab| format!("{:?} {:?}", tab.life, tab.engine.status())).collect()
    }

    // Pages

    /// Opens a page of the shop in a new tab.
    pub fn open(&mut self, path: &str) -> TabId {
        self.load(path, false)
    }

    /// Opens a page by going back or forward to it, or loads it again.
    pub fn reload(&mut self, path: &str) -> TabId {
        self.load(path, true)
    }

    fn load(&mut self, path: &str, again: bool) -> TabId {
        let address = ["https://shop.example", path].concat();
        // Through the door's copy: what is no JSON fails here, and the core sees no escapes but its own.
        let options: Value = serde_json::from_str(&self.options).unwrap();
        let options = options.copied();
        let mut problems = Vec::new();
        let settings = Settings::resolve(value::Value::of(&options), &address, &mut problems);
        let settings = settings.unwrap_or_else(|| panic!("{problems:?}"));
        let id = self.tabs.len();
        let start = Start {
            seed: 0x7111_0057 + id as u64 * 0x9e37_79b9,
            visitor: self.storage.get(VISITOR_KEY).unwrap_or_default().into(),
            address: address.clone(),
            again,
            cookie: self.cookie.clone(),
            online: self.online,
            hidden: false,
            global_privacy_control: self.global_privacy_control,
        };
        let mut effects = Vec::new();
        let now = Now { monotonic: 0, wall: self.wall() };
        let engine = Engine::start(settings, start, now, &mut effects);
        self.tabs.push(Tab {
            engine,
            address,
            opened: self.now,
            life: Life::Open,
            hidden: false,
            reports: Vec::new(),
            memory: BTreeSet::new(),
            early: std::mem::take(&mut self.early),
            leads: false,
            rival: false,
            held: Vec::new(),
        });
        self.perform_all(id, effects, false);
        self.dispatch(id, Input::Navigated { address: self.tabs[id].address.clone(), again });
        // `pageshow` comes on the first load as well.
        self.dispatch(id, Input::Shown);
        id
    }

    /// Opens the next page in a tab: the page before is left for good.
    pub fn navigate(&mut self, tab: TabId, path: &str) -> TabId {
        self.close(tab);
        self.open(path)
    }

    /// The page's script shows another address (a single-page shop).
    pub fn show_address(&mut self, tab: TabId, path: &str) {
        self.show(tab, path, false);
    }

    /// The visitor goes back or forward to an address of the same document.
    pub fn traverse(&mut self, tab: TabId, path: &str) {
        self.show(tab, path, true);
    }

    fn show(&mut self, tab: TabId, path: &str, again: bool) {
        let address = ["https://shop.example", path].concat();
        self.tabs[tab].address.clone_from(&address);
        self.dispatch(tab, Input::Navigated { address, again });
    }

    /// A call by a click in a recommendation panel.
    pub fn call_in_panel(&mut self, tab: TabId, panel: Panel, product_id: &str, event_type: &str) -> Report {
        let payload = product(product_id, event_type);
        let call = Call { kind: "product_event".into(), payload, panel: Some(panel), ..self.plain_call(tab) };
        self.call_with(tab, call)
    }

    /// The page is left and never comes back.
    pub fn close(&mut self, tab: TabId) {
        if self.tabs[tab].life == Life::Open {
            self.dispatch(tab, Input::Hidden);
            self.dispatch(tab, Input::Left);
        }
        self.end(tab, 1);
    }

    /// The visitor looks at something else.
    pub fn hide(&mut self, tab: TabId) {
        self.tabs[tab].hidden = true;
        self.dispatch(tab, Input::Hidden);
    }

    /// The visitor looks at it again.
    pub fn look_at(&mut self, tab: TabId) {
        self.tabs[tab].hidden = false;
        self.dispatch(tab, Input::Visible);
    }

    /// The page is left into the back-forward cache.
    pub fn put_away(&mut self, tab: TabId) {
        self.dispatch(tab, Input::Hidden);
        self.dispatch(tab, Input::Left);
        self.tabs[tab].life = Life::Frozen;
    }

    /// The page comes back out of the back-forward cache.
    pub fn bring_back(&mut self, tab: TabId) {
        self.tabs[tab].life = Life::Open;
        self.look_at(tab);
        self.dispatch(tab, Input::Shown);
        self.mirror_resumes(tab);
        for input in std::mem::take(&mut self.tabs[tab].held) {
            self.dispatch(tab, input);
        }
    }

    /// The page's process dies: no event, no last word.
    pub fn crash(&mut self, tab: TabId) {
        let done = self.network.orphans_arrive;
        self.mirror_side_dies(tab, done);
        self.end(tab, CRASH_NOTICED);
    }

    /// The browser is killed: all tabs at once, all requests, transactions that are not complete, and what was written to
    /// localStorage in these last milliseconds.
    pub fn kill_browser(&mut self, lost: u64) {
        self.network.under_way.clear();
        self.agenda.clear();
        self.mirror_dies();
        (0..self.tabs.len()).for_each(|tab| self.end(tab, 0));
        self.agenda.clear();
        self.storage.lose(lost);
        self.account_for_kill();
    }

    fn end(&mut self, tab: TabId, lock_delay: u64) {
        if self.tabs[tab].life == Life::Gone {
            return;
        }
        self.tabs[tab].life = Life::Gone;
        let arrive = self.network.orphans_arrive;
        let on_the_way = self.network.under_way.values_mut().filter(|exchange| exchange.tab == tab);
        on_the_way.for_each(|exchange| exchange.given_up = true);
        self.network.under_way.retain(|_, exchange| exchange.tab != tab || exchange.keepalive || arrive);
        for id in std::mem::take(&mut self.tabs[tab].memory) {
            if !self.mirror.items.contains_key(&self.ledger.accepted[&id]) {
                self.ledger.excuse(&id, Excuse::DiedInMemory);
            }
        }
        self.locks.let_go(tab);
        self.pass_lock_on(lock_delay);
    }

    pub fn pass_lock_on(&mut self, delay: u64) {
        if let Some(tab) = self.locks.grant() {
            self.agenda.enter(self.now + delay, Due::Lock(tab, Lock::Held));
        }
    }

    fn lock(&mut self, tab: TabId, lock: Lock) {
        match self.tabs[tab].life {
            Life::Open if lock == Lock::Unavailable || self.locks.holder() == Some(tab) => {
                self.tabs[tab].rival = lock == Lock::Unavailable;
                self.tabs[tab].leads = lock == Lock::Held;
                self.dispatch(tab, Input::Lock(lock));
            }
            Life::Frozen if self.locks.holder() == Some(tab) => {
                // A page that wants a lock cannot stay in the back-forward cache.
                self.evicted += 1;
                self.end(tab, 1);
            }
            _ => {}
        }
    }

    // The network

    pub fn go_offline(&mut self) {
        self.set_online(false);
    }

    pub fn go_online(&mut self) {
        self.set_online(true);
    }

    fn set_online(&mut self, online: bool) {
        self.online = online;
        for tab in 0..self.tabs.len() {
            match self.tabs[tab].life {
                Life::Open => drop(self.dispatch(tab, Input::Online(online))),
                Life::Frozen => self.tabs[tab].held.push(Input::Online(online)),
                Life::Gone => {}
            }
        }
    }

    // Calls

    /// `userengage(kind, payload)` in a page.
    pub fn call(&mut self, tab: TabId, kind: &str, payload: Value) -> Report {
        self.call_with(tab, Call { kind: kind.into(), payload, ..self.plain_call(tab) })
    }

    /// A call of this page with nothing in it.
    pub fn plain_call(&self, tab: TabId) -> Call {
        let address = self.tabs[tab].address.clone();
        Call {
            kind: String::new(),
            payload: Value::Undefined,
            identity: Value::Undefined,
            address,
            early: None,
            panel: None,
        }
    }

    pub fn call_with(&mut self, tab: TabId, call: Call) -> Report {
        self.say(tab, &call).expect("every call is answered by a report")
    }

    /// A call that the page may hear nothing of.
    pub fn try_call(&mut self, tab: TabId, kind: &str, payload: Value) -> Option<Report> {
        let call = Call { kind: kind.into(), payload, ..self.plain_call(tab) };
        self.say(tab, &call)
    }

    /// `tillpost.setConsent(...)` in a page.
    pub fn set_consent(&mut self, tab: TabId, consent: Consent) {
        self.dispatch(tab, Input::Consent(Some(consent)));
    }

    /// The page asks for delivery now.
    pub fn flush(&mut self, tab: TabId) {
        self.dispatch(tab, Input::Flush);
    }

    // Storage

    /// Another script writes over an item of ours, in a page that the tabs hear of.
    pub fn spoil(&mut self, key: &str, text: &str) {
        self.storage.write(key, text);
        self.ledger.excuse(id_of(key), Excuse::Spoiled);
        for tab in self.open_tabs() {
            let item = Input::Added { key: key.into(), text: text.into() };
            self.agenda.enter(self.now + 1, Due::StorageEvent(tab, item));
        }
    }

    pub fn open_tabs(&self) -> Vec<TabId> {
        self.tabs_that_are(Life::Open)
    }

    pub fn frozen_tabs(&self) -> Vec<TabId> {
        self.tabs_that_are(Life::Frozen)
    }

    fn tabs_that_are(&self, life: Life) -> Vec<TabId> {
        (0..self.tabs.len()).filter(|tab| self.tabs[*tab].life == life).collect()
    }
}
