//! Random lives of a browser against one sentence: every accepted record is at the endpoint, in storage, in the memory
//! of a living tab, or accounted for; and when everything works again, all that is owed arrives.
//!
//! The model is the simulated browser's ledger: a set of owed ids. The simulated browser checks by itself that nothing
//! is forgotten unacknowledged, that one request is under way, and that no deadline is past or far. Of the browser's death:
//! - A record whose transaction in the mirror was complete is owed after a kill as before.
//! - What was acknowledged and forgotten is never sent again, but for: what a kill brought back, because storage or the
//!   mirror had not written the removal to disk; what two pages hold, without a lock or because the mirror gave a new page
//!   what an older one has in memory; what was forgotten while storage or the mirror refused to; and lives in which
//!   storage was blocked for a while.
//!
//! `TILLPOST_MODEL_STEPS=10000000 cargo test --release --test scenarios model` runs longer, from a random seed.

use crate::sim::{DAY, Excuse, Link, MINUTE, SECOND, Space, TabId, Topic, VISITOR_KEY, World, product, status};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestError, TestRng, TestRunner};
use std::cell::RefCell;
use std::collections::BTreeMap;
use tillpost::core::consent::Consent;

/// Steps of a run that nobody asked to be longer.
const STEPS: u32 = 100_000;
/// Most actions of one life.
const LIFE: usize = 160;

/// Something that happens. Numbers choose among what is there.
#[derive(Clone, Copy, Debug)]
enum Action {
    Call(usize, usize),
    LargeCall(usize),
    Flush(usize),
    Advance(u64),
    Open,
    Close(usize),
    Crash(usize),
    KillBrowser(u64),
    Hide(usize),
    LookAt(usize),
    PutAway(usize),
    BringBack(usize),
    Online(bool),
    Space(Space),
    MirrorTakes(u64),
    MirrorFails(bool),
    Link(Link),
    NextLink(Link),
    Clock(i64),
    Spoil(usize, &'static str),
    SpoilState(&'static str),
    ClearVisitor,
    Consent(usize, Consent),
    StartsWith(Consent),
    Locks(bool),
    Orphans(bool),
    Rejects(bool),
    RefusesBad(bool),
    NamesAtMost(Option<usize>),
    MostBytes(Option<usize>),
}

fn link() -> impl Strategy<Value = Link> {
    prop_oneof![
        4 => Just(Link::Good(50)),
        1 => Just(Link::Good(3_000)),
        1 => Just(Link::Good(12_000)),
        1 => Just(Link::Down),
        1 => Just(Link::Hanging),
        1 => Just(Link::AnswerLost),
        1 => Just(Link::AnswerHanging),
        1 => proptest::sample::select(vec!["", "ok", "{\"results\":[]}"]).prop_map(Link::AnswerReplaced),
        2 => proptest::sample::select(vec![200, 204, 400, 401, 403, 404, 413, 429, 500, 503]).prop_map(status),
        1 => proptest::sample::select(vec!["1", "90", "99999"]).prop_map(|wait| Link::Proxy(503, wait, "")),
        1 => (-100_000..1_000_000_i64, any::<bool>()).prop_map(|(wait, clock)| Link::Dated { wait, clock }),
    ]
}

fn action() -> impl Strategy<Value = Action> {
    use Action::{Advance, ClearVisitor, MostBytes, NamesAtMost, Online, Open, Orphans, RefusesBad, Rejects, Spoil};
    use Action::{BringBack, Call, Clock, Close, Crash, Flush, Hide, KillBrowser, LargeCall, NextLink, PutAway};
    use Action::{Consent as Chosen, Locks, LookAt, SpoilState, StartsWith};
    let tab = 0..4_usize;
    let junk = proptest::sample::select(vec!["", "junk", "{}", "{\"id\":\"a\",\"t\":1,\"kind\":\"event\"}"]);
    let state = proptest::sample::select(vec!["junk", "[]", "[3,0,1900000000000,0]", "[99999999999,0,0,0]"]);
    let consent = prop_oneof![4 => Just(Consent::Granted), 1 => Just(Consent::Pending), 1 => Just(Consent::Denied)];
    let space = prop_oneof![
        4 => Just(Space::Free),
        1 => Just(Space::Full),
        1 => Just(Space::Blocked),
        1 => (2..5_usize).prop_map(Space::Flaky),
        1 => (1_000..40_000_usize).prop_map(Space::Units),
    ];
    prop_oneof![
        24 => (tab.clone(), 1..6_usize).prop_map(|(tab, count)| Call(tab, count)),
        1 => tab.clone().prop_map(LargeCall),
        2 => tab.clone().prop_map(Flush),
        24 => proptest::sample::select(vec![1, 30, 100, 300, 2_000, 11_000, 400_000]).prop_map(Advance),
        6 => Just(Open),
        4 => tab.clone().prop_map(Close),
        3 => tab.clone().prop_map(Crash),
        1 => (0..10_000_u64).prop_map(KillBrowser),
        3 => tab.clone().prop_map(Hide),
        2 => tab.clone().prop_map(LookAt),
        3 => tab.clone().prop_map(PutAway),
        3 => tab.clone().prop_map(BringBack),
        3 => (tab, consent.clone()).prop_map(|(tab, consent)| Chosen(tab, consent)),
        1 => consent.prop_map(StartsWith),
        1 => proptest::bool::weighted(0.3).prop_map(Locks),
        1 => state.prop_map(SpoilState),
        4 => any::<bool>().prop_map(Online),
        4 => space.prop_map(Action::Space),
        2 => proptest::sample::select(vec![1, 20, 400, 5_000]).prop_map(Action::MirrorTakes),
        1 => proptest::bool::weighted(0.3).prop_map(Action::MirrorFails),
        5 => link().prop_map(Action::Link),
        5 => link().prop_map(NextLink),
        2 => proptest::sample::select(vec![-3_652, -1, 1, 3_652]).prop_map(|days| Clock(days * DAY as i64)),
        2 => (0..20_usize, junk).prop_map(|(item, junk)| Spoil(item, junk)),
        1 => Just(ClearVisitor),
        1 => any::<bool>().prop_map(Orphans),
        1 => any::<bool>().prop_map(Rejects),
        1 => any::<bool>().prop_map(RefusesBad),
        1 => proptest::option::of(1..4_usize).prop_map(NamesAtMost),
        1 => proptest::option::of(600..20_000_usize).prop_map(MostBytes),
    ]
}

fn choose<T: Copy>(from: &[T], number: usize) -> Option<T> {
    from.get(number % from.len().max(1)).copied()
}

fn act(world: &mut World, action: Action) {
    let open = world.open_tabs();
    let on = |number| choose(&open, number);
    match action {
        Action::Call(number, count) => {
            for place in 0..count {
                let product = if place == 3 { "bad" } else { "12-0" };
                on(number).into_iter().for_each(|tab| view(world, tab, product));
            }
        }
        Action::LargeCall(number) => drop(on(number).map(|tab| world.large_views(tab, 2, 16_000))),
        Action::Flush(number) => on(number).into_iter().for_each(|tab| world.flush(tab)),
        Action::Advance(milliseconds) => world.advance(milliseconds),
        Action::Open if open.len() < 4 => drop(world.open("/")),
        Action::Open => {}
        Action::Close(number) => on(number).into_iter().for_each(|tab| world.close(tab)),
        Action::Crash(number) => on(number).into_iter().for_each(|tab| world.crash(tab)),
        Action::KillBrowser(lost) => world.kill_browser(lost),
        Action::Hide(number) => on(number).into_iter().for_each(|tab| world.hide(tab)),
        Action::LookAt(number) => on(number).into_iter().for_each(|tab| world.look_at(tab)),
        Action::PutAway(number) => on(number).into_iter().for_each(|tab| world.put_away(tab)),
        Action::BringBack(number) => {
            choose(&world.frozen_tabs(), number).into_iter().for_each(|tab| world.bring_back(tab));
        }
        Action::Online(true) => world.go_online(),
        Action::Online(false) => world.go_offline(),
        Action::Space(space) => world.storage.space = space,
        Action::MirrorTakes(milliseconds) => world.mirror.delay = milliseconds,
        Action::MirrorFails(fails) => world.mirror.failing = fails,
        Action::Link(link) => world.network.link = link,
        Action::NextLink(link) => world.network.next.push_back(link),
        Action::Clock(jump) => world.jump_clock(jump),
        Action::Spoil(item, junk) => {
            let keys = world.storage.keys();
            if !keys.is_empty() {
                world.spoil(&keys[item % keys.len()], junk);
            }
        }
        Action::SpoilState(junk) => world.storage.write("tillpost:1:shop1:state", junk),
        Action::Consent(number, consent) => {
            on(number).into_iter().for_each(|tab| world.set_consent(tab, consent));
        }
        Action::StartsWith(consent) => starts_with(world, consent),
        Action::Locks(missing) => world.locks.missing = missing,
        Action::ClearVisitor => {
            world.storage.forget(VISITOR_KEY);
        }
        Action::Orphans(arrive) => world.network.orphans_arrive = arrive,
        Action::Rejects(bad) => world.collector.rejects = bad.then(|| Box::new(is_bad) as Box<_>),
        Action::RefusesBad(bad) => world.collector.refuses = bad.then(|| (422, Box::new(is_bad) as Box<_>)),
        Action::NamesAtMost(most) => world.collector.names_at_most = most,
        Action::MostBytes(most) => world.collector.most_bytes = most,
    }
}

/// A product is looked at. Only a visitor who has refused is not counted.
fn view(world: &mut World, tab: TabId, product_id: &str) {
    let denied = world.tabs[tab].engine.status().consent == "denied";
    let report = world.call(tab, "product_event", product(product_id, "view"));
    assert_eq!(report.topic == Topic::Rejected, denied, "{report:?}");
}

fn is_bad(record: &serde_json::Value) -> bool {
    record["product_id"] == "bad"
}

/// Pages that open from now on start with this consent.
fn starts_with(world: &mut World, consent: Consent) {
    world.set_options(&["{\"app\":\"shop1\",\"consent\":\"", consent.as_str(), "\"}"].concat());
}

/// Everything works, one tab is open at least, and the shop asks for delivery. Then time passes: as long as an
/// endpoint may ask us to wait, and some more.
fn heal(world: &mut World) {
    world.network.link = Link::Good(50);
    world.network.next.clear();
    world.collector.rejects = None;
    world.collector.refuses = None;
    world.collector.names_at_most = None;
    world.collector.most_bytes = None;
    world.storage.space = Space::Free;
    world.mirror.failing = false;
    world.go_online();
    world.frozen_tabs().into_iter().for_each(|tab| world.bring_back(tab));
    starts_with(world, Consent::Granted);
    if world.open_tabs().is_empty() {
        world.open("/");
    }
    // What was under way before may still be answered as before, with a 401 for example.
    world.advance(15 * SECOND);
    for tab in world.open_tabs() {
        world.set_consent(tab, Consent::Granted);
        world.flush(tab);
    }
    wait(world);
    let unread = world.blocked_accesses > 0 && !world.stored().is_empty();
    if unread || !world.mirror.items.is_empty() || !world.notes().is_empty() {
        // A page that could not read storage, or not clear it, does not know what is there: the next page does. And only a
        // new leader asks the mirror, which may hold what a full storage refused of a page that is gone.
        world.open_tabs().into_iter().for_each(|tab| world.close(tab));
        world.open("/next");
        wait(world);
    }
}

fn wait(world: &mut World) {
    let limit = world.now + 15 * MINUTE;
    let is_empty = |world: &World| {
        world.ledger.owed.is_empty() && world.stored().is_empty() && world.mirror.items.is_empty() && world.is_quiet()
    };
    while world.now < limit && !is_empty(world) {
        world.advance(SECOND);
    }
}

/// Lives one life, and answers with what became of its records.
fn live(actions: &[Action]) -> BTreeMap<&'static str, usize> {
    let mut world = World::new();
    world.open("/");
    for action in actions {
        act(&mut world, *action);
        world.assert_nothing_is_missing();
    }
    heal(&mut world);
    let owed: Vec<_> = world.ledger.owed.iter().filter(|id| !world.collector.has(id)).collect();
    assert!(owed.is_empty(), "{} of {} never arrived: {owed:?}", owed.len(), world.ledger.accepted.len());
    assert_eq!(world.stored().len(), 0, "items are left in storage");
    assert_eq!(world.mirror.items.len(), 0, "items are left in the mirror");
    assert_eq!(world.notes().len(), 0, "notes are left in storage");
    assert_eq!(world.collector.malformed.len(), 0, "a body was malformed");
    let ledger = &world.ledger;
    BTreeMap::from([
        ("steps", actions.len()),
        ("accepted", ledger.accepted.len()),
        ("arrived", world.collector.arrived().len()),
        ("arrived again", world.collector.extra_arrivals()),
        ("requests", world.attempts()),
        ("rejected", world.collector.rejected.len()),
        ("dropped and counted", ledger.excused(Excuse::Dropped)),
        ("died in memory", ledger.excused(Excuse::DiedInMemory)),
        ("died on disk", ledger.excused(Excuse::DiedOnDisk)),
        ("saved by the mirror", world.mirror.saved),
        ("came back with a kill", ledger.came_back),
        ("spoiled", ledger.excused(Excuse::Spoiled)),
        ("refused by the visitor", ledger.excused(Excuse::Refused)),
    ])
}

#[test]
fn model_every_accepted_record_is_somewhere_and_arrives_when_everything_works_again() {
    let asked = std::env::var("TILLPOST_MODEL_STEPS").ok().map(|steps| steps.parse::<u32>().unwrap());
    let cases = asked.unwrap_or(STEPS) / (LIFE as u32 / 2) * 11 / 10 + 10;
    // ChaCha, the default, takes most of the time of a debug build.
    let rng_algorithm = RngAlgorithm::XorShift;
    let config =
        Config { cases, failure_persistence: None, max_shrink_iters: 20_000, rng_algorithm, ..Config::default() };
    let mut runner = match asked {
        // The same lives in each default run: a failure belongs to the change under test.
        None => TestRunner::new_with_rng(config, TestRng::deterministic_rng(rng_algorithm)),
        Some(_) => TestRunner::new(config),
    };
    let sums = RefCell::new(BTreeMap::new());
    let lives = proptest::collection::vec(action(), 1..LIFE + 1);
    let outcome = runner.run(&lives, |actions| {
        for (what, count) in live(&actions) {
            *sums.borrow_mut().entry(what).or_insert(0) += count;
        }
        Ok(())
    });
    match outcome {
        Ok(()) => {}
        Err(TestError::Fail(reason, actions)) => panic!("{reason}\nafter {actions:?}"),
        Err(TestError::Abort(reason)) => panic!("{reason}"),
    }
    let sums = sums.into_inner();
    println!("{sums:?}");
    assert!(sums["steps"] >= asked.unwrap_or(STEPS) as usize);
    assert!(sums.values().all(|count| *count > 0), "something never happened: {sums:?}");
}
