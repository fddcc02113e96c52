//! Promise 9, clocks and leaders: a wrong or jumping clock changes no wait, and the next leader keeps to what the one before was
//! told.

use crate::sim::{DAY, Link, MINUTE, SECOND, World, assert_same, status};
use tillpost::core::limits::QUEUE_RECORDS;

/// An hour of calls and failures, with the visitor's clock set by so much in the middle of it, twice.
fn an_hour(jump: i64) -> (Vec<u64>, Vec<String>, Vec<String>) {
    let mut world = World::new();
    let tab = world.open("/");
    let mut ids = world.views(tab, 3);
    world.network.link = status(503);
    world.advance(MINUTE);
    world.jump_clock(jump);
    ids.extend(world.views(tab, 3));
    world.advance(10 * MINUTE);
    world.network.link = Link::Hanging;
    world.advance(10 * MINUTE);
    world.jump_clock(jump / 2);
    ids.extend(world.views(tab, 3));
    world.advance(10 * MINUTE);
    world.network.link = Link::Good(50);
    world.advance(30 * MINUTE);
    (world.network.attempts.clone(), ids, world.collector().arrived().to_vec())
}

#[test]
fn promise_09_a_clock_that_jumps_changes_no_deadline_and_no_order() {
    let (right, _, _) = an_hour(0);
    let day = DAY as i64;
    for jump in [-1, 1, -1_000, 1_000, -day, day, -3_652 * day, 3_652 * day, -100_000 * day, 500_000 * day] {
        let (attempts, ids, arrived) = an_hour(jump);
        assert_eq!(attempts, right, "{jump}");
        assert_same(&arrived, &ids);
    }
}

#[test]
fn promise_09_a_page_that_starts_with_a_wrong_clock_sends_what_an_earlier_one_left() {
    let day = DAY as i64;
    for jump in [-3_652 * day, -day, day, 3_652 * day] {
        let mut world = World::new();
        world.network.link = Link::Down;
        let tab = world.open("/");
        let mut ids = world.views(tab, 3);
        world.crash(tab);
        world.jump_clock(jump);
        world.network.link = Link::Good(50);
        let tab = world.open("/");
        ids.extend(world.views(tab, 3));
        let wait = world.time_until(|world| world.collector().arrived().len() == 6);
        assert!(wait < 2 * SECOND, "{jump}: {wait}");
        world.run_until_quiet();
        world.assert_arrived_once(&ids);
        // What lets the endpoint correct the clock: the same wrong clock said when it was sent.
        let record = world.collector().record(&ids[5]);
        let age = world.collector().requests[0].sent - record["t"].as_u64().unwrap();
        assert!(age < SECOND, "{age}");
    }
}

/// Fails once, with so many seconds of `Retry-After`, and leaves: by a crash, or in good order. Who leads then?
fn fails_and_leaves(world: &mut World, retry_after: &'static str, crashes: bool) -> Vec<String> {
    world.network.next.push_back(Link::Proxy(503, retry_after, ""));
    let tab = world.open("/");
    let ids = world.views(tab, 3);
    world.advance(SECOND);
    if crashes {
        world.crash(tab);
    } else {
        // Last words are tried, and fail too.
        world.network.next.push_back(Link::Down);
        world.close(tab);
    }
    ids
}

#[test]
fn promise_09_the_next_leader_asks_a_dead_endpoint_no_earlier() {
    for crashes in [true, false] {
        for waiting in [true, false] {
            let mut world = World::new();
            let ids = if waiting {
                let mut ids = fails_and_leaves(&mut world, "200", crashes);
                let tab = world.open("/a");
                ids.extend(world.views(tab, 3));
                ids
            } else {
                fails_and_leaves(&mut world, "200", crashes)
            };
            if !waiting {
                world.open("/a");
            }
            let before = world.attempts();
            world.advance(195 * SECOND);
            assert_eq!(world.attempts(), before, "{crashes} {waiting}");
            world.advance(6 * SECOND);
            world.assert_arrived_once(&ids);
            // Then all is well again, and nothing is left to share.
            assert_eq!(world.storage.get("tillpost:1:shop1:state"), None);
        }
    }
}

#[test]
fn promise_09_no_jump_of_the_clock_makes_the_next_leader_wait_longer_than_was_asked_for() {
    let day = DAY as i64;
    for jump in [-100_000 * day, -3_652 * day, -day, -1_000, 1_000, day, 3_652 * day, 500_000 * day] {
        let mut world = World::new();
        let ids = fails_and_leaves(&mut world, "200", true);
        world.jump_clock(jump);
        world.open("/a");
        let wait = world.time_until(|world| world.collector().arrived().len() == 3);
        // The page before had asked 1 s earlier.
        let expect = if jump >= day { 0 } else { (199_000 - jump).clamp(0, 200_000) as u64 };
        assert!((expect..expect + SECOND).contains(&wait), "{jump}: {wait}");
        world.run_until_quiet();
        world.assert_arrived_once(&ids);
    }
}

#[test]
fn promise_09_what_tabs_share_is_written_when_it_changes_and_not_with_calls() {
    let mut world = World::new();
    let tab = world.open("/");
    // The visitor's id.
    assert_eq!(world.saves.len(), 1);
    world.views(tab, 50);
    world.run_until_quiet();
    assert_eq!(world.saves.len(), 1);
    world.network.link = status(503);
    world.views(tab, 5);
    world.advance(300);
    assert_eq!(world.codes(tab), ["delivery_failed"]);
    world.views(tab, 50);
    assert_eq!(world.saves.len(), 2);
    // A full queue: each call drops one, and that is written down within a second.
    world.go_offline();
    world.updates(tab, QUEUE_RECORDS);
    world.advance(2 * SECOND);
    let saves = world.saves.len();
    world.updates(tab, 50);
    assert_eq!(world.saves.len(), saves);
    world.advance(2 * SECOND);
    assert_eq!(world.saves.len(), saves + 1);
}
