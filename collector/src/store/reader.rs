//! Reading what is committed: a few connections of their own, each used by one read at a time. Never writes.

use super::StoreError;
use super::model::{StoredEvent, StoredRejected, UserEvent};
use super::schema;
use rusqlite::{Connection, Row, named_params};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use tokio::sync::Semaphore;

/// Most reads at once.
const READERS: usize = 4;

/// A connection, as the store's read operations see it.
#[derive(Debug)]
pub struct Reader<'a> {
    pub(super) sql: &'a Connection,
}

#[derive(Debug)]
pub(super) struct Readers {
    path: PathBuf,
    idle: Arc<Mutex<Vec<Connection>>>,
    places: Semaphore,
}

impl Readers {
    pub fn new(path: PathBuf) -> Self {
        Self { path, idle: Arc::default(), places: Semaphore::new(READERS) }
    }

    pub async fn read<T, F>(&self, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Reader<'_>) -> rusqlite::Result<T> + Send + 'static,
    {
        let _place = self.places.acquire().await.map_err(|_| StoreError)?;
        let (path, idle) = (self.path.clone(), Arc::clone(&self.idle));
        let read = tokio::task::spawn_blocking(move || {
            let taken = idle.lock().ok().and_then(|mut idle| idle.pop());
            let connection = taken.map_or_else(|| schema::open_reader(&path), Ok)?;
            let answer = work(&Reader { sql: &connection })?;
            // One that failed is closed instead, and the next read opens another.
            if let Ok(mut idle) = idle.lock() {
                idle.push(connection);
            }
            Ok(answer)
        });
        match read.await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(error)) => {
                let error: rusqlite::Error = error;
                tracing::error!(code = "store_failed", %error, "a read failed");
                Err(StoreError)
            }
            Err(_) => Err(StoreError),
        }
    }
}

/// Which rows, by sequence number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Window {
    /// The newest.
    Newest,
    /// The first ones after this.
    After(i64),
    /// The last ones before this.
    Before(i64),
}

impl Window {
    /// Exclusive bounds, and the direction in which rows are taken from them.
    fn bounds(self) -> (i64, i64, &'static str) {
        match self {
            Self::Newest => (-1, i64::MAX, "DESC"),
            Self::After(seq) => (seq, i64::MAX, "ASC"),
            Self::Before(seq) => (-1, seq, "DESC"),
        }
    }
}

impl Reader<'_> {
    /// Does the database answer?
    pub fn probe(&self) -> rusqlite::Result<()> {
        self.sql.query_row("SELECT count(*) FROM (SELECT 1 FROM events LIMIT 1)", [], |_| Ok(()))
    }

    /// Events in a window, at most `limit`, of one visitor or of all; in the order in which the window takes them.
    pub fn events(&self, window: Window, visitor: Option<&str>, limit: u32) -> rusqlite::Result<Vec<StoredEvent>> {
        let (above, below, order) = window.bounds();
        let filter = if visitor.is_some() { "e.visitor = :visitor" } else { ":visitor IS NULL" };
        let sql = format!(
            "SELECT e.seq, e.app, e.id, e.received, e.t, e.visitor, e.kind, p.custom_id, e.event_type, e.name, e.data,
                    e.identity, e.token, e.panel, e.position, e.page_url, e.page_view
             FROM events e LEFT JOIN products p ON p.id = e.product
             WHERE {filter} AND e.seq > :above AND e.seq < :below ORDER BY e.seq {order} LIMIT :limit"
        );
        self.sql
            .prepare_cached(&sql)?
            .query_map(
                named_params! { ":visitor": visitor, ":above": above, ":below": below, ":limit": limit },
                stored_event,
            )?
            .collect()
    }

    /// Rejected records in a window, as [`Reader::events`].
    pub fn rejected(&self, window: Window, visitor: Option<&str>, limit: u32) -> rusqlite::Result<Vec<StoredRejected>> {
        let (above, below, order) = window.bounds();
        let sql = format!(
            "SELECT seq, app, id, received, visitor, code, raw FROM rejected
             WHERE (:visitor IS NULL OR visitor = :visitor) AND seq > :above AND seq < :below
             ORDER BY seq {order} LIMIT :limit"
        );
        self.sql
            .prepare_cached(&sql)?
            .query_map(
                named_params! { ":visitor": visitor, ":above": above, ":below": below, ":limit": limit },
                |row| {
                    Ok(StoredRejected {
                        seq: row.get(0)?,
                        app: row.get(1)?,
                        id: row.get(2)?,
                        received: row.get(3)?,
                        visitor: row.get(4)?,
                        code: row.get(5)?,
                        raw: row.get(6)?,
                    })
                },
            )?
            .collect()
    }

    /// How many product events a user has, of one type or of all.
    pub fn count_of_user(&self, user: i64, event_type: Option<u8>) -> rusqlite::Result<i64> {
        self.sql
            .prepare_cached(
                "SELECT count(*) FROM events
                 WHERE owner = ?1 AND event_type IS NOT NULL AND (?2 IS NULL OR event_type = ?2)",
            )?
            .query_row((user, event_type), |row| row.get(0))
    }

    /// Product events of a user in a window; in the order in which the window takes them.
    pub fn events_of_user(
        &self,
        user: i64,
        event_type: Option<u8>,
        window: Window,
        limit: u32,
    ) -> rusqlite::Result<Vec<UserEvent>> {
        let (above, below, order) = window.bounds();
        let sql = format!(
            "SELECT e.seq, e.owner, e.t, e.event_type, e.product, p.custom_id, e.data
             FROM events e JOIN products p ON p.id = e.product
             WHERE e.owner = :user AND e.event_type IS NOT NULL AND (:type IS NULL OR e.event_type = :type)
               AND e.seq > :above AND e.seq < :below
             ORDER BY e.seq {order} LIMIT :limit"
        );
        self.sql
            .prepare_cached(&sql)?
            .query_map(
                named_params! {
                    ":user": user, ":type": event_type, ":above": above, ":below": below, ":limit": limit
                },
                |row| {
                    Ok(UserEvent {
                        seq: row.get(0)?,
                        user: row.get(1)?,
                        t: row.get(2)?,
                        event_type: row.get(3)?,
                        product: row.get(4)?,
                        product_id: row.get(5)?,
                        data: row.get(6)?,
                    })
                },
            )?
            .collect()
    }
}

fn stored_event(row: &Row<'_>) -> rusqlite::Result<StoredEvent> {
    Ok(StoredEvent {
        seq: row.get(0)?,
        app: row.get(1)?,
        id: row.get(2)?,
        received: row.get(3)?,
        t: row.get(4)?,
        visitor: row.get(5)?,
        kind: row.get(6)?,
        product_id: row.get(7)?,
        event_type: row.get(8)?,
        name: row.get(9)?,
        data: row.get(10)?,
        identity: row.get(11)?,
        token: row.get(12)?,
        panel: row.get(13)?,
        position: row.get(14)?,
        page_url: row.get(15)?,
        page_view: row.get(16)?,
    })
}
