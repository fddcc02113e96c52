//! Promise 6: a call costs the same with 5,000 records waiting as with none.
//!
//! Time is measured elsewhere: natively by `npm run bench:core`, in a browser by `npm run bench`. Here is what cannot
//! vary between machines: what a call makes the browser do.

use crate::sim::{SECOND, World, product};
use tillpost::core::effect::Effect;
use tillpost::core::limits::QUEUE_RECORDS;

/// What one call makes the browser do, with so many records waiting.
fn work(waiting: usize, leads: bool) -> Vec<&'static str> {
    let mut world = World::new();
    world.go_offline();
    let leader = world.open("/");
    let member = world.open("/a");
    world.advance(SECOND);
    world.updates(leader, waiting);
    world.advance(2 * SECOND);
    let tab = if leads { leader } else { member };
    world.performed.clear();
    world.call(tab, "product_event", product("12-0", "view"));
    let work = world.performed.iter().map(|effect| match effect {
        Effect::Persist(_) => "persist",
        Effect::Report(_) => "report",
        Effect::Forget(keys) if !keys.contains(' ') => "forget one",
        _ => "more",
    });
    work.collect()
}

#[test]
fn promise_06_a_call_is_one_write_and_one_report_however_many_wait() {
    for leads in [true, false] {
        for waiting in [0, 1, 100, QUEUE_RECORDS - 1] {
            assert_eq!(work(waiting, leads), ["persist", "report"], "{waiting} wait, leads: {leads}");
        }
    }
}

#[test]
fn promise_06_with_a_full_queue_it_is_the_removal_of_the_oldest_and_a_report_more() {
    assert_eq!(work(QUEUE_RECORDS, true), ["persist", "forget one", "report", "report"]);
}

#[test]
fn promise_06_a_call_sets_no_timer_that_another_has_set() {
    let mut world = World::new();
    let tab = world.open("/");
    world.advance(SECOND);
    world.view(tab, "12-0");
    let deadline = world.tabs[tab].engine.deadline();
    for _ in 0..100 {
        world.view(tab, "12-0");
        assert_eq!(world.tabs[tab].engine.deadline(), deadline);
    }
}
