//! Whose an event is: of a visitor who logs in, logs out, and becomes somebody else, in whatever order it arrives.

use crate::client::{Endpoint, now};
use serde_json::{Value, json};

const START: i64 = 1_700_000_000_000;

/// One record of a story: second, kind, user. A product is named after its second.
fn record(prefix: &str, (second, kind, user): (i64, &str, &str)) -> Value {
    let mut record = json!({"id": format!("{prefix}-{second:02}"), "t": START + second * 1_000, "kind": kind});
    if kind == "product_event" {
        record["product_id"] = json!(second.to_string());
        record["event_type"] = json!("view");
        record["data"] = json!({});
    }
    if !user.is_empty() {
        record["user"] = json!({"user_id": format!("{prefix}-{user}")});
    }
    record
}

fn send(endpoint: &Endpoint, visitor: &str, records: &[Value]) {
    let answer = endpoint
        .envelope(json!({"v": 1, "app": "abc123", "visitor": visitor, "sent": now(), "records": records}))
        .results();
    assert!(answer.iter().all(|status| status == "stored"), "{answer:?}");
}

/// The products of a user's events, in the order of their time.
fn products_of(endpoint: &Endpoint, user: &str) -> Vec<i64> {
    let answer = endpoint.get(&format!("/api/public/users-by-id/{user}/product_events/"));
    let page = answer.json();
    let results = page["results"].as_array().unwrap_or_else(|| panic!("{answer:?}"));
    assert_eq!(page["count"].as_u64().unwrap() as usize, results.len());
    let mut products: Vec<i64> =
        results.iter().map(|event| event["product_custom_id"].as_str().unwrap().parse().unwrap()).collect();
    products.sort_unstable();
    products
}

#[test]
fn what_an_anonymous_visitor_did_is_the_users_who_logs_in_and_ends_with_the_log_out_in_any_order_of_arrival() {
    let endpoint = Endpoint::start(&[]);
    let story = [
        (1, "product_event", ""),
        (2, "product_event", ""),
        (3, "identify", "ada"),
        (4, "product_event", "ada"),
        // `civchat` was not there yet: the visitor is still the same.
        (5, "product_event", ""),
        (6, "identify", ""),
        (7, "product_event", ""),
        (8, "identify", "bob"),
        (9, "product_event", "bob"),
        (10, "identify", "eve"),
        (11, "product_event", ""),
        (12, "identify", ""),
        (13, "product_event", ""),
    ];
    let mut state: u64 = 1;
    for round in 0..60 {
        let (prefix, visitor) = (format!("r{round}"), format!("visitor-{round}"));
        let mut records: Vec<Value> = story.iter().map(|line| record(&prefix, *line)).collect();
        // The first round in order, the second backwards, the others mixed.
        match round {
            0 => {}
            1 => records.reverse(),
            _ => {
                for place in (1..records.len()).rev() {
                    state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                    records.swap(place, (state >> 33) as usize % (place + 1));
                }
            }
        }
        // One batch, one record each, and some of both.
        for part in records.chunks([14, 1, 3][round % 3]) {
            send(&endpoint, &visitor, part);
        }
        let order: Vec<_> = records.iter().map(|record| record["id"].as_str().unwrap()).collect();
        for (user, products) in [("ada", vec![1, 2, 4, 5]), ("bob", vec![7, 9]), ("eve", vec![11])] {
            assert_eq!(products_of(&endpoint, &format!("{prefix}-{user}")), products, "{user} {order:?}");
        }
    }
    let nobodys: i64 = endpoint.sql("SELECT count(*) FROM events WHERE owner IS NULL AND event_type IS NOT NULL");
    assert_eq!(nobodys, 60, "what came after the last log-out");
}

#[test]
fn a_reset_ends_the_visitor_whoever_comes_next() {
    let endpoint = Endpoint::start(&[]);
    for (name, order) in [("a", [0, 1, 2, 3]), ("b", [3, 2, 1, 0])] {
        let story = [
            (1, "identify", "ada"),
            (2, "product_event", ""),
            (3, "reset", "ada"),
            // A tab that did not know it yet.
            (4, "product_event", ""),
        ];
        for place in order {
            send(&endpoint, name, &[record(name, story[place])]);
        }
        let next = format!("{name}-next");
        send(&endpoint, &next, &[record(&next, (5, "product_event", ""))]);
        assert_eq!(products_of(&endpoint, &format!("{name}-ada")), [2], "{order:?}");
    }
}

#[test]
fn two_visitors_of_one_user_and_two_users_of_other_apps_stay_apart() {
    let endpoint = Endpoint::start(&["--app", "other1"]);
    for visitor in ["phone", "desk"] {
        let story = [(1, "product_event", ""), (2, "identify", "")];
        send(&endpoint, visitor, &story.map(|line| record(visitor, line)));
        let mut login = record(visitor, (3, "identify", ""));
        login["user"] = json!({"user_id": "ada"});
        send(&endpoint, visitor, &[login]);
    }
    let mut records = vec![record("elsewhere", (1, "product_event", ""))];
    records[0]["product_id"] = json!("9");
    let envelope = json!({"v": 1, "app": "other1", "visitor": "phone", "sent": now(), "records": records});
    assert_eq!(endpoint.envelope(envelope).results(), ["stored"]);
    assert_eq!(products_of(&endpoint, "ada"), [1, 1]);
}

#[test]
fn an_email_alone_names_no_user_and_hides_none() {
    let endpoint = Endpoint::start(&[]);
    let mut signed_up = record("m", (2, "identify", ""));
    signed_up["user"] = json!({"email": "ada@b.example"});
    let records = [record("m", (1, "product_event", "")), signed_up, record("m", (3, "identify", "ada"))];
    send(&endpoint, "m", &records);
    assert_eq!(products_of(&endpoint, "m-ada"), [1]);
}

#[test]
fn every_kind_is_stored_and_shown_and_the_key_is_not() {
    let endpoint = Endpoint::start(&[]);
    let data = json!({"apiKey": "abc123", "userKey": "k", "first_name": "Ada", "event": {"name": "x", "n": [1]}});
    let kept = json!({"first_name": "Ada", "event": {"name": "x", "n": [1]}});
    for kind in ["page", "client.update", "reset"] {
        let record = json!({"id": kind.replace('.', "-"), "t": now(), "kind": kind, "data": data});
        assert_eq!(endpoint.batch(json!([record])).results(), ["stored"]);
        let live = endpoint.live();
        let last = live.last().unwrap();
        assert_eq!((&last["kind"], &last["data"]), (&json!(kind), &kept));
    }
    let identify = json!({"id": "i", "t": now(), "kind": "identify", "user": {"user_id": "52"}});
    assert_eq!(endpoint.batch(json!([identify])).results(), ["stored"]);
    assert_eq!(endpoint.live().last().unwrap()["user"], json!({"user_id": "52"}));
    for kind in ["UE.pageHit", "identity", "Page", ""] {
        let record = json!({"id": "u", "t": now(), "kind": kind, "data": {}});
        assert_eq!(endpoint.batch(json!([record])).results(), ["kind_unknown"]);
    }
    let bad = json!({"id": "p", "t": now(), "kind": "page", "data": "x"});
    assert_eq!(endpoint.batch(json!([bad])).results(), ["payload_not_object"]);
}
