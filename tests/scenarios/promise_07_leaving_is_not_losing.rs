//! Promise 7: the last words of a page go out within the browser's budget, the rest is the next page's.

use crate::sim::{KEEPALIVE_BUDGET, Life, Link, MINUTE, SECOND, Space, World};
use tillpost::core::effect::Input;
use tillpost::core::limits::BATCH_BYTES;

/// Bytes of `keepalive` requests that are under way.
fn outliving(world: &World) -> usize {
    world.network.under_way.values().filter(|found| found.keepalive).map(|found| found.body.len()).sum()
}

#[test]
fn promise_07_a_call_just_before_leaving_arrives() {
    let mut world = World::new();
    let tab = world.open("/");
    world.advance(SECOND);
    let id = world.view(tab, "12-0");
    world.close(tab);
    world.run_until_quiet();
    assert_eq!(world.collector().arrivals(&id), 1);
    // Nobody was there to hear the answer: the next page sends it again, and the endpoint knows it.
    world.open("/");
    world.run_until_quiet();
    world.assert_arrived(std::slice::from_ref(&id));
    assert_eq!(world.collector().arrivals(&id), 2);
}

#[test]
fn promise_07_500_calls_and_a_navigation_arrive_by_the_next_page_without_a_new_event() {
    let mut world = World::new();
    let tab = world.open("/");
    let ids = world.views(tab, 500);
    world.navigate(tab, "/next");
    world.run_until_quiet();
    world.assert_arrived(&ids);
    assert_eq!(world.collector().arrived().len(), 500);
    assert!(world.collector().extra_arrivals() <= 200);
}

#[test]
fn promise_07_a_navigation_before_the_lock_is_there_loses_nothing() {
    let mut world = World::new();
    let tab = world.open("/");
    let ids = world.views(tab, 3);
    world.crash(tab);
    let tab = world.open("/a");
    world.close(tab);
    world.open("/b");
    world.run_until_quiet();
    world.assert_arrived_once(&ids);
}

#[test]
fn promise_07_last_words_stay_within_60_kib_with_what_is_in_flight() {
    for bytes in [100, 1_500, 5_000, 15_000, 30_000] {
        let mut world = World::new();
        world.network.link = Link::Good(5_000);
        let tab = world.open("/");
        world.advance(SECOND);
        let mut ids = world.large_views(tab, 1, bytes);
        world.time_until(|world| world.attempts() == 1);
        ids.extend(world.large_views(tab, 30, bytes));
        world.hide(tab);
        assert!(outliving(&world) <= BATCH_BYTES, "{bytes}: {}", outliving(&world));
        world.close(tab);
        assert!(outliving(&world) <= BATCH_BYTES, "{bytes}: {}", outliving(&world));
        assert!(outliving(&world) + bytes + 1_000 > BATCH_BYTES || bytes <= 1_500, "{bytes}: {}", outliving(&world));
        world.network.link = Link::Good(50);
        world.open("/next");
        world.run_until_quiet();
        world.assert_arrived(&ids);
    }
    const { assert!(BATCH_BYTES < KEEPALIVE_BUDGET) }
}

#[test]
fn promise_07_last_words_carry_the_oldest_first() {
    let mut world = World::new();
    let tab = world.open("/");
    world.advance(SECOND);
    let ids = world.large_views(tab, 100, 2_000);
    world.close(tab);
    world.run_until_quiet();
    let arrived = world.collector().arrived();
    assert!((20..40).contains(&arrived.len()), "{}", arrived.len());
    assert_eq!(arrived, &ids[..arrived.len()]);
}

#[test]
fn promise_07_a_page_that_is_hidden_and_shown_again_sends_nothing_twice() {
    let mut world = World::new();
    let tab = world.open("/");
    world.advance(SECOND);
    let mut ids = Vec::new();
    for _ in 0..20 {
        ids.push(world.view(tab, "12-0"));
        world.hide(tab);
        world.advance(30);
    }
    world.run_until_quiet();
    world.assert_arrived_once(&ids);
}

#[test]
fn promise_07_memory_goes_with_the_last_words_where_storage_is_blocked() {
    let mut world = World::new();
    world.storage.space = Space::Blocked;
    let tab = world.open("/");
    world.advance(SECOND);
    let ids = world.views(tab, 20);
    world.close(tab);
    world.run_until_quiet();
    world.assert_arrived_once(&ids);
}

#[test]
fn promise_07_a_page_in_the_back_forward_cache_lets_go_and_takes_part_again() {
    let mut world = World::new();
    let first = world.open("/");
    world.advance(SECOND);
    let mut ids = world.views(first, 3);
    world.put_away(first);
    let second = world.open("/a");
    ids.extend(world.views(second, 3));
    world.advance(10 * SECOND);
    assert_eq!(world.stored(), [""; 0]);
    ids.extend(world.views(second, 3));
    world.crash(second);
    world.bring_back(first);
    ids.extend(world.views(first, 3));
    world.run_until_quiet();
    world.assert_arrived(&ids);
    assert_eq!(world.collector().arrived().len(), 12);
    assert_eq!(world.evicted, 0);
}

#[test]
fn promise_07_a_page_that_only_waits_for_the_lock_keeps_its_place_in_the_back_forward_cache() {
    let mut world = World::new();
    let leader = world.open("/");
    let waiting = world.open("/a");
    world.advance(SECOND);
    world.put_away(waiting);
    world.close(leader);
    world.advance(MINUTE);
    assert_eq!(world.evicted, 0);
    world.bring_back(waiting);
    let id = world.view(waiting, "12-0");
    world.run_until_quiet();
    world.assert_arrived_once(&[id]);
}

#[test]
fn promise_07_a_page_that_starts_leaves_the_one_before_time_to_let_the_lock_go() {
    let mut world = World::new();
    let ids = {
        let tab = world.open("/");
        let ids = world.views(tab, 3);
        world.crash(tab);
        ids
    };
    world.advance(SECOND);
    let tab = world.open("/a");
    world.advance(249);
    assert!(world.locks.is_unwanted());
    world.advance(3);
    assert_eq!(world.locks.holder(), Some(tab));
    world.run_until_quiet();
    world.assert_arrived_once(&ids);
    // Unless it is asked to deliver at once.
    let tab = world.reload("/b");
    world.flush(tab);
    world.advance(2);
    assert_eq!(world.locks.holder(), Some(tab));
}

#[test]
fn promise_07_nobody_holds_the_lock_or_waits_for_it_while_nothing_waits() {
    let mut world = World::new();
    let tabs = [world.open("/"), world.open("/a"), world.open("/b")];
    world.run_until_quiet();
    assert!(world.locks.is_unwanted());
    let ids: Vec<_> = tabs.into_iter().map(|tab| world.view(tab, "12-0")).collect();
    // Who clicks and leaves has asked for nothing: Firefox would not keep a page that has.
    assert!(world.locks.is_unwanted());
    world.run_until_quiet();
    world.assert_arrived_once(&ids);
    assert!(world.locks.is_unwanted());
    // While one sends, the others leave it to it.
    let id = world.view(tabs[0], "12-0");
    world.advance(252);
    assert_eq!(world.locks.holder(), Some(tabs[0]));
    world.close(tabs[0]);
    assert!(world.locks.is_unwanted());
    world.run_until_quiet();
    world.assert_arrived(&[id]);
}

#[test]
fn promise_07_a_call_after_the_page_is_left_asks_for_nothing_and_goes_with_the_last_words() {
    let mut world = World::new();
    let tab = world.open("/");
    world.run_until_quiet();
    world.dispatch(tab, Input::Left);
    let id = world.view(tab, "12-0");
    world.dispatch(tab, Input::Hidden);
    let last = world.view(tab, "12-1");
    assert!(world.locks.is_unwanted());
    world.tabs[tab].life = Life::Frozen;
    world.run_until_quiet();
    assert_eq!(world.collector().arrivals(&id), 1);
    world.bring_back(tab);
    world.run_until_quiet();
    world.assert_arrived(&[id, last]);
    assert_eq!(world.evicted, 0);
}

#[test]
fn promise_07_a_page_that_starts_offline_holds_the_lock_only_for_what_waits() {
    let mut world = World::new();
    world.go_offline();
    let tab = world.open("/");
    world.advance(SECOND);
    assert!(world.locks.is_unwanted());
    assert_eq!(world.state(tab), "idle");
    let id = world.view(tab, "12-0");
    world.advance(SECOND);
    assert_eq!((world.locks.holder(), world.state(tab)), (Some(tab), "offline"));
    world.go_online();
    world.run_until_quiet();
    world.assert_arrived_once(&[id]);
    assert!(world.locks.is_unwanted());
}

#[test]
fn promise_07_an_answer_that_comes_while_the_page_is_away_is_heard_when_it_is_back() {
    let mut world = World::new();
    world.storage.space = Space::Blocked;
    let tab = world.open("/");
    world.advance(SECOND);
    let ids = world.views(tab, 3);
    world.put_away(tab);
    world.advance(MINUTE);
    world.bring_back(tab);
    world.run_until_quiet();
    world.assert_arrived(&ids);
    assert_eq!(world.codes(tab), ["storage_unavailable"]);
}
