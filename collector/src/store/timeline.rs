//! Who a visitor was, and when: log-ins and log-outs in the order of their times, however late they arrive.
//!
//! An event that names no user is the user's that its visitor was then. Where that was nobody, it is the next one's who
//! logs in: what an anonymous visitor did belongs to the account that they open. Nothing goes over to a user who was
//! there before a log-out, and `reset` ends a visitor for good.

use super::writer::Session;
use rusqlite::{OptionalExtension, params};

/// The last turn up to a time if it names a user, else the first after it that does.
macro_rules! owner {
    ($app:literal, $visitor:literal, $t:literal) => {
        concat!(
            "coalesce((SELECT user FROM turns WHERE app = ",
            $app,
            " AND visitor = ",
            $visitor,
            " AND t <= ",
            $t,
            " ORDER BY t DESC, id DESC LIMIT 1), ",
            "(SELECT user FROM turns WHERE app = ",
            $app,
            " AND visitor = ",
            $visitor,
            " AND t > ",
            $t,
            " AND user IS NOT NULL ORDER BY t, id LIMIT 1))"
        )
    };
}

impl Session<'_> {
    /// Whose an event is that names no user.
    pub(super) fn owner(&self, app: &str, visitor: &str, t: i64) -> rusqlite::Result<Option<i64>> {
        self.sql
            .prepare_cached(concat!("SELECT ", owner!("?1", "?2", "?3")))?
            .query_row(params![app, visitor, t], |row| row.get(0))
    }

    /// From here on the visitor is this user, or nobody. Events that it changes hands with it.
    pub(super) fn turn(
        &self,
        app: &str,
        visitor: &str,
        (t, id): (i64, &str),
        user: Option<i64>,
    ) -> rusqlite::Result<()> {
        self.sql
            .prepare_cached("INSERT INTO turns (app, visitor, t, id, user) VALUES (?1, ?2, ?3, ?4, ?5)")?
            .execute(params![app, visitor, t, id, user])?;
        // Before the last log-in and after the next turn nothing changes.
        let from: Option<i64> = self
            .sql
            .prepare_cached("SELECT max(t) FROM turns WHERE app = ?1 AND visitor = ?2 AND t < ?3 AND user IS NOT NULL")?
            .query_row(params![app, visitor, t], |row| row.get(0))
            .optional()?
            .flatten();
        let until: Option<i64> = self
            .sql
            .prepare_cached("SELECT min(t) FROM turns WHERE app = ?1 AND visitor = ?2 AND t > ?3")?
            .query_row(params![app, visitor, t], |row| row.get(0))
            .optional()?
            .flatten();
        self.sql
            .prepare_cached(concat!(
                "UPDATE events SET owner = ",
                owner!("events.app", "events.visitor", "events.t"),
                " WHERE visitor = ?2 AND user IS NULL AND t >= ?3 AND t < ?4 AND app = ?1"
            ))?
            .execute(params![app, visitor, from.unwrap_or(i64::MIN), until.unwrap_or(i64::MAX)])?;
        Ok(())
    }
}
