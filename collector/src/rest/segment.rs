//! What a path names: a product or a user, by our number or by the shop's own id.

use crate::error::Refusal;
use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;

/// The path's one parameter, decoded.
pub struct Segment(pub String);

impl<S: Send + Sync> FromRequestParts<S> for Segment {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refusal> {
        let Path(text) = Path::from_request_parts(parts, state).await.map_err(|_| Refusal::NotFound)?;
        Ok(Self(text))
    }
}

impl Segment {
    /// As a number of ours; no other text names anything.
    pub fn number(&self) -> Option<i64> {
        self.0.parse().ok()
    }
}
