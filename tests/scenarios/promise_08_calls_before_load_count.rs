//! Promise 8: what was called before the module was there is judged and stored when it is, under the id and the time that
//! the snippet gave it. That the snippet keeps it is shown in browsers: `tests/e2e/early.test.mjs`.

use crate::sim::{Call, Early, Link, MINUTE, SECOND, Topic, Value, World, assert_same, product};

fn id(number: usize) -> String {
    ["0loyw3v27", &(100 + number).to_string(), "abcdefabcdef"].concat()
}

/// A call that the snippet kept.
fn early(number: usize, payload: Value) -> Call {
    Call {
        kind: "product_event".into(),
        payload,
        identity: Value::Undefined,
        address: "https://shop.example/p/1".into(),
        early: Some(Early { id: id(number), t: 1_699_999_999_000 }),
        panel: None,
    }
}

fn kept(count: usize) -> Vec<Call> {
    (0..count).map(|number| early(number, product("12-0", "view"))).collect()
}

#[test]
fn promise_08_kept_calls_are_sent_with_their_own_id_time_and_address() {
    let mut world = World::new();
    world.early = kept(500);
    let tab = world.open("/p/2");
    let late = world.view(tab, "12-0");
    // Stored before anything else can happen: the page may be left now.
    assert_eq!(world.stored().len(), 501);
    world.run_until_quiet();
    let mut ids: Vec<_> = (0..500).map(id).collect();
    ids.push(late);
    world.assert_arrived_once(&ids);
    assert_same(world.collector().arrived(), &ids);
    let record = world.collector().record(&id(7));
    assert_eq!(record["t"], 1_699_999_999_000_u64);
    assert_eq!(record["page"]["url"], "https://shop.example/p/1");
}

#[test]
fn promise_08_a_call_that_two_pages_found_is_one_event() {
    let mut world = World::new();
    world.network.link = Link::Down;
    world.early = kept(3);
    let tab = world.open("/p/2");
    // Crashed before the snippet's items were gone.
    world.crash(tab);
    world.early = kept(3);
    world.open("/p/2");
    world.advance(SECOND);
    world.network.link = Link::Good(50);
    world.run_until_quiet();
    world.assert_arrived_once(&[id(0), id(1), id(2)]);
    assert_eq!(world.collector().arrived().len(), 3);
}

#[test]
fn promise_08_a_kept_call_is_judged_like_any_other() {
    let mut world = World::new();
    world.early = vec![early(0, product("12-0", "sell")), early(1, product("12-0", "order"))];
    let tab = world.open("/p/2");
    world.run_until_quiet();
    world.assert_arrived_once(&[id(1)]);
    let refused = world.told(tab, Topic::Rejected);
    assert_eq!((refused.len(), refused[0].errors[0].code.as_str()), (1, "event_type_unknown"));
}

#[test]
fn promise_08_offline_and_left_the_next_page_sends_them() {
    let mut world = World::new();
    world.go_offline();
    world.early = kept(20);
    let tab = world.open("/p/2");
    world.close(tab);
    world.advance(MINUTE);
    world.go_online();
    world.open("/p/3");
    world.run_until_quiet();
    world.assert_arrived_once(&(0..20).map(id).collect::<Vec<_>>());
}
