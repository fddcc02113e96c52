//! `GET /live/recommendations`: what recommendation panels earned, for the page of that name. Counts nothing itself: the
//! statement does.

use crate::App;
use crate::clock;
use crate::error::Refusal;
use crate::store::Earned;
use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Days in an answer, where the client does not say.
const DAYS: i64 = 28;
/// Most days in an answer.
const DAYS_MOST: i64 = 366;
const DAY_MS: i64 = 86_400_000;

/// `?days=N`
#[derive(Debug, Deserialize)]
pub struct Asked {
    days: Option<i64>,
}

/// The answer: the days, in days since 1970 (UTC), and what was earned on them.
#[derive(Debug, Serialize)]
pub struct Answer {
    first: i64,
    last: i64,
    rows: Vec<Earned>,
}

/// The last days, today included. Of the first `--app`, as the REST form.
///
/// # Errors
/// [`Refusal::Query`], [`Refusal::StoreFailed`].
pub async fn earned(
    State(app): State<Arc<App>>,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Result<Json<Answer>, Refusal> {
    let Query(asked) = asked.map_err(|_| Refusal::Query("`days` is not a whole number"))?;
    let days = asked.days.unwrap_or(DAYS).clamp(1, DAYS_MOST);
    let last = clock::now() / DAY_MS;
    let first = last - days + 1;
    let key = app.config.apps.first().cloned().unwrap_or_default();
    let read = app.store.read(move |reader| reader.recommendations(&key, first * DAY_MS, (last + 1) * DAY_MS));
    let rows = read.await.map_err(|_| Refusal::StoreFailed)?;
    Ok(Json(Answer { first, last, rows }))
}
