//! The one thread that writes. Takes all writes that wait, does them in one transaction, commits, then answers them.
//!
//! Never answers before the commit is on disk. A write that fails costs the others a second try, nothing else.

use super::StoreError;
use rusqlite::{Connection, Transaction, TransactionBehavior};
use std::cell::Cell;
use std::sync::Mutex;
use std::thread::JoinHandle;
use tokio::sync::{mpsc, oneshot, watch};

/// Most writes in one commit: the first must not wait for ever while others come.
const SHARED: usize = 64;
/// Most writes that wait; a request beyond them waits before it, until its time is up.
const WAITING: usize = 1_024;

/// A transaction, as the store's write operations see it.
#[derive(Debug)]
pub struct Session<'a> {
    pub(super) sql: &'a Transaction<'a>,
    seq: Cell<i64>,
}

impl Session<'_> {
    /// The next sequence number.
    pub(super) fn next_seq(&self) -> i64 {
        let next = self.seq.get() + 1;
        self.seq.set(next);
        next
    }

    /// The sequence number that would be next. Nobody else takes one in between.
    pub(super) fn peek_seq(&self) -> i64 {
        self.seq.get() + 1
    }
}

trait Job: Send {
    fn work(&mut self, session: &Session<'_>) -> rusqlite::Result<()>;
    fn answer(self: Box<Self>, committed: bool);
}

struct Write<T, F> {
    work: F,
    outcome: Option<T>,
    reply: oneshot::Sender<Result<T, StoreError>>,
}

impl<T: Send, F: Fn(&Session<'_>) -> rusqlite::Result<T> + Send> Job for Write<T, F> {
    fn work(&mut self, session: &Session<'_>) -> rusqlite::Result<()> {
        self.outcome = Some((self.work)(session)?);
        Ok(())
    }

    fn answer(self: Box<Self>, committed: bool) {
        let answer = self.outcome.filter(|_| committed).ok_or(StoreError);
        // Nobody may be waiting any more; the page will send again and hear "duplicate".
        let _ = self.reply.send(answer);
    }
}

enum Message {
    Job(Box<dyn Job>),
    Close,
}

#[derive(Debug)]
pub(super) struct Writer {
    jobs: mpsc::Sender<Message>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Writer {
    /// Starts the thread. The receiver has the newest committed sequence number.
    pub fn start(connection: Connection) -> Result<(Self, watch::Receiver<i64>), String> {
        let newest = newest_seq(&connection).map_err(|error| error.to_string())?;
        let (newest, watched) = watch::channel(newest);
        let (jobs, waiting) = mpsc::channel(WAITING);
        let thread = std::thread::Builder::new()
            .name("writer".into())
            .spawn(move || run(connection, waiting, &newest))
            .map_err(|error| error.to_string())?;
        Ok((Self { jobs, thread: Mutex::new(Some(thread)) }, watched))
    }

    pub async fn write<T, F>(&self, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: Fn(&Session<'_>) -> rusqlite::Result<T> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let job = Message::Job(Box::new(Write { work, outcome: None, reply }));
        self.jobs.send(job).await.map_err(|_| StoreError)?;
        answer.await.unwrap_or(Err(StoreError))
    }

    pub async fn close(&self) {
        let _ = self.jobs.send(Message::Close).await;
        let thread = self.thread.lock().ok().and_then(|mut thread| thread.take());
        if let Some(thread) = thread {
            let _ = tokio::task::spawn_blocking(move || thread.join()).await;
        }
    }
}

fn run(mut connection: Connection, mut waiting: mpsc::Receiver<Message>, newest: &watch::Sender<i64>) {
    let mut open = true;
    let (mut commits, mut writes) = (0_u64, 0_usize);
    while open {
        let mut jobs = Vec::new();
        let mut next = waiting.blocking_recv().unwrap_or(Message::Close);
        loop {
            match next {
                Message::Job(job) => jobs.push(job),
                Message::Close => {
                    open = false;
                    break;
                }
            }
            if jobs.len() == SHARED {
                break;
            }
            let Ok(message) = waiting.try_recv() else { break };
            next = message;
        }
        if jobs.is_empty() {
            continue;
        }
        commits += 1;
        writes += jobs.len();
        match commit(&mut connection, &mut jobs, newest) {
            Ok(()) => jobs.into_iter().for_each(|job| job.answer(true)),
            Err(error) if jobs.len() == 1 => fail(jobs, &error),
            // One of them may be the cause: each alone.
            Err(_) => {
                for job in jobs {
                    let mut alone = vec![job];
                    match commit(&mut connection, &mut alone, newest) {
                        Ok(()) => alone.into_iter().for_each(|job| job.answer(true)),
                        Err(error) => fail(alone, &error),
                    }
                }
            }
        }
    }
    tracing::info!(commits, writes, "database closed");
    // The last connection to close empties the write-ahead log into the database.
    if let Err((_, error)) = connection.close() {
        tracing::warn!(code = "database_close", %error, "the database was not closed cleanly; nothing is lost");
    }
}

fn fail(jobs: Vec<Box<dyn Job>>, error: &rusqlite::Error) {
    tracing::error!(code = "store_failed", %error, "a commit failed");
    jobs.into_iter().for_each(|job| job.answer(false));
}

fn commit(connection: &mut Connection, jobs: &mut [Box<dyn Job>], newest: &watch::Sender<i64>) -> rusqlite::Result<()> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let before = *newest.borrow();
    let session = Session { sql: &transaction, seq: Cell::new(before) };
    for job in jobs {
        job.work(&session)?;
    }
    let after = session.seq.get();
    transaction.commit()?;
    newest.send_if_modified(|newest| std::mem::replace(newest, after) != after);
    Ok(())
}

fn newest_seq(connection: &Connection) -> rusqlite::Result<i64> {
    connection.query_row(
        "SELECT max((SELECT ifnull(max(seq), 0) FROM events), (SELECT ifnull(max(seq), 0) FROM rejected))",
        [],
        |row| row.get(0),
    )
}
