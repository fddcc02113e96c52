//! Requests that are refused as a whole: a status, a code, and nothing stored.

use crate::client::{Endpoint, JSON, TOKEN, product_event, read_answer};
use serde_json::json;
use std::io::Write;
use std::net::TcpStream;
use std::time::{Duration, Instant};

const BATCH: &str = "/api/public/batch/";

#[test]
fn a_batch_that_cannot_be_read_is_refused_with_a_code() {
    let endpoint = Endpoint::start(&["--max-records", "3"]);
    let batch = |fields: &str| format!(r#"{{"v":1,"app":"abc123","visitor":"v","records":[]{fields}}}"#);
    let four = json!([1, 2, 3, 4]);
    let cases = [
        (Vec::new(), 400, "body_malformed"),
        ("[".repeat(100_000).into(), 400, "body_malformed"),
        ("{\"a\":".repeat(100_000).into(), 400, "body_malformed"),
        (("[".repeat(100_000) + &"]".repeat(100_000)).into(), 400, "body_malformed"),
        (b"{\"v\":1,\"app\":\"\xff\"}".to_vec(), 400, "body_malformed"),
        (b"null".to_vec(), 400, "body_malformed"),
        (b"[]".to_vec(), 400, "body_malformed"),
        ((batch("") + "x").into(), 400, "body_malformed"),
        (b"{}".to_vec(), 400, "version_unknown"),
        (br#"{"v":2,"records":{}}"#.to_vec(), 400, "version_unknown"),
        (br#"{"v":"1"}"#.to_vec(), 400, "version_unknown"),
        (br#"{"v":1}"#.to_vec(), 400, "body_malformed"),
        (br#"{"v":1,"app":"abc124","visitor":"v","records":[]}"#.to_vec(), 403, "app_unknown"),
        (br#"{"v":1,"app":"abc123","records":[]}"#.to_vec(), 400, "body_malformed"),
        (br#"{"v":1,"app":"abc123","visitor":" ","records":[]}"#.to_vec(), 400, "body_malformed"),
        (br#"{"v":1,"app":"abc123","visitor":"v"}"#.to_vec(), 400, "body_malformed"),
        (batch(r#","sent":"now""#).into(), 400, "body_malformed"),
        (batch(r#","dropped":-1"#).into(), 400, "body_malformed"),
        (format!(r#"{{"v":1,"app":"abc123","visitor":"v","records":{four}}}"#).into(), 413, "batch_too_long"),
    ];
    for (body, status, code) in cases {
        let answer = endpoint.send("POST", BATCH, &[JSON], &body);
        let start = String::from_utf8_lossy(&body).chars().take(60).collect::<String>();
        assert_eq!((answer.status, answer.code().as_str()), (status, code), "{start}");
    }
    assert_eq!(endpoint.send("POST", BATCH, &[JSON], batch("")).results(), Vec::<String>::new());
    assert_eq!(endpoint.live().len(), 0);
}

#[test]
fn a_body_over_the_limit_is_refused_at_the_first_byte_over_it() {
    let endpoint = Endpoint::start(&["--max-body", "2000"]);
    let batch = |bytes| {
        let body = json!({"v": 1, "app": "abc123", "visitor": "v", "records": [product_event("a")]}).to_string();
        body.clone() + &" ".repeat(bytes - body.len())
    };
    // Far over it too: the answer must reach a client that is still sending.
    for bytes in [2_001, 10_000, 16_000, 20_000_000] {
        let answer = endpoint.send("POST", BATCH, &[JSON], batch(bytes));
        assert_eq!((answer.status, answer.code().as_str()), (413, "body_too_large"), "{bytes}");
    }
    assert_eq!(endpoint.send("POST", BATCH, &[JSON], batch(2_000)).results(), ["stored"]);
}

#[test]
fn a_client_that_still_sends_too_much_hears_so_and_keeps_its_connection() {
    let endpoint = Endpoint::start(&["--max-body", "2000"]);
    let mut stream = TcpStream::connect(endpoint.address).unwrap();
    let head = format!("POST {BATCH} HTTP/1.1\r\nhost: x\r\ncontent-type: text/plain\r\ncontent-length: 10000\r\n\r\n");
    stream.write_all((head + &"x".repeat(3_000)).as_bytes()).unwrap();
    std::thread::sleep(Duration::from_millis(200));
    stream.write_all("x".repeat(7_000).as_bytes()).unwrap();
    stream.write_all(b"GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").unwrap();
    let both = read_answer(stream);
    assert_eq!(both.status, 413);
    assert!(both.body.contains("body_too_large") && both.body.ends_with(r#"{"status":"ok"}"#), "{both:?}");
}

#[test]
fn only_json_and_text_in_utf8_are_taken() {
    let endpoint = Endpoint::start(&[]);
    let body = json!({"v": 1, "app": "abc123", "visitor": "v", "records": []}).to_string();
    for (content_type, status) in [
        ("application/json", 200),
        ("application/json; charset=utf-8", 200),
        ("text/plain;charset=UTF-8", 200),
        ("Text/Plain", 200),
        ("text/plain; charset=iso-8859-1", 415),
        ("application/x-www-form-urlencoded", 415),
        ("multipart/form-data; boundary=x", 415),
        ("", 415),
    ] {
        let answer = endpoint.send("POST", BATCH, &[("content-type", content_type)], &body);
        assert_eq!(answer.status, status, "{content_type}");
        if status == 415 {
            assert_eq!(answer.code(), "media_type_unsupported");
        }
    }
}

#[test]
fn other_methods_and_other_paths_are_told_so() {
    let endpoint = Endpoint::start(&[]);
    for (method, path, status, code) in [
        ("GET", BATCH, 405, "method_not_allowed"),
        ("PUT", BATCH, 405, "method_not_allowed"),
        ("POST", "/healthz", 405, "method_not_allowed"),
        ("POST", "/api/public/batch", 404, "not_found"),
        ("GET", "/", 404, "not_found"),
        ("GET", "/api/public/products-by-id/x/details", 404, "not_found"),
        ("GET", "/%ff", 404, "not_found"),
    ] {
        let answer = endpoint.send(method, path, &[], "");
        assert_eq!((answer.status, answer.code().as_str()), (status, code), "{method} {path}");
    }
    assert_eq!(endpoint.send("GET", BATCH, &[], "").header("allow"), Some("POST"));
}

#[test]
fn without_the_right_token_the_rest_form_is_closed() {
    let endpoint = Endpoint::start(&[]);
    let paths = [
        ("POST", "/api/public/products/"),
        ("POST", "/api/public/products-by-id/"),
        ("GET", "/api/public/products-by-id/a/details/"),
        ("POST", "/api/public/products-by-id/a/product_event/"),
        ("POST", "/api/public/products/1/product_event/"),
        ("GET", "/api/public/users/1/product_events/"),
        ("GET", "/api/public/users-by-id/a/product_events/"),
        ("GET", "/live/events"),
        ("GET", "/live/stream"),
    ];
    let wrong = [
        format!("Token {}x", &TOKEN[..63]),
        format!("Token {TOKEN}x"),
        format!("Bearer {TOKEN}"),
        TOKEN.into(),
        "Token ".into(),
        String::new(),
    ];
    for (method, path) in paths {
        for token in &wrong {
            let answer = endpoint.send(method, path, &[JSON, ("authorization", token)], "{}");
            assert_eq!((answer.status, answer.code().as_str()), (401, "token_invalid"), "{path} {token}");
            assert_eq!(answer.header("www-authenticate"), Some("Token"));
        }
        assert_eq!(endpoint.send(method, path, &[JSON], "{}").status, 401, "{path}");
    }
    let closed = Endpoint::start_in(tempfile::tempdir().unwrap(), &[], None);
    for token in [format!("Token {TOKEN}"), "Token ".into()] {
        assert_eq!(closed.send("GET", "/live/events", &[("authorization", &token)], "").code(), "token_invalid");
    }
}

#[test]
fn a_request_that_never_ends_is_given_up() {
    let endpoint = Endpoint::start(&["--body-timeout", "1", "--header-timeout", "1"]);
    let started = Instant::now();
    let mut body = TcpStream::connect(endpoint.address).unwrap();
    write!(body, "POST {BATCH} HTTP/1.1\r\nhost: x\r\ncontent-type: text/plain\r\ncontent-length: 99\r\n\r\n{{")
        .unwrap();
    let mut head = TcpStream::connect(endpoint.address).unwrap();
    write!(head, "POST {BATCH} HTTP/1.1\r\nhost:").unwrap();
    let answer = read_answer(body);
    assert_eq!((answer.status, answer.code().as_str()), (408, "body_timeout"));
    // A head that does not come is not answered, or by a bare 408: the connection ends.
    std::io::Read::read_to_end(&mut head, &mut Vec::new()).unwrap();
    assert!(started.elapsed() < Duration::from_secs(10), "{:?}", started.elapsed());
}
