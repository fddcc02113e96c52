//! The Recommendations page's figures, against a data set that was counted by hand.

use crate::client::{Endpoint, now};
use serde_json::{Value, json};

const DAY: i64 = 86_400_000;

/// Noon of a day, so many days ago.
fn noon(days_ago: i64) -> i64 {
    (now() / DAY - days_ago) * DAY + DAY / 2 - if days_ago == 0 { DAY / 2 } else { 0 }
}

fn send(endpoint: &Endpoint, visitor: &str, records: Vec<Value>) {
    let records: Vec<_> = records
        .into_iter()
        .enumerate()
        .map(|(number, mut record)| {
            record["id"] = json!(format!("{visitor}-{number}"));
            record
        })
        .collect();
    let results = records.len();
    let envelope = json!({"v": 1, "app": "abc123", "visitor": visitor, "sent": now(), "records": records});
    assert_eq!(endpoint.envelope(envelope).results(), vec!["stored"; results]);
}

fn seen(t: i64, token: &str, panel: &str, products: Value) -> Value {
    json!({"t": t, "kind": "impressions", "token": token, "panel": panel, "data": {"products": products}})
}

fn act(t: i64, event_type: &str, product: &str, source: Value, data: Value) -> Value {
    let mut record =
        json!({"t": t, "kind": "product_event", "event_type": event_type, "product_id": product, "data": data});
    record.as_object_mut().unwrap().extend(source.as_object().unwrap().clone());
    record
}

/// Rows of the same panel, place and day added up: seen, clicks, carts, bought, revenue, later.
fn sums(endpoint: &Endpoint, query: &str) -> Vec<String> {
    let answer = endpoint.get(&format!("/live/recommendations{query}")).json();
    let today = answer["last"].as_i64().unwrap();
    let mut sums = std::collections::BTreeMap::new();
    for row in answer["rows"].as_array().unwrap() {
        let key =
            format!("{} {} -{}", row["panel"].as_str().unwrap(), row["position"], today - row["day"].as_i64().unwrap());
        let sum: &mut [f64; 6] = sums.entry(key).or_default();
        for (sum, name) in sum.iter_mut().zip(["impressions", "clicks", "carts", "purchases", "revenue", "later"]) {
            *sum += row[name].as_f64().unwrap();
        }
    }
    sums.into_iter().map(|(key, sum)| format!("{key}: {sum:?}")).collect()
}

#[test]
fn what_panels_earned_is_what_a_hand_counts() {
    let endpoint = Endpoint::start(&[]);
    let none = json!({});
    let data = json!({});
    let first = |position: u64| json!({"token": "t1", "panel": "picked", "position": position});
    let price = |price: f64, quantity: u64| json!({"price": price, "quantity": quantity, "currency": "EUR"});
    let (monday, tuesday) = (noon(3), noon(2));
    // Ada sees three tiles on one page view and two of them on another, clicks one tile, which is told by click and landing,
    // likes it, and buys it the next day from its own page: without a token.
    send(
        &endpoint,
        "ada",
        vec![
            seen(monday, "t1", "picked", json!({"a": 1, "b": 2, "c": 3})),
            seen(monday + 1, "t1", "picked", json!({"a": 1, "b": 2})),
            act(monday + 2, "liking", "a", first(1), data.clone()),
            act(monday + 3, "click", "a", first(1), data.clone()),
            act(monday + 4, "detail", "a", first(1), data.clone()),
            act(monday + 5, "add to cart", "a", none.clone(), price(10.0, 1)),
            act(tuesday, "order", "a", none.clone(), price(10.0, 1)),
            act(tuesday + 1, "purchase", "a", none.clone(), price(10.0, 1)),
            // Another product, whose purchase has nothing to do with a click.
            act(tuesday + 2, "purchase", "c", none.clone(), price(99.0, 1)),
        ],
    );
    // Ben clicks the same tile twice and another once, puts one into the cart on the panel and buys two pieces there, which
    // his shop tells as an order and as a purchase.
    send(
        &endpoint,
        "ben",
        vec![
            seen(tuesday, "t1", "picked", json!({"a": 1, "b": 2, "c": null})),
            act(tuesday + 1, "click", "a", first(1), data.clone()),
            act(tuesday + 2, "click", "a", first(1), data.clone()),
            act(tuesday + 3, "view", "a", first(1), data.clone()),
            act(tuesday + 4, "detail", "b", first(2), data.clone()),
            act(tuesday + 5, "add", "b", first(2), data.clone()),
            act(tuesday + 6, "add to cart", "b", first(2), data.clone()),
            act(tuesday + 7, "order", "b", first(2), price(2.5, 2)),
            act(tuesday + 8, "purchase", "b", first(2), price(2.5, 2)),
            // In another currency, from a shop that has no pieces.
            act(tuesday + 9, "purchase", "d", first(2), json!({"price": "7.25", "currency": "PLN"})),
        ],
    );
    // Cleo comes with a token that names no panel; buys what she clicked, but eight days later than the click.
    send(
        &endpoint,
        "cleo",
        vec![
            act(noon(20), "click", "a", json!({"token": "t9"}), data.clone()),
            act(noon(12), "purchase", "a", none, price(10.0, 1)),
        ],
    );
    // Of another day, another panel, and out of the time that is asked for.
    send(
        &endpoint,
        "dan",
        vec![seen(noon(0), "t2", "goes-with", json!({"a": 1})), seen(noon(40), "t2", "goes-with", json!({"a": 1}))],
    );

    assert_eq!(
        sums(&endpoint, ""),
        [
            " 0 -20: [0.0, 1.0, 0.0, 0.0, 0.0, 0.0]",
            "goes-with 1 -0: [1.0, 0.0, 0.0, 0.0, 0.0, 0.0]",
            "picked 0 -2: [1.0, 0.0, 0.0, 0.0, 0.0, 0.0]",
            "picked 1 -2: [1.0, 2.0, 0.0, 0.0, 0.0, 0.0]",
            "picked 1 -3: [2.0, 1.0, 0.0, 0.0, 0.0, 1.0]",
            "picked 2 -2: [1.0, 1.0, 1.0, 2.0, 12.25, 0.0]",
            "picked 2 -3: [2.0, 0.0, 0.0, 0.0, 0.0, 0.0]",
            "picked 3 -3: [1.0, 0.0, 0.0, 0.0, 0.0, 0.0]",
        ]
    );
    let revenue: Vec<_> = endpoint.get("/live/recommendations").json()["rows"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|row| row["revenue"] != json!(0.0))
        .map(|row| format!("{} {}", row["revenue"], row["currency"].as_str().unwrap()))
        .collect();
    assert_eq!(revenue, ["5.0 EUR", "7.25 PLN"]);
    assert_eq!(sums(&endpoint, "?days=1").len(), 1);
    assert_eq!(sums(&endpoint, "?days=90").len(), 9);
    assert_eq!(endpoint.get("/live/recommendations?days=x").code(), "query_invalid");
    assert_eq!(endpoint.send("GET", "/live/recommendations", &[], "").status, 401, "a shop's figures need its token");
}
