//! Promise 4: a record leaves storage by its id, after the endpoint named it; or a bound drops it, and it is counted.
//!
//! The simulated browser itself fails a scenario in which an engine forgets what no answer named and nobody counts.

use crate::sim::{Link, MINUTE, SECOND, Space, Topic, World, assert_same, product, status};
use tillpost::core::limits::{QUEUE_BYTES, QUEUE_RECORDS};

#[test]
fn promise_04_an_answer_that_names_nothing_acknowledges_nothing() {
    for answer in [
        "",
        "ok",
        "<html>welcome to the hotel</html>",
        "null",
        "[]",
        "{}",
        r#"{"results":null}"#,
        r#"{"results":[]}"#,
        r#"{"results":[{"id":"somebodyelse","status":"stored"}]}"#,
        r#"{"results":[{"status":"stored"},{"id":""},{}]}"#,
        r#"{"results":["stored"]}"#,
    ] {
        let mut world = World::new();
        let tab = world.open("/");
        let ids = world.views(tab, 3);
        world.network.next.push_back(Link::Proxy(200, "", answer));
        world.time_until(|world| world.attempts() == 1);
        world.advance(40);
        assert_eq!(world.stored(), ids, "{answer}");
        assert_eq!(world.codes(tab), ["answer_invalid"], "{answer}");
        let wait = world.time_until(|world| world.collector().arrived().len() == 3);
        assert!(wait <= 2 * SECOND, "{wait} {answer}");
        world.run_until_quiet();
        world.assert_arrived_once(&ids);
    }
}

#[test]
fn promise_04_204_without_a_body_acknowledges_nothing() {
    let mut world = World::new();
    world.network.link = Link::Proxy(204, "", "");
    let tab = world.open("/");
    let ids = world.views(tab, 3);
    world.advance(MINUTE);
    assert_eq!(world.stored(), ids);
    world.network.link = Link::Good(50);
    world.run_until_quiet();
    world.assert_arrived_once(&ids);
}

#[test]
fn promise_04_what_an_answer_leaves_out_stays() {
    let mut world = World::new();
    let tab = world.open("/");
    let ids = world.views(tab, 10);
    world.collector.names_at_most = Some(3);
    world.time_until(|world| world.stored().len() == 7);
    assert_eq!(world.stored(), ids[3..]);
    world.run_until_quiet();
    world.assert_arrived_once(&ids);
    assert_eq!(world.told(tab, Topic::Sent).len(), 10);
}

#[test]
fn promise_04_a_lost_answer_is_a_duplicate_and_not_two_events() {
    let mut world = World::new();
    let tab = world.open("/");
    let ids = world.views(tab, 3);
    world.network.next.extend([Link::AnswerLost, Link::AnswerReplaced("?"), Link::AnswerHanging]);
    world.run_until_quiet();
    world.assert_arrived(&ids);
    assert_eq!(world.collector().arrived(), ids);
    assert!(ids.iter().all(|id| world.collector().arrivals(id) == 4));
    assert!(world.told(tab, Topic::Sent).iter().all(|report| report.status == "duplicate"));
}

#[test]
fn promise_04_what_the_endpoint_rejects_is_told_and_not_sent_again() {
    let mut world = World::new();
    world.collector.rejects = Some(Box::new(|record| record["product_id"] == "bad"));
    let tab = world.open("/");
    let mut ids = world.views(tab, 9);
    let bad = world.view(tab, "bad");
    ids.extend(world.views(tab, 9));
    world.run_until_quiet();
    world.assert_arrived_once(&ids);
    assert_eq!(world.collector().rejected, std::slice::from_ref(&bad));
    let told = world.told(tab, Topic::Rejected);
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].id, bad);
    assert_eq!(
        serde_json::to_value(&told[0].errors).unwrap(),
        serde_json::json!([{"code": "record_rejected", "field": "record_malformed"}])
    );
    assert_eq!(world.attempts(), 1);
}

#[test]
fn promise_04_over_5000_records_the_oldest_go_are_counted_and_told() {
    let mut world = World::new();
    world.go_offline();
    let tab = world.open("/");
    let ids = world.updates(tab, QUEUE_RECORDS + 7);
    world.advance(SECOND);
    assert_same(&world.stored(), &ids[7..]);
    assert_eq!(world.told(tab, Topic::Dropped).iter().map(|report| report.count).sum::<u32>(), 7);
    assert_eq!(world.tabs[tab].engine.status().dropped, 7);
    world.go_online();
    world.run_until_quiet();
    world.assert_arrived_once(&ids[7..]);
    assert_eq!(world.collector().requests[0].dropped, 7);
    assert_eq!(world.collector().told_dropped, 7);
    assert_eq!(world.tabs[tab].engine.status().dropped, 0);
}

#[test]
fn promise_04_a_count_of_dropped_records_survives_its_page_and_is_told_once() {
    for (crashes, lead) in [(true, "/"), (false, "/"), (true, "/a"), (false, "/a")] {
        let mut world = World::new();
        world.go_offline();
        let tab = world.open("/");
        if lead == "/a" {
            world.open(lead);
        }
        let ids = world.updates(tab, QUEUE_RECORDS + 7);
        world.advance(2 * SECOND);
        if crashes {
            world.crash(tab)
        } else {
            world.close(tab)
        }
        if lead == "/" {
            world.open(lead);
        }
        world.advance(SECOND);
        world.go_online();
        world.run_until_quiet();
        world.assert_arrived_once(&ids[7..]);
        assert_eq!(world.collector().requests[0].dropped, 7);
        // The page after that has nothing to tell.
        let last = world.open("/last");
        world.view(last, "12-0");
        world.run_until_quiet();
        assert_eq!(world.collector().told_dropped, 7, "{crashes} {lead}");
    }
}

#[test]
fn promise_04_a_page_that_comes_back_does_not_tell_again_what_another_has_told() {
    let mut world = World::new();
    world.go_offline();
    let first = world.open("/");
    world.updates(first, QUEUE_RECORDS + 7);
    world.advance(2 * SECOND);
    world.put_away(first);
    let second = world.open("/a");
    world.go_online();
    world.run_until_quiet();
    assert_eq!(world.collector().told_dropped, 7);
    world.crash(second);
    world.bring_back(first);
    world.view(first, "12-0");
    world.run_until_quiet();
    assert_eq!(world.collector().told_dropped, 7);
}

#[test]
fn promise_04_last_words_leave_the_count_to_the_next_page_which_hears_the_answer() {
    let mut world = World::new();
    world.network.link = status(503);
    let tab = world.open("/");
    world.updates(tab, QUEUE_RECORDS + 7);
    world.advance(2 * SECOND);
    world.network.link = Link::Good(50);
    world.close(tab);
    world.open("/a");
    world.run_until_quiet();
    assert!(world.collector().arrived().len() == QUEUE_RECORDS && world.stored().is_empty());
    assert_eq!(world.collector().told_dropped, 7);
}

#[test]
fn promise_04_what_tabs_share_may_be_spoiled_and_costs_no_event() {
    for junk in [
        "",
        "junk",
        "{}",
        "[",
        "[\"a\",null,{}]",
        "[-1,-1,-1,-1]",
        "[99999999999999999999,0.5,1e9,-1]",
        &"[".repeat(99_999),
    ] {
        let mut world = World::new();
        world.storage.write("tillpost:1:shop1:state", junk);
        let tab = world.open("/");
        let ids = world.views(tab, 3);
        let wait = world.time_until(|world| world.collector().arrived().len() == 3);
        assert!(wait < SECOND, "{junk:.20}: {wait}");
        world.run_until_quiet();
        world.assert_arrived_once(&ids);
        assert_eq!(world.collector().told_dropped, 0, "{junk:.20}");
    }
}

#[test]
fn promise_04_over_1_mib_the_oldest_go_are_counted_and_told() {
    let mut world = World::new();
    world.go_offline();
    let tab = world.open("/");
    let ids = world.large_views(tab, 60, 20_000);
    world.advance(SECOND);
    let kept = world.stored();
    let text = world.storage.get(&world.key_of(&ids[59])).unwrap().len();
    assert_eq!(kept.len(), QUEUE_BYTES / text);
    assert_same(&kept, &ids[60 - kept.len()..]);
    world.go_online();
    world.run_until_quiet();
    world.assert_arrived_once(&kept);
    assert_eq!(world.collector().told_dropped, 60 - kept.len() as u64);
}

#[test]
fn promise_04_the_bound_holds_for_what_all_tabs_stored() {
    let mut world = World::new();
    world.go_offline();
    let tabs = [world.open("/"), world.open("/a"), world.open("/b")];
    for number in 0..QUEUE_RECORDS + 30 {
        world.updates(tabs[number % 3], 1);
        world.advance(1);
    }
    world.advance(SECOND);
    assert_eq!(world.stored().len(), QUEUE_RECORDS);
    world.go_online();
    world.run_until_quiet();
    assert_eq!(world.collector().arrived().len(), QUEUE_RECORDS);
    assert_eq!(world.collector().told_dropped, 30);
}

#[test]
fn promise_04_what_others_wrote_into_our_items_is_dropped_and_counted_and_the_rest_is_sent() {
    for junk in [
        "",
        "null",
        "[1]",
        "{",
        "{}",
        r#"{"id":"another","t":1,"kind":"event"}"#,
        r#"{"id":"x","t":1,"kind":"event"},{"id":"y","t":1,"kind":"event"}"#,
        "\u{0}\u{ffff}",
        &"[".repeat(100_000),
        &["\"", &"x".repeat(40_000), "\""].concat(),
    ] {
        assert_what_is_spoiled_is_dropped_and_the_rest_is_sent(&|_| junk.into());
    }
}

/// A batch carries what storage holds as it stands: one byte that is no JSON would make all of it unreadable.
#[test]
fn promise_04_an_item_that_is_ours_but_for_some_bytes_spoils_no_batch() {
    let ends: [&dyn Fn(&str) -> String; 3] =
        [&|text| text.trim_end_matches('}').into(), &|text| [text, "]"].concat(), &|text| [text, ",", text].concat()];
    ends.into_iter().for_each(assert_what_is_spoiled_is_dropped_and_the_rest_is_sent);
    // Also what the door alone may say.
    for value in ["NaN", "undefined", "12n", "[1]deep", "01", "\"\u{1}\"", r#""\q""#, "", "{", "[1 2]"] {
        let more = |text: &str| [text.strip_suffix('}').unwrap(), ",\"x\":", value, "}"].concat();
        assert_what_is_spoiled_is_dropped_and_the_rest_is_sent(&more);
    }
}

/// Another script writes over three of twenty records.
fn assert_what_is_spoiled_is_dropped_and_the_rest_is_sent(spoil: &dyn Fn(&str) -> String) {
    let mut world = World::new();
    world.go_offline();
    let tab = world.open("/");
    let ids = world.views(tab, 20);
    world.crash(tab);
    let mut junk = String::new();
    for id in [&ids[0], &ids[7], &ids[19]] {
        junk = spoil(world.storage.get(&world.key_of(id)).unwrap());
        world.spoil(&world.key_of(id), &junk);
    }
    world.go_online();
    let next = world.open("/");
    world.run_until_quiet();
    let good: Vec<_> = ids.iter().filter(|id| ![&ids[0], &ids[7], &ids[19]].contains(id)).cloned().collect();
    world.assert_arrived_once(&good);
    assert_eq!(world.collector().arrived().len(), 17, "{junk:.500}");
    assert_eq!(world.told(next, Topic::Dropped).iter().map(|report| report.count).sum::<u32>(), 3);
    assert_eq!(world.collector().told_dropped, 3, "{junk:.500}");
    assert_eq!(world.codes(next), ["record_unreadable"; 1], "{junk:.500}");
}

#[test]
fn promise_04_many_spoiled_items_spoil_no_batch() {
    let mut world = World::new();
    world.go_offline();
    let tab = world.open("/");
    let ids = world.views(tab, 250);
    world.crash(tab);
    // Also the one that comes into a batch because another was taken out of it.
    for id in ids.iter().step_by(100) {
        world.spoil(&world.key_of(id), "junk");
    }
    world.go_online();
    world.open("/");
    world.run_until_quiet();
    let good: Vec<_> = ids.iter().enumerate().filter(|(place, _)| place % 100 != 0).map(|(_, id)| id.clone()).collect();
    world.assert_arrived_once(&good);
    assert_eq!(world.collector().told_dropped, 3);
}

#[test]
fn promise_04_one_huge_spoiled_item_pushes_no_good_record_out() {
    let mut world = World::new();
    world.go_offline();
    let tab = world.open("/");
    let ids = world.views(tab, 20);
    world.crash(tab);
    world.spoil(&world.key_of(&ids[19]), &"x".repeat(2 * QUEUE_BYTES));
    world.go_online();
    world.open("/");
    world.run_until_quiet();
    world.assert_arrived_once(&ids[..19]);
    assert_eq!(world.collector().told_dropped, 1);
}

#[test]
fn promise_04_items_of_other_versions_and_apps_are_left_alone() {
    let mut world = World::new();
    let others = [
        "tillpost:2:shop1:visitor:0loyw3v28000abcdefabcdef",
        "tillpost:1:shop2:visitor:0loyw3v28000abcdefabcdef",
        "tillpost:1:shop1:visitor",
        "tillpost:1:shop1:visitor:a:b",
        "tillpost:1:shop1:visi tor:a",
        "tillpost:",
        "cart",
    ];
    for key in others {
        world.storage.write(key, "theirs");
    }
    let tab = world.open("/");
    let id = world.view(tab, "12-0");
    for key in others {
        world.spoil(key, "theirs");
    }
    world.run_until_quiet();
    assert_eq!(world.collector().arrived(), [id]);
    for key in others {
        assert_eq!(world.storage.get(key), Some("theirs"), "{key}");
    }
    assert_eq!(world.codes(tab), [""; 0]);
}

#[test]
fn promise_04_an_item_that_another_script_took_away_is_sent_from_memory() {
    let mut world = World::new();
    let tab = world.open("/");
    world.advance(SECOND);
    let id = world.call(tab, "product_event", product("12-0", "order")).id;
    world.storage.forget(&world.key_of(&id));
    world.run_until_quiet();
    world.assert_arrived_once(&[id]);
}

#[test]
fn promise_04_what_is_acknowledged_is_not_sent_again_though_the_page_is_left_before_the_mirror_has_forgotten_it() {
    for leave in [World::close as fn(&mut World, usize), World::crash] {
        let mut world = World::new();
        let tab = world.open("/");
        let ids = world.views(tab, 10);
        world.time_until(|world| world.mirror.items.len() == 10);
        world.mirror.delay = 5 * SECOND;
        world.time_until(|world| world.stored().is_empty());
        leave(&mut world, tab);
        assert_eq!(world.mirror.items.len(), 10);
        world.open("/next");
        world.run_until_quiet();
        world.assert_arrived_once(&ids);
        assert_eq!(world.attempts(), 1);
    }
}

#[test]
fn promise_04_the_next_leader_is_told_what_the_mirror_is_still_to_forget() {
    let mut world = World::new();
    let leader = world.open("/");
    world.advance(SECOND);
    let next = world.open("/a");
    world.advance(SECOND);
    let ids = world.views(leader, 10);
    world.time_until(|world| world.mirror.items.len() == 10);
    world.mirror.delay = 5 * SECOND;
    world.time_until(|world| world.stored().is_empty());
    world.put_away(leader);
    world.advance(SECOND);
    assert_eq!(world.state(next), "idle");
    assert_eq!(world.mirror.items.len(), 10);
    world.run_until_quiet();
    world.bring_back(leader);
    world.run_until_quiet();
    world.assert_arrived_once(&ids);
    assert_eq!(world.attempts(), 1);
}

#[test]
fn promise_04_what_was_acknowledged_while_the_mirror_was_read_is_not_sent_again() {
    let mut world = World::new();
    world.locks.missing = true;
    world.storage.space = Space::Full;
    let first = world.open("/");
    world.advance(SECOND);
    world.go_offline();
    let ids = world.views(first, 5);
    world.advance(SECOND);
    // Another tab reads the mirror, which holds what the first one has in memory.
    world.mirror.delay = 5 * SECOND;
    world.open("/a");
    world.advance(SECOND);
    world.storage.space = Space::Free;
    world.go_online();
    world.run_until_quiet();
    world.assert_arrived_once(&ids);
}

#[test]
fn promise_04_a_copy_that_comes_late_does_not_bring_back_what_was_acknowledged() {
    let mut world = World::new();
    let leader = world.open("/");
    world.advance(SECOND);
    let member = world.open("/a");
    world.advance(SECOND);
    // The member's first transaction takes long, and what it stores meanwhile waits for it.
    world.mirror.delay = 2 * SECOND;
    let mut ids = world.views(member, 5);
    world.advance(100);
    ids.extend(world.views(member, 5));
    world.time_until(|world| world.stored().is_empty());
    assert_eq!(world.mirror.items.len(), 0);
    world.run_until_quiet();
    world.assert_arrived_once(&ids);
    world.close(member);
    world.close(leader);
    world.open("/next");
    world.run_until_quiet();
    world.assert_arrived_once(&ids);
}

#[test]
fn promise_04_only_an_acknowledgement_that_did_not_outlive_a_kill_is_asked_for_again() {
    for (lost, again) in [(SECOND, 0), (4 * SECOND, 3)] {
        let mut world = World::new();
        let tab = world.open("/");
        world.advance(20 * SECOND);
        world.go_offline();
        let ids = world.views(tab, 3);
        world.advance(5 * SECOND);
        world.go_online();
        world.time_until(|world| world.stored().is_empty());
        world.advance(2 * SECOND);
        world.kill_browser(lost);
        assert_eq!(world.ledger.came_back, again);
        world.open("/next");
        world.run_until_quiet();
        world.assert_arrived(&ids);
        assert_eq!(world.collector().arrived().len(), 3);
        assert_eq!(world.collector().extra_arrivals(), again);
    }
}

#[test]
fn promise_04_the_bound_holds_for_the_mirror_and_for_what_it_gives_back() {
    let mut world = World::new();
    world.go_offline();
    let tab = world.open("/");
    let ids = world.updates(tab, QUEUE_RECORDS + 7);
    world.advance(SECOND);
    assert_eq!(world.mirror.items.len(), QUEUE_RECORDS);
    world.kill_browser(20 * SECOND);
    // More than the bound, as tabs may leave it that end while storage is full.
    for number in 0..5 {
        let key = ["tillpost:1:shop1:visitor:0", &number.to_string()].concat();
        let text = ["{\"id\":\"0", &number.to_string(), "\",\"t\":1,\"kind\":\"client.update\"}"].concat();
        world.mirror.items.insert(key, text);
    }
    let next = world.open("/next");
    world.advance(SECOND);
    assert_same(&world.stored(), &ids[7..]);
    assert_eq!(world.mirror.items.len(), QUEUE_RECORDS);
    assert_eq!(world.told(next, Topic::Dropped).iter().map(|report| report.count).sum::<u32>(), 5);
    world.go_online();
    world.run_until_quiet();
    world.assert_arrived_once(&ids[7..]);
}
