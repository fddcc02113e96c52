//! Promise 13: pending holds records in memory only, granted stores and sends, denied clears what is held and stores
//! nothing. Global Privacy Control is honoured when the shop asks for it.

use crate::sim::{
    Call, Early, Excuse, Link, MINUTE, Report, SECOND, TabId, Topic, VISITOR_KEY, Value, World, product, status,
};
use tillpost::core::consent::Consent;
use tillpost::core::effect::Input;
use tillpost::core::limits::QUEUE_RECORDS;

fn world(options: &str) -> World {
    World::with_options(&[r#"{"app":"shop1","#, options, "}"].concat())
}

fn pending() -> World {
    world(r#""consent":"pending""#)
}

fn consent(world: &World, tab: TabId) -> &'static str {
    world.tabs[tab].engine.status().consent
}

/// Nothing at all is in storage, and nothing was ever sent.
fn assert_untouched(world: &World) {
    assert_eq!(world.storage.all_keys(), [""; 0]);
    assert_eq!(world.attempts(), 0);
    assert_eq!(world.locks.holder(), None);
}

/// The visitor's id in storage.
fn visitor(world: &World) -> String {
    world.storage.get(VISITOR_KEY).unwrap().split('.').next().unwrap().into()
}

fn refusal(world: &mut World, tab: TabId) -> Report {
    world.call(tab, "product_event", product("12-0", "view"))
}

/// A call that the snippet kept.
fn early(world: &World, number: u64) -> Call {
    let id = ["0loyw3v28000abcdefabcde", &number.to_string()].concat();
    Call {
        kind: "product_event".into(),
        payload: product("12-0", "view"),
        early: Some(Early { id, t: world.wall() }),
        address: "https://shop.example/".into(),
        identity: Value::Undefined,
        panel: Default::default(),
    }
}

#[test]
fn promise_13_without_a_word_consent_is_granted() {
    let mut world = World::new();
    let tab = world.open("/");
    assert_eq!(consent(&world, tab), "granted");
}

#[test]
fn promise_13_pending_holds_in_memory_and_touches_nothing() {
    let mut world = pending();
    let tab = world.open("/");
    let ids = world.views(tab, 20);
    assert_eq!((consent(&world, tab), world.tabs[tab].engine.status().storage), ("pending", "memory"));
    assert_eq!(world.tabs[tab].engine.status().queued, 20);
    world.flush(tab);
    world.hide(tab);
    world.go_offline();
    world.go_online();
    world.advance(30 * MINUTE);
    assert_untouched(&world);
    world.put_away(tab);
    world.bring_back(tab);
    world.advance(MINUTE);
    assert_untouched(&world);
    world.close(tab);
    world.advance(MINUTE);
    assert_untouched(&world);
    assert_eq!(world.ledger.excused(Excuse::DiedInMemory), ids.len());
}

#[test]
fn promise_13_pending_judges_each_call() {
    let mut world = pending();
    let tab = world.open("/");
    let report = world.call(tab, "product_event", product("12-0", "sell"));
    assert_eq!(report.errors[0].code.as_str(), "event_type_unknown");
    assert_eq!(world.tabs[tab].engine.status().queued, 0);
}

#[test]
fn promise_13_granted_stores_what_was_held_at_once_and_sends_it() {
    let mut world = pending();
    world.early = vec![early(&world, 1), early(&world, 2)];
    let tab = world.open("/");
    let mut ids = world.views(tab, 200);
    world.advance(MINUTE);
    world.set_consent(tab, Consent::Granted);
    ids.extend(["0loyw3v28000abcdefabcde1".into(), "0loyw3v28000abcdefabcde2".into()]);
    ids.sort();
    assert_eq!(world.stored(), ids);
    assert!(world.storage.get(VISITOR_KEY).is_some());
    assert_eq!((consent(&world, tab), world.tabs[tab].engine.status().storage), ("granted", "local"));
    ids.extend(world.views(tab, 5));
    world.run_until_quiet();
    world.assert_arrived_once(&ids);
    // One visitor before and after.
    let visitor = visitor(&world);
    assert!(ids.iter().all(|id| world.collector().kept(id).visitor == visitor));
}

#[test]
fn promise_13_what_is_held_is_bounded_and_what_is_dropped_is_counted_and_told() {
    let mut world = pending();
    let tab = world.open("/");
    let ids = world.updates(tab, QUEUE_RECORDS + 3);
    world.advance(2 * SECOND);
    assert_eq!(world.tabs[tab].engine.status().dropped, 3);
    assert_untouched(&world);
    world.set_consent(tab, Consent::Granted);
    world.run_until_quiet();
    world.assert_arrived_once(&ids[3..]);
    assert_eq!(world.collector().told_dropped, 3);
}

#[test]
fn promise_13_pending_leaves_what_earlier_pages_stored_alone() {
    let mut world = World::new();
    world.network.link = status(503);
    let tab = world.open("/");
    let mut ids = world.views(tab, 3);
    world.advance(SECOND);
    let (keys, attempts) = (world.storage.all_keys(), world.attempts());
    world.crash(tab);
    world.network.link = Link::Good(50);
    world.set_options(r#"{"app":"shop1","consent":"pending"}"#);
    let tab = world.open("/a");
    ids.extend(world.views(tab, 3));
    world.advance(MINUTE);
    assert_eq!((world.storage.all_keys(), world.attempts()), (keys, attempts));
    world.set_consent(tab, Consent::Granted);
    world.run_until_quiet();
    world.assert_arrived_once(&ids);
}

#[test]
fn promise_13_denied_clears_erases_aborts_and_refuses() {
    let mut world = World::new();
    world.network.next.extend([status(503), Link::AnswerHanging]);
    let tab = world.open("/");
    world.storage.write("cart", "theirs");
    world.storage.write("tillpost:1:shop2:visitor:0loyw3v28000abcdefabcdef", "another application's");
    world.storage.write("tillpost:2:shop1", "another version's");
    let ids = world.views(tab, 20);
    // The second request is under way, and the state is saved.
    world.time_until(|world| world.attempts() == 2);
    assert!(world.storage.holds("tillpost:1:shop1:state"));
    assert_eq!(world.state(tab), "sending");
    world.set_consent(tab, Consent::Denied);
    let theirs = ["cart", "tillpost:1:shop2:visitor:0loyw3v28000abcdefabcdef", "tillpost:2:shop1"];
    assert_eq!(world.storage.all_keys(), theirs);
    assert!(world.network.under_way.values().all(|exchange| exchange.given_up), "the request goes on");
    assert_eq!(world.locks.holder(), None);
    let status = world.tabs[tab].engine.status();
    assert_eq!((status.consent, status.queued, status.storage, status.failures), ("denied", 0, "memory", 0));
    assert_eq!(world.ledger.excused(Excuse::Refused), ids.len());

    let report = refusal(&mut world, tab);
    assert_eq!((report.topic, report.errors[0].code.as_str()), (Topic::Rejected, "consent_denied"));
    world.flush(tab);
    world.hide(tab);
    world.advance(MINUTE);
    world.bring_back(tab);
    world.advance(MINUTE);
    world.close(tab);
    world.advance(MINUTE);
    assert_eq!(world.storage.all_keys(), theirs);
    assert_eq!(world.attempts(), 2);
}

#[test]
fn promise_13_denied_clears_what_pending_held() {
    let mut world = pending();
    world.early = vec![early(&world, 1)];
    let tab = world.open("/");
    world.views(tab, 5);
    world.set_consent(tab, Consent::Denied);
    assert_eq!(world.tabs[tab].engine.status().queued, 0);
    world.set_consent(tab, Consent::Granted);
    world.advance(MINUTE);
    assert_eq!((world.stored().len(), world.attempts()), (0, 0));
}

#[test]
fn promise_13_no_request_goes_on_without_consent() {
    for consent in [Consent::Pending, Consent::Denied] {
        let mut world = World::new();
        world.network.link = Link::AnswerHanging;
        let tab = world.open("/");
        world.views(tab, 3);
        world.time_until(|world| world.attempts() == 1);
        world.set_consent(tab, consent);
        assert!(world.network.under_way.values().all(|exchange| exchange.given_up), "{consent:?}");
    }
}

#[test]
fn promise_13_a_page_that_starts_denied_erases_what_earlier_pages_stored() {
    let mut world = World::new();
    world.go_offline();
    let tab = world.open("/");
    world.views(tab, 3);
    world.crash(tab);
    world.go_online();
    world.early = vec![early(&world, 1)];
    world.set_options(r#"{"app":"shop1","consent":"denied"}"#);
    let tab = world.open("/a");
    assert_eq!(refusal(&mut world, tab).errors[0].code.as_str(), "consent_denied");
    world.advance(MINUTE);
    assert_untouched(&world);
    assert_eq!(world.ledger.owed.len(), 0);
}

#[test]
fn promise_13_another_tab_drops_what_was_erased() {
    let mut world = World::new();
    world.network.link = status(503);
    let leader = world.open("/");
    world.views(leader, 3);
    world.advance(SECOND);
    let attempts = world.attempts();
    world.set_options(r#"{"app":"shop1","consent":"denied"}"#);
    world.open("/a");
    world.network.link = Link::Good(50);
    world.advance(10 * MINUTE);
    assert_eq!(world.tabs[leader].engine.status().queued, 0);
    assert!(world.attempts() <= attempts + 1 && world.collector().arrived().is_empty());
}

#[test]
fn promise_13_who_consents_after_a_refusal_is_somebody_new() {
    let mut world = World::new();
    let tab = world.open("/");
    let visitor = visitor(&world);
    world.set_consent(tab, Consent::Denied);
    assert_untouched(&world);
    refusal(&mut world, tab);
    world.set_consent(tab, Consent::Granted);
    let ids = world.views(tab, 3);
    world.run_until_quiet();
    world.assert_arrived_once(&ids);
    let now = self::visitor(&world);
    assert_ne!(now, visitor);
    assert_eq!(world.collector().kept(&ids[0]).visitor, now);
}

#[test]
fn promise_13_consent_may_go_back_to_pending() {
    let mut world = World::new();
    let tab = world.open("/");
    let mut ids = world.views(tab, 3);
    world.set_consent(tab, Consent::Pending);
    ids.extend(world.views(tab, 3));
    world.advance(MINUTE);
    assert_eq!((world.stored().len(), world.attempts()), (3, 0));
    world.set_consent(tab, Consent::Granted);
    world.run_until_quiet();
    world.assert_arrived_once(&ids);
}

#[test]
fn promise_13_global_privacy_control_is_a_refusal_where_the_shop_asks_for_it() {
    for (option, sent, expect) in [
        (r#""globalPrivacyControl":true"#, true, "denied"),
        (r#""globalPrivacyControl":true"#, false, "granted"),
        (r#""globalPrivacyControl":false"#, true, "granted"),
        (r#""debug":false"#, true, "granted"),
        (r#""globalPrivacyControl":true,"consent":"pending""#, true, "denied"),
        (r#""globalPrivacyControl":true,"consent":"pending""#, false, "pending"),
    ] {
        let mut world = world(option);
        world.global_privacy_control = sent;
        let tab = world.open("/");
        assert_eq!(consent(&world, tab), expect, "{option} {sent}");
        for chosen in [Consent::Granted, Consent::Pending] {
            world.set_consent(tab, chosen);
            let wins = expect == "denied";
            assert_eq!(consent(&world, tab), if wins { "denied" } else { chosen.as_str() }, "{option} {sent}");
            assert_eq!(world.codes(tab).last(), wins.then_some(&"global_privacy_control"));
        }
        if expect == "denied" {
            assert_eq!(refusal(&mut world, tab).errors[0].code.as_str(), "consent_denied");
            world.advance(MINUTE);
            assert_untouched(&world);
        }
    }
}

#[test]
fn promise_13_a_word_that_is_none_grants_nothing() {
    let mut world = world(r#""consent":"yes""#);
    let tab = world.open("/");
    assert_eq!(consent(&world, tab), "pending");
    world.set_consent(tab, Consent::Denied);
    world.dispatch(tab, Input::Consent(None));
    assert_eq!(consent(&world, tab), "denied");
    let told = world.told(tab, Topic::Error);
    assert_eq!((told[0].code.as_str(), told[0].field.as_str()), ("option_invalid", "consent"));
    assert_untouched(&world);
}
