//! Nothing that is secret or personal stands in a log or an answer.

use crate::client::{JSON, Process, TOKEN, send};
use serde_json::json;
use std::process::Stdio;

#[test]
fn no_token_and_no_payload_is_logged_or_answered() {
    for form in ["text", "json"] {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("log");
        let stderr = Stdio::from(std::fs::File::create(&log).unwrap());
        let options = ["--log", form, "--log-level", "debug"];
        let mut process = Process::start(folder.path(), &options, stderr);
        let wrong = TOKEN.replace('0', "1");
        let record = |id: &str, event_type: &str| {
            json!({"id": id, "t": 1, "kind": "product_event", "product_id": "SECRET-product", "event_type": event_type,
                   "data": {"email": "SECRET-data"}, "user": {"user_id": "SECRET-user"}, "token": "SECRET-token",
                   "page": {"url": "https://a.example/SECRET-url"}})
        };
        let batch = json!({"v": 1, "app": "abc123", "visitor": "SECRET-visitor", "dropped": 1,
                           "records": [record("a", "view"), record("b", "SECRET-type"), {"SECRET-field": 1}]});
        let mut answers = String::new();
        let right = format!("Token {TOKEN}");
        let wrong = format!("Token {wrong}");
        for (method, path, token, body) in [
            ("POST", "/api/public/batch/", &right, batch.to_string()),
            ("POST", "/api/public/batch/", &right, "SECRET-body".into()),
            ("POST", "/api/public/batch/", &right, r#"{"v":1,"app":"SECRET-app"}"#.into()),
            ("GET", "/api/public/users-by-id/SECRET-user/product_events/?type=SECRET-type", &right, String::new()),
            (
                "POST",
                "/api/public/products-by-id/SECRET-none/product_event/",
                &right,
                "{\"event_type\":\"SECRET\"}".into(),
            ),
            ("GET", "/api/public/users-by-id/SECRET-user/product_events/", &wrong, String::new()),
            ("GET", "/SECRET-path?token=SECRET-token", &wrong, String::new()),
        ] {
            let answer = send(process.address, method, path, &[JSON, ("authorization", token)], body.as_bytes());
            answers += &answer.head;
            answers += &answer.body;
        }
        process.signal("-TERM");
        assert!(process.child.wait().unwrap().success());
        let log = std::fs::read_to_string(log).unwrap();
        assert!(log.contains("token_invalid") && log.contains("body_malformed") && log.contains("stopped"), "{log}");
        for (place, text) in [("log", &log), ("answers", &answers)] {
            for secret in ["SECRET", &right[6..], &wrong[6..]] {
                assert!(!text.contains(secret), "{secret} stands in the {place}: {text}");
            }
        }
        if form == "json" {
            log.lines().for_each(|line| drop(serde_json::from_str::<serde_json::Value>(line).expect(line)));
        }
    }
}
