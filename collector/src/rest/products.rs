//! Products by REST: create or update, and read. Flat objects both ways; the answer has our number as `id`.

use super::segment::Segment;
use crate::error::Refusal;
use crate::store::{Product, ProductKey};
use crate::{App, body, canonical, clock, profile};
use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::{Request, StatusCode};
use serde_json::value::RawValue;
use std::collections::BTreeMap;
use std::sync::Arc;
use tillpost::core::code::{Code, Severity};
use tillpost::core::limits::PRODUCT_ID_CHARS;
use tillpost::core::product_event;
use tillpost::core::value::Value;

type Flat = Json<BTreeMap<String, Box<RawValue>>>;

/// `POST products/`: with a `custom_id` that is known an update, otherwise a new product. 201 when new, else 200.
pub async fn write(State(app): State<Arc<App>>, request: Request<Body>) -> Result<(StatusCode, Flat), Refusal> {
    create_or_update(app, request, false).await
}

/// `POST products-by-id/`: the same, and `custom_id` is required.
pub async fn write_by_custom_id(
    State(app): State<Arc<App>>,
    request: Request<Body>,
) -> Result<(StatusCode, Flat), Refusal> {
    create_or_update(app, request, true).await
}

/// `GET products-by-id/:custom_id/details/`
pub async fn details(State(app): State<Arc<App>>, Segment(custom_id): Segment) -> Result<Flat, Refusal> {
    let key = first_app(&app);
    let found = app.store.read(move |reader| reader.product(&key, &ProductKey::Custom(custom_id))).await;
    found.map_err(|_| Refusal::StoreFailed)?.map(|product| flat(&product)).ok_or(Refusal::ProductUnknown)
}

async fn create_or_update(
    app: Arc<App>,
    request: Request<Body>,
    needs_custom_id: bool,
) -> Result<(StatusCode, Flat), Refusal> {
    let body = object(&body::text(request, app.config.limits).await?)?;
    let fields = Value::of(&body);
    let custom_id = custom_id(fields.field("custom_id"))?;
    if needs_custom_id && custom_id.is_none() {
        return Err(Refusal::Field("custom_id", "the shop's own id of the product, text or a number"));
    }
    let mut problems = Vec::new();
    let attributes = product_event::attributes(fields, "custom_id", &app.config.schema, &mut problems);
    // A page's event is worth keeping with an attribute less; who writes a product by hand wants to know.
    problems.retain(|problem| problem.code.severity() != Severity::Report && problem.code != Code::ValueBigint);
    if !problems.is_empty() {
        return Err(problems.into());
    }
    let profile = profile::of(Value::of(&attributes), &app.config.schema);
    let (key, now) = (first_app(&app), clock::now());
    let written = app.store.write(move |session| {
        let (id, new) = match &custom_id {
            Some(custom_id) => session.ensure_product(&key, custom_id, now)?,
            None => (session.create_product(&key, None, now)?, true),
        };
        session.set_attributes(id, &profile, now)?;
        Ok((session.profile(id, custom_id.clone())?, new))
    });
    let (product, new) = written.await.map_err(|_| Refusal::StoreFailed)?;
    Ok((if new { StatusCode::CREATED } else { StatusCode::OK }, flat(&product)))
}

/// `{"id":7,"custom_id":"...","name":null,...}`: a product that was created by an event without a name has none.
fn flat(product: &Product) -> Flat {
    let raw = |json: String| RawValue::from_string(json).unwrap_or_else(|_| RawValue::NULL.to_owned());
    let mut fields = BTreeMap::from([("name".to_owned(), raw("null".into()))]);
    fields.extend(product.attributes.iter().map(|(name, value)| (name.clone(), raw(value.clone()))));
    fields.insert("id".into(), raw(product.id.to_string()));
    let custom_id = product.custom_id.as_deref().map(|id| canonical::stored(&canonical::of_text(id)));
    fields.insert("custom_id".into(), raw(custom_id.unwrap_or_else(|| "null".into())));
    Json(fields)
}

/// The app for which the REST form acts.
pub fn first_app(app: &App) -> String {
    app.config.apps.first().cloned().unwrap_or_default()
}

/// A body that must be one JSON object, as the core reads it. `serde_json` follows 128 levels and no more.
pub fn object(text: &str) -> Result<String, Refusal> {
    canonical::of(text).filter(|json| json.starts_with('{')).ok_or(Refusal::BodyMalformed("it is not one JSON object"))
}

fn custom_id(value: Value<'_>) -> Result<Option<String>, Refusal> {
    if matches!(value, Value::Undefined | Value::Null) {
        return Ok(None);
    }
    let id = canonical::id(value, PRODUCT_ID_CHARS);
    id.map(Some).ok_or(Refusal::Field("custom_id", "1 to 256 characters of text, or a number"))
}
