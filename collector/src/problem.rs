//! One thing that is wrong with a record or a field, as it is answered. The core's own borrows what it speaks of.

use serde::Serialize;
use tillpost::core::code::{self, Code};
use tillpost::core::json;

/// A code, the field it speaks of, and for an unknown event type the nearest one. What is empty is left out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// What is wrong.
    pub code: &'static str,
    /// The field's name, plain, or empty when all of it is meant.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub field: String,
    /// What was probably meant, or empty.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub nearest: &'static str,
}

impl From<code::Problem<'_>> for Problem {
    fn from(problem: code::Problem<'_>) -> Self {
        Self { code: problem.code.as_str(), field: json::unescaped(problem.field), nearest: problem.nearest }
    }
}

impl Problem {
    /// A problem of all of it.
    #[must_use]
    pub fn new(code: Code) -> Self {
        Self::of(code, "")
    }

    /// A problem of one field.
    #[must_use]
    pub fn of(code: Code, field: &'static str) -> Self {
        code::Problem::of(code, field).into()
    }
}
