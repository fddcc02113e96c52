//! Writing events: a batch of records, and a single product event by REST. An id becomes one event of its app, once.

use super::model::{NewEvent, NewRejected, Record, Status, What};
use super::writer::Session;
use rusqlite::{OptionalExtension, params};
use tillpost::core::kind::Kind;

/// A batch, judged.
#[derive(Debug)]
pub struct Batch {
    /// The application.
    pub app: String,
    /// The visitor.
    pub visitor: String,
    /// When it was received, in ms since 1970.
    pub received: i64,
    /// How many records the pages of this visitor have dropped since the last batch.
    pub dropped: i64,
    /// The records in their order.
    pub records: Vec<Record>,
}

/// Who is behind an event.
#[derive(Clone, Copy, Debug)]
struct Whose<'a> {
    /// The browser.
    visitor: Option<&'a str>,
    /// The user that the event names.
    user: Option<i64>,
    /// The user whose it is.
    owner: Option<i64>,
}

impl Session<'_> {
    /// Stores a batch and answers what became of each record, in their order.
    pub fn store_batch(&self, batch: &Batch) -> rusqlite::Result<Vec<Status>> {
        let statuses = batch
            .records
            .iter()
            .map(|record| match record {
                Record::Good(event) => self.store_record(batch, event),
                Record::Bad(rejected) => self.keep_rejected(batch, rejected),
            })
            .collect::<rusqlite::Result<Vec<_>>>()?;
        // A batch whose answer was lost comes again, and all of it is known: its drops have been counted.
        if batch.dropped > 0 && statuses.iter().any(|status| *status != Status::Duplicate) {
            self.sql
                .prepare_cached(
                    "INSERT INTO drops (app, visitor, count) VALUES (?1, ?2, ?3)
                     ON CONFLICT DO UPDATE SET count = count + excluded.count",
                )?
                .execute(params![batch.app, batch.visitor, batch.dropped])?;
        }
        Ok(statuses)
    }

    /// Stores a product event that came by REST, and answers its number.
    pub fn store_rest_event(
        &self,
        app: &str,
        received: i64,
        (product, user): (i64, i64),
        event: &NewEvent,
    ) -> rusqlite::Result<i64> {
        let seq = self.next_seq();
        let whose = Whose { visitor: None, user: Some(user), owner: Some(user) };
        self.insert(
            seq,
            app,
            received,
            whose,
            Some(product),
            &NewEvent { id: format!("rest:{seq}"), ..event.clone() },
        )?;
        if let What::Product { profile, .. } = &event.what {
            self.set_attributes(product, profile, event.t)?;
        }
        Ok(seq)
    }

    fn store_record(&self, batch: &Batch, event: &NewEvent) -> rusqlite::Result<Status> {
        if self.is_stored(&batch.app, &event.id)? {
            return Ok(Status::Duplicate);
        }
        let product = match &event.what {
            What::Product { product_id, profile, .. } => {
                let (product, _) = self.ensure_product(&batch.app, product_id, batch.received)?;
                self.set_attributes(product, profile, event.t)?;
                Some(product)
            }
            What::Named(_) | What::Other(_) => None,
        };
        let user = event.user.as_ref().map(|user| self.ensure_user(&batch.app, user, batch.received)).transpose()?;
        if let What::Other(kind @ (Kind::Identify | Kind::Reset)) = event.what {
            // Nobody is the visitor any more after a reset, whoever the record names.
            let next = user.filter(|_| kind == Kind::Identify);
            self.turn(&batch.app, &batch.visitor, (event.t, &event.id), next)?;
        }
        let owner = if user.is_some() { user } else { self.owner(&batch.app, &batch.visitor, event.t)? };
        let whose = Whose { visitor: Some(&batch.visitor), user, owner };
        self.insert(self.next_seq(), &batch.app, batch.received, whose, product, event)?;
        Ok(Status::Stored)
    }

    fn is_stored(&self, app: &str, id: &str) -> rusqlite::Result<bool> {
        let mut stored = self.sql.prepare_cached("SELECT 1 FROM events WHERE app = ?1 AND id = ?2")?;
        Ok(stored.query_row([app, id], |_| Ok(())).optional()?.is_some())
    }

    fn insert(
        &self,
        seq: i64,
        app: &str,
        received: i64,
        whose: Whose<'_>,
        product: Option<i64>,
        event: &NewEvent,
    ) -> rusqlite::Result<()> {
        let (event_type, name) = match &event.what {
            What::Product { event_type, .. } => (Some(event_type.id()), None),
            What::Named(name) => (None, Some(name)),
            What::Other(_) => (None, None),
        };
        let source = event.source.as_ref();
        let known = |text: &'_ String| (!text.is_empty()).then(|| text.clone());
        self.sql
            .prepare_cached(
                "INSERT INTO events (seq, app, id, received, t, t_sent, visitor, user, kind, product, event_type, name,
                                     data, identity, token, panel, position, page_url, page_view, owner)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20)",
            )?
            .execute(params![
                seq,
                app,
                event.id,
                received,
                event.t,
                event.t_sent,
                whose.visitor,
                whose.user,
                event.what.kind().name(),
                product,
                event_type,
                name,
                event.data,
                event.identity,
                source.map(|source| &source.token),
                source.and_then(|source| known(&source.panel)),
                source.and_then(|source| (source.position > 0).then_some(source.position.cast_signed())),
                event.page_url,
                event.page_view,
                whose.owner,
            ])?;
        Ok(())
    }

    fn keep_rejected(&self, batch: &Batch, rejected: &NewRejected) -> rusqlite::Result<Status> {
        let NewRejected { id, code, raw } = rejected;
        if let Some(id) = id
            && self.is_stored(&batch.app, id)?
        {
            return Ok(Status::Duplicate);
        }
        let kept = self
            .sql
            .prepare_cached(
                "INSERT INTO rejected (seq, app, id, received, visitor, code, raw) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
                 ON CONFLICT DO NOTHING",
            )?
            .execute(params![self.peek_seq(), batch.app, id, batch.received, batch.visitor, code, raw])?;
        if kept > 0 {
            self.next_seq();
        }
        Ok(Status::Rejected)
    }
}
