//! Promise 10: a recommendation token goes with the landing on the page that it brought the visitor to, and with
//! nothing else.

use crate::sim::{TabId, World, value};
use serde_json::json;
use tillpost::core::effect::{Call, Early, Topic};

/// The token that a record arrived with.
fn token(world: &World, id: &str) -> Option<String> {
    world.collector().record(id)["token"].as_str().map(Into::into)
}

/// Events of these types in one page, and the tokens that they arrived with.
fn tokens(path: &str, event_types: &[&str]) -> Vec<Option<String>> {
    let mut world = World::new();
    let tab = world.open(path);
    let ids: Vec<_> = event_types.iter().map(|event_type| world.event(tab, "12-0", event_type)).collect();
    world.run_until_quiet();
    ids.iter().map(|id| token(&world, id)).collect()
}

#[test]
fn promise_10_the_landing_view_carries_the_token_and_nothing_after_it() {
    let landing = Some(String::from("tok-1"));
    for first in ["view", "detail", "click"] {
        assert_eq!(
            tokens("/p/12-0?rtoken=tok-1", &[first, "view", "add to cart", "purchase"]),
            [landing.clone(), None, None, None]
        );
    }
    assert_eq!(tokens("/p/12-0?rtoken=tok-1", &["add to cart", "view", "order"]), [None, landing, None]);
    assert_eq!(tokens("/p/12-0", &["view"]), [None]);
}

#[test]
fn promise_10_a_token_in_the_payload_wins_and_the_landings_token_stays() {
    let mut world = World::new();
    let tab = world.open("/p/12-0?rtoken=landing");
    let own = json!({"product_id": "12-0", "event_type": "view", "recommendation_token": "own"});
    let own = world.call(tab, "product_event", value(own)).id;
    let landing = world.view(tab, "12-0");
    world.run_until_quiet();
    assert_eq!(token(&world, &own).as_deref(), Some("own"));
    assert_eq!(token(&world, &landing).as_deref(), Some("landing"));
    let record = world.collector().record(&own);
    assert_eq!(record["data"].get("recommendation_token"), None, "a token is no attribute");
}

#[test]
fn promise_10_a_call_that_is_refused_spends_no_token() {
    let mut world = World::new();
    let tab = world.open("/p/12-0?rtoken=tok");
    world.call(tab, "product_event", value(json!({"event_type": "view"})));
    let large = json!({"product_id": "1", "event_type": "view", "text": "x".repeat(33_000)});
    assert_eq!(world.call(tab, "product_event", value(large)).topic, Topic::Rejected);
    let id = world.view(tab, "12-0");
    world.run_until_quiet();
    assert_eq!(token(&world, &id).as_deref(), Some("tok"));
}

#[test]
fn promise_10_a_navigation_drops_the_token() {
    let mut world = World::new();
    let tab = world.open("/p/12-0?rtoken=tok");
    world.show_address(tab, "/p/13-0");
    let next = world.view(tab, "13-0");
    world.show_address(tab, "/p/12-0");
    let back = world.view(tab, "12-0");
    world.run_until_quiet();
    assert_eq!(token(&world, &next), None);
    assert_eq!(token(&world, &back), None);
    let view = |id: &str| world.collector().record(id)["page"]["view"].clone();
    assert_ne!(view(&next), view(&back));
}

#[test]
fn promise_10_taking_the_token_out_of_the_address_bar_keeps_it() {
    let mut world = World::new();
    let tab = world.open("/p/12-0?color=red&rtoken=tok#reviews");
    world.show_address(tab, "/p/12-0?color=red");
    let id = world.view(tab, "12-0");
    world.run_until_quiet();
    assert_eq!(token(&world, &id).as_deref(), Some("tok"));
    assert_eq!(world.collector().record(&id)["page"]["url"], "https://shop.example/p/12-0");
}

#[test]
fn promise_10_no_token_moves_to_another_tab_page_or_visitor() {
    let mut world = World::new();
    let first = world.open("/p/12-0?rtoken=tok");
    let second = world.open("/p/12-0");
    let ids = [world.view(second, "12-0"), world.view(first, "12-0")];
    let next = world.navigate(first, "/p/12-0");
    let third = world.view(next, "12-0");
    world.run_until_quiet();
    assert_eq!(token(&world, &ids[0]), None);
    assert_eq!(token(&world, &ids[1]).as_deref(), Some("tok"));
    assert_eq!(token(&world, &third), None);
}

#[test]
fn promise_10_a_token_out_of_bounds_is_left_out_and_never_repeated() {
    for bad in ["%3Cscript%3E", "", "a%20b", &"x".repeat(1_025)] {
        let mut world = World::new();
        let tab = world.open(&["/p/12-0?rtoken=", bad].concat());
        let id = world.view(tab, "12-0");
        world.run_until_quiet();
        assert_eq!(token(&world, &id), None, "{bad:.20}");
        let codes = world.codes(tab);
        assert!(codes == ["token_length"] || codes == ["token_alphabet"], "{codes:?}");
        let said = format!("{:?}", world.tabs[tab].reports);
        assert!(bad.is_empty() || !said.contains(bad), "a report repeats the token");
        assert!(!world.collector().kept(&id).text.contains("rtoken"));
    }
    let longest = "x".repeat(1_024);
    assert_eq!(tokens(&["/p?rtoken=", &longest].concat(), &["view"]), [Some(longest)]);
}

/// A call that the snippet kept.
fn early(world: &mut World, tab: TabId, number: u64, path: &str, product_id: &str) -> String {
    let call = Call {
        kind: "product_event".into(),
        payload: value(json!({"product_id": product_id, "event_type": "view"})),
        address: ["https://shop.example", path].concat(),
        early: Some(Early { id: ["0loyw3v28000early", &number.to_string()].concat(), t: world.wall() }),
        ..world.plain_call(tab)
    };
    world.call_with(tab, call).id
}

#[test]
fn promise_10_a_page_that_was_left_before_the_module_came_gives_its_token_once() {
    let mut world = World::new();
    let tab = world.open("/p/2?rtoken=second");
    let left = [
        early(&mut world, tab, 1, "/p/1?rtoken=first", "1-0"),
        early(&mut world, tab, 2, "/p/1?rtoken=first", "1-1"),
        early(&mut world, tab, 3, "/p/1", "1-2"),
    ];
    let here = [early(&mut world, tab, 4, "/p/2?rtoken=second", "2-0"), world.view(tab, "2-1")];
    world.run_until_quiet();
    assert_eq!(left.each_ref().map(|id| token(&world, id)), [Some("first".into()), None, None]);
    assert_eq!(here.each_ref().map(|id| token(&world, id)), [Some("second".into()), None]);
    let views = left.each_ref().map(|id| world.collector().record(id)["page"]["view"].clone());
    assert_eq!(views[0], views[1], "one page view is one");
}
