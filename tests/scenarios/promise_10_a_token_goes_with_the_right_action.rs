//! Promise 10: a recommendation token goes with the landing on the page that it brought the visitor to, and with
//! nothing else.

use crate::sim::{Call, Early, MINUTE, Panel, TabId, Topic, World, value};
use serde_json::json;
use tillpost::core::message;

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

/// A panel as the page's attributes say it.
fn panel(token: &str, id: &str, position: &str, product: &str) -> Panel {
    Panel { token: token.into(), name: id.into(), position: position.into(), product: product.into() }
}

/// What a record says of where it comes from: token, panel, position.
fn source(world: &World, id: &str) -> (Option<String>, Option<String>, Option<u64>) {
    let record = world.collector().record(id);
    let text = |name: &str| record[name].as_str().map(Into::into);
    (text("token"), text("panel"), record["position"].as_u64())
}

#[test]
fn promise_10_what_is_done_on_the_panel_carries_its_token_every_time() {
    let mut world = World::new();
    let tab = world.open("/");
    let ids: Vec<_> = ["liking", "click", "add to cart", "liking"]
        .iter()
        .map(|event_type| world.call_in_panel(tab, panel("tok", "picked", "2", ""), "12-0", event_type).id)
        .collect();
    let after = [world.event(tab, "12-0", "add to cart"), world.view(tab, "12-0")];
    world.run_until_quiet();
    for id in &ids {
        assert_eq!(source(&world, id), (Some("tok".into()), Some("picked".into()), Some(2)));
    }
    assert_eq!(after.each_ref().map(|id| token(&world, id)), [None, None], "the panel's token goes with its actions");
}

#[test]
fn promise_10_a_tile_that_names_its_product_gives_its_token_to_no_other() {
    let mut world = World::new();
    let tab = world.open("/");
    let removed = world.call_in_panel(tab, panel("tok", "picked", "2", " 12-0 "), "13-0", "remove").id;
    let added = world.call_in_panel(tab, panel("tok", "picked", "2", " 12-0 "), "12-0", "add to cart").id;
    world.run_until_quiet();
    assert_eq!(source(&world, &removed), (None, None, None));
    assert_eq!(source(&world, &added), (Some("tok".into()), Some("picked".into()), Some(2)));
}

#[test]
fn promise_10_the_payloads_token_wins_over_the_panels_too() {
    let mut world = World::new();
    let tab = world.open("/p?rtoken=landing");
    let own = |token: &str| value(json!({"product_id": "12-0", "event_type": "view", "recommendation_token": token}));
    let mut call = |token: &str| {
        let call = Call {
            kind: "product_event".into(),
            payload: own(token),
            panel: Some(panel("tok", "picked", "2", "")),
            ..world.plain_call(tab)
        };
        world.call_with(tab, call).id
    };
    let (other, same) = (call("own"), call("tok"));
    world.run_until_quiet();
    assert_eq!(source(&world, &other), (Some("own".into()), None, None));
    assert_eq!(source(&world, &same), (Some("tok".into()), Some("picked".into()), Some(2)));
}

#[test]
fn promise_10_the_landing_is_of_one_product() {
    let mut world = World::new();
    let tab = world.open("/p/12-0?rtoken=tok&recommendation_panel=picked.3");
    // The product that the page is about is the one of which it speaks first.
    let ids = [
        world.event(tab, "12-0", "add to observation"),
        world.view(tab, "13-0"),
        world.view(tab, "12-0"),
        world.view(tab, "12-0"),
    ];
    world.run_until_quiet();
    let none = (None, None, None);
    let landing = (Some("tok".into()), Some("picked".into()), Some(3));
    assert_eq!(ids.each_ref().map(|id| source(&world, id)), [none.clone(), none.clone(), landing, none]);
}

#[test]
fn promise_10_an_action_on_a_panel_of_the_landing_page_is_not_the_landing() {
    let mut world = World::new();
    let tab = world.open("/p/12-0?rtoken=landing");
    let similar = world.call_in_panel(tab, panel("similar", "", "", ""), "13-0", "view").id;
    let landing = world.view(tab, "12-0");
    world.run_until_quiet();
    assert_eq!(token(&world, &similar).as_deref(), Some("similar"));
    assert_eq!(token(&world, &landing).as_deref(), Some("landing"));
}

#[test]
fn promise_10_the_policy_product_keeps_the_token_for_that_product_on_that_page_view() {
    let mut world = World::with_options(r#"{"app":"shop1","tokenPolicy":"product"}"#);
    let tab = world.open("/p/12-0?rtoken=landing");
    let mut ids = vec![
        world.view(tab, "12-0"),
        world.event(tab, "12-0", "add to cart"),
        world.view(tab, "13-0"),
        world.call_in_panel(tab, panel("similar", "", "", ""), "13-0", "click").id,
        world.event(tab, "13-0", "add to cart"),
        world.event(tab, "12-0", "order"),
    ];
    world.show_address(tab, "/p/13-0");
    ids.extend([world.view(tab, "13-0"), world.event(tab, "12-0", "order")]);
    world.run_until_quiet();
    let tokens: Vec<_> = ids.iter().map(|id| token(&world, id)).collect();
    let [landing, similar] = ["landing", "similar"].map(|token| Some(String::from(token)));
    assert_eq!(tokens, [landing.clone(), landing.clone(), None, similar.clone(), similar, landing, None, None]);
}

#[test]
fn promise_10_the_policy_none_attributes_nothing_but_what_the_payload_says() {
    let mut world = World::with_options(r#"{"app":"shop1","tokenPolicy":"none"}"#);
    let tab = world.open("/p/12-0?rtoken=landing");
    let landing = world.view(tab, "12-0");
    let on_panel = world.call_in_panel(tab, panel("tok", "picked", "2", ""), "12-0", "click").id;
    let own = json!({"product_id": "12-0", "event_type": "view", "recommendation_token": "own"});
    let own = world.call(tab, "product_event", value(own)).id;
    world.run_until_quiet();
    assert_eq!([&landing, &on_panel].map(|id| token(&world, id)), [None, None]);
    assert_eq!(token(&world, &own).as_deref(), Some("own"));
}

#[test]
fn promise_10_a_page_without_a_call_is_a_page_too() {
    let mut world = World::new();
    let tab = world.open("/p/12-0?rtoken=tok");
    world.show_address(tab, "/p/13-0");
    world.show_address(tab, "/p/12-0");
    let again = world.view(tab, "12-0");
    // A router takes the token out of the address before the first call.
    world.show_address(tab, "/p/14-0?rtoken=tok-2");
    world.show_address(tab, "/p/14-0");
    let landing = world.view(tab, "14-0");
    world.run_until_quiet();
    assert_eq!(token(&world, &again), None);
    assert_eq!(token(&world, &landing).as_deref(), Some("tok-2"));
}

#[test]
fn promise_10_going_back_to_a_landing_is_no_second_landing() {
    let mut world = World::new();
    let tab = world.open("/p/12-0?rtoken=tok");
    let mut ids = vec![world.view(tab, "12-0")];
    world.show_address(tab, "/p/13-0");
    world.traverse(tab, "/p/12-0?rtoken=tok");
    ids.push(world.view(tab, "12-0"));
    world.close(tab);
    let tab = world.reload("/p/12-0?rtoken=tok");
    ids.push(world.view(tab, "12-0"));
    let tab = world.open("/p/14-0?rtoken=tok");
    world.put_away(tab);
    world.bring_back(tab);
    ids.push(world.view(tab, "14-0"));
    world.run_until_quiet();
    let tokens: Vec<_> = ids.iter().map(|id| token(&world, id)).collect();
    assert_eq!(tokens, [Some("tok".into()), None, None, None]);
}

#[test]
fn promise_10_a_token_is_gone_after_half_an_hour() {
    for (minutes, expect) in [(29, Some("tok")), (31, None)] {
        let mut world = World::new();
        let tab = world.open("/p/12-0?rtoken=tok");
        world.advance(minutes * MINUTE);
        let id = world.view(tab, "12-0");
        world.run_until_quiet();
        assert_eq!(token(&world, &id).as_deref(), expect);
    }
}

#[test]
fn promise_10_a_token_is_gone_when_somebody_logs_out() {
    let mut world = World::with_options(r#"{"app":"shop1","tokenPolicy":"product"}"#);
    let tab = world.open("/p/12-0?rtoken=tok");
    let mut view = |identity: serde_json::Value| {
        let payload = value(json!({"product_id": "12-0", "event_type": "view"}));
        let call = Call { kind: "product_event".into(), payload, identity: value(identity), ..world.plain_call(tab) };
        world.call_with(tab, call).id
    };
    let ids = [
        view(json!({})),
        view(json!({"user_id": 52})),
        view(json!({"user_id": "52"})),
        view(json!({})),
        view(json!({"user_id": 52})),
    ];
    world.run_until_quiet();
    let tok = Some(String::from("tok"));
    assert_eq!(ids.each_ref().map(|id| token(&world, id)), [tok.clone(), tok.clone(), tok, None, None]);

    let tab = world.open("/p/12-0?rtoken=tok");
    world.tabs[tab].engine.forget_tokens();
    let id = world.view(tab, "12-0");
    world.run_until_quiet();
    assert_eq!(token(&world, &id), None);
}

#[test]
fn promise_10_the_token_can_be_taken_out_of_the_address_bar() {
    let mut world = World::with_options(r#"{"app":"shop1","cleanAddress":true}"#);
    let tab = world.open("/p/12-0?color=r%65d&rtoken=tok&recommendation_panel=a.1&x#reviews");
    assert_eq!(world.tabs[tab].address, "https://shop.example/p/12-0?color=r%65d&x#reviews");
    let id = world.view(tab, "12-0");
    world.show_address(tab, "/p/13-0?rtoken=tok-2");
    assert_eq!(world.tabs[tab].address, "https://shop.example/p/13-0");
    let next = world.view(tab, "13-0");
    world.run_until_quiet();
    assert_eq!(source(&world, &id), (Some("tok".into()), Some("a".into()), Some(1)));
    assert_eq!(token(&world, &next).as_deref(), Some("tok-2"));
    let world = &mut World::new();
    let tab = world.open("/p?rtoken=tok");
    assert_eq!(world.tabs[tab].address, "https://shop.example/p?rtoken=tok", "only where the shop asks for it");
}

/// The link of a panel as the engine of a tab writes it.
fn link(world: &World, tab: TabId, href: &str, panel: &Panel) -> Option<String> {
    let message = ["[", &panel.parts(), "]"].concat();
    world.tabs[tab].engine.link(href, message::panel(&mut message::Parts::of(&message))?)
}

#[test]
fn promise_10_a_panels_link_brings_the_token_and_keeps_what_it_had() {
    let options = r#"{"app":"shop1","tokenParameters":["r t","rtoken"],"linkOrigins":["https://blog.example"]}"#;
    let world = &mut World::with_options(options);
    let tab = world.open("/list?page=2");
    let picked = panel("t+/=:|~o-k", "picked", "2", "");
    for (href, expect) in [
        ("https://shop.example/p", Some("/p?r%20t=t%2B%2F%3D%3A%7C~o-k&recommendation_panel=picked.2")),
        (
            "https://shop.example/p?a=b+c&d#x?y",
            Some("/p?a=b+c&d&r%20t=t%2B%2F%3D%3A%7C~o-k&recommendation_panel=picked.2#x?y"),
        ),
        // Leads to this page, has a token, or is nobody's business.
        ("https://shop.example/list?page=2#reviews", None),
        ("https://shop.example/p?rtoken=other", None),
        ("https://shop.example/p?r+t=other", None),
        ("https://else.example/p", None),
        ("http://shop.example/p", None),
        ("https://shop.example.evil/p", None),
        ("javascript:alert(1)", None),
        ("mailto:a@shop.example", None),
        ("", None),
    ] {
        let expect = expect.map(|expect| ["https://shop.example", expect].concat());
        assert_eq!(link(world, tab, href, &picked), expect, "{href}");
    }
    let plain = panel("tok", "<b>", "0", "");
    let href = |origin: &str| [origin, "/p?r%20t=tok"].concat();
    for origin in ["https://shop.example", "https://blog.example"] {
        assert_eq!(link(world, tab, &[origin, "/p"].concat(), &plain), Some(href(origin)));
    }
    for bad in ["", "<script>", "a b", &"x".repeat(1_025)] {
        assert_eq!(link(world, tab, "https://shop.example/p", &panel(bad, "", "", "")), None);
    }
    let decorated = link(world, tab, "https://shop.example/p", &picked).unwrap();
    let next = world.navigate(tab, decorated.strip_prefix("https://shop.example").unwrap());
    let id = world.view(next, "12-0");
    world.run_until_quiet();
    assert_eq!(source(world, &id), (Some("t+/=:|~o-k".into()), Some("picked".into()), Some(2)));
}

#[test]
fn promise_10_a_link_that_another_visitor_shared_is_recognised() {
    let options = r#"{"app":"shop1","bindTokens":true,"linkOrigins":["https://blog.example"]}"#;
    let world = &mut World::with_options(options);
    let tab = world.open("/");
    let picked = panel("tok", "picked", "2", "");
    let shared = link(world, tab, "https://shop.example/p", &picked).unwrap();
    let path = shared.strip_prefix("https://shop.example").unwrap().to_owned();
    assert!(path.starts_with("/p?recommendation_token=tok&recommendation_panel=picked.2."), "{path}");
    assert_eq!(
        link(world, tab, "https://blog.example/p", &picked).unwrap(),
        "https://blog.example/p?recommendation_token=tok&recommendation_panel=picked.2",
        "another origin knows another visitor"
    );
    let visitor = world.storage.get(crate::sim::VISITOR_KEY).unwrap().to_owned();
    assert!(!shared.contains(&visitor) && shared.len() < 90, "the mark is no id: {shared}");
    let mark = |link: &str| link.rsplit('.').next().unwrap().to_owned();
    let other = link(world, tab, "https://shop.example/p", &panel("tok-2", "picked", "2", "")).unwrap();
    assert_ne!(mark(&shared), mark(&other), "two links of one visitor have nothing in common");

    let own = world.navigate(tab, &path);
    let own = world.view(own, "12-0");
    let unmarked = world.open("/p?recommendation_token=tok");
    let unmarked = world.view(unmarked, "12-0");
    world.run_until_quiet();
    let mut elsewhere = World::with_options(options);
    elsewhere.open("/somebody/else");
    elsewhere.storage.forget(crate::sim::VISITOR_KEY);
    let tab = elsewhere.open(&path);
    let foreign = elsewhere.view(tab, "12-0");
    elsewhere.run_until_quiet();
    assert_eq!(source(world, &own), (Some("tok".into()), Some("picked".into()), Some(2)));
    assert_eq!(token(world, &unmarked).as_deref(), Some("tok"));
    assert_eq!(source(&elsewhere, &foreign), (None, None, None));
    assert_eq!(elsewhere.codes(tab), ["token_foreign"]);
}

#[test]
fn promise_10_a_hostile_panel_reaches_no_record_and_no_report() {
    let long = "x".repeat(1_000_000);
    for (bad, position) in [("<img src=x onerror=alert(1)>", "-1"), ("a\0b\n", "1e9"), (&*long, "10000"), ("ż", "x")] {
        let mut world = World::new();
        let tab = world.open("/");
        let ids = [
            world.call_in_panel(tab, panel(bad, "picked", "1", ""), "12-0", "click").id,
            world.call_in_panel(tab, panel("tok", bad, position, ""), "12-0", "click").id,
            world.call_in_panel(tab, panel("tok", "picked", "1", bad), "12-0", "click").id,
        ];
        world.run_until_quiet();
        let tok = Some(String::from("tok"));
        assert_eq!(
            ids.each_ref().map(|id| source(&world, id)),
            [(None, None, None), (tok, None, None), (None, None, None)]
        );
        let said = format!("{:?}", world.tabs[tab].reports);
        // Escaped as in `said`.
        let bad = format!("{bad:?}");
        assert!(!said.contains(bad.trim_matches('"')), "a report repeats {bad:.20}");
        let warnings: Vec<_> = world.tabs[tab].reports.iter().flat_map(|report| &report.warnings).collect();
        assert!(warnings.iter().all(|problem| problem.field == "panel"), "{warnings:?}");
        assert_eq!(warnings.len(), 2);
    }
}

#[test]
fn promise_10_impressions_are_one_record_of_their_panel() {
    let mut world = World::new();
    let tab = world.open("/?rtoken=landing");
    let seen = json!({"token": "tok", "panel": "picked", "products": {"07-0": 1, "02-0": 2, "03-0": "x", "": 4}});
    let id = world.call(tab, "impressions", value(seen)).id;
    let landing = world.view(tab, "12-0");
    world.run_until_quiet();
    let record = world.collector().record(&id);
    assert_eq!(record["kind"], "impressions");
    assert_eq!(record["data"], json!({"products": {"07-0": 1, "02-0": 2, "03-0": null}}));
    assert_eq!(source(&world, &id), (Some("tok".into()), Some("picked".into()), None));
    assert_eq!(token(&world, &landing).as_deref(), Some("landing"), "what was seen is not the landing");
    for bad in [
        json!({}),
        json!("text"),
        json!({"token": "tok", "products": {}}),
        json!({"token": "a b", "products": {"1": 1}}),
        json!({"token": "tok", "products": ["1"]}),
    ] {
        let report = world.call(tab, "impressions", value(bad));
        assert_eq!(report.topic, Topic::Rejected);
        assert!(report.errors.iter().any(|problem| problem.code.as_str() == "impressions_invalid"), "{report:?}");
    }
}

#[test]
fn promise_10_a_visitor_that_is_not_stored_binds_no_link() {
    let plain = Some("https://shop.example/p?recommendation_token=tok".into());
    let world = &mut World::with_options(r#"{"app":"shop1","bindTokens":true,"consent":"pending"}"#);
    let tab = world.open("/");
    assert_eq!(link(world, tab, "https://shop.example/p", &panel("tok", "", "", "")), plain);
    let world = &mut World::with_options(r#"{"app":"shop1","bindTokens":true}"#);
    world.storage.space = crate::sim::Space::Blocked;
    let tab = world.open("/");
    world.view(tab, "12-0");
    assert_eq!(link(world, tab, "https://shop.example/p", &panel("tok", "", "", "")), plain);
}
