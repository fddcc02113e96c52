//! JSON text: written by hand, read by a cursor that validates. Knows nothing of events.
//!
//! No parser crate: the shipped module needs to escape text, to check that a stored record is well-formed, and to read
//! one small answer. Depth is bounded, so no input exhausts the stack.

use super::limits::JSON_DEPTH;
use super::text::whole_number;

/// Appends `text` as a JSON string.
pub fn write_text(out: &mut String, text: &str) {
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            control @ '\0'..='\u{1f}' => {
                out.push_str(if control < '\u{10}' { "\\u000" } else { "\\u001" });
                out.push(char::from_digit(control as u32 & 15, 16).unwrap_or('0'));
            }
            other => out.push(other),
        }
    }
    out.push('"');
}

/// Appends a whole number.
pub fn write_number(out: &mut String, number: u64) {
    if number > 9 {
        write_number(out, number / 10);
    }
    out.push(char::from_digit((number % 10) as u32, 10).unwrap_or('0'));
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
    reader.skip(JSON_DEPTH).is_some() && reader.at_end()
}

/// A cursor over JSON text. Every method answers `None` at the first byte that does not fit, and then is of no more use.
#[derive(Clone, Debug)]
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

    /// The next byte that is not white space, which stays unread.
    pub fn peek(&mut self) -> Option<u8> {
        while let Some(byte) = self.text.as_bytes().get(self.position) {
            if !matches!(byte, b' ' | b'\t' | b'\n' | b'\r') {
                return Some(*byte);
            }
            self.position += 1;
        }
        None
    }

    fn take(&mut self, expected: u8) -> Option<()> {
        if self.peek()? != expected {
            return None;
        }
        self.position += 1;
        Some(())
    }

    /// Is nothing left but white space?
    pub fn at_end(&mut self) -> bool {
        self.peek().is_none()
    }

    /// Walks an object: `field` reads the value of each name, or skips it, and answers `None` to stop.
    pub fn object(&mut self, field: &mut dyn FnMut(&mut Self, String) -> Option<()>) -> Option<()> {
        self.take(b'{')?;
        if self.take(b'}').is_some() {
            return Some(());
        }
        loop {
            let name = self.string()?;
            self.take(b':')?;
            field(self, name)?;
            if self.take(b'}').is_some() {
                return Some(());
            }
            self.take(b',')?;
        }
    }

    /// Walks an array: `item` reads or skips each value.
    pub fn array(&mut self, item: &mut dyn FnMut(&mut Self) -> Option<()>) -> Option<()> {
        self.take(b'[')?;
        if self.take(b']').is_some() {
            return Some(());
        }
        loop {
            item(self)?;
            if self.take(b']').is_some() {
                return Some(());
            }
            self.take(b',')?;
        }
    }

    /// Reads a string. Half of a surrogate pair becomes U+FFFD.
    pub fn string(&mut self) -> Option<String> {
        self.take(b'"')?;
        let mut out = String::new();
        loop {
            let start = self.position;
            let end = loop {
                match *self.text.as_bytes().get(self.position)? {
                    end @ (b'"' | b'\\' | ..b' ') => break end,
                    _ => self.position += 1,
                }
            };
            out.push_str(self.text.get(start..self.position)?);
            self.position += 1;
            match end {
                b'"' => return Some(out),
                b'\\' => out.push(self.escape()?),
                _ => return None,
            }
        }
    }

    fn escape(&mut self) -> Option<char> {
        let escape = *self.text.as_bytes().get(self.position)?;
        self.position += 1;
        Some(match escape {
            b'"' | b'\\' | b'/' => escape.into(),
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => self.escaped_character()?,
            _ => return None,
        })
    }

    fn escaped_character(&mut self) -> Option<char> {
        let unit = self.escaped_unit()?;
        if !(0xd800..0xdc00).contains(&unit) {
            return Some(char::from_u32(unit).unwrap_or('\u{fffd}'));
        }
        let before = self.position;
        if self.text.get(before..)?.starts_with("\\u") {
            self.position += 2;
            let low = self.escaped_unit()?;
            if (0xdc00..0xe000).contains(&low) {
                return char::from_u32(0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00));
            }
            self.position = before;
        }
        Some('\u{fffd}')
    }

    fn escaped_unit(&mut self) -> Option<u32> {
        let digits = self.text.get(self.position..self.position + 4)?;
        self.position += 4;
        digits.chars().try_fold(0, |unit, digit| Some(unit << 4 | digit.to_digit(16)?))
    }

    /// Reads a whole number that is not negative.
    pub fn whole_number(&mut self) -> Option<u64> {
        let word = self.word();
        if is_number(word) { whole_number(word) } else { None }
    }

    /// Reads what is no text, no array and no object: up to the next separator.
    pub fn word(&mut self) -> &'a str {
        self.peek();
        let start = self.position;
        while let Some(byte) = self.text.as_bytes().get(self.position)
            && !matches!(byte, b'\0'..=b' ' | b',' | b']' | b'}')
        {
            self.position += 1;
        }
        self.text.get(start..self.position).unwrap_or_default()
    }

    /// Reads past one value of any type, `depth` levels deep at the most.
    pub fn skip(&mut self, depth: usize) -> Option<()> {
        let inner = depth.checked_sub(1)?;
        match self.peek()? {
            b'{' => self.object(&mut |reader, _| reader.skip(inner)),
            b'[' => self.array(&mut |reader| reader.skip(inner)),
            b'"' => self.string().map(drop),
            _ => {
                let word = self.word();
                (matches!(word, "true" | "false" | "null") || is_number(word)).then_some(())
            }
        }
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
            prop_assert_eq!(Reader::new(&json).string().unwrap(), text);
        }

        #[test]
        fn whole_numbers_are_written_as_std_writes_them(number in any::<u64>()) {
            let mut text = String::new();
            write_number(&mut text, number);
            prop_assert_eq!(text, number.to_string());
        }
    }

    #[test]
    fn a_lone_surrogate_becomes_the_replacement_character() {
        for (json, expect) in [
            (r#""\ud83d\ude00""#, "😀"),
            (r#""\ud83dx""#, "\u{fffd}x"),
            (r#""\ude00""#, "\u{fffd}"),
            (r#""\ud83d\u0041""#, "\u{fffd}A"),
        ] {
            assert_eq!(Reader::new(json).string().as_deref(), Some(expect), "{json}");
        }
    }

    #[test]
    fn a_hundred_thousand_brackets_are_refused_without_recursion() {
        assert!(!is_value(&"[".repeat(100_000)));
        let deepest = |levels: usize| "[".repeat(levels) + &"]".repeat(levels);
        assert!(is_value(&deepest(JSON_DEPTH)));
        assert!(!is_value(&deepest(JSON_DEPTH + 1)));
    }
}
