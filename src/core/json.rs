//! JSON text: written by hand, and read where it lies. Knows nothing of events.
//!
//! Text inside of the module stays as JSON has it, escaped: what comes from the door goes to storage without being taken
//! apart. Ours has one form of escape, `\u00` and two digits, for `"`, `\` and control characters; what comes over the
//! network may have all of them, and is only compared and passed on.
//!
//! No parser crate: the shipped module needs to check that a text is JSON, and to find values in one that is.

use super::limits::JSON_DEPTH;
use super::text::{find, hex, next_part, push_ascii, push_digit, push_hex};
use super::value::Value;

/// Bytes of an escape of ours.
const ESCAPE: usize = "\\u0000".len();

fn is_escaped(byte: u8) -> bool {
    matches!(byte, b'"' | b'\\' | ..b' ')
}

/// Appends `text` as a JSON string.
pub fn write_text(out: &mut String, text: &str) {
    out.push('"');
    let mut rest = text;
    while let Some(place) = find(rest, &is_escaped) {
        out.push_str(rest.get(..place).unwrap_or_default());
        out.push_str("\\u00");
        push_hex(out, rest.as_bytes().get(place).copied().unwrap_or_default());
        rest = rest.get(place + 1..).unwrap_or_default();
    }
    out.push_str(rest);
    out.push('"');
}

/// Appends a whole number.
pub fn write_number(out: &mut String, number: u64) {
    if number > 9 {
        write_number(out, number / 10);
    }
    push_digit(out, (number % 10) as u8);
}

/// The text that escapes of ours stand for.
#[must_use]
pub fn unescaped(escaped: &str) -> String {
    let mut out = String::new();
    let mut rest = escaped;
    while let Some(place) = find(rest, &|byte| byte == b'\\') {
        out.push_str(rest.get(..place).unwrap_or_default());
        let digit = |place| rest.as_bytes().get(place).and_then(|digit| hex(*digit)).unwrap_or(0);
        push_ascii(&mut out, digit(place + 4) << 4 | digit(place + 5));
        rest = rest.get(place + ESCAPE..).unwrap_or_default();
    }
    out.push_str(rest);
    out
}

/// How many characters an escaped text has.
#[must_use]
pub fn characters(escaped: &str) -> usize {
    let (mut first_bytes, mut more) = (0_usize, 0);
    for byte in escaped.bytes() {
        first_bytes += usize::from(byte & 0xc0 != 0x80);
        more += usize::from(byte == b'\\') * (ESCAPE - 1);
    }
    first_bytes.saturating_sub(more)
}

/// An escaped text without white space around it.
#[must_use]
pub fn trimmed(escaped: &str) -> &str {
    let mut text = escaped;
    loop {
        let before = text.len();
        let mut spaces = Some(" ,\\u0009,\\u000a,\\u000c,\\u000d");
        while let Some(space) = next_part(&mut spaces, b',') {
            text = text.strip_prefix(space).unwrap_or(text);
            text = text.strip_suffix(space).unwrap_or(text);
        }
        if text.len() == before {
            return text;
        }
    }
}

/// Is this exactly one JSON number?
#[must_use]
pub fn is_number(text: &str) -> bool {
    let mut rest = text.as_bytes();
    skip_byte(&mut rest, b"-");
    let whole = skip_byte(&mut rest, b"0") || digits(&mut rest);
    let fraction = !skip_byte(&mut rest, b".") || digits(&mut rest);
    let exponent = !skip_byte(&mut rest, b"eE") || {
        skip_byte(&mut rest, b"+-");
        digits(&mut rest)
    };
    whole && fraction && exponent && rest.is_empty()
}

/// Takes the next byte off the front if it is one of these.
fn skip_byte(rest: &mut &[u8], any_of: &[u8]) -> bool {
    match rest.split_first() {
        Some((byte, tail)) if any_of.iter().any(|one| one == byte) => {
            *rest = tail;
            true
        }
        _ => false,
    }
}

fn digits(rest: &mut &[u8]) -> bool {
    let found = skip_byte(rest, b"0123456789");
    while skip_byte(rest, b"0123456789") {}
    found
}

/// Is this exactly one JSON value, no deeper than [`JSON_DEPTH`]?
#[must_use]
pub fn is_value(text: &str) -> bool {
    let mut reader = Reader::new(text);
    reader.check(JSON_DEPTH).is_some() && reader.peek().is_none()
}

/// A cursor over JSON text. Every method answers `None` at the first byte that does not fit, and then is of no more use.
#[derive(Clone, Copy, Debug)]
pub struct Reader<'a> {
    text: &'a str,
    position: usize,
}

impl<'a> Reader<'a> {
    /// A cursor at the start.
    #[must_use]
    pub fn new(text: &'a str) -> Self {
        Self { text, position: 0 }
    }

    /// The byte here, whatever it is.
    fn byte(&self) -> Option<u8> {
        self.text.as_bytes().get(self.position).copied()
    }

    /// The next byte that is not white space, which stays unread.
    pub fn peek(&mut self) -> Option<u8> {
        loop {
            let byte = self.byte()?;
            if !matches!(byte, b' ' | b'\t' | b'\n' | b'\r') {
                return Some(byte);
            }
            self.position += 1;
        }
    }

    fn take(&mut self, expected: u8) -> Option<()> {
        let found = self.peek()? == expected;
        self.position += usize::from(found);
        found.then_some(())
    }

    /// Reads a value of a text that is known to be JSON, or that `pkg/copy.mjs` wrote: with words for what JSON cannot
    /// say, one of them behind an array or object of which something was lost. Nothing inside of either is looked at.
    pub fn value(&mut self) -> Option<Value<'a>> {
        let first = self.peek()?;
        let start = self.position;
        if first == b'"' {
            self.string()?;
            return Some(Value::Text(self.text.get(start + 1..self.position - 1)?));
        }
        if !matches!(first, b'{' | b'[') {
            return Some(Value::of_word(self.word()));
        }
        let mut depth = 0;
        loop {
            match self.byte()? {
                b'"' => {
                    self.string()?;
                    continue;
                }
                b'{' | b'[' => depth += 1,
                b'}' | b']' => depth -= 1,
                _ => {}
            }
            self.position += 1;
            if depth == 0 {
                break;
            }
        }
        self.word();
        let text = self.text.get(start..self.position)?;
        Some(if first == b'{' { Value::Object(text) } else { Value::Array(text) })
    }

    /// Reads past a string, from its first quote to its last.
    fn string(&mut self) -> Option<()> {
        loop {
            self.position += 1;
            match self.byte()? {
                b'"' => break,
                b'\\' => self.position += 1,
                _ => {}
            }
        }
        self.position += 1;
        Some(())
    }

    /// Reads what is no text, no array and no object: up to the next separator.
    fn word(&mut self) -> &'a str {
        self.peek();
        let start = self.position;
        while let Some(byte) = self.byte()
            && !matches!(byte, b'\0'..=b' ' | b',' | b']' | b'}')
        {
            self.position += 1;
        }
        self.text.get(start..self.position).unwrap_or_default()
    }

    /// Reads past one value of any type, `depth` levels deep at the most, and believes nothing.
    fn check(&mut self, depth: usize) -> Option<()> {
        let inner = depth.checked_sub(1)?;
        match self.peek()? {
            b'"' => self.check_string(),
            open @ (b'{' | b'[') => {
                self.position += 1;
                let close = open + 2;
                if self.take(close).is_some() {
                    return Some(());
                }
                loop {
                    if open == b'{' {
                        self.peek().filter(|byte| *byte == b'"')?;
                        self.check_string()?;
                        self.take(b':')?;
                    }
                    self.check(inner)?;
                    if self.take(close).is_some() {
                        return Some(());
                    }
                    self.take(b',')?;
                }
            }
            _ => {
                let word = self.word();
                (matches!(word, "true" | "false" | "null") || is_number(word)).then_some(())
            }
        }
    }

    fn check_string(&mut self) -> Option<()> {
        let start = self.position;
        self.string()?;
        let mut rest = self.text.as_bytes().get(start + 1..self.position - 1)?;
        while let Some((byte, after)) = rest.split_first() {
            rest = after;
            if *byte < b' ' {
                return None;
            }
            if *byte == b'\\' && !skip_byte(&mut rest, b"\"\\/bfnrt") {
                let mut hex = skip_byte(&mut rest, b"u");
                for _ in 0..4 {
                    hex = hex && skip_byte(&mut rest, b"0123456789abcdefABCDEF");
                }
                if !hex {
                    return None;
                }
            }
        }
        Some(())
    }
}

/// The items of an array, or the fields of an object with their names, as [`Reader::value`] reads them.
#[derive(Clone, Copy, Debug)]
pub struct Items<'a> {
    reader: Reader<'a>,
    named: bool,
}

impl<'a> Items<'a> {
    /// Those of this text. There are none in what is no array and no object.
    #[must_use]
    pub fn of(text: &'a str) -> Self {
        let first = text.as_bytes().first();
        let text = if matches!(first, Some(b'{' | b'[')) { text } else { "" };
        Self { reader: Reader::new(text), named: first == Some(&b'{') }
    }

    /// Is there one more?
    fn more(&mut self) -> Option<()> {
        self.reader.peek().filter(|byte| !matches!(byte, b'}' | b']'))?;
        Some(())
    }
}

impl<'a> Iterator for Items<'a> {
    type Item = (&'a str, Value<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        self.more()?;
        // The bracket before the first, a comma before the others.
        self.reader.position += 1;
        self.more()?;
        let mut name = "";
        if self.named {
            let Value::Text(text) = self.reader.value()? else { return None };
            self.reader.take(b':')?;
            name = text;
        }
        Some((name, self.reader.value()?))
    }
}

/// An object in the making.
#[derive(Clone, Debug, Default)]
pub struct Object(String);

impl Object {
    fn name(&mut self, name: &str) {
        self.0.push_str(if self.0.is_empty() { "{\"" } else { ",\"" });
        self.0.push_str(name);
        self.0.push_str("\":");
    }

    /// A field of text, escaped already. What is empty is left out.
    pub fn text(&mut self, name: &str, escaped: &str) {
        if !escaped.is_empty() {
            self.name(name);
            self.0.push('"');
            self.0.push_str(escaped);
            self.0.push('"');
        }
    }

    /// A field that is a whole number.
    pub fn number(&mut self, name: &str, number: u64) {
        self.name(name);
        write_number(&mut self.0, number);
    }

    /// A field that is JSON already.
    pub fn json(&mut self, name: &str, json: &str) {
        self.name(name);
        self.0.push_str(json);
    }

    /// All fields of another one, as [`Self::open`] gave them.
    pub fn fields(&mut self, open: &str) {
        if let Some(fields) = open.get(1..)
            && !fields.is_empty()
        {
            self.0.push(if self.0.is_empty() { '{' } else { ',' });
            self.0.push_str(fields);
        }
    }

    /// The text, up to and with the last field; nothing where there is none.
    #[must_use]
    pub fn open(self) -> String {
        self.0
    }

    /// The whole object; nothing where it has no field.
    #[must_use]
    pub fn finish(mut self) -> String {
        if !self.0.is_empty() {
            self.0.push('}');
        }
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// The oracle is `serde_json`; it alone refuses lone surrogates, which must not cost us a record.
        #[test]
        fn accepts_what_serde_json_accepts(text in r#"[\[\]{}",:0-9eE.+\-\\ tfnrulsabu\u{0}ż]{0,24}"#) {
            prop_assume!(!text.contains("\\u"));
            prop_assert_eq!(is_value(&text), serde_json::from_str::<&serde_json::value::RawValue>(&text).is_ok());
        }

        #[test]
        fn what_is_written_is_read_back(text in any::<String>()) {
            let mut json = String::new();
            write_text(&mut json, &text);
            prop_assert_eq!(&serde_json::from_str::<String>(&json).unwrap(), &text);
            let Some(Value::Text(escaped)) = Reader::new(&json).value() else { panic!("{json}") };
            prop_assert_eq!(characters(escaped), text.chars().count());
            prop_assert_eq!(unescaped(trimmed(escaped)), text.trim_ascii());
            prop_assert_eq!(unescaped(escaped), text);
        }

        /// What the cursor finds is what serde has written, whatever stands around it.
        #[test]
        fn values_are_found_where_they_lie(items in proptest::collection::vec(anything(), 0..6), space in "[ \n]{0,2}") {
            let list = items.iter().map(ToString::to_string).collect::<Vec<_>>().join(&[&space, ",", &space].concat());
            let array = [&space, "[", &space, &list, "]", &space].concat();
            let object = format!("{{{space}{}{space}}}", list_of_fields(&items, &space));
            for text in [array.trim_ascii(), &object] {
                let found: Vec<_> = Items::of(text).map(|(_, value)| {
                    let mut json = String::new();
                    assert_eq!(value.write(&mut json), None);
                    serde_json::from_str::<serde_json::Value>(&json).unwrap()
                }).collect();
                prop_assert_eq!(&found, &items, "{}", text);
            }
        }
    }

    fn anything() -> impl Strategy<Value = serde_json::Value> {
        let leaf = prop_oneof![
            Just(serde_json::Value::Null),
            any::<bool>().prop_map(Into::into),
            any::<i64>().prop_map(Into::into),
            r#"[\\"\[\]{},: aż]{0,6}"#.prop_map(Into::into),
        ];
        leaf.prop_recursive(4, 24, 4, |inner| {
            let fields = proptest::collection::vec((r#"[\\"{}a]{0,3}"#, inner.clone()), 0..4);
            prop_oneof![
                proptest::collection::vec(inner, 0..4).prop_map(Into::into),
                fields.prop_map(|fields| serde_json::Value::Object(fields.into_iter().collect())),
            ]
        })
    }

    fn list_of_fields(items: &[serde_json::Value], space: &str) -> String {
        let field = |item| ["\"na}me\"", space, ":", space, &serde_json::Value::to_string(item)].concat();
        items.iter().map(field).collect::<Vec<_>>().join(",")
    }

    #[test]
    fn escapes_are_checked() {
        for (text, expect) in [
            (r#""\u00e9\ud83d\uDE00\"\\\/\b\f\n\r\t""#, true),
            (r#""\u00e""#, false),
            (r#""\u00g0""#, false),
            (r#""\x""#, false),
            (r#""\""#, false),
            ("\"\n\"", false),
        ] {
            assert_eq!(is_value(text), expect, "{text}");
        }
    }

    #[test]
    fn depth_is_bounded() {
        for (levels, expect) in [(JSON_DEPTH - 1, true), (JSON_DEPTH, false), (1_000_000, false)] {
            let text = ["[".repeat(levels), "0".into(), "]".repeat(levels)].concat();
            assert_eq!(is_value(&text), expect, "{levels}");
        }
        let open = "[".repeat(1_000_000);
        assert_eq!(Reader::new(&open).value(), None);
    }

    #[test]
    fn an_object_is_written_field_by_field() {
        let mut object = Object::default();
        assert_eq!(object.clone().finish(), "");
        object.text("a", "x\\u0022");
        object.text("b", "");
        object.number("c", 1_700_000_000_123);
        object.json("d", "[]");
        object.fields("");
        object.fields("{\"e\":null");
        assert_eq!(object.finish(), r#"{"a":"x\u0022","c":1700000000123,"d":[],"e":null}"#);
    }
}
