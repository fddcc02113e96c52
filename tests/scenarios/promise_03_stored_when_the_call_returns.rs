//! Promise 3: a record is in storage when the call returns; in memory where storage is blocked or full, and then the
//! page is told and storage is tried again.

use crate::sim::{Call, Early, Excuse, Link, MINUTE, SECOND, Space, Topic, World, product};

#[test]
fn promise_03_a_record_is_in_storage_when_the_call_returns() {
    let mut world = World::new();
    let tab = world.open("/");
    let id = world.view(tab, "12-0");
    assert_eq!(world.stored(), std::slice::from_ref(&id));
    assert_eq!(world.tabs[tab].engine.status().storage, "local");
    world.crash(tab);
    world.open("/");
    world.run_until_quiet();
    world.assert_arrived_once(&[id]);
}

#[test]
fn promise_03_blocked_storage_costs_no_event_and_is_told_once() {
    let mut world = World::new();
    world.storage.space = Space::Blocked;
    let tab = world.open("/");
    let mut ids = world.views(tab, 30);
    world.run_until_quiet();
    ids.extend(world.views(tab, 30));
    assert_eq!(world.tabs[tab].engine.status().storage, "memory");
    world.run_until_quiet();
    world.assert_arrived_once(&ids);
    assert_eq!(world.codes(tab), ["storage_unavailable"]);
}

#[test]
fn promise_03_full_storage_is_tried_again_and_recovers() {
    let mut world = World::new();
    world.network.link = Link::Down;
    let tab = world.open("/");
    world.storage.space = Space::Full;
    let ids = world.views(tab, 120);
    assert_eq!(world.stored(), [""; 0]);
    assert_eq!(world.tabs[tab].engine.status().storage, "memory");
    world.storage.space = Space::Free;
    world.advance(20 * SECOND);
    assert_eq!(world.stored(), ids);
    assert_eq!(world.tabs[tab].engine.status().storage, "local");
    let codes = world.codes(tab);
    assert_eq!(codes.iter().filter(|code| **code == "storage_unavailable").count(), 1);
    assert_eq!(codes.iter().filter(|code| **code == "storage_recovered").count(), 1);
    world.crash(tab);
    world.network.link = Link::Good(50);
    world.open("/");
    world.run_until_quiet();
    world.assert_arrived_once(&ids);
}

#[test]
fn promise_03_storage_that_is_blocked_while_it_is_listed_is_listed_again() {
    let mut world = World::new();
    world.mirror.failing = true;
    let dies = world.open("/");
    let ids = world.views(dies, 3);
    world.crash(dies);
    let tab = world.open("/");
    world.storage.space = Space::Blocked;
    world.advance(SECOND);
    assert_eq!(world.collector().arrived(), [""; 0]);
    world.storage.space = Space::Free;
    world.advance(20 * SECOND);
    world.assert_arrived_once(&ids);
    assert_eq!(world.codes(tab), ["storage_unavailable", "storage_recovered"]);
}

#[test]
fn promise_03_storage_that_fails_now_and_then_loses_nothing() {
    let mut world = World::new();
    world.storage.space = Space::Flaky(3);
    let tabs = [world.open("/"), world.open("/a"), world.open("/b")];
    let ids: Vec<_> = (0..90).map(|number| world.view(tabs[number % 3], "12-0")).collect();
    world.advance(2 * MINUTE);
    world.run_until_quiet();
    world.assert_arrived(&ids);
    // A record that two tabs hold in turn, in memory and then in storage, may be sent by both.
    assert!(world.collector().extra_arrivals() <= 30, "{}", world.collector().extra_arrivals());
}

#[test]
fn promise_03_room_for_some_bytes_is_used_and_the_rest_waits_in_memory() {
    let mut world = World::new();
    world.network.link = Link::Down;
    let tab = world.open("/");
    world.storage.space = Space::Units(10_000);
    let ids = world.large_views(tab, 20, 1_000);
    let stored = world.stored().len();
    assert!((5..10).contains(&stored), "{stored}");
    assert_eq!(world.tabs[tab].memory.len(), 20 - stored);
    world.network.link = Link::Good(50);
    world.run_until_quiet();
    world.assert_arrived_once(&ids);
}

#[test]
fn promise_03_a_member_whose_storage_is_full_sends_by_itself() {
    let mut world = World::new();
    let leader = world.open("/");
    world.advance(SECOND);
    let member = world.open("/a");
    world.advance(SECOND);
    assert_eq!((world.state(leader), world.state(member)), ("idle", "idle"));
    world.storage.space = Space::Full;
    let ids = world.views(member, 5);
    world.run_until_quiet();
    world.assert_arrived_once(&ids);
}

#[test]
fn promise_03_a_record_that_storage_takes_late_is_the_leaders_and_no_error() {
    let mut world = World::new();
    world.open("/");
    world.advance(SECOND);
    let member = world.open("/a");
    world.storage.space = Space::Full;
    world.network.next.push_back(Link::Good(9_000));
    let ids = world.views(member, 3);
    world.advance(2 * SECOND);
    // Storage is tried again while the member's own request is under way.
    world.storage.space = Space::Free;
    world.run_until_quiet();
    world.assert_arrived(&ids);
    assert_eq!(world.codes(member), ["storage_unavailable", "storage_recovered"]);
}

#[test]
fn promise_03_early_calls_keep_their_id_and_time() {
    let mut world = World::new();
    let tab = world.open("/p/2");
    let early = |id: &str, t| Some(Early { id: id.into(), t });
    let call = |world: &World, path: &str, early| Call {
        kind: "product_event".into(),
        payload: product("12-0", "view"),
        address: ["https://shop.example", path].concat(),
        early,
        ..world.plain_call(tab)
    };
    let first = call(&world, "/p/1", early("0loyw3v28000abcdefabcdef", 1_699_999_999_000));
    let again = call(&world, "/p/1", early("0loyw3v28000abcdefabcdef", 1_699_999_999_000));
    let broken = call(&world, "/p/1", early("not an id", 5));
    let one = world.call_with(tab, first);
    let two = world.call_with(tab, again);
    let three = world.call_with(tab, broken);
    assert_eq!((one.topic, one.id.as_str()), (Topic::Stored, "0loyw3v28000abcdefabcdef"));
    assert_eq!(two.id, one.id);
    assert_ne!(three.id, "not an id");
    world.run_until_quiet();
    world.assert_arrived_once(&[one.id.clone(), three.id]);
    assert_eq!(world.collector().arrived().len(), 2);
    let record = world.collector().record(&one.id);
    assert_eq!(record["t"], 1_699_999_999_000_u64);
    assert_eq!(record["page"]["url"], "https://shop.example/p/1");
}

/// So many milliseconds of localStorage may be lost with the browser's process: more than any scenario here takes.
const ALL: u64 = 20 * SECOND;

#[test]
fn promise_03_a_killed_browser_loses_nothing_that_the_mirror_had_completed() {
    let mut world = World::new();
    world.network.link = Link::Hanging;
    let tabs = [world.open("/"), world.open("/a")];
    let mut ids = world.views(tabs[0], 10);
    ids.extend(world.views(tabs[1], 10));
    world.advance(SECOND);
    world.kill_browser(ALL);
    assert_eq!(world.stored(), [""; 0]);
    // Without a new event.
    world.network.link = Link::Good(50);
    world.open("/next");
    world.run_until_quiet();
    world.assert_arrived_once(&ids);
}

#[test]
fn promise_03_a_killed_browser_loses_what_was_in_no_complete_transaction_and_no_more() {
    let mut world = World::new();
    world.go_offline();
    let tab = world.open("/");
    world.advance(SECOND);
    world.mirror.delay = 50;
    let ids = world.views(tab, 10);
    // The first of them is a transaction, the others are the next.
    world.advance(101);
    world.views(tab, 5);
    world.advance(30);
    world.kill_browser(ALL);
    assert_eq!(world.ledger.excused(Excuse::DiedOnDisk), 5);
    world.go_online();
    world.open("/next");
    world.run_until_quiet();
    world.assert_arrived_once(&ids);
    assert_eq!(world.collector().arrived().len(), 10);
}

#[test]
fn promise_03_what_was_lost_is_put_back_into_storage() {
    let mut world = World::new();
    world.go_offline();
    let tab = world.open("/");
    let ids = world.views(tab, 10);
    world.advance(SECOND);
    world.kill_browser(ALL);
    let next = world.open("/next");
    world.advance(SECOND);
    assert_eq!(world.stored(), ids);
    assert_eq!(world.tabs[next].engine.status().queued, 10);
    assert_eq!(world.codes(next), [""; 0]);
}

#[test]
fn promise_03_many_calls_at_once_are_two_transactions_at_most() {
    let mut world = World::new();
    let tab = world.open("/");
    world.advance(SECOND);
    let before = world.mirror.transactions;
    world.views(tab, 300);
    world.advance(100);
    assert_eq!(world.mirror.items.len(), 300);
    assert!(world.mirror.transactions <= before + 2, "{}", world.mirror.transactions - before);
}

#[test]
fn promise_03_what_a_full_storage_refused_outlives_the_page() {
    for still_full in [false, true] {
        let mut world = World::new();
        world.storage.space = Space::Full;
        world.go_offline();
        let tab = world.open("/");
        let ids = world.views(tab, 20);
        world.advance(MINUTE);
        // Each is copied once, however often storage is tried again.
        assert!(world.mirror.transactions <= 4, "{}", world.mirror.transactions);
        world.crash(tab);
        if !still_full {
            world.storage.space = Space::Free;
        }
        world.open("/next");
        world.advance(SECOND);
        assert_eq!(world.stored(), if still_full { &[] } else { &ids[..] });
        world.go_online();
        world.run_until_quiet();
        world.assert_arrived_once(&ids);
    }
}

#[test]
fn promise_03_a_mirror_that_fails_costs_nothing_and_is_not_told() {
    let mut world = World::new();
    world.mirror.failing = true;
    let tab = world.open("/");
    let mut ids = world.views(tab, 30);
    world.run_until_quiet();
    ids.extend(world.views(tab, 30));
    world.run_until_quiet();
    world.assert_arrived_once(&ids);
    assert_eq!(world.codes(tab), [""; 0]);
    assert_eq!(world.attempts(), 2);
}

#[test]
fn promise_03_what_the_mirror_gives_back_is_checked() {
    let mut world = World::new();
    world.go_offline();
    let tab = world.open("/");
    let ids = world.views(tab, 10);
    world.advance(SECOND);
    world.kill_browser(ALL);
    let keys: Vec<_> = ids.iter().map(|id| world.key_of(id)).collect();
    world.mirror.items.insert(keys[0].clone(), "junk".into());
    world.mirror.items.insert(keys[1].clone(), "x".repeat(50_000));
    let others = ["cart", "tillpost:1:shop2:visitor:0loyw3v28000abcdefabcdef", "tillpost:2:shop1:visitor:a"];
    for key in others {
        world.mirror.items.insert(key.into(), "theirs".into());
    }
    world.go_online();
    let next = world.open("/next");
    world.run_until_quiet();
    assert_eq!(world.collector().arrived(), &ids[2..]);
    assert_eq!(world.codes(next), ["record_unreadable"]);
    assert_eq!(world.collector().told_dropped, 2);
    // What is not this application's stays where it is.
    assert!(others.iter().all(|key| !world.storage.holds(key)));
    assert_eq!(world.mirror.items.len(), others.len());
}
