//! User.com's REST form under `/api/public/`, so far as product events need it. Acts for the first `--app`.
//!
//! Every path ends in a slash, and only that form of it exists. Everything here needs the token.

pub mod auth;
mod pages;
mod product_events;
mod products;
mod segment;

use crate::App;
use axum::Router;
use axum::routing::{get, post};
use std::sync::Arc;

/// The paths of the form.
pub fn router() -> Router<Arc<App>> {
    Router::new()
        .route("/api/public/products/", post(products::write))
        .route("/api/public/products-by-id/", post(products::write_by_custom_id))
        .route("/api/public/products-by-id/{custom_id}/details/", get(products::details))
        .route("/api/public/products/{id}/product_event/", post(product_events::create))
        .route("/api/public/products-by-id/{custom_id}/product_event/", post(product_events::create_by_custom_id))
        .route("/api/public/users/{id}/product_events/", get(pages::of_user))
        .route("/api/public/users-by-id/{custom_id}/product_events/", get(pages::of_custom_id))
}
