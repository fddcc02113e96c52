//! The kinds: what a page calls, and what a record is. One list, for the page and for the endpoint.
//!
//! | a page calls | record | says |
//! |---|---|---|
//! | `product_event` | `product_event` | what was done with which product |
//! | `event.<name>` | `event` | anything else that happened, by its name |
//! | `client.update`, `UE.refresh` | `client.update` | attributes of the visitor |
//! | `UE.pageHit`, `UE.init` | `page` | a page view, and attributes of the visitor |
//! | `UE.resetAuth` | `reset` | the visitor ends here; who comes next is another |
//! | `impressions` | `impressions` | which products of a recommendation panel were seen; called by the door |
//! | | `identify` | from here on the visitor is `user`, or nobody again; made by the engine |
//!
//! `UE.destroy` is no record: what waits is sent. All others are the chat widget's.

use super::value::Value;

/// What a record is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `product_event`
    ProductEvent,
    /// `event`, with a `name`
    Event,
    /// `client.update`
    ClientUpdate,
    /// `page`
    Page,
    /// `reset`
    Reset,
    /// `identify`
    Identify,
    /// `impressions`
    Impressions,
}

/// The call that says something of the visitor.
pub const UPDATE: &str = "client.update";
/// The name by which a page asks for what waits to be sent, before its widget goes.
pub const DESTROY: &str = "UE.destroy";

impl Kind {
    /// All kinds.
    pub const ALL: [Self; 7] = [
        Self::ProductEvent,
        Self::Event,
        Self::ClientUpdate,
        Self::Page,
        Self::Reset,
        Self::Identify,
        Self::Impressions,
    ];

    /// The kind as records name it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::ProductEvent => "product_event",
            Self::Event => "event",
            Self::ClientUpdate => "client.update",
            Self::Page => "page",
            Self::Reset => "reset",
            Self::Identify => "identify",
            Self::Impressions => "impressions",
        }
    }

    /// The kind that a record names.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// The kind of a page's call, and the name of its event. `pkg/keep.mjs` knows these names too: what it does not
    /// know goes to the chat widget and does not come here.
    #[must_use]
    pub fn of_call(call: &str) -> Option<(Self, &str)> {
        let kind = match call {
            "product_event" => Self::ProductEvent,
            "client.update" | "UE.refresh" => Self::ClientUpdate,
            "UE.pageHit" | "UE.init" => Self::Page,
            "UE.resetAuth" => Self::Reset,
            "impressions" => Self::Impressions,
            _ => return call.strip_prefix("event.").map(|name| (Self::Event, name)),
        };
        Some((kind, ""))
    }

    /// Are its attributes the visitor's? Then they may say who that is.
    #[must_use]
    pub fn is_of_visitor(self) -> bool {
        matches!(self, Self::ClientUpdate | Self::Page)
    }
}

/// Attributes of the visitor without what is no attribute: shops pass the whole of `civchat`.
pub fn remove_keys(attributes: &mut Vec<(String, Value)>) {
    attributes.retain(|(name, _)| name != "apiKey" && name != "userKey");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_is_found_by_its_name() {
        for kind in Kind::ALL {
            assert_eq!(Kind::from_name(kind.name()), Some(kind));
        }
        assert_eq!(Kind::from_name("UE.pageHit"), None);
    }

    #[test]
    fn controls_of_the_widget_are_not_ours() {
        for call in ["widget.open", "", "events.x", "page", "reset", "identify", "UE.foo", "Product_Event"] {
            assert_eq!(Kind::of_call(call), None, "{call}");
        }
        assert_eq!(Kind::of_call("event.a b"), Some((Kind::Event, "a b")));
    }
}
