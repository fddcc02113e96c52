//! Which path is answered by whom, and what holds for every answer: a time limit, JSON errors, a log line.
//!
//! A log line never has a path, a query or a body in it: ids of users and tokens are there. It has the route's pattern.

use crate::App;
use crate::error::{Logged, Refusal};
use crate::rest::{self, auth};
use crate::{batch, demo, live, recommendations};
use axum::Json;
use axum::Router;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tower_http::cors::{AllowOrigin, CorsLayer};

/// How long a browser may remember that a page may post. Chromium takes at most two hours.
const PREFLIGHT_AGE: Duration = Duration::from_secs(7_200);

/// All paths of this configuration.
pub fn router(app: Arc<App>) -> Router {
    let secret = from_fn_with_state(Arc::clone(&app), auth::require_token);
    // Only batches come from pages; the rest is for servers, which know no origins.
    let pages = Router::new()
        .route("/api/public/batch/", post(batch::receive))
        // Before the layer, which then sees a preflight before this does.
        .method_not_allowed_fallback(async || Refusal::Method)
        .layer(cors(&app));
    let servers = rest::router().route_layer(secret.clone());
    let live = Router::new()
        .route("/live/events", get(live::events))
        .route("/live/stream", get(live::stream))
        .route("/live/recommendations", get(recommendations::earned));
    let mut router = Router::new().route("/healthz", get(health)).merge(pages).merge(servers);
    router = match &app.config.demo {
        Some(demo) => router.merge(live).merge(demo::router(demo)),
        None => router.merge(live.route_layer(secret)).fallback(async || Refusal::NotFound),
    };
    router
        .method_not_allowed_fallback(async || Refusal::Method)
        .layer(from_fn_with_state(Arc::clone(&app), limit_time))
        .layer(from_fn(finish))
        .with_state(app)
}

/// An explicit list of origins, and no credentials: cookies say nothing here.
fn cors(app: &App) -> CorsLayer {
    CorsLayer::new()
        .allow_origin(AllowOrigin::list(app.config.origins.iter().cloned()))
        .allow_methods([Method::POST])
        .allow_headers([header::CONTENT_TYPE])
        // For when to come back, and by which clock.
        .expose_headers([header::RETRY_AFTER, header::DATE])
        .max_age(PREFLIGHT_AGE)
}

/// Both ways through the database are tried: a read, and a commit that changes nothing.
async fn health(State(app): State<Arc<App>>) -> Result<impl IntoResponse, Refusal> {
    app.store.read(|reader| reader.probe()).await.map_err(|_| Refusal::StoreFailed)?;
    app.store.write(|_| Ok(())).await.map_err(|_| Refusal::StoreFailed)?;
    Ok(Json(serde_json::json!({ "status": "ok" })))
}

async fn limit_time(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    match tokio::time::timeout(app.config.limits.request, next.run(request)).await {
        Ok(response) => response,
        Err(_) => Refusal::Overloaded.into_response(),
    }
}

async fn finish(request: Request, next: Next) -> Response {
    let started = Instant::now();
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().cloned();
    let mut response = next.run(request).await;
    // Files that are missing have an empty body.
    if response.status() == StatusCode::NOT_FOUND && response.extensions().get::<Logged>().is_none() {
        response = Refusal::NotFound.into_response();
    }
    response.headers_mut().insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    let route = route.as_ref().map_or("-", MatchedPath::as_str);
    let status = response.status().as_u16();
    let ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    match response.extensions().get::<Logged>() {
        Some(Logged(code)) => tracing::info!(%method, route, status, code, ms, "refused"),
        None => tracing::debug!(%method, route, status, ms, "answered"),
    }
    response
}
