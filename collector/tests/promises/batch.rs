//! `POST /api/public/batch/`, record by record.

use crate::client::{Endpoint, now, product_event};
use serde_json::{Value, json};

#[test]
fn one_bad_record_never_spoils_its_batch_mates() {
    let endpoint = Endpoint::start(&[]);
    let with = |id: &str, changes: Value| {
        let mut record = product_event(id);
        for (name, value) in changes.as_object().unwrap() {
            record[name] = value.clone();
        }
        record
    };
    let mut without_product = product_event("b1");
    without_product.as_object_mut().unwrap().remove("product_id");
    let deep = |levels| (0..levels).fold(json!(1), |inner, _| json!([inner]));
    let bad = [
        (without_product, "product_id_missing"),
        (with("b2", json!({"product_id": "  "})), "product_id_missing"),
        (with("b3", json!({"product_id": ["a"]})), "product_id_invalid"),
        (with("b4", json!({"event_type": null})), "event_type_missing"),
        (with("b5", json!({"event_type": "ad to cart"})), "event_type_unknown"),
        (with("b6", json!({"data": [1]})), "payload_not_object"),
        (with("b7", json!({"kind": "widget.open"})), "kind_unknown"),
        (with("b8", json!({"kind": "event"})), "event_name_missing"),
        (with("b9", json!({"kind": "event", "name": "x".repeat(256)})), "event_name_too_long"),
        (with("b10", json!({"t": 1.5})), "record_malformed"),
        (with("b11", json!({"t": -1})), "record_malformed"),
        (with("b12", json!({"t": "1700000000000"})), "record_malformed"),
        (with("b13", json!({"data": {"text": "x".repeat(33_000)}})), "record_too_large"),
        (with("b14", json!({"data": {"deep": deep(40)}})), "record_malformed"),
        (with("not an id", json!({})), "record_malformed"),
        (with(&"x".repeat(65), json!({})), "record_malformed"),
        (with("", json!({})), "record_malformed"),
        (json!(7), "record_malformed"),
        (json!(null), "record_malformed"),
        (json!([]), "record_malformed"),
        (json!({}), "record_malformed"),
    ];
    let mut records = vec![product_event("first")];
    records.extend(bad.iter().map(|(record, _)| record.clone()));
    records.push(product_event("last"));

    let answer = endpoint.batch(json!(records));

    let mut expected = vec!["stored"];
    expected.extend(bad.iter().map(|(_, code)| *code));
    expected.push("stored");
    assert_eq!(answer.results(), expected);
    let results = answer.json()["results"].as_array().unwrap().clone();
    assert_eq!(
        results[5],
        json!({"id": "b5", "status": "rejected", "code": "event_type_unknown",
                                  "field": "event_type", "nearest": "add to cart"})
    );
    for (index, result) in results.iter().enumerate() {
        let nameless = (15..=21).contains(&index);
        assert_eq!(result.get("index").and_then(Value::as_u64), nameless.then_some(index as u64), "{result}");
        assert_eq!(result.get("id").is_some(), !nameless, "{result}");
    }
    assert_eq!(endpoint.sql::<i64>("SELECT count(*) FROM events"), 2);
    assert_eq!(endpoint.sql::<i64>("SELECT count(*) FROM rejected"), bad.len() as i64);
}

#[test]
fn a_record_of_100_000_brackets_is_rejected_by_its_id_and_its_mates_are_stored() {
    let endpoint = Endpoint::start(&[]);
    let (open, close) = ("[".repeat(100_000), "]".repeat(100_000));
    let batch = format!(
        r#"{{"v":1,"app":"abc123","visitor":"v","records":[
            {{"id":"deep","t":1,"kind":"event","name":"x","data":{{"a":{open}{close}}}}},{}]}}"#,
        product_event("mate")
    );
    let answer = endpoint.send("POST", "/api/public/batch/", &[crate::client::JSON], batch);
    assert_eq!(answer.results(), ["record_too_large", "stored"]);
    assert_eq!(answer.json()["results"][0]["id"], "deep");
}

#[test]
fn an_id_becomes_one_event() {
    let endpoint = Endpoint::start(&["--app", "other"]);
    assert_eq!(endpoint.batch(json!([product_event("a"), product_event("a")])).results(), ["stored", "duplicate"]);
    assert_eq!(endpoint.batch(json!([product_event("a"), product_event("b")])).results(), ["duplicate", "stored"]);
    // Stored once, it is never called rejected later.
    assert_eq!(endpoint.batch(json!([{"id": "a"}])).results(), ["duplicate"]);
    // An id is unique for its app.
    let other = json!({"v": 1, "app": "other", "visitor": "v", "records": [product_event("a")]});
    assert_eq!(endpoint.envelope(other).results(), ["stored"]);
    assert_eq!(endpoint.sql::<i64>("SELECT count(*) FROM events"), 3);
}

#[test]
fn an_id_sent_by_many_at_once_becomes_one_event() {
    let endpoint = Endpoint::start(&[]);
    for round in 0..5 {
        let id = format!("id-{round}");
        let results = std::thread::scope(|scope| {
            let senders: Vec<_> =
                (0..8).map(|_| scope.spawn(|| endpoint.batch(json!([product_event(&id)])).results())).collect();
            senders.into_iter().flat_map(|sender| sender.join().unwrap()).collect::<Vec<_>>()
        });
        assert_eq!(results.iter().filter(|result| *result == "stored").count(), 1, "{results:?}");
        assert_eq!(results.iter().filter(|result| *result == "duplicate").count(), 7, "{results:?}");
    }
    assert_eq!(endpoint.sql::<i64>("SELECT count(*) FROM events"), 5);
}

#[test]
fn a_rejected_record_is_rejected_again_and_kept_once() {
    let endpoint = Endpoint::start(&[]);
    let bad = json!([{"id": "bad", "t": 1, "kind": "product_event", "event_type": "view"}]);
    assert_eq!(endpoint.batch(bad.clone()).results(), ["product_id_missing"]);
    assert_eq!(endpoint.batch(bad).results(), ["product_id_missing"]);
    assert_eq!(endpoint.sql::<i64>("SELECT count(*) FROM rejected"), 1);
    let raw: String = endpoint.sql("SELECT raw FROM rejected");
    assert_eq!(serde_json::from_str::<Value>(&raw).unwrap()["id"], "bad");
    let live = endpoint.live();
    assert_eq!((&live[0]["status"], &live[0]["code"]), (&json!("rejected"), &json!("product_id_missing")));
}

#[test]
fn every_kind_is_stored_with_what_it_carries() {
    let endpoint = Endpoint::start(&[]);
    let t = now() - 1_000;
    let records = json!([
        {"id": "p", "t": t, "kind": "product_event", "product_id": 12, "event_type": "Add_To-Cart",
         "data": {"name": "Sofa", "price": 749.5, "tags": ["a", {"b": null}], "zażółć": true},
         "user": {"user_id": 52, "email": "a@b.example"}, "token": "abc-1", "page": {"url": "https://a.example/x", "view": "v1"}},
        {"id": "e", "t": t, "kind": "event", "name": "newsletter sign up", "data": {"list": "spring"}},
        {"id": "e2", "t": t, "kind": "event", "name": "bare"},
        {"id": "c", "t": t, "kind": "client.update", "data": {"first_name": "Ada"}},
        {"id": "own", "t": t, "kind": "product_event", "product_id": "13", "event_type": "click", "token": "from-page",
         "data": {"recommendation_token": "own", "product_id": "ignored"}},
        {"id": "odd", "t": t, "kind": "product_event", "product_id": "14", "event_type": "click", "token": "sp ace",
         "user": "nobody", "page": 7},
    ]);
    assert_eq!(endpoint.batch(records).results(), ["stored"; 6]);
    let live = endpoint.live();
    let mut first = live[0].clone();
    assert!(first["received"].as_i64().unwrap() >= t);
    first.as_object_mut().unwrap().remove("received");
    assert_eq!(
        first,
        json!({"seq": 1, "id": "p", "status": "stored", "t": t, "app": "abc123", "visitor": "visitor-1",
               "kind": "product_event", "product_id": "12", "event_type": "add to cart", "name": "Sofa",
               "data": {"name": "Sofa", "price": 749.5, "tags": ["a", {"b": null}], "zażółć": true},
               "user": {"user_id": 52, "email": "a@b.example"}, "token": "abc-1",
               "page": {"url": "https://a.example/x", "view": "v1"}})
    );
    assert_eq!((&live[1]["kind"], &live[1]["name"]), (&json!("event"), &json!("newsletter sign up")));
    assert_eq!((&live[3]["kind"], &live[3]["data"]), (&json!("client.update"), &json!({"first_name": "Ada"})));
    assert_eq!((&live[4]["token"], &live[4]["product_id"]), (&json!("own"), &json!("13")));
    assert_eq!((live[5].get("token"), live[5].get("user"), live[5].get("page")), (None, None, None));
    assert_eq!(endpoint.sql::<String>("SELECT custom_id FROM users"), "52");
}

#[test]
fn half_a_surrogate_pair_costs_no_record() {
    let endpoint = Endpoint::start(&[]);
    let record = r#"{"id":"a","t":1,"kind":"product_event","product_id":"p\ud800","event_type":"view",
                     "data":{"name":"cut 😀 \ud83d\ude00 \ud83d","b\udc00":"\\ud800"}}"#;
    let batch = format!(r#"{{"v":1,"app":"abc123","visitor":"v","records":[{record},{}]}}"#, product_event("b"));
    assert_eq!(endpoint.send("POST", "/api/public/batch/", &[crate::client::JSON], batch).results(), ["stored"; 2]);
    let stored = &endpoint.live()[0];
    assert_eq!(stored["product_id"], "p\u{fffd}");
    assert_eq!(stored["data"], json!({"name": "cut 😀 😀 \u{fffd}", "b\u{fffd}": "\\ud800"}));
}

#[test]
fn a_wrong_clock_is_corrected_and_both_times_are_kept() {
    let endpoint = Endpoint::start(&["--clock-tolerance", "10"]);
    let hour = 3_600_000;
    for (id, clock_off_by, age) in [("behind", -hour, 5_000), ("ahead", hour, 5_000), ("right", -2_000, 5_000)] {
        let sent = now() + clock_off_by;
        let record = json!({"id": id, "t": sent - age, "kind": "event", "name": "x"});
        let batch = json!({"v": 1, "app": "abc123", "visitor": "v", "sent": sent, "records": [record]});
        assert_eq!(endpoint.envelope(batch).results(), ["stored"]);
        let read = |column| endpoint.sql::<i64>(&format!("SELECT {column} FROM events WHERE id = '{id}'"));
        assert_eq!(read("t_sent"), sent - age);
        if id == "right" {
            assert_eq!(read("t"), sent - age, "a slow network is no wrong clock");
        } else {
            assert_eq!(read("received") - read("t"), age);
        }
    }
}

#[test]
fn dropped_records_are_counted_once() {
    let endpoint = Endpoint::start(&[]);
    let batch = |id: &str, dropped| json!({"v": 1, "app": "abc123", "visitor": "v", "dropped": dropped, "records": [product_event(id)]});
    assert_eq!(endpoint.envelope(batch("a", 3)).results(), ["stored"]);
    assert_eq!(endpoint.envelope(batch("a", 3)).results(), ["duplicate"]);
    assert_eq!(endpoint.envelope(batch("b", 4)).results(), ["stored"]);
    assert_eq!(endpoint.sql::<i64>("SELECT count FROM drops WHERE app = 'abc123' AND visitor = 'v'"), 7);
}

#[test]
fn where_an_action_comes_from_is_stored_as_far_as_it_can_be_believed() {
    let endpoint = Endpoint::start(&[]);
    let from = |id: &str, fields: Value| {
        let mut record = product_event(id);
        record.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        record
    };
    let records = [
        from("a", json!({"token": "tok", "panel": "picked", "position": 3})),
        from("b", json!({"token": "tok", "panel": "<b>", "position": 10_000})),
        from("c", json!({"token": "a b", "panel": "picked", "position": 3})),
        from("d", json!({"panel": "picked", "position": 3})),
        from("e", json!({"token": "tok", "panel": 5, "position": "3"})),
        from("f", json!({"token": "tok", "panel": "picked", "data": {"recommendation_token": "own"}})),
    ];
    assert_eq!(endpoint.batch(json!(records)).results(), ["stored"; 6]);
    let sources: Vec<_> = endpoint
        .live()
        .iter()
        .map(|event| {
            let fields = ["token", "panel", "position"].map(|name| &event[name]).map(Value::to_string);
            fields.join(" ")
        })
        .collect();
    assert_eq!(
        sources,
        [
            r#""tok" "picked" 3"#,
            r#""tok" null null"#,
            "null null null",
            "null null null",
            r#""tok" null null"#,
            r#""own" null null"#
        ]
    );
}

#[test]
fn impressions_are_events_that_name_their_products() {
    let endpoint = Endpoint::start(&[]);
    let seen = |id: &str, token: &str, data: Value| json!({"id": id, "t": now(), "kind": "impressions", "token": token, "panel": "picked", "data": data});
    let records = json!([
        seen("a", "tok", json!({"products": {"07-0": 1, "02-0": null}, "more": 1})),
        seen("b", "a b", json!({"products": {"07-0": 1}})),
        seen("c", "tok", json!({"products": {}})),
        seen("d", "tok", json!({})),
        seen("e", "tok", json!([])),
    ]);
    let bad = "impressions_invalid";
    assert_eq!(endpoint.batch(records).results(), ["stored", bad, bad, bad, "payload_not_object"]);
    let event = &endpoint.live()[0];
    assert_eq!(event["kind"], "impressions");
    assert_eq!((&event["token"], &event["panel"]), (&json!("tok"), &json!("picked")));
    assert_eq!(event["data"], json!({"products": {"07-0": 1, "02-0": null}}));
}
