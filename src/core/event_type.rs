//! The closed list of 16 product event types (User.com, "How to create product events").

use super::nearest::nearest;
use super::text::{place_of, push_ascii, word_at};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// Longer ones are not looked at: no name of the list is, however it is spelled.
const LONGEST: usize = 64;

macro_rules! event_types {
    ($first:ident $first_id:literal $first_name:literal, $($variant:ident $id:literal $name:literal,)*) => {
        /// One of the 16 types.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[allow(missing_docs)]
        pub enum EventType { $first = $first_id, $($variant = $id,)* }

        /// Their names, by number.
        const NAMES: &str = concat!($first_name, $(",", $name,)*);

        impl EventType {
            /// All types, by number.
            pub const ALL: [EventType; 16] = [EventType::$first, $(EventType::$variant,)*];
        }
    };
}

// 4, 6 and 14 are not in the vendor's list; they follow from the order of four independent lists.
event_types! {
    AddToCart 1 "add to cart",
    Purchase 2 "purchase",
    Liking 3 "liking",
    AddToObservation 4 "add to observation",
    Order 5 "order",
    Reservation 6 "reservation",
    Return 7 "return",
    View 8 "view",
    Click 9 "click",
    Detail 10 "detail",
    Add 11 "add",
    Remove 12 "remove",
    Checkout 13 "checkout",
    CheckoutOption 14 "checkout option",
    Refund 15 "refund",
    PromoClick 16 "promo click",
}

impl EventType {
    /// The name that goes over the wire: lower case with spaces.
    #[must_use]
    pub fn name(self) -> &'static str {
        word_at(self as usize - 1, NAMES)
    }

    /// The number that `?type=` filters by.
    #[must_use]
    pub fn id(self) -> u8 {
        self as u8
    }

    /// The type of this number.
    #[must_use]
    pub fn from_id(id: u8) -> Option<Self> {
        Self::ALL.iter().find(|event_type| event_type.id() == id).copied()
    }

    /// The type of exactly this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.get(place_of(name, NAMES)?).copied()
    }

    /// The type of this name after folding case, underscores, hyphens and runs of spaces.
    #[must_use]
    pub fn from_folded(name: &str) -> Option<Self> {
        if name.len() > LONGEST { None } else { Self::from_name(&fold(name)) }
    }

    /// The name that takes the fewest edits to reach: what was probably meant.
    #[must_use]
    pub fn nearest(name: &str) -> &'static str {
        nearest(&fold(name), NAMES)
    }
}

/// As far as names of the list go: no further than the longest of them, and ASCII.
fn fold(name: &str) -> String {
    let mut out = String::new();
    let mut gap = false;
    for byte in name.bytes().take(LONGEST) {
        if matches!(byte, b'_' | b'-') || byte.is_ascii_whitespace() {
            gap = !out.is_empty();
            continue;
        }
        if gap {
            out.push(' ');
            gap = false;
        }
        push_ascii(&mut out, byte.to_ascii_lowercase());
    }
    out
}

impl Serialize for EventType {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for EventType {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        Self::from_name(&name).ok_or_else(|| de::Error::custom("not one of the 16 event types"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_those_of_the_vendor() {
        for (index, event_type) in EventType::ALL.into_iter().enumerate() {
            assert_eq!(usize::from(event_type.id()), index + 1);
            assert_eq!(EventType::from_id(event_type.id()), Some(event_type));
            assert_eq!(EventType::from_folded(event_type.name()), Some(event_type));
        }
        assert_eq!(EventType::from_name("checkout").map(EventType::id), Some(13));
        assert_eq!(EventType::from_id(0), None);
        assert_eq!(EventType::from_id(17), None);
    }

    #[test]
    fn spelling_is_folded() {
        for name in ["Add to Cart", "add_to_cart", "ADD-TO-CART", " add  to\tcart ", "add_to-cart"] {
            assert_eq!(EventType::from_folded(name), Some(EventType::AddToCart), "{name}");
        }
        for name in ["addtocart", "", "add to", "przegląd", "view\u{1}"] {
            assert_eq!(EventType::from_folded(name), None, "{name}");
        }
    }

    #[test]
    fn the_nearest_type_is_what_was_meant() {
        for (name, expect) in [
            ("addtocart", EventType::AddToCart),
            ("purchased", EventType::Purchase),
            ("like", EventType::Liking),
            ("views", EventType::View),
            ("refnud", EventType::Refund),
            ("checkout-options", EventType::CheckoutOption),
        ] {
            assert_eq!(EventType::nearest(name), expect.name(), "{name}");
        }
    }
}
