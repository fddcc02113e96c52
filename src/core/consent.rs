//! What the visitor lets the shop do. The engine follows it: `engine/consent.rs`.

use super::value::Value;

/// What the visitor lets the shop do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Consent {
    /// Events are stored and sent.
    Granted,
    /// Nobody knows yet: events are held in memory, nothing is stored and nothing sent.
    Pending,
    /// Events are refused.
    Denied,
}

impl Consent {
    /// The consent that a page speaks of, if it is one.
    #[must_use]
    pub fn of(value: Value<'_>) -> Option<Self> {
        Some(match value {
            Value::Text("granted") => Self::Granted,
            Value::Text("pending") => Self::Pending,
            Value::Text("denied") => Self::Denied,
            _ => return None,
        })
    }

    /// The word for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Granted => "granted",
            Self::Pending => "pending",
            Self::Denied => "denied",
        }
    }
}
