//! What was answered is on disk.

use crate::client::{Endpoint, JSON, Process, TOKEN, product_event, send, sql};
use serde_json::{Value, json};
use std::process::Stdio;
use std::sync::atomic::{AtomicBool, Ordering};

#[test]
fn what_was_answered_is_there_after_a_kill() {
    let folder = tempfile::tempdir().unwrap();
    for round in 0..3 {
        let mut process = Process::start(folder.path(), &[], Stdio::null());
        let (address, killed) = (process.address, AtomicBool::new(false));
        let answered: Vec<String> = std::thread::scope(|scope| {
            let send_all = |sender: usize| {
                let mut answered = Vec::new();
                for number in 0.. {
                    let id = format!("{round}-{sender}-{number}");
                    let batch = json!({"v": 1, "app": "abc123", "visitor": "v", "records": [product_event(&id)]});
                    let sent = std::panic::catch_unwind(|| {
                        send(address, "POST", "/api/public/batch/", &[JSON], batch.to_string().as_bytes())
                    });
                    match sent {
                        Ok(answer) => assert_eq!(answer.results(), ["stored"]),
                        Err(_) if killed.load(Ordering::SeqCst) => break,
                        Err(_) => panic!("failed before the kill"),
                    }
                    answered.push(id);
                }
                answered
            };
            let senders: Vec<_> = (0..4).map(|sender| scope.spawn(move || send_all(sender))).collect();
            std::thread::sleep(std::time::Duration::from_millis(300));
            killed.store(true, Ordering::SeqCst);
            process.child.kill().unwrap();
            process.child.wait().unwrap();
            senders.into_iter().flat_map(|sender| sender.join().unwrap()).collect()
        });
        assert!(answered.len() > 10, "{}", answered.len());
        let again = Process::start(folder.path(), &[], Stdio::null());
        let records: Vec<_> = answered.iter().map(|id| product_event(id)).collect();
        for some in records.chunks(500) {
            let batch = json!({"v": 1, "app": "abc123", "visitor": "v", "records": some});
            let answer = send(again.address, "POST", "/api/public/batch/", &[JSON], batch.to_string().as_bytes());
            assert!(answer.results().iter().all(|result| result == "duplicate"));
        }
    }
}

#[test]
fn numbers_and_events_go_on_after_a_restart() {
    let endpoint = Endpoint::start(&[]);
    endpoint.batch(json!([product_event("a"), {"id": "bad"}]));
    let endpoint = Endpoint::start_in(endpoint.stop(), &[], Some(TOKEN));
    assert_eq!(endpoint.batch(json!([product_event("a"), product_event("b")])).results(), ["duplicate", "stored"]);
    let seqs: Vec<Value> = endpoint.live().iter().map(|event| event["seq"].clone()).collect();
    assert_eq!(seqs, [1, 2, 3]);
}

#[test]
fn a_stop_answers_what_has_begun_and_leaves_one_file() {
    for signal in ["-INT", "-TERM"] {
        let folder = tempfile::tempdir().unwrap();
        let mut process = Process::start(folder.path(), &[], Stdio::null());
        let address = process.address;
        let batch = json!({"v": 1, "app": "abc123", "visitor": "v", "records": [product_event("a")]}).to_string();
        // Half of a request before the signal, the other half after it.
        let mut stream = std::net::TcpStream::connect(address).unwrap();
        let head = "POST /api/public/batch/ HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: text/plain\r\n";
        std::io::Write::write_all(&mut stream, format!("{head}content-length: {}\r\n\r\n", batch.len()).as_bytes())
            .unwrap();
        std::thread::sleep(std::time::Duration::from_millis(200));
        process.signal(signal);
        std::thread::sleep(std::time::Duration::from_millis(200));
        std::io::Write::write_all(&mut stream, batch.as_bytes()).unwrap();
        assert_eq!(crate::client::read_answer(stream).results(), ["stored"]);
        assert_eq!(process.child.wait().unwrap().code(), Some(0));
        assert!(!folder.path().join("tillpost.db-wal").exists(), "the log is emptied into the database");
        assert_eq!(sql::<i64>(folder.path(), "SELECT count(*) FROM events"), 1);
    }
}
