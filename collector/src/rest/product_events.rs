//! Product events by REST. The product must exist: unlike the page's call, this one does not create it.

use super::products::{first_app, object};
use super::segment::Segment;
use crate::error::Refusal;
use crate::record::ID_CHARS;
use crate::store::{NewEvent, ProductKey, Source, UserKey, What};
use crate::{App, body, canonical, clock, profile};
use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, Request, header};
use serde::Serialize;
use std::sync::Arc;
use tillpost::core::code::Severity;
use tillpost::core::value::Value;
use tillpost::core::{json, product_event};

/// The answer: the number of the event.
#[derive(Debug, Serialize)]
pub struct Created {
    id: i64,
}

/// `POST products/:id/product_event/`
pub async fn create(
    State(app): State<Arc<App>>,
    segment: Segment,
    request: Request<Body>,
) -> Result<Json<Created>, Refusal> {
    store(app, ProductKey::Number(segment.number().ok_or(Refusal::ProductUnknown)?), request).await
}

/// `POST products-by-id/:custom_id/product_event/`
pub async fn create_by_custom_id(
    State(app): State<Arc<App>>,
    Segment(custom_id): Segment,
    request: Request<Body>,
) -> Result<Json<Created>, Refusal> {
    store(app, ProductKey::Custom(custom_id), request).await
}

async fn store(app: Arc<App>, product: ProductKey, request: Request<Body>) -> Result<Json<Created>, Refusal> {
    let version_2 = is_version_2(request.headers());
    let body = object(&body::text(request, app.config.limits).await?)?;
    let fields = Value::of(&body);
    let now = clock::now();
    let user = user(fields, version_2)?;
    let t = timestamp(fields.field("timestamp"))?.map_or(now, |t| t.min(now));
    let event = event(fields, &product, t, &app)?;
    let key = first_app(&app);
    let stored = app.store.write(move |session| {
        let Some((product, _)) = session.product(&key, &product)? else {
            return Ok(Err(Refusal::ProductUnknown));
        };
        let user = match &user {
            UserKey::Number(_) => session.user(&key, &user)?,
            UserKey::Custom(custom_id) => Some(session.ensure_user(&key, custom_id, now)?),
        };
        let Some(user) = user else { return Ok(Err(Refusal::UserUnknown)) };
        Ok(Ok(session.store_rest_event(&key, now, (product, user), &event)?))
    });
    let id = stored.await.map_err(|_| Refusal::StoreFailed)??;
    Ok(Json(Created { id }))
}

/// `Accept: */*; version=2`
fn is_version_2(headers: &HeaderMap) -> bool {
    let accepted = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
    accepted.flat_map(|value| value.split([';', ','])).any(|part| part.trim().eq_ignore_ascii_case("version=2"))
}

/// Whose event it is. `user_id` is our number in version 2, and the shop's own text in version 1; `client` (our number)
/// and `user_custom_id` (the shop's own text) mean the same in both.
fn user(fields: Value<'_>, version_2: bool) -> Result<UserKey, Refusal> {
    let (client, own) = (fields.field("client"), fields.field("user_custom_id"));
    let (client, own) = match (version_2, fields.field("user_id")) {
        (_, Value::Undefined | Value::Null) => (client, own),
        (true, number) => (number, own),
        (false, text) => (client, text),
    };
    match (own, client) {
        (Value::Undefined | Value::Null, Value::Number(id) | Value::Text(id)) => {
            let number = id.parse().map_err(|_| Refusal::Field("user_id", "a whole number, in version 2"))?;
            Ok(UserKey::Number(number))
        }
        (Value::Undefined | Value::Null, Value::Undefined | Value::Null) => Err(Refusal::Field(
            "user_custom_id",
            "the shop's own id of the user; or give `user_id`, in version 2 the collector's number",
        )),
        _ => {
            let id = canonical::id(own, ID_CHARS).map(UserKey::Custom);
            id.ok_or(Refusal::Field("user_custom_id", "1 to 128 characters of text, or a number"))
        }
    }
}

/// Seconds since 1970, whole or not, to milliseconds.
fn timestamp(value: Value<'_>) -> Result<Option<i64>, Refusal> {
    const LATEST: f64 = 253_402_300_800.0; // the year 10000
    if matches!(value, Value::Undefined | Value::Null) {
        return Ok(None);
    }
    let seconds = canonical::plain(value).and_then(|text| text.trim().parse::<f64>().ok());
    let seconds = seconds.filter(|seconds| (0.0..LATEST).contains(seconds));
    #[allow(clippy::cast_possible_truncation, reason = "bounded just above")]
    let ms = seconds.map(|seconds| (seconds * 1_000.0) as i64);
    ms.map(Some).ok_or(Refusal::Field("timestamp", "seconds since 1970"))
}

fn event(fields: Value<'_>, product: &ProductKey, t: i64, app: &App) -> Result<NewEvent, Refusal> {
    let mut problems = Vec::new();
    let data = match fields.field("data") {
        Value::Undefined | Value::Null => Value::Object("{}"),
        data => data,
    };
    if !product_event::is_object(data, &mut problems) {
        return Err(problems.into());
    }
    let product_id = match product {
        ProductKey::Number(id) => id.to_string(),
        ProductKey::Custom(custom_id) => canonical::of_text(custom_id),
    };
    let event_type = canonical::of_value(fields.field("event_type"));
    let payload = canonical::with_fields(data, &[("product_id", &product_id), ("event_type", &event_type)]);
    let schema = &app.config.schema;
    let Some(checked) = product_event::check(Value::of(&payload), schema, &mut problems) else {
        problems.retain(|problem| problem.code.severity() == Severity::Error);
        return Err(problems.into());
    };
    let profile = profile::of(Value::of(&checked.data), schema);
    Ok(NewEvent {
        id: String::new(),
        t,
        t_sent: t,
        what: What::Product {
            product_id: json::unescaped(checked.product_id),
            event_type: checked.event_type,
            profile,
        },
        data: canonical::stored(&checked.data),
        user: None,
        identity: None,
        source: checked.token.map(|token| Source { token: token.into(), ..Source::default() }),
        page_url: None,
        page_view: None,
    })
}
