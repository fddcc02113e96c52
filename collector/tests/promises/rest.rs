//! User.com's REST form: products, and product events.

use crate::client::{Endpoint, JSON, TOKEN, now};
use serde_json::{Value, json};

const BY_ID: &str = "/api/public/products-by-id/";

fn with_attributes(declarations: &str) -> Endpoint {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("collector.toml");
    std::fs::write(&file, format!("[attributes]\n{declarations}\n")).unwrap();
    let file = file.to_str().unwrap().to_owned();
    Endpoint::start_in(folder, &["--config", &file], Some(TOKEN))
}

/// A page's event, `age` ms ago.
fn from_page(endpoint: &Endpoint, id: &str, product: &str, age: i64, data: Value) {
    let record = json!({"id": id, "t": now() - age, "kind": "product_event", "product_id": product,
                        "event_type": "view", "data": data});
    assert_eq!(endpoint.batch(json!([record])).results(), ["stored"]);
}

#[test]
fn a_product_of_the_article_gets_an_event_that_is_read_back() {
    let endpoint = Endpoint::start(&[]);
    let article = json!({"name": "my product", "custom_id": "my_product_id",
                         "product_url": "https://myshop.com/products/my_product/",
                         "image_url": "https://myshop.com/media/products/myproduct.jpg"});
    let created = endpoint.post(BY_ID, article.clone());
    assert_eq!(created.status, 201, "{created:?}");
    assert!(created.json()["id"].is_i64());
    assert_eq!(created.json()["name"], "my product");
    assert_eq!(endpoint.post(BY_ID, article).status, 200, "the second time it is an update");

    let event = json!({"event_type": "add to cart", "user_custom_id": "52", "timestamp": 1_700_000_000,
                       "data": {"price": 749.5, "custom_data": {"size": "M"}}});
    let answer = endpoint.post("/api/public/products-by-id/my_product_id/product_event/", event);
    assert_eq!(answer.status, 200, "{answer:?}");
    let id = answer.json()["id"].clone();
    let other = json!({"event_type": "purchase", "user_custom_id": "52"});
    assert_eq!(endpoint.post("/api/public/products-by-id/my_product_id/product_event/", other).status, 200);

    let page = endpoint.get("/api/public/users-by-id/52/product_events/?type=1").json();
    assert_eq!(
        page,
        json!({"count": 1, "next": null, "previous": null, "results": [
            {"id": id, "client": 1, "timestamp": 1_700_000_000, "event_type": "add to cart",
             "custom_data": {"size": "M"}, "product": created.json()["id"], "product_custom_id": "my_product_id"}]})
    );
    assert_eq!(endpoint.get("/api/public/users/1/product_events/?type=1").json(), page);
    let details = endpoint.get("/api/public/products-by-id/my_product_id/details/").json();
    assert_eq!((&details["price"], details.get("custom_data")), (&json!("749.5"), None));
    assert_eq!(details["product_url"], "https://myshop.com/products/my_product/");
    assert_eq!(endpoint.live()[0]["product_id"], "my_product_id");
}

#[test]
fn both_versions_name_the_user_in_their_way() {
    let endpoint = Endpoint::start(&[]);
    let number = endpoint.post(BY_ID, json!({"custom_id": 7})).json()["id"].as_i64().unwrap();
    let path = "/api/public/products-by-id/7/product_event/";
    let event = |fields: Value| {
        let mut event = json!({"event_type": "view"});
        event.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        event
    };
    assert_eq!(endpoint.post(path, event(json!({"user_custom_id": "52"}))).status, 200);
    let by_number = format!("/api/public/products/{number}/product_event/");
    assert_eq!(endpoint.post(&by_number, event(json!({"user_id": 1}))).status, 200);
    // Version 1: `user_id` is the shop's own text.
    let token = format!("Token {TOKEN}");
    let v1 = |fields| {
        let headers = [JSON, ("authorization", token.as_str()), ("accept", "*/*")];
        endpoint.send("POST", path, &headers, event(fields).to_string()).status
    };
    assert_eq!(v1(json!({"user_id": "52"})), 200);
    assert_eq!(v1(json!({"client": 1})), 200);
    assert_eq!(v1(json!({"user_id": "77"})), 200);
    assert_eq!(endpoint.get("/api/public/users/1/product_events/").json()["count"], 4);
    assert_eq!(endpoint.get("/api/public/users-by-id/77/product_events/").json()["count"], 1);
}

#[test]
fn what_is_wrong_with_a_rest_call_is_named() {
    let endpoint = Endpoint::start(&[]);
    endpoint.post(BY_ID, json!({"custom_id": "a"}));
    let path = "/api/public/products-by-id/a/product_event/";
    let long = "x".repeat(33);
    for (path, body, status, code, field) in [
        (BY_ID, json!({"name": "x"}), 400, "field_invalid", "custom_id"),
        (BY_ID, json!({"custom_id": " "}), 400, "field_invalid", "custom_id"),
        (BY_ID, json!({"custom_id": "b", long.clone(): 1}), 400, "attribute_name", long.as_str()),
        (BY_ID, json!([1]), 400, "body_malformed", ""),
        (path, json!({"user_custom_id": "1"}), 400, "event_type_missing", "event_type"),
        (path, json!({"user_custom_id": "1", "event_type": "buy"}), 400, "event_type_unknown", "event_type"),
        (path, json!({"event_type": "view"}), 400, "field_invalid", "user_custom_id"),
        (path, json!({"event_type": "view", "user_id": "x"}), 400, "field_invalid", "user_id"),
        (path, json!({"event_type": "view", "user_id": 9}), 404, "user_unknown", ""),
        (
            path,
            json!({"event_type": "view", "user_custom_id": "1", "timestamp": "now"}),
            400,
            "field_invalid",
            "timestamp",
        ),
        (path, json!({"event_type": "view", "user_custom_id": "1", "data": [1]}), 400, "payload_not_object", ""),
        (
            "/api/public/products-by-id/none/product_event/",
            json!({"event_type": "view", "user_custom_id": "1"}),
            404,
            "product_unknown",
            "",
        ),
        (
            "/api/public/products/99/product_event/",
            json!({"event_type": "view", "user_custom_id": "1"}),
            404,
            "product_unknown",
            "",
        ),
    ] {
        let answer = endpoint.post(path, body.clone());
        assert_eq!((answer.status, answer.code().as_str()), (status, code), "{path} {body}");
        let named = answer.json()["errors"][0]["field"].as_str().unwrap_or_default().to_owned();
        assert_eq!(named, field, "{path} {body}");
    }
    assert_eq!(endpoint.get("/api/public/products-by-id/none/details/").code(), "product_unknown");
    assert_eq!(endpoint.get("/api/public/users-by-id/none/product_events/").code(), "user_unknown");
    assert_eq!(endpoint.sql::<i64>("SELECT count(*) FROM events"), 0);
    assert_eq!(endpoint.sql::<i64>("SELECT count(*) FROM users"), 0, "a refused call leaves no user behind");
}

#[test]
fn an_attribute_holds_the_latest_value_by_the_time_of_the_action() {
    let endpoint = with_attributes("price = \"float\"\n\"On Sale\" = \"boolean\"");
    from_page(&endpoint, "1", "p", 5_000, json!({"name": "Sofa", "price": "10.5", "size": 1}));
    from_page(&endpoint, "2", "p", 3_000, json!({"price": 11, "on_sale": "true"}));
    // It waited offline, and was overtaken by the second.
    from_page(&endpoint, "3", "p", 4_000, json!({"price": 1, "name": "Couch"}));
    // No float: the profile keeps the one that it has.
    from_page(&endpoint, "4", "p", 1_000, json!({"price": "11,50 zł"}));
    let details = endpoint.get("/api/public/products-by-id/p/details/").json();
    assert_eq!(details, json!({"id": 1, "custom_id": "p", "name": "Couch", "price": 11, "on_sale": true, "size": "1"}));
    // What was sent stays with each event.
    assert_eq!(endpoint.live()[2]["data"], json!({"price": 1, "name": "Couch"}));
    assert_eq!(endpoint.post(BY_ID, json!({"custom_id": "p", "price": 12.5})).json()["price"], 12.5);
}

#[test]
fn a_product_that_only_events_know_is_nameless() {
    let endpoint = Endpoint::start(&[]);
    from_page(&endpoint, "1", "a/b ż", 0, json!({"color": "red"}));
    let details = endpoint.get("/api/public/products-by-id/a%2Fb%20%C5%BC/details/").json();
    assert_eq!(details, json!({"id": 1, "custom_id": "a/b ż", "name": null, "color": "red"}));
}

#[test]
fn a_product_without_custom_id_is_found_by_its_number() {
    let endpoint = Endpoint::start(&[]);
    let created = endpoint.post("/api/public/products/", json!({"name": "x"}));
    assert_eq!((created.status, &created.json()["custom_id"]), (201, &Value::Null));
    let again = endpoint.post("/api/public/products/", json!({"name": "x"}));
    assert_ne!(again.json()["id"], created.json()["id"]);
    let path = format!("/api/public/products/{}/product_event/", created.json()["id"]);
    assert_eq!(endpoint.post(&path, json!({"event_type": "view", "user_custom_id": "1"})).status, 200);
}

#[test]
fn text_that_json_escapes_is_stored_and_answered_as_it_was() {
    let endpoint = with_attributes("'q\"u' = \"float\"");
    let odd = "a\"b\\c\n\u{1}/ż🛒";
    // All forms of escape that JSON has.
    let escaped = r#""\u0061\u0022b\\c\u000A\u0001\/\u017c\ud83d\uDED2""#;
    let records = [
        r#"{"id":"p","t":1,"kind":"product_event","product_id":O,"event_type":"view","data":{O:O,"Q\"U":"\t7","in":[{O:O}]},"user":{"user_id":O}}"#,
        r#"{"id":"e","t":1,"kind":"event","name":O,"data":{O:null}}"#,
        r#"{"id":"i","t":1,"kind":"impressions","token":"tok","data":{"products":{O:2}}}"#,
        r#"{"id":"bad","t":1,"kind":"product_event","product_id":O,"event_type":O,"data":{O:O}}"#,
    ];
    let records = records.join(",").replace('O', escaped);
    let batch = format!(r#"{{"v":1,"app":"abc123","visitor":"v","records":[{records}]}}"#);
    let answer = endpoint.send("POST", "/api/public/batch/", &[JSON], batch);
    assert_eq!(answer.results(), ["stored", "stored", "stored", "event_type_unknown"]);

    let live = endpoint.live();
    assert_eq!((&live[0]["product_id"], &live[0]["user"]["user_id"]), (&json!(odd), &json!(odd)));
    assert_eq!(live[0]["data"], json!({odd: odd, "Q\"U": 7, "in": [{odd: odd}]}));
    assert_eq!((&live[1]["name"], &live[1]["data"]), (&json!(odd), &json!({odd: null})));
    assert_eq!(live[2]["data"], json!({"products": {odd: 2}}));
    for shown in [&live[3]["product_id"], &live[3]["event_type"], &live[3]["data"][odd]] {
        assert_eq!(shown, odd);
    }
    for column in ["(SELECT custom_id FROM products)", "(SELECT custom_id FROM users)", "name"] {
        assert_eq!(endpoint.sql::<String>(&format!("SELECT {column} FROM events WHERE id = 'e'")), odd, "{column}");
    }

    let path = "a%22b%5Cc%0A%01%2F%C5%BC%F0%9F%9B%92";
    let details = endpoint.get(&format!("{BY_ID}{path}/details/")).json();
    let inside = json!([{odd: odd}]).to_string();
    assert_eq!(details, json!({"id": 1, "custom_id": odd, "name": null, odd: odd, "q\"u": 7, "in": inside}));
    assert_eq!(endpoint.post(BY_ID, json!({"custom_id": odd, odd: 1})).json()[odd], "1");
    let event = json!({"event_type": "view", "user_custom_id": odd, "data": {"custom_data": odd}});
    assert_eq!(endpoint.post(&format!("{BY_ID}{path}/product_event/"), event).status, 200);
    let page = endpoint.get(&format!("/api/public/users-by-id/{path}/product_events/")).json();
    for shown in [&page["results"][0]["custom_data"], &page["results"][0]["product_custom_id"]] {
        assert_eq!(shown, odd);
    }
    // An attribute of 33 characters is named by its plain name.
    let long = odd.chars().cycle().take(33).collect::<String>();
    let refused = endpoint.post(BY_ID, json!({"custom_id": 1, long.clone(): 1}));
    assert_eq!((refused.code().as_str(), &refused.json()["errors"][0]["field"]), ("attribute_name", &json!(long)));
}
