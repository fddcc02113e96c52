//! Opening a database, and the steps from each version of its tables to the next. Never rewrites a step that has shipped.

use rusqlite::Connection;
use std::path::Path;
use std::time::Duration;

/// Why a database does not open.
#[derive(Debug)]
pub enum Failure {
    /// SQLite says no.
    Sqlite(rusqlite::Error),
    /// A newer collector has changed its tables.
    Newer,
}

impl From<rusqlite::Error> for Failure {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}

/// Each step leads to the version that is its place in this list, counted from 1 (`PRAGMA user_version`).
const STEPS: &[&str] = &[
    r"
-- Sequence numbers are given out by the writer, one row for events and rejected records together.
CREATE TABLE events (
  seq        INTEGER PRIMARY KEY,
  app        TEXT NOT NULL,
  id         TEXT NOT NULL,     -- the record's own; of an event by REST: 'rest:' and its seq, which no record can have
  received   INTEGER NOT NULL,  -- ms since 1970
  t          INTEGER NOT NULL,  -- ms since 1970, when it happened, by our clock
  t_sent     INTEGER NOT NULL,  -- the same by the page's clock
  visitor    TEXT,
  user       INTEGER REFERENCES users (id),
  kind       TEXT NOT NULL,     -- product_event, event, client.update, impressions, page, reset, identify
  product    INTEGER REFERENCES products (id),
  event_type INTEGER,           -- 1 to 16, of a product event
  name       TEXT,              -- of an event
  data       TEXT NOT NULL,     -- JSON object: the attributes as they were sent
  identity   TEXT,              -- JSON object: what the page said about its user
  token      TEXT,
  page_url   TEXT,
  page_view  TEXT
) STRICT;
CREATE UNIQUE INDEX events_once ON events (app, id);
CREATE INDEX events_of_user ON events (user, seq) WHERE event_type IS NOT NULL AND user IS NOT NULL;
CREATE INDEX events_of_visitor ON events (visitor, seq);

-- What was refused, as it came: nothing is thrown away unseen.
CREATE TABLE rejected (
  seq      INTEGER PRIMARY KEY,
  app      TEXT NOT NULL,
  id       TEXT,
  received INTEGER NOT NULL,
  visitor  TEXT NOT NULL,
  code     TEXT NOT NULL,
  raw      TEXT                 -- NULL where it was larger than a record may be
) STRICT;
CREATE UNIQUE INDEX rejected_once ON rejected (app, id) WHERE id IS NOT NULL;

CREATE TABLE products (
  id        INTEGER PRIMARY KEY,
  app       TEXT NOT NULL,
  custom_id TEXT,
  created   INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX products_once ON products (app, custom_id);

-- One row for each attribute: an event that arrives late changes only what no later event has set.
CREATE TABLE product_attributes (
  product INTEGER NOT NULL REFERENCES products (id),
  name    TEXT NOT NULL,        -- lower case, underscores
  value   TEXT NOT NULL,        -- JSON
  t       INTEGER NOT NULL,     -- ms since 1970, of the event that set it
  PRIMARY KEY (product, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE users (
  id        INTEGER PRIMARY KEY,
  app       TEXT NOT NULL,
  custom_id TEXT NOT NULL,
  created   INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX users_once ON users (app, custom_id);

-- How many records a visitor's pages had to drop for their bounds.
CREATE TABLE drops (
  app     TEXT NOT NULL,
  visitor TEXT NOT NULL,
  count   INTEGER NOT NULL,
  PRIMARY KEY (app, visitor)
) STRICT, WITHOUT ROWID;
",
    r"
-- Which recommendation panel an event comes from, and the product's place in it, counted from 1.
ALTER TABLE events ADD COLUMN panel TEXT;
ALTER TABLE events ADD COLUMN position INTEGER;
CREATE INDEX events_of_panels ON events (app, t) WHERE token IS NOT NULL;
",
    r"
-- The user whose the event is: the one that it names, else see `turns`.
ALTER TABLE events ADD COLUMN owner INTEGER REFERENCES users (id);
UPDATE events SET owner = user;
DROP INDEX events_of_user;
CREATE INDEX events_of_owner ON events (owner, seq) WHERE event_type IS NOT NULL AND owner IS NOT NULL;
CREATE INDEX events_unnamed ON events (visitor, t) WHERE user IS NULL AND visitor IS NOT NULL;

-- Log-ins and log-outs of a visitor.
CREATE TABLE turns (
  app     TEXT NOT NULL,
  visitor TEXT NOT NULL,
  t       INTEGER NOT NULL,     -- ms since 1970
  id      TEXT NOT NULL,        -- of the record
  user    INTEGER REFERENCES users (id),
  PRIMARY KEY (app, visitor, t, id)
) STRICT, WITHOUT ROWID;
",
];

/// Opens the writer's connection and brings the tables to the newest version.
pub fn open(path: &Path) -> Result<Connection, Failure> {
    let mut connection = Connection::open(path)?;
    connection.busy_timeout(Duration::from_secs(5))?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    // FULL syncs the log at every commit. NORMAL would leave the last answered batches to a power cut, and their pages
    // have forgotten them.
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", "ON")?;
    connection.set_prepared_statement_cache_capacity(64);
    let version: u32 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let done = usize::try_from(version).unwrap_or(usize::MAX);
    for (step, reached) in STEPS.get(done..).ok_or(Failure::Newer)?.iter().zip(version + 1..) {
        let transaction = connection.transaction()?;
        transaction.execute_batch(step)?;
        transaction.pragma_update(None, "user_version", reached)?;
        transaction.commit()?;
    }
    Ok(connection)
}

/// Opens a reader's connection, which cannot write.
pub fn open_reader(path: &Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open(path)?;
    connection.busy_timeout(Duration::from_secs(5))?;
    connection.pragma_update(None, "query_only", "ON")?;
    Ok(connection)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A process that is killed leaves what it wrote to the system; only a sync brings it through a power cut, which no
    /// test here can make.
    #[test]
    fn each_commit_is_synced() {
        let folder = tempfile::tempdir().unwrap();
        let connection = open(&folder.path().join("x.db")).unwrap();
        let full: i64 = connection.pragma_query_value(None, "synchronous", |row| row.get(0)).unwrap();
        let journal: String = connection.pragma_query_value(None, "journal_mode", |row| row.get(0)).unwrap();
        assert_eq!((full, journal.as_str()), (2, "wal"));
    }

    #[test]
    fn events_of_the_first_version_keep_their_user() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.db");
        let old = Connection::open(&path).unwrap();
        old.execute_batch(STEPS[0]).unwrap();
        old.execute_batch(
            "PRAGMA user_version = 1;
             INSERT INTO users VALUES (7, 'abc123', '52', 0);
             INSERT INTO events (seq, app, id, received, t, t_sent, visitor, user, kind, data)
             VALUES (1, 'abc123', 'a', 0, 0, 0, 'v', 7, 'event', '{}'), (2, 'abc123', 'b', 0, 0, 0, 'v', NULL, 'event', '{}');",
        )
        .unwrap();
        drop(old);
        let owner = |id: &str| -> Option<i64> {
            open(&path).unwrap().query_row("SELECT owner FROM events WHERE id = ?1", [id], |row| row.get(0)).unwrap()
        };
        assert_eq!((owner("a"), owner("b")), (Some(7), None));
    }

    #[test]
    fn opening_again_changes_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.db");
        for _ in 0..2 {
            let connection = open(&path).unwrap();
            let version: usize =
                connection.pragma_query_value(None, "user_version", |row| row.get::<_, u32>(0)).unwrap() as usize;
            assert_eq!(version, STEPS.len());
        }
    }
}
