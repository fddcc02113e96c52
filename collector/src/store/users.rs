//! Users that a shop has named. A visitor without a name has no row; its id is on its events.

use super::reader::Reader;
use super::writer::Session;
use rusqlite::{Connection, OptionalExtension, params};

/// What a user is found by.
#[derive(Clone, Debug)]
pub enum UserKey {
    /// Our number.
    Number(i64),
    /// The shop's own id.
    Custom(String),
}

impl Session<'_> {
    /// The number of a user.
    pub fn user(&self, app: &str, key: &UserKey) -> rusqlite::Result<Option<i64>> {
        find(self.sql, app, key)
    }

    /// The number of the user with this id, created where there is none.
    pub fn ensure_user(&self, app: &str, custom_id: &str, now: i64) -> rusqlite::Result<i64> {
        let mut known = self.sql.prepare_cached("SELECT id FROM users WHERE app = ?1 AND custom_id = ?2")?;
        if let Some(id) = known.query_row([app, custom_id], |row| row.get(0)).optional()? {
            return Ok(id);
        }
        let mut create = self.sql.prepare_cached("INSERT INTO users (app, custom_id, created) VALUES (?1, ?2, ?3)")?;
        create.insert(params![app, custom_id, now])
    }
}

impl Reader<'_> {
    /// The number of a user.
    pub fn user(&self, app: &str, key: &UserKey) -> rusqlite::Result<Option<i64>> {
        find(self.sql, app, key)
    }
}

fn find(sql: &Connection, app: &str, key: &UserKey) -> rusqlite::Result<Option<i64>> {
    match key {
        UserKey::Number(id) => sql
            .prepare_cached("SELECT id FROM users WHERE app = ?1 AND id = ?2")?
            .query_row(params![app, id], |row| row.get(0))
            .optional(),
        UserKey::Custom(custom_id) => sql
            .prepare_cached("SELECT id FROM users WHERE app = ?1 AND custom_id = ?2")?
            .query_row([app, custom_id], |row| row.get(0))
            .optional(),
    }
}
