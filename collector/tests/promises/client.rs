//! A collector on a free port, in this process or as one of its own, and the smallest HTTP client that can talk to it.

use clap::Parser;
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use tempfile::TempDir;
use tillpost_collector::{Collector, bind, config::Settings};
use tokio::sync::oneshot;

pub const TOKEN: &str = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_";
pub const JSON: (&str, &str) = ("content-type", "application/json");

/// A collector in this process. Stops when dropped.
pub struct Endpoint {
    pub address: SocketAddr,
    pub folder: TempDir,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Endpoint {
    /// With `--app abc123`, the token, and these options.
    pub fn start(options: &[&str]) -> Self {
        Self::start_in(tempfile::tempdir().unwrap(), options, Some(TOKEN))
    }

    pub fn start_in(folder: TempDir, options: &[&str], token: Option<&str>) -> Self {
        let data = folder.path().to_str().unwrap();
        let fixed = ["tillpost-collector", "--listen", "127.0.0.1:0", "--app", "abc123", "--data", data];
        let settings = Settings::try_parse_from(fixed.iter().chain(options)).unwrap();
        let config = settings.resolve(token.map(Into::into)).unwrap();
        let (stop, stopped) = oneshot::channel::<()>();
        let (ready, address) = std::sync::mpsc::channel();
        let thread = std::thread::spawn(move || {
            tokio::runtime::Runtime::new().unwrap().block_on(async {
                let listener = bind(config.listen).await.unwrap();
                let collector = Collector::open(config).unwrap();
                ready.send(listener.local_addr().unwrap()).unwrap();
                collector.run(listener, async { drop(stopped.await) }).await;
            });
        });
        Self { address: address.recv().unwrap(), folder, stop: Some(stop), thread: Some(thread) }
    }

    /// Stops gracefully and keeps the folder.
    pub fn stop(mut self) -> TempDir {
        self.end();
        std::mem::replace(&mut self.folder, tempfile::tempdir().unwrap())
    }

    fn end(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            thread.join().unwrap();
        }
    }

    pub fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: impl AsRef<[u8]>) -> Answer {
        send(self.address, method, path, headers, body.as_ref())
    }

    pub fn get(&self, path: &str) -> Answer {
        self.send("GET", path, &[("authorization", &format!("Token {TOKEN}"))], "")
    }

    /// By REST in version 2, with the token.
    pub fn post(&self, path: &str, body: Value) -> Answer {
        let token = format!("Token {TOKEN}");
        let headers = [JSON, ("authorization", &token), ("accept", "*/*; version=2")];
        self.send("POST", path, &headers, body.to_string())
    }

    /// A batch of these records, sent by a page with the right time.
    pub fn batch(&self, records: Value) -> Answer {
        self.envelope(json!({"v": 1, "app": "abc123", "visitor": "visitor-1", "sent": now(), "records": records}))
    }

    pub fn envelope(&self, envelope: Value) -> Answer {
        self.send("POST", "/api/public/batch/", &[JSON], envelope.to_string())
    }

    /// What has arrived.
    pub fn live(&self) -> Vec<Value> {
        self.get("/live/events?limit=1000").json()["events"].as_array().unwrap().clone()
    }

    /// One value straight out of the database.
    pub fn sql<T: rusqlite::types::FromSql>(&self, query: &str) -> T {
        sql(self.folder.path(), query)
    }
}

impl Drop for Endpoint {
    fn drop(&mut self) {
        self.end();
    }
}

pub fn sql<T: rusqlite::types::FromSql>(folder: &Path, query: &str) -> T {
    let connection = rusqlite::Connection::open(folder.join("tillpost.db")).unwrap();
    connection.query_row(query, [], |row| row.get(0)).unwrap()
}

/// The binary as a process. Killed when dropped.
pub struct Process {
    pub child: Child,
    pub address: SocketAddr,
}

impl Process {
    /// With `--app abc123` and these options; stderr goes to the file.
    pub fn start(folder: &Path, options: &[&str], stderr: Stdio) -> Self {
        Self::spawn(command(folder).args(options).env("TILLPOST_TOKEN", TOKEN), stderr)
    }

    pub fn spawn(command: &mut Command, stderr: Stdio) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(stderr).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim().strip_prefix("listening on http://").expect("the one line on stdout");
        Self { address: address.parse().unwrap(), child }
    }

    pub fn signal(&self, name: &str) {
        assert!(Command::new("kill").args([name, &self.child.id().to_string()]).status().unwrap().success());
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The binary, to listen on a free port and nothing from this environment.
pub fn command(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tillpost-collector"));
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("TILLPOST_")) {
        command.env_remove(name);
    }
    command.args(["--listen", "127.0.0.1:0", "--app", "abc123", "--data", folder.to_str().unwrap()]);
    command
}

#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: String,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("not JSON: {self:?}"))
    }

    /// The code of the first error, of an answer of the documented shape.
    pub fn code(&self) -> String {
        let error = self.json()["errors"][0].clone();
        assert!(!error["message"].as_str().unwrap().is_empty(), "{self:?}");
        error["code"].as_str().unwrap().into()
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        let lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.filter(|(found, _)| found.eq_ignore_ascii_case(name)).map(|(_, value)| value).next()
    }

    /// `stored`, `duplicate`, or the code of a rejected record, in their order.
    pub fn results(&self) -> Vec<String> {
        assert_eq!(self.status, 200, "{self:?}");
        let results = self.json()["results"].as_array().unwrap().clone();
        let word = |result: &Value| match result["status"].as_str().unwrap() {
            "rejected" => result["code"].as_str().unwrap().to_owned(),
            status => status.to_owned(),
        };
        results.iter().map(word).collect()
    }
}

pub fn send(address: SocketAddr, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let mut head = format!("{method} {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n");
    for (name, value) in headers {
        head += &format!("{name}: {value}\r\n");
    }
    head += &format!("content-length: {}\r\n\r\n", body.len());
    stream.write_all(head.as_bytes()).unwrap();
    // The collector may have answered before it has read all.
    let _ = stream.write_all(body);
    read_answer(stream)
}

pub fn read_answer(mut stream: TcpStream) -> Answer {
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).unwrap();
    let text = String::from_utf8(bytes).unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no answer: {text:?}"));
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    Answer { status, head: head.into(), body: body.into() }
}

pub fn now() -> i64 {
    tillpost_collector::clock::now()
}

pub fn product_event(id: &str) -> Value {
    json!({"id": id, "t": now(), "kind": "product_event", "product_id": "12-0", "event_type": "view", "data": {}})
}
