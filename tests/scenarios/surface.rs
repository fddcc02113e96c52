//! The vendor's whole surface: page hits, log-ins and log-outs are records too, and a caller that does not stop does no
//! harm.

use crate::sim::{Call, Early, HOUR, MINUTE, Report, SECOND, TabId, Topic, VISITOR_KEY, Value, World, product, value};
use serde_json::{Value as Json, json};
use tillpost::core::value::Unusable;

impl World {
    /// A call while `civchat` says this.
    fn call_as(&mut self, tab: TabId, civchat: Json, kind: &str, payload: Json) -> Report {
        let (identity, payload) = (value(civchat), value(payload));
        self.call_with(tab, Call { kind: kind.into(), payload, identity, ..self.plain_call(tab) })
    }

    /// A product is looked at while `civchat` says this.
    fn view_as(&mut self, tab: TabId, civchat: Json) -> Report {
        // Ids of two pages are sorted by time.
        self.advance(1);
        self.call_as(tab, civchat, "product_event", json!({"product_id": "12-0", "event_type": "view"}))
    }

    /// What arrived, in the order of their ids: kind, and who.
    fn story(&mut self) -> Vec<(String, Json)> {
        self.run_until_quiet();
        let mut ids = self.collector().arrived().to_vec();
        ids.sort_unstable();
        let told = |id: &String| {
            let record = self.collector().record(id);
            (record["kind"].as_str().unwrap().to_owned(), record["user"].clone())
        };
        ids.iter().map(told).collect()
    }
}

fn check_story(world: &mut World, expect: &[(&str, Json)]) {
    let expect: Vec<_> = expect.iter().map(|(kind, user)| ((*kind).to_owned(), user.clone())).collect();
    assert_eq!(world.story(), expect);
}

fn user(id: &str) -> Json {
    json!({"user_id": id})
}

#[test]
fn surface_a_page_hit_is_a_record_with_the_attributes_and_without_the_key() {
    let mut world = World::new();
    let tab = world.open("/cart");
    let attributes = json!({"apiKey": "abc123", "userKey": "k", "first_name": "Ada", "score": 7, "onLoad": null,
                            "event": {"name": "signed up", "plan": {"months": 12}}});
    let hit = world.call(tab, "UE.pageHit", value(attributes));
    assert_eq!((hit.topic, hit.kind.as_str()), (Topic::Stored, "page"));
    let bare = world.call(tab, "UE.pageHit", Value::Undefined);
    let init = world.call(tab, "UE.init", value(json!({"apiKey": "abc123"})));
    let refresh = world.call(tab, "UE.refresh", value(json!({"apiKey": "abc123", "status": 1})));
    world.run_until_quiet();
    world.assert_arrived_once(&[hit.id.clone(), bare.id.clone(), init.id.clone(), refresh.id.clone()]);
    let record = world.collector().record(&hit.id);
    assert_eq!(
        record["data"],
        json!({"first_name": "Ada", "score": 7, "onLoad": null, "event": {"name": "signed up", "plan": {"months": 12}}})
    );
    assert_eq!(record["page"]["url"], "https://shop.example/cart");
    for (id, kind, data) in [
        (&bare.id, "page", json!({})),
        (&init.id, "page", json!({})),
        (&refresh.id, "client.update", json!({"status": 1})),
    ] {
        let record = world.collector().record(id);
        assert_eq!((&record["kind"], &record["data"]), (&json!(kind), &data));
    }
}

#[test]
fn surface_an_attribute_that_is_no_object_is_refused() {
    let mut world = World::new();
    let tab = world.open("/");
    for kind in ["UE.pageHit", "UE.init", "UE.refresh"] {
        assert_eq!(world.call(tab, kind, value(json!("abc123"))).topic, Topic::Rejected);
    }
    assert_eq!(world.call(tab, "UE.foo", Value::Undefined).topic, Topic::Rejected);
}

#[test]
fn surface_log_in_other_user_and_log_out_are_one_record_each_whatever_pages_follow() {
    let mut world = World::new();
    let tab = world.open("/");
    world.view_as(tab, json!({}));
    world.view_as(tab, json!({"user_id": 52}));
    world.view_as(tab, json!({"user_id": "52", "email": "a@b.example"}));
    let tab = world.navigate(tab, "/next");
    world.view_as(tab, json!({"user_id": "52"}));
    world.view_as(tab, json!({"user_id": "77"}));
    let tab = world.navigate(tab, "/last");
    world.view_as(tab, json!({"user_id": null, "email": " "}));
    world.view_as(tab, json!({}));
    check_story(
        &mut world,
        &[
            ("product_event", Json::Null),
            ("identify", user("52")),
            ("product_event", user("52")),
            ("product_event", user("52")),
            ("product_event", user("52")),
            ("identify", user("77")),
            ("product_event", user("77")),
            ("identify", Json::Null),
            ("product_event", Json::Null),
            ("product_event", Json::Null),
        ],
    );
}

#[test]
fn surface_a_page_that_does_not_say_who_is_there_logs_nobody_out() {
    let mut world = World::new();
    let tab = world.open("/");
    world.view_as(tab, json!({"user_id": "52"}));
    // No `civchat` yet, accessors that throw, an object where text should be, a text without end.
    world.view(tab, "1");
    let unreadable = Value::Object(vec![("user_id".into(), Value::Unusable(Unusable::Unreadable))]);
    let payload = product("1", "view");
    world.call_with(tab, Call { kind: "product_event".into(), payload, identity: unreadable, ..world.plain_call(tab) });
    world.view_as(tab, json!({"user_id": {"id": 52}}));
    world.view_as(tab, json!({"user_id": "x".repeat(257)}));
    world.view_as(tab, json!({"user_id": "52"}));
    let story = world.story();
    assert_eq!(story.iter().filter(|(kind, _)| kind == "identify").count(), 1, "{story:?}");
}

#[test]
fn surface_a_call_that_is_refused_says_nothing_of_the_visitor() {
    let mut world = World::new();
    let tab = world.open("/");
    world.call_as(tab, json!({"user_id": "52"}), "product_event", json!({}));
    check_story(&mut world, &[]);
    world.view_as(tab, json!({"user_id": "52"}));
    check_story(&mut world, &[("identify", user("52")), ("product_event", user("52"))]);
}

#[test]
fn surface_who_is_named_by_a_call_stays_though_civchat_is_silent() {
    let mut world = World::new();
    let tab = world.open("/");
    world.call_as(tab, json!({}), "UE.pageHit", json!({"user_id": 52, "email": "a@b.example"}));
    world.view_as(tab, json!({}));
    // `civchat` says it too, and then no more: that is a log-out.
    world.view_as(tab, json!({"user_id": "52"}));
    world.call_as(tab, json!({"user_id": "52"}), "client.update", json!({"email": "new@b.example"}));
    world.view_as(tab, json!({}));
    check_story(
        &mut world,
        &[
            ("identify", user("52")),
            ("page", user("52")),
            ("product_event", Json::Null),
            ("product_event", user("52")),
            ("client.update", user("52")),
            ("identify", Json::Null),
            ("product_event", Json::Null),
        ],
    );
}

#[test]
fn surface_a_log_out_ends_the_visitor_and_what_is_passed_speaks_of_the_next() {
    let mut world = World::new();
    let tab = world.open("/p/12-0?rtoken=tok");
    let before = world.view_as(tab, json!({"user_id": "52", "x": 1})).id;
    let tab = world.navigate(tab, "/p/12-0?rtoken=tok");
    let reset = world.call_as(tab, json!({}), "UE.resetAuth", json!({"apiKey": "abc123"}));
    assert_eq!((reset.topic, reset.kind.as_str()), (Topic::Stored, "reset"));
    let after = world.view_as(tab, json!({})).id;
    let again = world.call_as(tab, json!({}), "UE.resetAuth", json!({"email": "b@b.example", "plan": "free"})).id;
    let last = world.view_as(tab, json!({})).id;
    world.run_until_quiet();
    let visitor = |id: &String| world.collector().kept(id).visitor.clone();
    assert_eq!(visitor(&before), visitor(&reset.id));
    assert_ne!(visitor(&reset.id), visitor(&after));
    assert_ne!(visitor(&reset.id).get(12..), visitor(&after).get(12..), "one can be told from the other");
    assert_eq!(visitor(&after), visitor(&again));
    assert_ne!(visitor(&again), visitor(&last));
    assert_eq!(world.collector().record(&after).get("token"), None, "a token moved to another visitor");
    assert_eq!(world.collector().record(&reset.id)["data"], json!({}));
    let update = world.collector().arrived().iter().find(|id| world.collector().record(id)["kind"] == "client.update");
    let update = update.unwrap().clone();
    assert_eq!(visitor(&update), visitor(&last));
    assert_eq!(world.collector().record(&update)["data"], json!({"email": "b@b.example", "plan": "free"}));
    assert_eq!(world.collector().record(&update)["user"], json!({"email": "b@b.example"}));
    assert_eq!(world.tabs[tab].engine.status().visitor, visitor(&last));
    // The next page is the new visitor's.
    let last = visitor(&last);
    let next = world.navigate(tab, "/");
    assert_eq!(world.tabs[next].engine.status().visitor, last);
}

#[test]
fn surface_after_a_log_out_the_same_user_is_named_again() {
    let mut world = World::new();
    let tab = world.open("/");
    world.view_as(tab, json!({"user_id": "52"}));
    world.call_as(tab, json!({}), "UE.resetAuth", json!({}));
    world.view_as(tab, json!({"user_id": "52"}));
    check_story(
        &mut world,
        &[
            ("identify", user("52")),
            ("product_event", user("52")),
            ("reset", Json::Null),
            ("identify", user("52")),
            ("product_event", user("52")),
        ],
    );
}

#[test]
fn surface_all_tabs_are_one_visitor_after_a_log_out_too() {
    let mut world = World::new();
    let one = world.open("/");
    let two = world.open("/p/12-0?rtoken=tok");
    world.advance(SECOND);
    world.view_as(two, json!({"user_id": "52"}));
    world.advance(SECOND);
    world.call_as(one, json!({}), "UE.resetAuth", json!({}));
    world.advance(SECOND);
    let (here, there) = (world.tabs[one].engine.status().visitor, world.tabs[two].engine.status().visitor);
    assert_eq!(here, there);
    let id = world.event(two, "12-0", "detail");
    world.run_until_quiet();
    assert_eq!(world.collector().kept(&id).visitor, here);
    assert_eq!(world.collector().record(&id).get("token"), None);
}

#[test]
fn surface_the_cookie_is_the_visitors_key_where_the_shop_has_it() {
    let mut world = World::new();
    let tab = world.open("/");
    let own = world.tabs[tab].engine.status().visitor;
    world.cookie = "Kx7-a_9".into();
    let tab = world.navigate(tab, "/");
    let id = world.view(tab, "1");
    world.view_as(tab, json!({"user_id": "52"}));
    // It stays the visitor where the cookie is lost, and is nobody new.
    world.cookie = String::new();
    let tab = world.navigate(tab, "/");
    world.view_as(tab, json!({"user_id": "52"}));
    assert_eq!(world.story().iter().filter(|(kind, _)| kind == "identify").count(), 1);
    assert_eq!(world.collector().kept(&id).visitor, "Kx7-a_9");
    assert_ne!(own, "Kx7-a_9");
    for strange in ["a b", "", "ż", "a.b", "a:b", "\"", &"x".repeat(65)] {
        world.cookie = strange.into();
        let tab = world.open("/");
        assert_eq!(world.tabs[tab].engine.status().visitor, "Kx7-a_9", "{strange}");
    }
    world.cookie = "x".repeat(64);
    let tab = world.open("/");
    assert_eq!(world.tabs[tab].engine.status().visitor, world.cookie);
}

#[test]
fn surface_a_cookie_that_outlives_its_visitor_does_not_bring_the_visitor_back() {
    let mut world = World::new();
    world.cookie = "first".into();
    let tab = world.open("/");
    world.call(tab, "UE.resetAuth", Value::Undefined);
    let ours = world.tabs[tab].engine.status().visitor;
    assert_ne!(ours, "first");
    // We write no cookie: it is still there. The widget's new one is another.
    let tab = world.navigate(tab, "/");
    assert_eq!(world.tabs[tab].engine.status().visitor, ours);
    world.cookie = "second".into();
    let tab = world.navigate(tab, "/");
    assert_eq!(world.tabs[tab].engine.status().visitor, "second");
}

#[test]
fn surface_storage_keeps_no_name_of_a_user() {
    let mut world = World::new();
    let tab = world.open("/");
    world.view_as(tab, json!({"email": "ada@b.example"}));
    world.run_until_quiet();
    let kept = world.storage.get(VISITOR_KEY).unwrap();
    assert!(!kept.contains("ada") && kept.len() < 64, "{kept}");
    for strange in ["", ".", "a b.c", "\u{0}", "{}"] {
        world.storage.write(VISITOR_KEY, strange);
        let tab = world.open("/");
        assert_eq!(world.tabs[tab].engine.status().visitor.len(), 24, "{strange}");
    }
}

#[test]
fn surface_destroy_sends_what_waits_and_ends_nothing() {
    let mut world = World::new();
    let tab = world.open("/");
    world.advance(SECOND);
    let id = world.view(tab, "1");
    assert_eq!(world.try_call(tab, "UE.destroy", Value::Undefined), None);
    // As soon as the lock is there.
    world.advance(2);
    assert_eq!(world.attempts(), 1, "at once");
    let later = world.view(tab, "2");
    world.run_until_quiet();
    world.assert_arrived_once(&[id, later]);
}

#[test]
fn surface_calls_of_before_are_told_in_their_own_time() {
    let mut world = World::new();
    let t = world.wall() - HOUR;
    let tab = world.open("/");
    for (id, kind, civchat) in [
        ("0000000000000000000000e1", "event.x", json!({"user_id": "52"})),
        ("0000000000000000000000e2", "UE.resetAuth", json!({})),
        ("0000000000000000000000e3", "event.y", json!({})),
    ] {
        let early = Some(Early { id: id.into(), t });
        let (identity, plain) = (value(civchat), world.plain_call(tab));
        world.call_with(tab, Call { kind: kind.into(), early, identity, ..plain });
    }
    world.run_until_quiet();
    let records: Vec<_> = world.collector().arrived().iter().map(|id| world.collector().record(id)).collect();
    assert_eq!(records.len(), 4);
    assert!(records.iter().all(|record| record["t"] == t), "{records:?}");
    let visitor = |id: &str| world.collector().kept(id).visitor.clone();
    assert_eq!(visitor("0000000000000000000000e1"), visitor("0000000000000000000000e2"));
    assert_ne!(visitor("0000000000000000000000e2"), visitor("0000000000000000000000e3"));
}

#[test]
fn surface_a_caller_that_does_not_stop_is_bounded_and_counted() {
    let mut world = World::new();
    let tab = world.open("/");
    let payload = || value(json!({"a": 1}));
    let calls = 12_000;
    let told: Vec<Option<Report>> = (0..calls).map(|_| world.try_call(tab, "event.loop", payload())).collect();
    let taken = told.iter().flatten().filter(|report| report.topic == Topic::Stored).count();
    assert_eq!(taken, 10_000);
    let refused: Vec<_> = told.iter().flatten().filter(|report| report.topic == Topic::Rejected).collect();
    assert_eq!(refused.len(), 1, "the page hears of it once");
    assert_eq!(refused[0].errors[0].code.as_str(), "rate_limited");
    assert!(told[10_001..].iter().all(Option::is_none));
    world.run_until_quiet();
    assert_eq!(world.collector().told_dropped, 2_000 + 5_000, "2,000 over the limit, 5,000 over the queue's bound");

    // One a second after: a loop of two a second, for ten minutes.
    let reports = world.tabs[tab].reports.len();
    let mut taken = 0;
    for _ in 0..1_200 {
        world.advance(SECOND / 2);
        taken += usize::from(world.try_call(tab, "event.loop", payload()).is_some_and(|r| r.topic == Topic::Stored));
    }
    assert!((599..=640).contains(&taken), "{taken}");
    world.advance(MINUTE);
    let told: Vec<_> = world.tabs[tab].reports[reports..].iter().filter(|report| report.topic != Topic::Sent).collect();
    assert!(told.len() <= 600 * 3 + 10, "{}", told.len());
    let counted: u32 = told.iter().filter(|report| report.code == "rate_limited").map(|report| report.count).sum();
    assert!(counted as usize >= 1_200 - taken + 2_000 - 1, "{counted}");
    // A log-out is taken whatever the limit says.
    (0..100).for_each(|_| drop(world.try_call(tab, "event.loop", payload())));
    assert_eq!(world.call(tab, "UE.resetAuth", Value::Undefined).topic, Topic::Stored);
}

#[test]
fn surface_an_attribute_without_a_name_is_left_out_with_a_warning_in_every_kind() {
    let mut world = World::new();
    let tab = world.open("/");
    for kind in ["event.x", "client.update", "UE.pageHit"] {
        let report = world.call(tab, kind, value(json!({"": 1, "a": 2})));
        assert_eq!(report.topic, Topic::Stored, "{kind}");
        let warnings: Vec<_> = report.warnings.iter().map(|warning| warning.code.as_str()).collect();
        assert_eq!(warnings, ["attribute_name"], "{kind}");
    }
}
