//! Promise 6: a call costs the same with 5,000 records waiting as with none.
//!
//! Time is measured elsewhere: natively by `npm run bench:core`, in a browser by `npm run bench`. Here is what cannot
//! vary between machines: what a call makes the browser do.

use crate::sim::{SECOND, World, product};
use tillpost::core::effect::Effect;
use tillpost::core::limits::{QUEUE_BYTES, QUEUE_RECORDS, QUEUE_ROOM};

/// A world with so many records waiting, and the tab in it that leads, or one that does not.
fn waiting(records: usize, leads: bool) -> (World, usize) {
    let mut world = World::new();
    world.go_offline();
    let leader = world.open("/");
    let member = world.open("/a");
    world.advance(SECOND);
    world.updates(leader, records);
    world.advance(2 * SECOND);
    (world, if leads { leader } else { member })
}

/// What one call makes the browser do.
fn work(world: &mut World, tab: usize) -> Vec<&'static str> {
    world.performed.clear();
    world.call(tab, "product_event", product("12-0", "view"));
    let work = world.performed.iter().map(|effect| match effect {
        Effect::Persist(_) => "persist",
        Effect::Report(_) => "report",
        _ => "more",
    });
    work.collect()
}

/// How many records are taken out of storage, by each effect that takes any.
fn removals(world: &World) -> Vec<usize> {
    let removals = world.performed.iter().filter_map(|effect| match effect {
        Effect::Forget(keys) if !keys.contains(":state") => Some(keys.split(' ').count()),
        _ => None,
    });
    removals.collect()
}

#[test]
fn promise_06_a_call_is_one_write_and_one_report_however_many_wait() {
    for leads in [true, false] {
        for records in [0, 1, 100, QUEUE_RECORDS - 1, QUEUE_RECORDS] {
            let (mut world, tab) = waiting(records, leads);
            assert_eq!(work(&mut world, tab), ["persist", "report"], "{records} wait, leads: {leads}");
        }
    }
}

#[test]
fn promise_06_with_a_full_queue_the_oldest_go_together_and_not_with_each_call() {
    let (mut world, tab) = waiting(QUEUE_RECORDS, true);
    for _ in 0..QUEUE_ROOM {
        assert_eq!(work(&mut world, tab), ["persist", "report"]);
    }
    world.view(tab, "12-0");
    assert_eq!(removals(&world), [QUEUE_ROOM + 1]);
    assert_eq!(world.stored().len(), QUEUE_RECORDS);
    // Nobody calls any more: the bound holds a second later.
    world.views(tab, 3);
    assert_eq!(world.stored().len(), QUEUE_RECORDS + 3);
    world.performed.clear();
    world.advance(SECOND + 10);
    assert_eq!(removals(&world), [3]);
    assert_eq!(world.stored().len(), QUEUE_RECORDS);
}

#[test]
fn promise_06_large_records_have_no_more_room_than_small_ones() {
    let (mut world, tab) = waiting(1, true);
    world.large_views(tab, 60, 20_000);
    let bytes: usize = world.stored().iter().map(|id| world.storage.get(&world.key_of(id)).unwrap().len()).sum();
    assert!((QUEUE_BYTES - 21_000..=QUEUE_BYTES + QUEUE_ROOM * 512).contains(&bytes), "{bytes}");
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
