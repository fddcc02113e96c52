//! What has arrived, as pages and as a stream; and the demo's files.

use crate::client::{Endpoint, TOKEN, product_event};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

struct Stream(BufReader<TcpStream>);

impl Stream {
    fn open(endpoint: &Endpoint, last: Option<&str>) -> Self {
        let mut stream = TcpStream::connect(endpoint.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        let last = last.map(|last| format!("last-event-id: {last}\r\n")).unwrap_or_default();
        // As HTTP/1.0, so that no chunk lengths stand between the lines.
        write!(stream, "GET /live/stream HTTP/1.0\r\nauthorization: Token {TOKEN}\r\n{last}\r\n").unwrap();
        Self(BufReader::new(stream))
    }

    /// The next event, once its `id:` was seen to be its `seq`.
    fn next(&mut self) -> Option<Value> {
        let mut id = String::new();
        loop {
            let mut line = String::new();
            if self.0.read_line(&mut line).unwrap() == 0 {
                return None;
            }
            if let Some(found) = line.strip_prefix("id: ") {
                id = found.trim().into();
            }
            if let Some(data) = line.strip_prefix("data: ") {
                let event: Value = serde_json::from_str(data).unwrap();
                assert_eq!(event["seq"].to_string(), id);
                return Some(event);
            }
        }
    }
}

fn add(endpoint: &Endpoint, ids: std::ops::Range<usize>) {
    let records: Vec<_> = ids.map(|id| product_event(&id.to_string())).collect();
    assert_eq!(endpoint.batch(json!(records)).status, 200);
}

fn seqs(answer: Value) -> Vec<i64> {
    answer["events"].as_array().unwrap().iter().map(|event| event["seq"].as_i64().unwrap()).collect()
}

#[test]
fn pages_are_oldest_first_and_continue_after_a_number() {
    let endpoint = Endpoint::start(&[]);
    add(&endpoint, 0..10);
    endpoint.batch(json!([{"id": "bad"}]));
    add(&endpoint, 10..20);
    let get = |query: &str| seqs(endpoint.get(&format!("/live/events?{query}")).json());
    assert_eq!(get(""), (1..=21).collect::<Vec<_>>());
    assert_eq!(get("limit=3"), [19, 20, 21]);
    assert_eq!(get("after=9&limit=3"), [10, 11, 12]);
    assert_eq!(get("after=21"), [0; 0]);
    assert_eq!(get("visitor=visitor-1&limit=11"), (11..=21).collect::<Vec<_>>());
    assert_eq!(get("visitor=nobody"), [0; 0]);
    assert_eq!(endpoint.get("/live/events?after=x").code(), "query_invalid");
}

#[test]
fn a_stream_begins_with_the_newest_and_goes_on_as_events_are_committed() {
    let endpoint = Endpoint::start(&[]);
    add(&endpoint, 0..60);
    let mut stream = Stream::open(&endpoint, None);
    for seq in 11..=60 {
        assert_eq!(stream.next().unwrap()["seq"], seq);
    }
    add(&endpoint, 60..63);
    endpoint.batch(json!([{"id": "bad"}]));
    for seq in 61..=63 {
        assert_eq!(stream.next().unwrap()["seq"], seq);
    }
    assert_eq!(stream.next().unwrap()["code"], "record_malformed");
    assert_eq!(Stream::open(&endpoint, Some("7")).next().unwrap()["seq"], 8);
}

#[test]
fn a_client_that_does_not_read_holds_up_nobody_and_misses_nothing() {
    let endpoint = Endpoint::start(&[]);
    let mut slow = Stream::open(&endpoint, None);
    // More than the sockets between us can hold.
    let record = |number: usize| {
        let mut record = product_event(&number.to_string());
        record["data"] = json!({"text": "x".repeat(8_000)});
        record
    };
    for round in 0..20 {
        let records: Vec<_> = (round * 100..round * 100 + 100).map(record).collect();
        let started = Instant::now();
        assert_eq!(endpoint.batch(json!(records)).status, 200);
        assert!(started.elapsed() < Duration::from_secs(5));
    }
    for seq in 1..=2_000 {
        assert_eq!(slow.next().unwrap()["seq"], seq);
    }
}

#[test]
fn an_open_stream_does_not_hold_up_the_stop() {
    let endpoint = Endpoint::start(&[]);
    add(&endpoint, 0..1);
    let mut stream = Stream::open(&endpoint, None);
    stream.next().unwrap();
    let started = Instant::now();
    endpoint.stop();
    assert!(started.elapsed() < Duration::from_secs(3), "{:?}", started.elapsed());
    assert_eq!(stream.next(), None);
}

#[test]
fn the_demo_is_served_with_the_right_types_and_asked_for_again_each_time() {
    let files = tempfile::tempdir().unwrap();
    let (www, sdk) = (files.path().join("www"), files.path().join("sdk"));
    for (folder, name) in
        [(&www, "index.html"), (&www, "a.mjs"), (&www, "a.wasm"), (&www, "a.css"), (&sdk, "tillpost.js")]
    {
        std::fs::create_dir_all(folder).unwrap();
        std::fs::write(folder.join(name), name).unwrap();
    }
    std::fs::write(files.path().join("secret"), "secret").unwrap();
    let options = ["--demo", "--www", www.to_str().unwrap(), "--sdk", sdk.to_str().unwrap()];
    let endpoint = Endpoint::start_in(tempfile::tempdir().unwrap(), &options, None);
    for (path, content_type) in [
        ("/", "text/html"),
        ("/index.html", "text/html"),
        ("/a.mjs", "javascript"),
        ("/a.wasm", "application/wasm"),
        ("/a.css", "text/css"),
        ("/tillpost.js", "javascript"),
    ] {
        let answer = endpoint.send("GET", path, &[], "");
        assert_eq!(answer.status, 200, "{path}");
        assert!(answer.header("content-type").unwrap().contains(content_type), "{path} {answer:?}");
        assert_eq!(answer.header("cache-control"), Some("no-cache"));
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
    }
    for path in ["/none", "/snippet.js", "/../secret", "/%2e%2e/secret", "/..%2fsecret"] {
        let answer = endpoint.send("GET", path, &[], "");
        assert_eq!((answer.status, answer.code().as_str()), (404, "not_found"), "{path}");
    }
    // With the demo the live view is open; the REST form is not.
    assert_eq!(endpoint.send("GET", "/live/events", &[], "").status, 200);
    assert_eq!(endpoint.send("POST", "/api/public/products/", &[], "").status, 401);
}
