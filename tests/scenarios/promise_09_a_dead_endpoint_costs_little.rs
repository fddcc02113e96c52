//! Promise 9: an endpoint that is dead, slow or strange is asked less and less often, and costs no event.

use crate::sim::{DAY, HOUR, Link, MINUTE, SECOND, Space, Topic, World, assert_same, status};
use tillpost::core::effect::Input;

/// Milliseconds between the requests so far.
fn gaps(world: &World) -> Vec<u64> {
    world.network.attempts.windows(2).map(|pair| pair[1] - pair[0]).collect()
}

#[test]
fn promise_09_one_503_then_silence_is_delivered_in_under_2_seconds() {
    for code in [301, 307, 404, 405, 408, 410, 425, 429, 500, 502, 503, 504, 599] {
        let mut world = World::new();
        let tab = world.open("/");
        world.network.next.push_back(status(code));
        let id = world.view(tab, "12-0");
        let wait = world.time_until(|world| world.collector().has(&id));
        assert!(wait < 2 * SECOND, "{code}: {wait}");
        assert_eq!(world.codes(tab), ["delivery_failed"], "{code}");
        world.run_until_quiet();
        world.assert_arrived_once(&[id]);
    }
}

#[test]
fn promise_09_waits_grow_with_jitter_up_to_5_minutes() {
    for link in [Link::Down, status(503), Link::Proxy(200, "", "<html>")] {
        let mut world = World::new();
        world.network.link = link;
        let tab = world.open("/");
        let id = world.view(tab, "12-0");
        world.advance(DAY);
        let gaps = gaps(&world);
        for (failures, gap) in gaps.iter().enumerate() {
            let ceiling = (SECOND << failures.min(20)).min(5 * MINUTE);
            assert!((50..=ceiling + 50).contains(gap), "{link:?}: {gap} after {failures} failures");
        }
        let late = &gaps[12..];
        let mean = late.iter().sum::<u64>() / late.len() as u64;
        assert!((2 * MINUTE..3 * MINUTE).contains(&mean), "{link:?}: {mean}");
        assert!(late.iter().any(|gap| *gap < MINUTE) && late.iter().any(|gap| *gap > 4 * MINUTE), "no full jitter");
        world.network.link = Link::Good(50);
        let wait = world.time_until(|world| world.collector().has(&id));
        assert!(wait <= 5 * MINUTE + 100, "{link:?}: {wait}");
    }
}

#[test]
fn promise_09_calls_do_not_shorten_the_wait() {
    let mut world = World::new();
    world.network.link = status(503);
    let tab = world.open("/");
    for _ in 0..600 {
        world.view(tab, "12-0");
        world.flush(tab);
        world.advance(SECOND);
    }
    assert!(world.attempts() < 20, "{}", world.attempts());
}

#[test]
fn promise_09_two_visitors_do_not_come_back_at_the_same_moment() {
    let mut world = World::new();
    world.network.link = status(503);
    world.locks.missing = true;
    let tabs = [world.open("/"), world.open("/a")];
    tabs.iter().for_each(|tab| drop(world.view(*tab, "12-0")));
    world.advance(HOUR);
    let mut late: Vec<_> = world.network.attempts.iter().filter(|at| **at > 10 * SECOND).collect();
    let all = late.len();
    late.dedup();
    assert_eq!(late.len(), all);
}

#[test]
fn promise_09_retry_after_is_honoured_and_capped() {
    for (header, at_least, at_most) in [
        ("7", 7 * SECOND, 8 * SECOND),
        ("120", 2 * MINUTE, 2 * MINUTE + SECOND),
        (" 120 ", 2 * MINUTE, 2 * MINUTE + SECOND),
        ("999999", 5 * MINUTE, 5 * MINUTE + SECOND),
        ("18446744073709551615", 5 * MINUTE, 5 * MINUTE + SECOND),
        ("0", 50, 2 * SECOND),
        ("soon", 50, 2 * SECOND),
        ("-5", 50, 2 * SECOND),
    ] {
        let mut world = World::new();
        world.network.next.push_back(Link::Proxy(429, header, ""));
        let tab = world.open("/");
        let id = world.view(tab, "12-0");
        world.advance(2 * HOUR);
        let gap = gaps(&world)[0];
        assert!((at_least..=at_most).contains(&gap), "{header}: {gap}");
        world.assert_arrived_once(&[id]);
    }
}

#[test]
fn promise_09_retry_after_may_be_a_date() {
    let (day, minute) = (DAY as i64, MINUTE as i64);
    for (wait, clock, jump, expect) in [
        // By the endpoint's own clock, whatever the visitor's shows.
        (2 * minute, true, 0, 2 * MINUTE),
        (2 * minute, true, 3_652 * day, 2 * MINUTE),
        (2 * minute, true, -3_652 * day, 2 * MINUTE),
        (60 * minute, true, 0, 5 * MINUTE),
        (-minute, true, 0, 0),
        // By the visitor's, where the endpoint's cannot be read.
        (2 * minute, false, 0, 2 * MINUTE),
        (2 * minute, false, minute, MINUTE),
        (2 * minute, false, day, 0),
        (2 * minute, false, -3_652 * day, 5 * MINUTE),
    ] {
        let mut world = World::new();
        world.jump_clock(jump);
        world.network.next.push_back(Link::Dated { wait, clock });
        let tab = world.open("/");
        let id = world.view(tab, "12-0");
        world.advance(HOUR);
        let gap = gaps(&world)[0];
        assert!((expect..=expect + SECOND + 100).contains(&gap), "{wait} {clock} {jump}: {gap}");
        world.assert_arrived_once(&[id]);
    }
}

#[test]
fn promise_09_an_answer_that_does_not_come_is_given_up_after_10_seconds() {
    for link in [Link::Hanging, Link::AnswerHanging, Link::Good(60 * SECOND)] {
        let mut world = World::new();
        let tab = world.open("/");
        world.network.next.push_back(link);
        let ids = world.views(tab, 3);
        let wait = world.time_until(|world| world.told(tab, Topic::Sent).len() == 3);
        assert!((10 * SECOND..12 * SECOND).contains(&wait), "{link:?}: {wait}");
        world.run_until_quiet();
        world.assert_arrived(&ids);
        assert_eq!(world.codes(tab), ["delivery_failed"]);
    }
}

#[test]
fn promise_09_a_new_leader_gives_its_own_late_request_up_before_it_sends_what_others_left() {
    let mut world = World::new();
    let leader = world.open("/");
    let member = world.open("/a");
    world.advance(SECOND);
    world.network.next.extend([Link::Hanging, Link::Hanging]);
    world.storage.space = Space::Full;
    let mut ids = world.views(member, 2);
    world.time_until(|world| world.attempts() == 1);
    // Its timer is late, so its request is too.
    world.hide(member);
    world.storage.space = Space::Free;
    world.advance(8 * SECOND);
    ids.extend(world.views(leader, 2));
    world.advance(4 * SECOND);
    // The simulated browser fails where two requests of one tab are under way.
    world.crash(leader);
    world.run_until_quiet();
    world.assert_arrived(&ids);
}

#[test]
fn promise_09_a_slow_answer_within_10_seconds_is_waited_for() {
    let mut world = World::new();
    world.network.link = Link::Good(9_900);
    let tab = world.open("/");
    let mut ids = world.views(tab, 3);
    world.advance(5 * SECOND);
    ids.extend(world.views(tab, 3));
    world.run_until_quiet();
    world.assert_arrived_once(&ids);
    assert_eq!(world.attempts(), 2);
}

#[test]
fn promise_09_offline_nothing_is_sent_and_online_wakes() {
    let mut world = World::new();
    let tab = world.open("/");
    world.advance(SECOND);
    world.go_offline();
    let mut ids = world.views(tab, 50);
    world.advance(HOUR);
    world.hide(tab);
    world.close(tab);
    let tab = world.open("/next");
    ids.extend(world.views(tab, 50));
    world.advance(HOUR);
    assert_eq!(world.attempts(), 0);
    assert_eq!(world.state(tab), "offline");
    world.go_online();
    let wait = world.time_until(|world| world.collector().arrived().len() == 100);
    assert!(wait < 2 * SECOND, "{wait}");
    world.run_until_quiet();
    world.assert_arrived_once(&ids);
}

#[test]
fn promise_09_a_browser_that_wrongly_says_online_costs_no_event() {
    let mut world = World::new();
    let tab = world.open("/");
    world.network.link = Link::Down;
    let ids = world.views(tab, 20);
    world.advance(10 * MINUTE);
    world.network.link = Link::Good(50);
    world.run_until_quiet();
    world.assert_arrived_once(&ids);
}

#[test]
fn promise_09_a_browser_that_wrongly_says_offline_costs_no_event() {
    let mut world = World::new();
    world.online = false;
    let mut ids = Vec::new();
    for _ in 0..3 {
        let tab = world.open("/");
        ids.extend(world.views(tab, 20));
        world.advance(HOUR);
        world.close(tab);
    }
    assert_eq!((world.attempts(), world.stored()), (0, ids.clone()));
    world.online = true;
    world.open("/");
    world.run_until_quiet();
    world.assert_arrived_once(&ids);
}

#[test]
fn promise_09_online_ends_a_wait_of_ours() {
    let mut world = World::new();
    world.network.link = Link::Down;
    let tab = world.open("/");
    let ids = world.views(tab, 3);
    // So long that the wait is one of minutes.
    world.time_until(|world| world.attempts() == 12);
    world.advance(SECOND);
    world.go_offline();
    world.network.link = Link::Good(50);
    world.advance(SECOND);
    world.go_online();
    let wait = world.time_until(|world| world.collector().arrived().len() == 3);
    assert!(wait < SECOND, "{wait}");
    world.run_until_quiet();
    world.assert_arrived_once(&ids);
}

#[test]
fn promise_09_online_does_not_end_what_the_endpoint_asked_for() {
    let mut world = World::new();
    world.network.next.push_back(Link::Proxy(503, "200", ""));
    let tab = world.open("/");
    let ids = world.views(tab, 3);
    world.advance(SECOND);
    for _ in 0..10 {
        world.go_offline();
        world.advance(SECOND);
        world.go_online();
        world.advance(SECOND);
    }
    assert_eq!(world.attempts(), 1);
    let wait = world.time_until(|world| world.collector().arrived().len() == 3);
    assert!((178 * SECOND..181 * SECOND).contains(&wait), "{wait}");
    world.run_until_quiet();
    world.assert_arrived_once(&ids);
}

#[test]
fn promise_09_flapping_costs_no_event_and_no_storm() {
    let mut world = World::new();
    world.network.link = Link::Down;
    let tab = world.open("/");
    let ids = world.views(tab, 20);
    for _ in 0..100 {
        world.go_offline();
        world.advance(100);
        world.go_online();
        world.advance(100);
    }
    assert!(world.attempts() <= 101, "{}", world.attempts());
    world.network.link = Link::Good(50);
    world.run_until_quiet();
    world.assert_arrived_once(&ids);
}

#[test]
fn promise_09_401_and_403_pause_and_the_queue_stays_until_the_page_asks() {
    for code in [401, 403] {
        let mut world = World::new();
        world.network.link = status(code);
        let tab = world.open("/");
        let mut ids = world.views(tab, 5);
        world.advance(HOUR);
        ids.extend(world.views(tab, 5));
        world.hide(tab);
        world.advance(DAY);
        assert_eq!(world.attempts(), 1);
        assert_eq!(world.state(tab), "paused");
        assert_eq!(world.codes(tab), ["delivery_unauthorized"]);
        assert_same(&world.stored(), &ids);
        world.flush(tab);
        world.advance(SECOND);
        assert_eq!((world.attempts(), world.state(tab)), (2, "paused"));
        world.network.link = Link::Good(50);
        world.flush(tab);
        world.run_until_quiet();
        world.assert_arrived_once(&ids);
    }
}

#[test]
fn promise_09_after_401_the_next_page_tries_again() {
    let mut world = World::new();
    world.network.link = status(401);
    let tab = world.open("/");
    let ids = world.views(tab, 5);
    world.advance(MINUTE);
    world.network.link = Link::Good(50);
    world.navigate(tab, "/next");
    world.run_until_quiet();
    world.assert_arrived_once(&ids);
}

#[test]
fn promise_09_after_401_each_tab_that_waits_tries_once_and_no_more() {
    let mut world = World::new();
    world.network.link = status(403);
    let tabs = [world.open("/"), world.open("/a"), world.open("/b")];
    let mut ids: Vec<_> = tabs.iter().flat_map(|tab| world.views(*tab, 3)).collect();
    world.advance(MINUTE);
    assert_eq!((world.attempts(), world.locks.holder()), (3, None));
    ids.extend(tabs.iter().flat_map(|tab| world.views(*tab, 3)));
    world.advance(DAY);
    assert_eq!((world.attempts(), tabs.map(|tab| world.state(tab))), (3, ["paused"; 3]));
    assert_same(&world.stored(), &{
        ids.sort();
        ids.clone()
    });
    // A new page is known, and sends for all while they stand open.
    world.network.link = Link::Good(50);
    world.open("/c");
    let wait = world.time_until(|world| world.stored().is_empty());
    assert!(wait < SECOND, "{wait}");
    world.run_until_quiet();
    world.assert_arrived_once(&ids);
}

#[test]
fn promise_09_after_401_a_page_that_has_only_loaded_does_not_try_again() {
    let mut world = World::new();
    world.network.link = status(401);
    let tab = world.open("/");
    world.views(tab, 3);
    world.advance(MINUTE);
    // `pageshow` comes when the page's last picture is there, which may be after the first answer.
    world.dispatch(tab, Input::Shown);
    world.advance(MINUTE);
    assert_eq!((world.attempts(), world.state(tab), world.locks.holder()), (1, "paused", None));
}

#[test]
fn promise_09_after_401_a_page_that_comes_back_tries_again() {
    let mut world = World::new();
    world.network.link = status(401);
    let tab = world.open("/");
    let ids = world.views(tab, 3);
    world.advance(MINUTE);
    world.put_away(tab);
    world.bring_back(tab);
    world.advance(MINUTE);
    assert_eq!((world.attempts(), world.state(tab)), (2, "paused"));
    world.network.link = Link::Good(50);
    world.put_away(tab);
    world.bring_back(tab);
    world.run_until_quiet();
    world.assert_arrived_once(&ids);
}

#[test]
fn promise_09_a_401_beside_last_words_strands_no_record() {
    let mut world = World::new();
    world.network.next.extend([Link::Proxy(401, "", ""), Link::Hanging]);
    let tab = world.open("/");
    world.advance(SECOND);
    let mut ids = world.views(tab, 2);
    world.time_until(|world| world.attempts() == 1);
    ids.extend(world.views(tab, 2));
    world.hide(tab);
    world.advance(MINUTE);
    assert_eq!((world.attempts(), world.state(tab)), (2, "paused"));
    world.flush(tab);
    world.run_until_quiet();
    world.assert_arrived_once(&ids);
}

#[test]
fn promise_09_one_bad_record_among_20_is_found_and_only_it_is_set_aside() {
    for code in [400, 413, 422] {
        for place in [0, 7, 19] {
            let mut world = World::new();
            world.collector.refuses = Some((code, Box::new(|record| record["product_id"] == "bad")));
            let tab = world.open("/");
            let mut ids: Vec<_> =
                (0..20).map(|number| world.view(tab, if number == place { "bad" } else { "good" })).collect();
            let bad = ids.remove(place);
            let wait = world.time_until(|world| world.stored().is_empty());
            assert!(wait < 6 * SECOND, "{code} {place}: {wait}");
            world.run_until_quiet();
            world.assert_arrived_once(&ids);
            let told = world.told(tab, Topic::Rejected);
            assert_eq!(told.iter().map(|report| &report.id).collect::<Vec<_>>(), [&bad]);
            assert_eq!(told[0].errors[0].code.as_str(), "record_refused");
            assert_eq!(world.told(tab, Topic::Dropped).iter().map(|report| report.count).sum::<u32>(), 1);
            let alone = world.collector().requests.iter().filter(|seen| seen.ids == [bad.clone()]).count();
            assert_eq!(alone, 2, "{code} {place}: a record is tried alone at most twice");
            assert!(world.attempts() <= 16, "{code} {place}: {}", world.attempts());
            let id = world.view(tab, "good");
            world.run_until_quiet();
            assert!(world.collector().has(&id));
            assert_eq!(world.collector().told_dropped, 1, "the endpoint is told of it");
        }
    }
}

#[test]
fn promise_09_several_bad_records_cost_only_themselves() {
    let mut world = World::new();
    world.collector.refuses = Some((400, Box::new(|record| record["product_id"] == "bad")));
    let tab = world.open("/");
    let ids: Vec<_> = (0..100).map(|number| world.view(tab, if number % 17 == 3 { "bad" } else { "good" })).collect();
    world.run_until_quiet();
    let good: Vec<_> =
        ids.iter().enumerate().filter(|(number, _)| number % 17 != 3).map(|(_, id)| id.clone()).collect();
    world.assert_arrived_once(&good);
    assert_eq!(world.collector().arrived().len(), 94);
    assert_eq!(world.told(tab, Topic::Rejected).len(), 6);
}

#[test]
fn promise_09_an_endpoint_that_refuses_everything_does_not_eat_the_queue_fast() {
    let mut world = World::new();
    world.collector.refuses = Some((400, Box::new(|_| true)));
    let tab = world.open("/");
    let ids = world.views(tab, 200);
    world.advance(HOUR);
    assert!(world.attempts() < 60, "{}", world.attempts());
    assert!(world.stored().len() > 170, "{} of 200 are left", world.stored().len());
    world.collector.refuses = None;
    world.run_until_quiet();
    world.assert_arrived_once(&ids[200 - world.collector().arrived().len()..]);
    assert!(world.collector().arrived().len() > 170);
}

#[test]
fn promise_09_413_halves_until_it_fits_and_drops_nothing() {
    for most_bytes in [400, 1_000, 10_000, 30_000] {
        let mut world = World::new();
        world.collector.most_bytes = Some(most_bytes);
        let tab = world.open("/");
        let ids = world.views(tab, 300);
        world.run_until_quiet();
        world.assert_arrived_once(&ids);
        assert_eq!(world.told(tab, Topic::Dropped).len(), 0);
        assert!(world.collector().requests.iter().all(|seen| seen.status == 413 || seen.bytes <= most_bytes));
    }
}

#[test]
fn promise_09_hiding_the_page_does_not_shorten_what_the_endpoint_asked_for() {
    let mut world = World::new();
    world.network.next.push_back(Link::Proxy(503, "290", ""));
    world.network.link = Link::Down;
    let tab = world.open("/");
    let ids = world.views(tab, 3);
    world.advance(SECOND);
    for _ in 0..3 {
        // Last words are tried, as this may be the last that is heard of the page. They fail too.
        world.hide(tab);
        world.advance(20 * SECOND);
    }
    assert_eq!(world.attempts(), 4);
    world.advance(225 * SECOND);
    assert_eq!(world.attempts(), 4);
    world.network.link = Link::Good(50);
    world.run_until_quiet();
    world.assert_arrived_once(&ids);
}

#[test]
fn promise_09_what_is_called_while_a_page_starts_is_one_request() {
    let mut world = World::new();
    let tab = world.open("/");
    let mut ids = Vec::new();
    for _ in 0..20 {
        ids.extend(world.views(tab, 4));
        world.advance(10);
    }
    world.run_until_quiet();
    world.assert_arrived_once(&ids);
    assert_eq!(world.attempts(), 1);
}
