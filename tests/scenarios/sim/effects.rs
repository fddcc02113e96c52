//! An engine's effects carried out, in the order and with the nesting of `src/browser/page.rs`.
//!
//! Checked here, in every scenario: storage forgets only what an answer named or what is counted as dropped; no more
//! than one request is under way, but for last words; nothing is sent again after its acknowledgement; requests that outlive the page stay within the browser's budget.

use super::agenda::Due;
use super::call::Call;
use super::ledger::{Excuse, id_of, is_record};
use super::messages;
use super::network::{Exchange, Link};
use super::report::{Report, Topic};
use super::storage::Space;
use super::tab::{Life, TabId};
use super::world::{BEGINNING, MINUTE, World};
use tillpost::core::effect::{Answer, Effect, Input, Lock};
use tillpost::core::message;
use tillpost::core::record::{KEY_PREFIX, VISITOR_KEY};

/// What a browser lets the `keepalive` requests of one page carry at a time.
pub const KEEPALIVE_BUDGET: usize = 65_536;
/// Until a request fails that no connection is there for, in milliseconds.
const FAILURE: u64 = 20;

impl World {
    /// Gives an engine an input. Answers the report of a call.
    pub fn dispatch(&mut self, tab: TabId, input: Input<'_>) -> Option<Report> {
        let said = messages::message(&input);
        let input = said.as_ref().map_or(Some(input), |text| message::input(text)).unwrap();
        let leaving = matches!(input, Input::Hidden | Input::Left);
        let calling = matches!(input, Input::Call(_));
        let left = matches!(input, Input::Left);
        self.was_blocked |= self.storage.space == Space::Blocked;
        self.note_named(&input);
        let mut effects = Vec::new();
        let now = self.now_of(tab);
        self.tabs[tab].engine.handle(now, &input, &mut effects);
        if let Some(deadline) = self.tabs[tab].engine.deadline() {
            assert!(deadline > now.monotonic, "a deadline that has passed is a loop");
            assert!(deadline <= now.monotonic + 5 * MINUTE, "nothing waits longer than 5 minutes");
        }
        self.nested += 1;
        let report = self.perform_all(tab, effects, leaving);
        if let Some(report) = report.iter().find(|report| calling && report.topic == Topic::Stored)
            && !self.ledger.accepted.contains_key(&report.id)
        {
            // Held without consent: its key comes when it is stored.
            self.ledger.accept(&report.id, "");
            self.tabs[tab].memory.insert(report.id.clone());
        }
        self.nested -= 1;
        if self.nested == 0 {
            self.mirror_turn_ends(tab);
        }
        if left {
            // The engine starts over when the page comes back: what is under way is not waited for.
            self.network.of_mut(tab).for_each(|(_, exchange)| exchange.given_up = true);
        }
        report
    }

    /// A call reaches the engine as the door says it.
    pub fn say(&mut self, tab: TabId, call: &Call) -> Option<Report> {
        let message = call.message();
        self.dispatch(tab, message::input(&message).unwrap_or_else(|| panic!("{message}")))
    }

    pub fn perform_all(&mut self, tab: TabId, effects: Vec<Effect>, leaving: bool) -> Option<Report> {
        self.check_forgotten(&effects);
        let answers: Vec<Report> =
            effects.into_iter().filter_map(|effect| self.perform(tab, effect, leaving)).collect();
        answers.into_iter().next()
    }

    fn perform(&mut self, tab: TabId, effect: Effect, leaving: bool) -> Option<Report> {
        self.performed.push(effect.clone());
        match effect {
            Effect::Persist(record) => {
                let stored = self.storage.put(&record.key, &record.text);
                let id = String::from(record.id());
                self.ledger.accept(&id, &record.key);
                if stored {
                    self.tabs[tab].memory.remove(&id);
                    self.tell_other_tabs(tab, &added(&record.key, &record.text));
                } else {
                    self.tabs[tab].memory.insert(id);
                }
                self.mirror_copy(tab, &record.key, (!stored).then_some(&record.text));
                self.dispatch(tab, Input::Persisted { record: &record, stored });
            }
            Effect::Forget(keys) => {
                self.note_blocked();
                let keys = forgotten(&keys);
                for key in &keys {
                    self.tabs[tab].memory.remove(id_of(key));
                    if self.storage.forget(key) {
                        self.tell_other_tabs(tab, &Input::Gone((*key).into()));
                    }
                    if !self.storage.holds(key) {
                        self.ledger.forget(id_of(key));
                    }
                    if self.tabs[tab].rival {
                        self.ledger.forgive(id_of(key));
                    }
                }
                self.mirror_forget(tab, &keys);
            }
            Effect::Scan => {
                let items = self.storage.list(self.agenda.unheard(tab));
                self.note_blocked();
                let blocked = self.storage.space == Space::Blocked;
                self.dispatch(tab, if blocked { Input::Unlisted } else { Input::Found(items) });
            }
            Effect::Recall => self.mirror_recall(tab),
            Effect::Lead => {
                if self.locks.missing || self.storage.space == Space::Blocked {
                    self.agenda.enter(self.now, Due::Lock(tab, Lock::Unavailable));
                } else {
                    self.locks.ask(tab);
                    self.pass_lock_on(1);
                }
            }
            Effect::Resign { leaving } => {
                self.tabs[tab].leads = false;
                if leaving {
                    self.mirror_write(tab);
                }
                self.locks.let_go(tab);
                self.pass_lock_on(1);
            }
            Effect::Save { key, text } => {
                if self.storage.put(&key, &text) {
                    self.saves.push(self.now);
                    self.tell_other_tabs(tab, &added(&key, &text));
                }
            }
            Effect::Replay => {
                for call in std::mem::take(&mut self.tabs[tab].early) {
                    self.say(tab, &call);
                }
            }
            Effect::Erase => self.erase(tab),
            Effect::Send { request, body, keepalive, .. } => self.send(tab, request, body, keepalive, leaving),
            Effect::Abort(request) => self.abort(tab, request),
            Effect::ShowAddress(address) => self.tabs[tab].address = address,
            Effect::Report(report) => {
                let report = Report::read(&report);
                self.tabs[tab].reports.push(report.clone());
                return matches!(report.topic, Topic::Stored | Topic::Rejected).then_some(report);
            }
        }
        None
    }

    /// All keys that `pkg/runtime.mjs` erases.
    fn erase(&mut self, tab: TabId) {
        self.note_blocked();
        self.tabs[tab].early.clear();
        let mut ids: Vec<String> = std::mem::take(&mut self.tabs[tab].memory).into_iter().collect();
        for key in self.storage.all_keys() {
            if (key.starts_with("tillpost:1:shop1:") || key == VISITOR_KEY) && self.storage.forget(&key) {
                ids.push(id_of(&key).into());
                self.tell_other_tabs(tab, &Input::Gone(key));
            }
        }
        ids.extend(self.mirror_erase(tab));
        ids.iter().for_each(|id| self.ledger.excuse(id, Excuse::Refused));
    }

    fn note_blocked(&mut self) {
        self.blocked_accesses += usize::from(self.storage.space == Space::Blocked);
    }

    fn tell_other_tabs(&mut self, tab: TabId, event: &Input<'static>) {
        for other in (0..self.tabs.len()).filter(|other| *other != tab) {
            if self.tabs[other].life == Life::Open {
                self.agenda.enter(self.now + self.behind, Due::StorageEvent(other, event.clone()));
            }
        }
    }

    fn send(&mut self, tab: TabId, number: u32, body: String, keepalive: bool, last_words: bool) {
        let under_way = || self.network.of(tab).filter(|exchange| !exchange.given_up);
        assert!(last_words || under_way().count() == 0, "a second request is under way");
        self.check_not_forgotten(tab, &body, last_words);
        let budget: usize =
            self.network.of(tab).filter(|exchange| exchange.keepalive).map(|exchange| exchange.body.len()).sum();
        let over_budget = keepalive && budget + body.len() > KEEPALIVE_BUDGET;
        let link = Link::Down;
        let exchange = Exchange { tab, number, body, keepalive, link, given_up: false };
        assert!(self.network.attempts.len() < MOST_REQUESTS, "a storm of requests");
        let id = self.network.take(self.now, self.online && !over_budget, exchange);
        let now = self.now;
        match self.network.under_way[&id].link {
            Link::Down => self.agenda.enter(now + FAILURE, Due::Answer(id, Answer::Failed)),
            Link::Hanging => {}
            Link::Proxy(status, retry_after, body) => {
                self.agenda.enter(now + FAILURE, Due::Answer(id, respond(status, retry_after, body)));
            }
            Link::Dated { wait, clock } => {
                let Answer::Response { status, body, .. } = respond(503, "", "") else { unreachable!() };
                // The endpoint's clock is right, whatever the visitor's shows.
                let (date, retry_after) = (BEGINNING as u64 + now, String::from("a date"));
                let retry_at = date.saturating_add_signed(wait);
                let date = if clock { date } else { 0 };
                let answer = Answer::Response { status, retry_after, retry_at, date, body };
                self.agenda.enter(now + FAILURE, Due::Answer(id, answer));
            }
            Link::Good(delay) => self.agenda.enter(now + delay / 2, Due::Arrival(id)),
            Link::AnswerLost | Link::AnswerHanging | Link::AnswerReplaced(_) => {
                self.agenda.enter(now + FAILURE, Due::Arrival(id));
            }
        }
    }

    /// A request reaches the endpoint, unless it was stopped before.
    pub fn arrive(&mut self, id: u64) {
        let Some(exchange) = self.network.under_way.get(&id) else { return };
        let answer = self.collector.receive(&exchange.body);
        let (after, answer) = match exchange.link {
            Link::AnswerLost => (FAILURE, Answer::Failed),
            Link::AnswerHanging => return,
            Link::AnswerReplaced(body) => (FAILURE, respond(200, "", body)),
            Link::Good(delay) => (delay - delay / 2, answer),
            Link::Down | Link::Hanging | Link::Proxy(..) | Link::Dated { .. } => unreachable!("it reaches nobody"),
        };
        self.agenda.enter(self.now + after, Due::Answer(id, answer));
    }

    /// An answer reaches the page, if there is one.
    pub fn answer(&mut self, id: u64, answer: Answer) {
        let Some(Exchange { tab, number, .. }) = self.network.under_way.remove(&id) else { return };
        let input = Input::Answer { request: number, answer };
        match self.tabs[tab].life {
            Life::Open => drop(self.dispatch(tab, input)),
            Life::Frozen => self.tabs[tab].held.push(input),
            Life::Gone => {}
        }
    }

    fn abort(&mut self, tab: TabId, number: u32) {
        let ids: Vec<u64> =
            self.network.of_mut(tab).filter(|(_, found)| found.number == number).map(|(id, _)| *id).collect();
        assert_eq!(ids.len(), 1, "a request is given up that is not under way");
        for id in ids {
            let exchange = self.network.under_way.get_mut(&id).unwrap();
            exchange.given_up = true;
            // The promise of an aborted `fetch` is rejected: the engine hears of a request that it has given up.
            self.agenda.enter(self.now, Due::Answer(id, Answer::Failed));
        }
    }

    /// What was acknowledged, and forgotten, is not sent again: but for records whose acknowledgement did not outlive a kill
    /// of the browser, what two tabs may hold ([`super::ledger::Ledger::forgive`]), and where storage was blocked for a
    /// while, which may have been when something was to be forgotten.
    fn check_not_forgotten(&mut self, tab: TabId, body: &str, last_words: bool) {
        if self.tabs.iter().any(|tab| tab.rival) || self.was_blocked {
            return;
        }
        let body: serde_json::Value = serde_json::from_str(body).unwrap();
        for record in body["records"].as_array().into_iter().flatten() {
            let id = record["id"].as_str().unwrap_or_default();
            if last_words && !self.tabs[tab].leads {
                // It cannot know whether another tab is about to send it too.
                self.ledger.forgive(id);
            }
            assert!(!self.ledger.is_forgotten(id), "{id} is sent again after it was acknowledged");
        }
    }

    fn note_named(&mut self, input: &Input<'_>) {
        let Input::Answer { answer: Answer::Response { status: 200..=299, body, .. }, .. } = input else { return };
        let Ok(body) = serde_json::from_str::<serde_json::Value>(body) else { return };
        for result in body["results"].as_array().into_iter().flatten() {
            self.ledger.name(result["id"].as_str().unwrap_or_default());
        }
    }

    /// What is forgotten was named by an answer, or is counted as dropped by the same input.
    fn check_forgotten(&mut self, effects: &[Effect]) {
        let mut dropped = 0;
        let mut counted = 0;
        for effect in effects {
            match effect {
                Effect::Forget(keys) => {
                    for id in forgotten(keys).into_iter().filter(|key| is_record(key)).map(id_of) {
                        if !self.ledger.named.contains(id) {
                            dropped += 1;
                            self.ledger.excuse(id, Excuse::Dropped);
                        }
                    }
                }
                Effect::Report(report) => counted += Report::read(report).count,
                _ => {}
            }
        }
        assert!(dropped <= counted, "{dropped} records forgotten unacknowledged, {counted} counted as dropped");
    }
}

/// The keys of [`Effect::Forget`]. There is one at least, and no other text: the page removes whatever it names.
fn forgotten(keys: &str) -> Vec<&str> {
    let keys: Vec<&str> = keys.split(' ').collect();
    assert!(keys.iter().all(|key| key.starts_with(KEY_PREFIX)), "{keys:?} are to be forgotten");
    keys
}

/// What other tabs hear of an item that is in storage now.
fn added(key: &str, text: &str) -> Input<'static> {
    Input::Added { key: key.into(), text: text.into() }
}

fn respond(status: u16, retry_after: &str, body: &str) -> Answer {
    Answer::Response { status, retry_after: retry_after.into(), retry_at: 0, date: 0, body: body.into() }
}

/// More than any scenario needs: an engine that asks without end fails instead of running for a month.
const MOST_REQUESTS: usize = 20_000;
