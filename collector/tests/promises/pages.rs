//! Cursor pages.

use crate::client::{Endpoint, now};
use serde_json::{Value, json};
use std::collections::BTreeSet;

fn add(endpoint: &Endpoint, range: std::ops::Range<usize>) {
    let record = |number: usize| {
        let event_type = if number.is_multiple_of(2) { "view" } else { "click" };
        json!({"id": format!("r{number}"), "t": now(), "kind": "product_event", "product_id": "p",
               "event_type": event_type, "data": {}, "user": {"user_id": "u 1"}})
    };
    let records: Vec<Value> = range.map(record).collect();
    assert_eq!(endpoint.batch(json!(records)).status, 200);
}

fn ids(page: &Value) -> Vec<i64> {
    page["results"].as_array().unwrap().iter().map(|event| event["id"].as_i64().unwrap()).collect()
}

#[test]
fn pages_neither_double_nor_hide_an_event_while_others_arrive() {
    let endpoint = Endpoint::start(&[]);
    add(&endpoint, 0..250);
    let first = "/api/public/users-by-id/u%201/product_events/";
    let mut page = endpoint.get(first).json();
    let (mut seen, mut sizes, mut pages) = (Vec::new(), Vec::new(), vec![page.clone()]);
    loop {
        seen.extend(ids(&page));
        sizes.push(ids(&page).len());
        // In the middle of the walk.
        add(&endpoint, 1_000 * sizes.len()..1_000 * sizes.len() + 7);
        let Some(next) = page["next"].as_str() else { break };
        page = endpoint.get(next).json();
        pages.push(page.clone());
    }
    assert_eq!(sizes, [100, 100, 50]);
    assert!(seen.is_sorted_by(|newer, older| newer > older), "newest first");
    assert_eq!(seen.iter().collect::<BTreeSet<_>>().len(), 250);
    assert_eq!(page["count"], 250 + 2 * 7);

    // And back again, to what has arrived meanwhile.
    let second = endpoint.get(page["previous"].as_str().unwrap()).json();
    assert_eq!(ids(&second), ids(&pages[1]));
    let first = endpoint.get(second["previous"].as_str().unwrap()).json();
    assert_eq!(ids(&first), ids(&pages[0]));
    let newest = endpoint.get(first["previous"].as_str().unwrap()).json();
    assert_eq!((ids(&newest).len(), &newest["previous"]), (21, &Value::Null));
}

#[test]
fn a_page_can_be_of_one_type() {
    let endpoint = Endpoint::start(&[]);
    add(&endpoint, 0..250);
    let page = endpoint.get("/api/public/users/1/product_events/?type=8").json();
    assert_eq!((ids(&page).len(), &page["count"]), (100, &json!(125)));
    let page = endpoint.get(page["next"].as_str().unwrap()).json();
    assert_eq!((ids(&page).len(), &page["next"]), (25, &Value::Null));
    assert!(page["results"].as_array().unwrap().iter().all(|event| event["event_type"] == "view"));
    for query in ["type=0", "type=17", "type=view", "type=", "cursor=", "cursor=x", "cursor=b-1", "cursor=b1&cursor=b2"]
    {
        let answer = endpoint.get(&format!("/api/public/users/1/product_events/?{query}"));
        assert_eq!((answer.status, answer.code().as_str()), (400, "query_invalid"), "{query}");
    }
}
