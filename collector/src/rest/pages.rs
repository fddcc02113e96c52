//! A user's product events, newest first, in pages of at most 100. A cursor names an event, not a place: what arrives
//! meanwhile neither doubles nor hides one.

use super::products::first_app;
use super::segment::Segment;
use crate::App;
use crate::error::Refusal;
use crate::store::{UserEvent, UserKey, Window};
use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::Uri;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::sync::Arc;
use tillpost::core::event_type::EventType;

const PAGE: u32 = 100;

/// `next` and `previous` are addresses, to be resolved against the one that was asked; `count` is of all pages.
#[derive(Debug, Serialize)]
pub struct Page {
    count: i64,
    next: Option<String>,
    previous: Option<String>,
    results: Vec<Entry>,
}

#[derive(Debug, Serialize)]
struct Entry {
    id: i64,
    /// The collector's number of the user.
    client: i64,
    /// Seconds since 1970.
    timestamp: i64,
    event_type: &'static str,
    custom_data: Option<Box<RawValue>>,
    /// Not User.com's: without it nobody knows which product the event is of.
    product: i64,
    product_custom_id: Option<String>,
}

/// `?type=<event type id>&cursor=...`
#[derive(Debug, Deserialize)]
pub struct Asked {
    #[serde(rename = "type")]
    event_type: Option<String>,
    cursor: Option<String>,
}

/// `GET users/:id/product_events/`
pub async fn of_user(
    State(app): State<Arc<App>>,
    segment: Segment,
    uri: Uri,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Result<Json<Page>, Refusal> {
    let number = segment.number().ok_or(Refusal::UserUnknown)?;
    page(&app, UserKey::Number(number), uri.path(), asked).await
}

/// `GET users-by-id/:custom_id/product_events/`
pub async fn of_custom_id(
    State(app): State<Arc<App>>,
    Segment(custom_id): Segment,
    uri: Uri,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Result<Json<Page>, Refusal> {
    page(&app, UserKey::Custom(custom_id), uri.path(), asked).await
}

async fn page(
    app: &App,
    user: UserKey,
    path: &str,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Result<Json<Page>, Refusal> {
    let Query(asked) = asked.map_err(|_| Refusal::Query("stands twice"))?;
    let event_type = asked.event_type.as_deref().map(event_type).transpose()?;
    let window = asked.cursor.as_deref().map_or(Ok(Window::Newest), window)?;
    let key = first_app(app);
    let read = app.store.read(move |reader| {
        let Some(user) = reader.user(&key, &user)? else { return Ok(None) };
        let count = reader.count_of_user(user, event_type)?;
        // One more than is shown, to know whether there is another page.
        Ok(Some((count, reader.events_of_user(user, event_type, window, PAGE + 1)?)))
    });
    let (count, mut events) = read.await.map_err(|_| Refusal::StoreFailed)?.ok_or(Refusal::UserUnknown)?;
    let shown = usize::try_from(PAGE).unwrap_or(usize::MAX);
    let more = events.len() > shown;
    events.truncate(shown);
    let newer_asked = matches!(window, Window::After(_));
    if newer_asked {
        events.reverse();
    }
    let (has_newer, has_older) = match window {
        Window::Newest => (false, more),
        Window::Before(_) => (true, more),
        Window::After(_) => (more, true),
    };
    let filter = event_type.map_or_else(String::new, |event_type| format!("&type={event_type}"));
    let address = |cursor| format!("{path}?cursor={}{filter}", encode(cursor));
    let next = events.last().filter(|_| has_older).map(|event| address(Window::Before(event.seq)));
    let previous = events.first().filter(|_| has_newer).map(|event| address(Window::After(event.seq)));
    Ok(Json(Page { count, next, previous, results: events.into_iter().map(entry).collect() }))
}

fn entry(event: UserEvent) -> Entry {
    #[derive(Default, Deserialize)]
    struct Data {
        custom_data: Option<Box<RawValue>>,
    }
    let data: Data = serde_json::from_str(&event.data).unwrap_or_default();
    Entry {
        id: event.seq,
        client: event.user,
        timestamp: event.t / 1_000,
        event_type: EventType::from_id(event.event_type).map_or("", EventType::name),
        custom_data: data.custom_data,
        product: event.product,
        product_custom_id: event.product_id,
    }
}

fn event_type(text: &str) -> Result<u8, Refusal> {
    let known = text.parse().ok().and_then(EventType::from_id).map(EventType::id);
    known.ok_or(Refusal::Query("`type` is not the number of an event type, 1 to 16"))
}

/// `b` or `a`, and the sequence number in hexadecimal. Clients treat it as opaque.
fn encode(window: Window) -> String {
    match window {
        Window::Newest => String::new(),
        Window::Before(seq) => format!("b{seq:x}"),
        Window::After(seq) => format!("a{seq:x}"),
    }
}

fn window(cursor: &str) -> Result<Window, Refusal> {
    let seq = |digits| i64::from_str_radix(digits, 16).ok().filter(|seq| *seq >= 0);
    let window = match (cursor.strip_prefix('b'), cursor.strip_prefix('a')) {
        (Some(digits), _) => seq(digits).map(Window::Before),
        (_, Some(digits)) => seq(digits).map(Window::After),
        _ => None,
    };
    window.ok_or(Refusal::Query("`cursor` is none that this collector gave out"))
}
