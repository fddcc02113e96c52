//! Structures as serde maps, by one piece of code for all of them: what is empty is left out.
//!
//! What serde derives for a struct would be code of its own for every structure and every type of field: 6 KB of module.

use serde::ser::{Serialize, SerializeMap, Serializer};

/// One field.
pub enum Field<'a> {
    /// Text. Empty, it is left out.
    Text(&'a str),
    /// A number.
    Count(u32),
}

impl Field<'_> {
    fn is_empty(&self) -> bool {
        match self {
            Self::Text(text) => text.is_empty(),
            Self::Count(_) => false,
        }
    }
}

impl Serialize for Field<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Text(text) => serializer.serialize_str(text),
            Self::Count(count) => serializer.serialize_u32(*count),
        }
    }
}

/// Serialises fields as a map.
///
/// # Errors
/// Those of the serializer.
pub fn serialize<S: Serializer>(fields: &[(&str, Field<'_>)], serializer: S) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(None)?;
    for (name, field) in fields {
        if !field.is_empty() {
            map.serialize_entry(name, field)?;
        }
    }
    map.end()
}
