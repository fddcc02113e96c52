//! `GET /live/events` and `GET /live/stream`: what has arrived, in the order of storing, rejected records among it.
//!
//! A stream never holds events of its own and never blocks the writer: it learns that there are newer ones and reads
//! them from the database. A client that is slow reads them later.

use crate::App;
use crate::error::Refusal;
use crate::record::Shown;
use crate::store::{StoreError, StoredEvent, StoredRejected, Window};
use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::HeaderMap;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::{Stream, stream};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;
use tillpost::core::event_type::EventType;
use tokio::sync::watch;

/// Events in one answer, where the client does not say.
const PAGE: u32 = 100;
/// Most events in one answer.
const PAGE_MOST: u32 = 1_000;
/// Events that a stream begins with.
const STREAM_START: u32 = 50;
/// Least time between two reads of one stream: under load it reads many events at once.
const STREAM_PAUSE: Duration = Duration::from_millis(50);

/// One thing that arrived.
#[derive(Debug, Serialize)]
pub struct LiveEvent {
    /// Its place in the order of storing.
    pub seq: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<String>,
    received: i64,
    t: i64,
    app: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    visitor: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    kind: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    product_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    event_type: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<Box<RawValue>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user: Option<Box<RawValue>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    token: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    panel: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    position: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    page: Option<Page>,
}

#[derive(Debug, Serialize)]
struct Page {
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    view: Option<String>,
}

/// The answer of `/live/events`, oldest first.
#[derive(Debug, Serialize)]
pub struct Answer {
    events: Vec<LiveEvent>,
}

/// `?after=SEQ&limit=N&visitor=V`
#[derive(Debug, Default, Deserialize)]
pub struct Asked {
    after: Option<i64>,
    limit: Option<u32>,
    visitor: Option<String>,
}

/// The first events after a sequence number, or the newest; oldest first.
///
/// # Errors
/// [`Refusal::Query`], [`Refusal::StoreFailed`].
pub async fn events(
    State(app): State<Arc<App>>,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Result<Json<Answer>, Refusal> {
    let Query(asked) = asked.map_err(|_| Refusal::Query("`after` or `limit` is not a whole number"))?;
    let limit = asked.limit.unwrap_or(PAGE).clamp(1, PAGE_MOST);
    let window = asked.after.map_or(Window::Newest, Window::After);
    let events = read(&app, window, asked.visitor, limit).await.map_err(|_| Refusal::StoreFailed)?;
    Ok(Json(Answer { events }))
}

/// The newest 50 events, or those after `Last-Event-ID`, then each as it is committed.
pub async fn stream(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let last = headers.get("last-event-id").and_then(|id| id.to_str().ok()?.parse().ok());
    let reading = Reading {
        newest: app.store.newest(),
        stopping: app.stopping.clone(),
        window: last.map_or(Window::Newest, Window::After),
        read: VecDeque::new(),
        app,
    };
    let events = stream::unfold(reading, |mut reading| async move {
        let event = reading.next().await?;
        Some((Ok(event), reading))
    });
    Sse::new(events).keep_alive(KeepAlive::default())
}

struct Reading {
    app: Arc<App>,
    newest: watch::Receiver<i64>,
    stopping: watch::Receiver<bool>,
    window: Window,
    read: VecDeque<LiveEvent>,
}

impl Reading {
    /// The next event; `None` when the collector stops or the database fails. The browser connects again, and says
    /// which event it had last.
    async fn next(&mut self) -> Option<Event> {
        loop {
            if let Some(event) = self.read.pop_front() {
                let json = serde_json::to_string(&event).ok()?;
                return Some(Event::default().id(event.seq.to_string()).data(json));
            }
            // Marked as seen before the read: what is committed during it wakes us again.
            let newest = *self.newest.borrow_and_update();
            let behind = match self.window {
                Window::Newest => true,
                Window::After(seq) | Window::Before(seq) => seq < newest,
            };
            if behind {
                let limit = if self.window == Window::Newest { STREAM_START } else { PAGE };
                self.read = read(&self.app, self.window, None, limit).await.ok()?.into();
                let last = self.read.back().map_or(newest, |event| event.seq);
                self.window = Window::After(last);
                continue;
            }
            tokio::select! {
                _ = self.stopping.wait_for(|stopping| *stopping) => return None,
                changed = self.newest.changed() => changed.ok()?,
            }
            tokio::time::sleep(STREAM_PAUSE).await;
        }
    }
}

async fn read(app: &App, window: Window, visitor: Option<String>, limit: u32) -> Result<Vec<LiveEvent>, StoreError> {
    app.store
        .read(move |reader| {
            let stored = reader.events(window, visitor.as_deref(), limit)?.into_iter().map(of_stored);
            let rejected = reader.rejected(window, visitor.as_deref(), limit)?.into_iter().map(of_rejected);
            let mut events: Vec<_> = stored.chain(rejected).collect();
            events.sort_by_key(|event| event.seq);
            let most = usize::try_from(limit).unwrap_or(usize::MAX);
            let surplus = events.len().saturating_sub(most);
            match window {
                Window::After(_) => events.truncate(most),
                Window::Newest | Window::Before(_) => drop(events.drain(..surplus)),
            }
            Ok(events)
        })
        .await
}

fn of_stored(event: StoredEvent) -> LiveEvent {
    #[derive(Deserialize)]
    struct Named {
        name: Option<String>,
    }
    let product_name = || serde_json::from_str::<Named>(&event.data).ok()?.name;
    let name = event.name.clone().or_else(product_name);
    let event_type = event.event_type.and_then(EventType::from_id);
    let page = (event.page_url.is_some() || event.page_view.is_some())
        .then_some(Page { url: event.page_url, view: event.page_view });
    LiveEvent {
        seq: event.seq,
        id: Some(event.id),
        status: "stored",
        code: None,
        received: event.received,
        t: event.t,
        app: event.app,
        visitor: event.visitor,
        kind: Some(event.kind),
        product_id: event.product_id,
        event_type: event_type.map(|event_type| event_type.name().to_owned()),
        name,
        data: RawValue::from_string(event.data).ok(),
        user: event.identity.and_then(|identity| RawValue::from_string(identity).ok()),
        token: event.token,
        panel: event.panel,
        position: event.position,
        page,
    }
}

fn of_rejected(rejected: StoredRejected) -> LiveEvent {
    let shown = rejected.raw.as_deref().map(Shown::of).unwrap_or_default();
    LiveEvent {
        seq: rejected.seq,
        id: rejected.id,
        status: "rejected",
        code: Some(rejected.code),
        received: rejected.received,
        t: shown.t.unwrap_or(rejected.received),
        app: rejected.app,
        visitor: Some(rejected.visitor),
        kind: shown.kind,
        product_id: shown.product_id,
        event_type: shown.event_type,
        name: shown.name,
        data: shown.data,
        user: None,
        token: None,
        panel: None,
        position: None,
        page: None,
    }
}
