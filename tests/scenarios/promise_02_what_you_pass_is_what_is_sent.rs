//! Promise 2: the bytes of a record are made once, in the call. Storage holds them, the wire carries them.

use crate::sim::{Call, World, value};
use serde_json::json;

#[test]
fn promise_02_the_stored_bytes_are_the_wire_bytes() {
    let mut world = World::new();
    let tab = world.open("/p/12-0?session=secret#top");
    let payload = json!({
        "product_id": " 12-0 ", "event_type": "purchase", "name": "Żółw \u{1f422}", "price": 749.5, "big": 1e21,
        "deep": {"list": [1, null, {"a": "</script>"}], "flag": true}, "empty": {}, "none": [],
    });
    let identity = value(json!({"user_id": 52, "email": "a@b.example"}));
    let call = Call { kind: "product_event".into(), payload: value(payload), identity, ..world.plain_call(tab) };
    let id = world.call_with(tab, call).id;
    let stored = world.storage.get(&world.key_of(&id)).unwrap().to_owned();
    world.run_until_quiet();
    world.assert_arrived_once(std::slice::from_ref(&id));
    assert_eq!(world.collector().kept(&id).text, stored);
    let record = world.collector().record(&id);
    assert_eq!(record["product_id"], "12-0");
    assert_eq!(record["data"]["name"], "Żółw \u{1f422}");
    assert_eq!(record["data"]["price"], 749.5);
    assert_eq!(record["data"]["deep"], json!({"list": [1, null, {"a": "</script>"}], "flag": true}));
    assert_eq!(record["user"], json!({"user_id": "52"}));
    assert_eq!(record["page"]["url"], "https://shop.example/p/12-0");
}

#[test]
fn promise_02_the_bytes_stay_the_same_through_memory_crash_and_another_tab() {
    let mut world = World::new();
    world.network.link = crate::sim::Link::Down;
    let tab = world.open("/");
    let ids = world.views(tab, 20);
    let stored: Vec<_> = ids.iter().map(|id| world.storage.get(&world.key_of(id)).unwrap().to_owned()).collect();
    world.advance(5_000);
    world.crash(tab);
    world.network.link = crate::sim::Link::Good(50);
    world.open("/next");
    world.run_until_quiet();
    world.assert_arrived_once(&ids);
    for (id, text) in ids.iter().zip(stored) {
        assert_eq!(world.collector().kept(id).text, text);
    }
}

#[test]
fn promise_02_every_kind_of_record_is_of_the_wire() {
    let mut world = World::new();
    let tab = world.open("/");
    let event = world.call(tab, "event.newsletter", value(json!({"from": "footer"}))).id;
    let update = world.call(tab, "client.update", value(json!({"first_name": "Ada"}))).id;
    world.run_until_quiet();
    assert_eq!(world.collector().record(&event)["kind"], "event");
    assert_eq!(world.collector().record(&event)["name"], "newsletter");
    assert_eq!(world.collector().record(&update)["kind"], "client.update");
    assert_eq!(world.collector().record(&update)["data"]["first_name"], "Ada");
    world.assert_arrived_once(&[event, update]);
}

#[test]
fn promise_02_two_visitors_never_share_an_envelope() {
    let mut world = World::new();
    world.network.link = crate::sim::Link::Down;
    let mut ids = Vec::new();
    for _ in 0..3 {
        let tab = world.open("/");
        ids.extend(world.views(tab, 4));
        world.close(tab);
        // Cookies and the visitor's id are cleared, the records are not: the next page makes a new visitor.
        world.storage.forget("tillpost:visitor");
        world.advance(1_000);
    }
    world.network.link = crate::sim::Link::Good(50);
    world.open("/");
    world.run_until_quiet();
    world.assert_arrived_once(&ids);
    let visitors: Vec<_> = ids.iter().map(|id| &world.collector().kept(id).visitor).collect();
    for (id, visitor) in ids.iter().zip(&visitors) {
        assert!(world.key_of(id).contains(visitor.as_str()), "{id} went in the envelope of {visitor}");
    }
    let distinct: std::collections::BTreeSet<_> = visitors.into_iter().collect();
    assert_eq!(distinct.len(), 3);
}
