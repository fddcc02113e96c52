//! `POST /api/public/batch/`: the wire of Tillpost's pages.
//!
//! It never lets one bad record spoil its batch-mates, and never answers before the commit. The answer names each
//! record: by its id, or by its place where no id can be read.

use crate::App;
use crate::body;
use crate::clock;
use crate::error::Refusal;
use crate::problem::Problem;
use crate::record::{self, Context, ID_CHARS};
use crate::store::{Batch, Record, Status};
use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::Request;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::sync::Arc;

/// Fields are read one by one, so that a batch of another version is told so and not "malformed".
#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(borrow)]
    v: Option<&'a RawValue>,
    #[serde(borrow)]
    app: Option<&'a RawValue>,
    #[serde(borrow)]
    visitor: Option<&'a RawValue>,
    #[serde(borrow)]
    sent: Option<&'a RawValue>,
    #[serde(borrow)]
    dropped: Option<&'a RawValue>,
    #[serde(borrow)]
    records: Option<&'a RawValue>,
}

/// The answer: one entry for each record, in their order.
#[derive(Debug, Serialize)]
pub struct Answer {
    results: Vec<Entry>,
}

#[derive(Debug, Serialize)]
struct Entry {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    /// Counted from 0; only where `id` is missing.
    #[serde(skip_serializing_if = "Option::is_none")]
    index: Option<usize>,
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none", flatten)]
    problem: Option<Problem>,
}

/// Takes a batch.
///
/// # Errors
/// [`Refusal`], and then nothing of the batch is stored.
pub async fn receive(State(app): State<Arc<App>>, request: Request<Body>) -> Result<Json<Answer>, Refusal> {
    let text = body::text(request, app.config.limits).await?;
    let (batch, mut entries) = judge(&app, &text)?;
    drop(text);
    let (key, dropped) = (batch.app.clone(), batch.dropped);
    let statuses =
        app.store.write(move |session| session.store_batch(&batch)).await.map_err(|_| Refusal::StoreFailed)?;
    let mut rejected = 0;
    for (entry, status) in entries.iter_mut().zip(statuses) {
        entry.status = match status {
            Status::Stored => "stored",
            Status::Duplicate => "duplicate",
            Status::Rejected => "rejected",
        };
        if status == Status::Rejected {
            rejected += 1;
        } else {
            entry.problem = None;
        }
    }
    if rejected > 0 {
        let code = entries.iter().find_map(|entry| entry.problem.as_ref()).map(|problem| problem.code);
        tracing::info!(app = key, rejected, code, "records rejected");
    }
    if dropped > 0 {
        tracing::info!(app = key, dropped, "a page dropped records before this batch");
    }
    Ok(Json(Answer { results: entries }))
}

fn judge(app: &App, text: &str) -> Result<(Batch, Vec<Entry>), Refusal> {
    let malformed = Refusal::BodyMalformed;
    let envelope: Envelope<'_> = serde_json::from_str(text).map_err(|_| malformed("it is not one JSON object"))?;
    let version: Option<u64> = read(envelope.v).ok_or(Refusal::VersionUnknown)?;
    if version != Some(1) {
        return Err(Refusal::VersionUnknown);
    }
    let key: String = read(envelope.app).flatten().ok_or(malformed("`app` is not text"))?;
    if !app.config.apps.contains(&key) {
        return Err(Refusal::AppUnknown);
    }
    let visitor: String = read(envelope.visitor).flatten().ok_or(malformed("`visitor` is not text"))?;
    if visitor.trim().is_empty() || visitor.chars().count() > ID_CHARS {
        return Err(malformed("`visitor` does not have 1 to 128 characters"));
    }
    let whole =
        |raw, why| read::<i64>(raw).filter(|number| number.is_none_or(|number| number >= 0)).ok_or(malformed(why));
    let sent = whole(envelope.sent, "`sent` is not a time in whole milliseconds")?;
    let dropped = whole(envelope.dropped, "`dropped` is not a count")?.unwrap_or_default();
    let records: Vec<&RawValue> = read(envelope.records).flatten().ok_or(malformed("`records` is not an array"))?;
    if records.len() > app.config.limits.records {
        return Err(Refusal::BatchTooLong(app.config.limits.records));
    }
    let received = clock::now();
    let context = Context { schema: &app.config.schema, received, sent, tolerance: app.config.clock_tolerance };
    let mut entries = Vec::with_capacity(records.len());
    let records = records.into_iter().enumerate().map(|(index, raw)| {
        let (record, problem) = record::judge(raw, context);
        let id = match &record {
            Record::Good(event) => Some(event.id.clone()),
            Record::Bad(rejected) => rejected.id.clone(),
        };
        let index = id.is_none().then_some(index);
        entries.push(Entry { id, index, status: "", problem });
        record
    });
    let records = records.collect();
    Ok((Batch { app: key, visitor, received, dropped, records }, entries))
}

/// The value of a field; `Some(None)` where it is missing or null, `None` where it has another type.
fn read<'a, T: Deserialize<'a>>(raw: Option<&'a RawValue>) -> Option<Option<T>> {
    raw.map_or(Some(None), |raw| serde_json::from_str(raw.get()).ok())
}
