//! `Authorization: Token <64 characters>`, compared in constant time. Never logs or answers what was sent.

use crate::App;
use crate::error::Refusal;
use axum::extract::{Request, State};
use axum::http::header;
use axum::middleware::Next;
use axum::response::Response;
use std::sync::Arc;
use subtle::ConstantTimeEq;

/// Lets a request through that has the token. Without a token in the configuration, none.
///
/// # Errors
/// [`Refusal::Unauthorized`]
pub async fn require_token(State(app): State<Arc<App>>, request: Request, next: Next) -> Result<Response, Refusal> {
    let given = request.headers().get(header::AUTHORIZATION).map(|value| value.as_bytes()).unwrap_or_default();
    let (scheme, token) = given.split_at_checked(b"Token ".len()).unwrap_or_default();
    let fits = app.config.token.as_ref().is_some_and(|expected| {
        scheme.eq_ignore_ascii_case(b"Token ") && bool::from(expected.reveal().as_bytes().ct_eq(token.trim_ascii()))
    });
    if fits { Ok(next.run(request).await) } else { Err(Refusal::Unauthorized) }
}
