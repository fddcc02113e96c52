//! The database: one SQLite file, one writer, a few readers. All SQL is here, and nothing of HTTP or JSON shapes.
//!
//! What it promises: a write is answered after its commit is on disk; writes that wait together share one commit; a
//! reader never waits for the writer.

mod events;
mod model;
mod products;
mod reader;
mod recommendations;
mod schema;
mod timeline;
mod users;
mod writer;

pub use events::Batch;
pub use model::{NewEvent, NewRejected, Record, Source, Status, StoredEvent, StoredRejected, UserEvent, What};
pub use products::{Product, ProductKey};
pub use reader::Window;
pub use recommendations::Earned;
pub use users::UserKey;
pub use writer::Session;

use crate::error::StartError;
use reader::Readers;
use std::fs::{File, TryLockError};
use std::path::Path;
use tokio::sync::watch;
use writer::Writer;

/// A write or a read failed; the log has said why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StoreError;

/// The database.
#[derive(Debug)]
pub struct Store {
    writer: Writer,
    readers: Readers,
    newest: watch::Receiver<i64>,
    /// Held while we live: two writers would give out the same sequence numbers.
    _lock: File,
}

impl Store {
    /// Opens `tillpost.db` in this folder, making both where they are missing.
    ///
    /// # Errors
    /// [`StartError::Database`], [`StartError::DatabaseInUse`], [`StartError::DatabaseNewer`].
    pub fn open(folder: &Path) -> Result<Self, StartError> {
        let path = folder.join("tillpost.db");
        let unusable = |why: String| StartError::Database(path.clone(), why);
        std::fs::create_dir_all(folder).map_err(|error| unusable(error.to_string()))?;
        let lock = File::create(folder.join("tillpost.lock")).map_err(|error| unusable(error.to_string()))?;
        lock.try_lock().map_err(|error| match error {
            TryLockError::WouldBlock => StartError::DatabaseInUse(path.clone()),
            TryLockError::Error(error) => unusable(error.to_string()),
        })?;
        let connection = schema::open(&path).map_err(|failure| match failure {
            schema::Failure::Newer => StartError::DatabaseNewer(path.clone()),
            schema::Failure::Sqlite(error) => unusable(error.to_string()),
        })?;
        let (writer, newest) = Writer::start(connection).map_err(unusable)?;
        Ok(Self { writer, readers: Readers::new(path), newest, _lock: lock })
    }

    /// Does `work` in a transaction, and answers after its commit is on disk. `work` may be done again, if a commit
    /// that it shared with others fails.
    ///
    /// # Errors
    /// [`StoreError`]; then nothing of it is stored.
    pub async fn write<T, F>(&self, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: Fn(&Session<'_>) -> rusqlite::Result<T> + Send + 'static,
    {
        self.writer.write(work).await
    }

    /// Reads what is committed.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn read<T, F>(&self, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&reader::Reader<'_>) -> rusqlite::Result<T> + Send + 'static,
    {
        self.readers.read(work).await
    }

    /// The newest committed sequence number, as it changes.
    #[must_use]
    pub fn newest(&self) -> watch::Receiver<i64> {
        self.newest.clone()
    }

    /// Commits what waits, and ends the writer.
    pub async fn close(&self) {
        self.writer.close().await;
    }
}
