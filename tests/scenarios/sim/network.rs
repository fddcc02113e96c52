//! What becomes of a request on its way.

use super::tab::TabId;
use std::collections::{BTreeMap, VecDeque};

/// How the network, or whatever stands in it, treats one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Link {
    /// The endpoint gets it and its answer comes back, after so many milliseconds in all.
    Good(u64),
    /// It fails: no connection, no DNS, CORS.
    Down,
    /// It reaches nobody, and no answer comes.
    Hanging,
    /// The endpoint stores it; the page sees a failure.
    AnswerLost,
    /// The endpoint stores it and never answers.
    AnswerHanging,
    /// The endpoint stores it, and something else is answered with 200.
    AnswerReplaced(&'static str),
    /// The endpoint never sees it: a proxy answers with a status, `Retry-After` and a body.
    Proxy(u16, &'static str, &'static str),
    /// It answers 503 with a date to come back at, in so many milliseconds. Can its clock be read?
    Dated { wait: i64, clock: bool },
}

/// A status without header and body.
pub fn status(status: u16) -> Link {
    Link::Proxy(status, "", "")
}

/// A request under way.
pub struct Exchange {
    pub tab: TabId,
    pub number: u32,
    pub body: String,
    pub keepalive: bool,
    pub link: Link,
    /// The page no longer waits for it: aborted, or the engine started over.
    pub given_up: bool,
}

pub struct Network {
    /// What happens to requests.
    pub link: Link,
    /// What happens to the next ones, before `link` applies again.
    pub next: VecDeque<Link>,
    /// Do requests that a dying tab had under way still arrive?
    pub orphans_arrive: bool,
    /// When each request was sent.
    pub attempts: Vec<u64>,
    pub under_way: BTreeMap<u64, Exchange>,
    exchanges: u64,
}

impl Default for Network {
    fn default() -> Self {
        Self {
            link: Link::Good(50),
            next: VecDeque::new(),
            orphans_arrive: false,
            attempts: Vec::new(),
            under_way: BTreeMap::new(),
            exchanges: 0,
        }
    }
}

impl Network {
    /// Takes a request: its number on this network.
    pub fn take(&mut self, now: u64, online: bool, mut exchange: Exchange) -> u64 {
        let link = self.next.pop_front().unwrap_or(self.link);
        exchange.link = if online { link } else { Link::Down };
        self.attempts.push(now);
        self.exchanges += 1;
        self.under_way.insert(self.exchanges, exchange);
        self.exchanges
    }

    pub fn of(&self, tab: TabId) -> impl Iterator<Item = &Exchange> {
        self.under_way.values().filter(move |exchange| exchange.tab == tab)
    }

    pub fn of_mut(&mut self, tab: TabId) -> impl Iterator<Item = (&u64, &mut Exchange)> {
        self.under_way.iter_mut().filter(move |(_, exchange)| exchange.tab == tab)
    }
}
