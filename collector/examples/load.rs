//! How many records a second the collector takes over loopback, and what bounds it.
//!
//! ```sh
//! cargo run --release -p tillpost-collector --example load -- --records 20 --connections 16 --seconds 5
//! ```
//!
//! The collector is this program once more, as a process of its own on a free port, with a database in a new folder that
//! is removed at the end. After it, two baselines: the same records given to the store alone, without HTTP and JSON, in
//! commits of the same size; and rows of the same content written by plain SQLite into one table with one index.

use clap::Parser;
use rusqlite::{Connection, params};
use std::error::Error;
use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tillpost::core::event_type::EventType;
use tillpost_collector::config::Settings;
use tillpost_collector::store::{Batch, NewEvent, Record, Store, What};
use tillpost_collector::{Collector, bind};

type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

const ATTRIBUTES: &str = r#"{"name":"Sofa Nordby, three seats","price":749.5,"category":"Sofas","color":"sand"}"#;

#[derive(Clone, Parser)]
struct Options {
    /// Records in one batch
    #[arg(long, default_value_t = 20)]
    records: usize,
    /// Connections, each with one request at a time
    #[arg(long, default_value_t = 16)]
    connections: usize,
    /// Seconds of each measurement
    #[arg(long, default_value_t = 5)]
    seconds: u64,
    /// Folder for the databases; a new one in it is used and removed [default: the system's temporary folder]
    #[arg(long)]
    folder: Option<PathBuf>,
    /// Be the collector
    #[arg(long, hide = true)]
    serve: Option<PathBuf>,
}

fn main() -> Outcome<()> {
    let options = Options::parse();
    if let Some(folder) = options.serve {
        return serve(&folder);
    }
    let parent = options.folder.clone().unwrap_or_else(std::env::temp_dir);
    let folder = tempfile::Builder::new().prefix("tillpost-load").tempdir_in(parent)?;
    let mut child = Command::new(std::env::current_exe()?)
        .arg("--serve")
        .arg(folder.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    let measured = measure(&options, &mut child);
    if measured.is_err() {
        child.kill()?;
    }
    child.wait()?;
    let Measured { batches, mut latencies, elapsed, commits, memory } = measured?;
    let records = batches * options.records;
    let per_commit = records as f64 / commits as f64;
    latencies.sort_unstable();
    let seconds = elapsed.as_secs_f64();
    let rate = records as f64 / seconds;
    println!("collector: {} connections, {} records a batch, {seconds:.1} s", options.connections, options.records);
    println!("  records/s   {rate:>10.0}");
    println!("  batches/s   {:>10.0}", batches as f64 / seconds);
    println!("  commits/s   {:>10.0}   {per_commit:.0} records each", commits as f64 / seconds);
    println!("  latency p50 {:>10.2} ms", percentile(&latencies, 50));
    println!("  latency p99 {:>10.2} ms", percentile(&latencies, 99));
    println!("  memory      {memory:>10}      (VmHWM)");
    let alone = runtime()?.block_on(store_alone(folder.path(), per_commit.round() as usize, options.seconds))?;
    println!("the store alone, {per_commit:.0} records in a commit");
    println!("  records/s   {alone:>10.0}   collector: {:.0} %", 100.0 * rate / alone);
    println!("plain SQLite, one thread, WAL, synchronous=FULL");
    for (size, name) in [(options.records, "a batch"), (per_commit.round() as usize, "a shared commit")] {
        let (plain, commits) = baseline(folder.path(), size.max(1), Duration::from_secs(options.seconds))?;
        let share = 100.0 * rate / plain;
        println!(
            "  records/s   {plain:>10.0}   {name} ({size}) in each of {commits:.0} commits/s; collector: {share:.0} %"
        );
    }
    Ok(())
}

fn runtime() -> std::io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build()
}

/// Until stdin is closed.
fn serve(folder: &Path) -> Outcome<()> {
    let data = folder.to_str().ok_or("the folder's name is not UTF-8")?;
    let arguments = ["load", "--listen", "127.0.0.1:0", "--app", "load", "--data", data, "--log", "json"];
    let config = Settings::try_parse_from(arguments)?.resolve(None)?;
    config.log.start();
    runtime()?.block_on(async {
        let listener = bind(config.listen).await?;
        println!("{}", listener.local_addr()?);
        let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
        std::thread::spawn(move || {
            let _ = std::io::stdin().read(&mut [0]);
            drop(stop);
        });
        Collector::open(config)?.run(listener, async { drop(stopped.await) }).await;
        Ok(())
    })
}

struct Measured {
    batches: usize,
    latencies: Vec<Duration>,
    elapsed: Duration,
    commits: u64,
    memory: String,
}

fn measure(options: &Options, child: &mut Child) -> Outcome<Measured> {
    let mut address = String::new();
    BufReader::new(child.stdout.take().ok_or("no stdout")?).read_line(&mut address)?;
    let address: SocketAddr = address.trim().parse()?;
    let started = Instant::now();
    let until = started + Duration::from_secs(options.seconds);
    let senders: Vec<_> = (0..options.connections)
        .map(|number| {
            let records = options.records;
            std::thread::spawn(move || send(address, number, records, until))
        })
        .collect();
    let mut latencies = Vec::new();
    for sender in senders {
        latencies.extend(sender.join().map_err(|_| "a sender panicked")??);
    }
    let elapsed = started.elapsed();
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
    let memory = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or("unknown").trim().to_owned();
    drop(child.stdin.take());
    let mut log = String::new();
    child.stderr.take().ok_or("no stderr")?.read_to_string(&mut log)?;
    let commits = log
        .lines()
        .filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok()?.get("commits")?.as_u64())
        .next()
        .ok_or_else(|| format!("the collector did not say how often it committed: {log}"))?;
    Ok(Measured { batches: latencies.len(), latencies, elapsed, commits, memory })
}

/// One connection; the latency of each batch.
fn send(address: SocketAddr, number: usize, records: usize, until: Instant) -> Outcome<Vec<Duration>> {
    let stream = TcpStream::connect(address)?;
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(Duration::from_secs(30)))?;
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut writer = stream;
    let mut latencies = Vec::new();
    while Instant::now() < until {
        let body = body(number, latencies.len(), records)?;
        let head = "POST /api/public/batch/ HTTP/1.1\r\nhost: load\r\ncontent-type: application/json\r\n";
        let request = format!("{head}content-length: {}\r\n\r\n{body}", body.len());
        let started = Instant::now();
        writer.write_all(request.as_bytes())?;
        let answer = read_answer(&mut reader)?;
        latencies.push(started.elapsed());
        if answer.matches("\"stored\"").count() != records {
            return Err(format!("not all were stored: {answer}").into());
        }
    }
    Ok(latencies)
}

fn body(connection: usize, batch: usize, records: usize) -> Outcome<String> {
    let t = tillpost_collector::clock::now();
    let mut body = format!(r#"{{"v":1,"app":"load","visitor":"visitor-{connection}","sent":{t},"records":["#);
    for record in 0..records {
        let comma = if record > 0 { "," } else { "" };
        let product = (batch * records + record) % 1_000;
        write!(
            body,
            r#"{comma}{{"id":"{t:x}-{connection}-{batch}-{record}","t":{t},"kind":"product_event","product_id":"{product}","event_type":"add to cart","data":{ATTRIBUTES},"page":{{"url":"https://shop.example/p/{product}","view":"v-{batch}"}}}}"#
        )?;
    }
    body.push_str("]}");
    Ok(body)
}

fn read_answer(reader: &mut BufReader<TcpStream>) -> Outcome<String> {
    let mut length = 0;
    let mut line = String::new();
    loop {
        line.clear();
        if reader.read_line(&mut line)? == 0 {
            return Err("the collector closed the connection".into());
        }
        if let Some(value) = line.strip_prefix("content-length: ") {
            length = value.trim().parse()?;
        }
        if line.trim().is_empty() {
            break;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    Ok(String::from_utf8(body)?)
}

/// Records a second of the collector's own tables and statements, `size` records in a commit.
async fn store_alone(folder: &Path, size: usize, seconds: u64) -> Outcome<f64> {
    let store = Store::open(&folder.join("alone")).map_err(|error| error.to_string())?;
    let attributes = [
        ("name", "\"Sofa Nordby, three seats\""),
        ("price", "\"749.5\""),
        ("category", "\"Sofas\""),
        ("color", "\"sand\""),
    ];
    let profile: Vec<_> = attributes.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
    let started = Instant::now();
    let mut rows = 0;
    while started.elapsed() < Duration::from_secs(seconds) {
        let t = tillpost_collector::clock::now();
        let record = |row: usize| {
            let product_id = (row % 1_000).to_string();
            Record::Good(Box::new(NewEvent {
                id: format!("{t:x}-0-0-{row}"),
                t,
                t_sent: t,
                page_url: Some(format!("https://shop.example/p/{product_id}")),
                page_view: Some("v-1".into()),
                what: What::Product { product_id, event_type: EventType::AddToCart, profile: profile.clone() },
                data: ATTRIBUTES.into(),
                user: None,
                identity: None,
                source: None,
            }))
        };
        let records = (rows..rows + size).map(record).collect();
        let batch = Batch { app: "load".into(), visitor: "visitor-1".into(), received: t, dropped: 0, records };
        store.write(move |session| session.store_batch(&batch)).await.map_err(|_| "the store failed")?;
        rows += size;
    }
    let rate = rows as f64 / started.elapsed().as_secs_f64();
    store.close().await;
    Ok(rate)
}

/// Records and commits a second of SQLite alone, `size` rows in a transaction.
fn baseline(folder: &Path, size: usize, time: Duration) -> Outcome<(f64, f64)> {
    let mut connection = Connection::open(folder.join(format!("plain-{size}.db")))?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.execute_batch(
        "CREATE TABLE events (seq INTEGER PRIMARY KEY, app TEXT, id TEXT, received INTEGER, t INTEGER, visitor TEXT,
           kind TEXT, product TEXT, event_type INTEGER, data TEXT, page_url TEXT, page_view TEXT);
         CREATE UNIQUE INDEX events_once ON events (app, id);",
    )?;
    let started = Instant::now();
    let (mut rows, mut commits) = (0_usize, 0_usize);
    while started.elapsed() < time {
        let transaction = connection.transaction()?;
        {
            let mut insert = transaction.prepare_cached(
                "INSERT INTO events (app, id, received, t, visitor, kind, product, event_type, data, page_url, page_view)
                 VALUES ('load', ?1, ?2, ?2, 'visitor-1', 'product_event', ?3, 1, ?4, ?5, 'v-1')",
            )?;
            for _ in 0..size {
                let t = tillpost_collector::clock::now();
                let product = (rows % 1_000).to_string();
                let url = format!("https://shop.example/p/{product}");
                insert.execute(params![format!("{t:x}-0-{commits}-{rows}"), t, product, ATTRIBUTES, url])?;
                rows += 1;
            }
        }
        transaction.commit()?;
        commits += 1;
    }
    let seconds = started.elapsed().as_secs_f64();
    Ok((rows as f64 / seconds, commits as f64 / seconds))
}

fn percentile(sorted: &[Duration], percent: usize) -> f64 {
    let at = (sorted.len() * percent / 100).min(sorted.len().saturating_sub(1));
    sorted.get(at).map_or(0.0, |latency| latency.as_secs_f64() * 1_000.0)
}
