//! Pages of other origins.

use crate::client::{Endpoint, product_event};
use serde_json::json;

const PATH: &str = "/api/public/batch/";
const SHOP: &str = "https://shop.example";

#[test]
fn a_page_of_a_named_origin_may_post_and_no_other_hears_the_answer() {
    let endpoint = Endpoint::start(&["--origin", SHOP, "--origin", "http://localhost:3000/"]);
    let body = json!({"v": 1, "app": "abc123", "visitor": "v", "records": [product_event("a")]}).to_string();
    for (origin, allowed) in [
        (SHOP, true),
        ("http://localhost:3000", true),
        ("https://evil.example", false),
        ("https://shop.example.evil.example", false),
        ("http://shop.example", false),
        ("null", false),
    ] {
        let preflight = endpoint.send(
            "OPTIONS",
            PATH,
            &[
                ("origin", origin),
                ("access-control-request-method", "POST"),
                ("access-control-request-headers", "content-type"),
            ],
            "",
        );
        // As a page sends it to need no preflight.
        let post =
            endpoint.send("POST", PATH, &[("origin", origin), ("content-type", "text/plain;charset=UTF-8")], &body);
        assert_eq!((preflight.status, post.status), (200, 200), "{origin}");
        for answer in [&preflight, &post] {
            assert_eq!(answer.header("access-control-allow-origin"), allowed.then_some(origin), "{origin}");
            assert_eq!(answer.header("access-control-allow-credentials"), None);
            assert!(answer.header("vary").unwrap().contains("origin"), "{answer:?}");
        }
        assert_eq!(preflight.header("access-control-allow-headers"), Some("content-type"));
        assert_eq!(preflight.header("access-control-allow-methods"), Some("POST"));
    }
}

#[test]
fn a_refusal_can_be_read_by_the_page_that_caused_it() {
    let endpoint = Endpoint::start(&["--origin", SHOP, "--max-body", "1024"]);
    for (body, status) in [("{".to_owned(), 400), ("x".repeat(2_000), 413)] {
        let answer = endpoint.send("POST", PATH, &[("origin", SHOP), ("content-type", "text/plain")], body);
        assert_eq!((answer.status, answer.header("access-control-allow-origin")), (status, Some(SHOP)));
    }
}

#[test]
fn the_rest_form_is_not_for_pages() {
    let endpoint = Endpoint::start(&["--origin", SHOP]);
    let headers = [("origin", SHOP), ("access-control-request-method", "POST")];
    let answer = endpoint.send("OPTIONS", "/api/public/products-by-id/", &headers, "");
    assert_eq!(answer.header("access-control-allow-origin"), None);
}
