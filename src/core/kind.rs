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

use super::text::{place_of, word_at};

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

/// Their names, in that order.
const NAMES: &str = "product_event,event,client.update,page,reset,identify,impressions";
/// What a page calls.
const CALLS: &str = "product_event,client.update,UE.pageHit,UE.resetAuth,impressions,UE.refresh,UE.init";

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
        word_at(self as usize, NAMES)
    }

    /// The kind that a record names.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.get(place_of(name, NAMES)?).copied()
    }

    /// The kind of a page's call, and the name of its event. `pkg/keep.mjs` knows these names too: what it does not
    /// know goes to the chat widget and does not come here.
    #[must_use]
    pub fn of_call(call: &str) -> Option<(Self, &str)> {
        if let Some(name) = call.strip_prefix("event.") {
            return Some((Self::Event, name));
        }
        let kind = match place_of(call, CALLS)? {
            0 => Self::ProductEvent,
            1 | 5 => Self::ClientUpdate,
            2 | 6 => Self::Page,
            3 => Self::Reset,
            _ => Self::Impressions,
        };
        Some((kind, ""))
    }

    /// Are its attributes the visitor's? Then they may say who that is.
    #[must_use]
    pub fn is_of_visitor(self) -> bool {
        matches!(self, Self::ClientUpdate | Self::Page)
    }
}

/// What is no attribute of the visitor: shops pass the whole of `civchat`.
pub const KEYS: &str = "apiKey,userKey";

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
        for call in
            ["widget.open", "", "events.x", "page", "reset", "identify", "UE.foo", "Product_Event", "product_event,"]
        {
            assert_eq!(Kind::of_call(call), None, "{call}");
        }
        assert_eq!(Kind::of_call("event.a b"), Some((Kind::Event, "a b")));
    }
}
