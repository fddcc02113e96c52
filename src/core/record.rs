//! A record: the bytes that storage holds and a batch carries are the same. Made once, in the call.
//!
//! Its storage key holds what the batch's envelope says and the record does not: `tillpost:1:<app>:<visitor>:<id>`.
//! The 1 is the version of key and record; keys of another version are not ours to touch.

use super::attribution::Source;
use super::code::{Code, Problem};
use super::id;
use super::json::{self, Reader};
use super::limits::{JSON_DEPTH, RECORD_BYTES};
use super::text::{cut, joined};
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
pub struct Fields(String);

impl Fields {
    /// The start of a record: its id, when the action happened (wall clock, milliseconds), and its kind.
    #[must_use]
    pub fn new(id: &str, t: u64, kind: &str) -> Self {
        let mut out = String::with_capacity(512);
        out.push_str("{\"id\":");
        json::write_text(&mut out, id);
        out.push_str(",\"t\":");
        json::write_number(&mut out, t);
        let mut fields = Self(out);
        fields.text("kind", kind);
        fields
    }

    /// One field of text.
    pub fn text(&mut self, name: &str, value: &str) {
        self.name(name);
        json::write_text(&mut self.0, value);
    }

    /// Where the action comes from.
    pub fn source(&mut self, source: &Source) {
        self.text("token", &source.token);
        if !source.panel.is_empty() {
            self.text("panel", &source.panel);
        }
        if source.position > 0 {
            self.name("position");
            json::write_number(&mut self.0, source.position);
        }
    }

    /// One field that is an object. `problems` hears of each of its fields that was changed or left out in part.
    pub fn object(&mut self, name: &str, fields: &[(String, Value)], problems: &mut Vec<Problem>) {
        self.name(name);
        let mut separator = '{';
        for (name, value) in fields {
            self.0.push(separator);
            separator = ',';
            json::write_text(&mut self.0, name);
            self.0.push(':');
            if let Some(code) = value.write(&mut self.0) {
                problems.push(Problem::of(code, name));
            }
        }
        self.0.push_str(if fields.is_empty() { "{}" } else { "}" });
    }

    /// Who acts, where that is known: `user_id`, else `email`, as text.
    pub fn user(&mut self, who: Who<'_>) {
        if let Who::User { name, value, .. } = who {
            self.name("user");
            self.0.push('{');
            json::write_text(&mut self.0, name);
            self.0.push(':');
            json::write_text(&mut self.0, value);
            self.0.push('}');
        }
    }

    /// The page: its address, as it may be sent, and the page view.
    pub fn page(&mut self, url: &str, view: &str) {
        self.name("page");
        self.0.push_str("{\"url\":");
        json::write_text(&mut self.0, url);
        self.text("view", view);
        self.0.push('}');
    }

    /// The end of a record, and the key under which it is stored.
    ///
    /// # Errors
    /// [`Code::RecordTooLarge`] over 32 KiB.
    pub fn finish(mut self, app: &str, visitor: &str, id: &str) -> Result<Record, Code> {
        self.0.push('}');
        if self.0.len() > RECORD_BYTES {
            return Err(Code::RecordTooLarge);
        }
        Ok(Record { key: joined(&[KEY_PREFIX, app, ":", visitor, ":", id]), text: self.0 })
    }

    fn name(&mut self, name: &str) {
        self.0.push(',');
        json::write_text(&mut self.0, name);
        self.0.push(':');
    }
}

impl Record {
    /// A record as storage gave it, where the key is one of ours for this application.
    #[must_use]
    pub fn from_storage(key: String, mut text: String, app: &str) -> Option<Self> {
        // Larger than any of ours: unreadable in its turn, and until then it must not push readable ones over the bound.
        if text.len() > RECORD_BYTES {
            text.clear();
        }
        let record = Self { key, text };
        let (found_app, visitor, found_id) = record.parts()?;
        (found_app == app && id::is_id(visitor) && id::is_id(found_id)).then_some(record)
    }

    /// The id, which the key ends with.
    #[must_use]
    pub fn id(&self) -> &str {
        self.parts().map_or("", |(_, _, id)| id)
    }

    /// The visitor whose action it is.
    #[must_use]
    pub fn visitor(&self) -> &str {
        self.parts().map_or("", |(_, visitor, _)| visitor)
    }

    fn parts(&self) -> Option<(&str, &str, &str)> {
        let (app, rest) = cut(self.key.strip_prefix(KEY_PREFIX)?, b':')?;
        let (visitor, id) = cut(rest, b':')?;
        Some((app, visitor, id))
    }

    /// Is the text still what was stored under this key? Other scripts share the storage, so it is read as if it came
    /// from the network: one object, well-formed, with this id, a time and a kind.
    #[must_use]
    pub fn is_readable(&self) -> bool {
        if self.text.len() > RECORD_BYTES {
            return false;
        }
        let (mut id, mut time, mut kind) = (false, false, false);
        let mut reader = Reader::new(&self.text);
        let object = reader.object(&mut |reader, name| {
            match name.as_str() {
                "id" => id = reader.string()? == self.id(),
                "t" => time = reader.whole_number().is_some(),
                "kind" => kind = !reader.string()?.is_empty(),
                _ => reader.skip(JSON_DEPTH)?,
            }
            Some(())
        });
        object.is_some() && reader.at_end() && id && time && kind
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record() -> Record {
        let mut fields = Fields::new("a1", 5, "product_event");
        fields.text("product_id", "12");
        fields.object("data", &[("n".into(), Value::Text("ż".into()))], &mut Vec::new());
        fields.text("token", "tok");
        fields.page("https://x/", "v");
        fields.finish("abc123", "vis", "a1").unwrap()
    }

    #[test]
    fn the_stored_bytes_are_the_wire_bytes() {
        assert_eq!(
            record().text,
            r#"{"id":"a1","t":5,"kind":"product_event","product_id":"12","data":{"n":"ż"},"token":"tok","page":{"url":"https://x/","view":"v"}}"#
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
            assert_eq!(Record::from_storage(key.into(), String::new(), "abc123"), None, "{key}");
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
