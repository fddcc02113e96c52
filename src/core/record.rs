//! A record: the bytes that storage holds and a batch carries are the same. Made once, in the call.
//!
//! Its storage key holds what the batch's envelope says and the record does not: `tillpost:1:<app>:<visitor>:<id>`.
//! The 1 is the version of key and record; keys of another version are not ours to touch.

use super::code::Code;
use super::id;
use super::json::{self, Object};
use super::limits::RECORD_BYTES;
use super::text::{cut, joined, whole_number};
use super::value::Value;
use super::visitor::Who;

/// What every key of ours starts with.
pub const KEY_PREFIX: &str = "tillpost:1:";
/// Where the visitor's id stands, beside the records and for all applications of an origin.
pub const VISITOR_KEY: &str = "tillpost:visitor";

/// A stored record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// The storage key.
    pub key: String,
    /// The JSON, as storage holds it and as a batch carries it.
    pub text: String,
}

/// A record in the making: its fields in the order of the wire.
#[derive(Clone, Debug)]
pub struct Fields(pub Object);

impl Fields {
    /// The start of a record: its id, when the action happened (wall clock, milliseconds), and its kind.
    #[must_use]
    pub fn new(id: &str, t: u64, kind: &str) -> Self {
        let mut fields = Object::default();
        fields.text("id", id);
        fields.number("t", t);
        fields.text("kind", kind);
        Self(fields)
    }

    /// Who acts, where that is known: `user_id`, else `email`, as text.
    pub fn user(&mut self, who: Who<'_>) {
        if let Who::User { name, value, .. } = who {
            let mut user = Object::default();
            user.text(name, value);
            self.0.json("user", &user.finish());
        }
    }

    /// The page, as [`super::attribution::PageView`] has it, and the end. The key under which the record is stored says
    /// of which application and visitor it is.
    ///
    /// # Errors
    /// [`Code::RecordTooLarge`] over 32 KiB.
    pub fn finish(mut self, page: &str, app: &str, visitor: &str, id: &str) -> Result<Record, Code> {
        self.0.json("page", page);
        let text = self.0.finish();
        if text.len() > RECORD_BYTES {
            return Err(Code::RecordTooLarge);
        }
        Ok(Record { key: joined(&[KEY_PREFIX, app, ":", visitor, ":", id]), text })
    }
}

impl Record {
    /// A record as storage gave it, where the key is one of ours for this application.
    #[must_use]
    pub fn from_storage(key: &str, text: &str, app: &str) -> Option<Self> {
        let (found_app, visitor, found_id) = parts(key)?;
        // Larger than any of ours: unreadable in its turn, and until then it must not push readable ones over the bound.
        let text = if text.len() > RECORD_BYTES { "" } else { text };
        (found_app == app && id::is_id(visitor) && id::is_id(found_id))
            .then(|| Self { key: key.into(), text: text.into() })
    }

    /// The id, which the key ends with.
    #[must_use]
    pub fn id(&self) -> &str {
        parts(&self.key).map_or("", |(_, _, id)| id)
    }

    /// The visitor whose action it is.
    #[must_use]
    pub fn visitor(&self) -> &str {
        parts(&self.key).map_or("", |(_, visitor, _)| visitor)
    }

    /// Is the text still what was stored under this key? Other scripts share the storage, so it is read as if it came
    /// from the network: one object, well-formed, with this id, a time and a kind.
    #[must_use]
    pub fn is_readable(&self) -> bool {
        if self.text.len() > RECORD_BYTES || !json::is_value(&self.text) {
            return false;
        }
        let (mut id, mut time, mut kind) = (false, false, false);
        for (name, value) in Value::of(&self.text).items() {
            match (name, value) {
                ("id", Value::Text(text)) => id = text == self.id(),
                ("t", Value::Number(text)) => time = whole_number(text).is_some(),
                ("kind", Value::Text(text)) => kind = !text.is_empty(),
                _ => {}
            }
        }
        id && time && kind
    }
}

/// Application, visitor and id of a key.
fn parts(key: &str) -> Option<(&str, &str, &str)> {
    let (app, rest) = cut(key.strip_prefix(KEY_PREFIX)?, b':')?;
    let (visitor, id) = cut(rest, b':')?;
    Some((app, visitor, id))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record() -> Record {
        let mut fields = Fields::new("a1", 5, "product_event");
        fields.0.text("product_id", "12");
        fields.0.json("data", r#"{"n":"ż"}"#);
        fields.0.fields(r#"{"token":"tok""#);
        fields.user(Who::User { name: "user_id", value: "52", lasting: true });
        fields.finish(r#"{"url":"https://x/","view":"v"}"#, "abc123", "vis", "a1").unwrap()
    }

    #[test]
    fn the_stored_bytes_are_the_wire_bytes() {
        assert_eq!(
            record().text,
            r#"{"id":"a1","t":5,"kind":"product_event","product_id":"12","data":{"n":"ż"},"token":"tok","user":{"user_id":"52"},"page":{"url":"https://x/","view":"v"}}"#
        );
        assert_eq!(record().key, "tillpost:1:abc123:vis:a1");
    }

    #[test]
    fn keys_of_others_are_left_alone() {
        for key in [
            "",
            "tillpost:2:abc123:vis:a1",
            "tillpost:1:other:vis:a1",
            "tillpost:1:abc123:vis",
            "tillpost:1:abc123:vis:a1:b",
            "tillpost:1:abc123::a1",
            "tillpost:1:abc123:vis:a 1",
        ] {
            assert_eq!(Record::from_storage(key, "", "abc123"), None, "{key}");
        }
    }

    #[test]
    fn what_others_wrote_into_our_item_is_recognised() {
        assert!(record().is_readable());
        for text in [
            "",
            "null",
            "[]",
            "{}",
            r#"{"id":"a2","t":5,"kind":"x"}"#,
            r#"{"id":"a1","t":-5,"kind":"x"}"#,
            r#"{"id":"a1","t":5,"kind":""}"#,
            r#"{"id":"a1","t":5,"kind":"x"}]"#,
            r#"{"id":"a1","t":5,"kind":"x""#,
        ] {
            assert!(!Record { text: text.into(), ..record() }.is_readable(), "{text}");
        }
    }
}
