//! The closed list of 16 product event types (User.com, "How to create product events").

use super::nearest::{head, nearest};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

macro_rules! event_types {
    ($($variant:ident $id:literal $name:literal,)*) => {
        /// One of the 16 types.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[allow(missing_docs)]
        pub enum EventType { $($variant = $id,)* }

        impl EventType {
            /// All types, by number.
            pub const ALL: [EventType; 16] = [$(EventType::$variant,)*];

            /// The name that goes over the wire: lower case with spaces.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(EventType::$variant => $name,)* }
            }
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
        Self::ALL.iter().find(|event_type| event_type.name() == name).copied()
    }

    /// The type of this name after folding case, underscores, hyphens and runs of spaces.
    #[must_use]
    pub fn from_folded(name: &str) -> Option<Self> {
        // No name of the list is longer: what is, need not be copied to be refused.
        (name.len() <= 64).then(|| Self::from_name(&fold(name)))?
    }

    /// The name that takes the fewest edits to reach: what was probably meant.
    #[must_use]
    pub fn nearest(name: &str) -> &'static str {
        nearest(&fold(head(name)), &mut Self::ALL.iter().map(|event_type| event_type.name()))
    }
}

fn fold(name: &str) -> String {
    let mut out = String::new();
    let mut gap = false;
    for character in name.chars() {
        if character.is_ascii_whitespace() || matches!(character, '_' | '-') {
            gap = !out.is_empty();
            continue;
        }
        if gap {
            out.push(' ');
            gap = false;
        }
        out.push(character.to_ascii_lowercase());
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
        for name in ["addtocart", "", "add to", "przegląd"] {
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
