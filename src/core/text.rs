//! Text, cut and joined. `str`'s own patterns would bring a searcher of their own for each use, its iterators a loop.

/// The place of the first byte that is one of those.
#[must_use]
pub fn find(text: &str, is_one: &dyn Fn(u8) -> bool) -> Option<usize> {
    for (place, byte) in text.bytes().enumerate() {
        if is_one(byte) {
            return Some(place);
        }
    }
    None
}

/// All parts in one.
#[must_use]
pub fn joined(parts: &[&str]) -> String {
    let mut out = String::new();
    for part in parts {
        out.push_str(part);
    }
    out
}

/// The text before and after the first `byte`, which must be ASCII.
#[must_use]
pub fn cut(text: &str, byte: u8) -> Option<(&str, &str)> {
    // A loop of its own: a whole queue is read with it, and `find` calls a function for each byte.
    let at = text.bytes().position(|found| found == byte)?;
    Some((text.get(..at)?, text.get(at + 1..)?))
}

/// The text before the first `byte`, or all of it.
#[must_use]
pub fn before(text: &str, byte: u8) -> &str {
    cut(text, byte).map_or(text, |(before, _)| before)
}

/// Takes the part before the next `byte` off the front; `None` when nothing is left.
pub fn next_part<'a>(rest: &mut Option<&'a str>, byte: u8) -> Option<&'a str> {
    let text = (*rest)?;
    let (part, after) = cut(text, byte).map_or((text, None), |(part, after)| (part, Some(after)));
    *rest = after;
    Some(part)
}

/// The place of a word in a list of words with commas between them; no word is nowhere. Lists of ours are one text each: an
/// array would be a table of addresses and lengths besides, and a loop of its own.
#[must_use]
pub fn place_of(word: &str, list: &str) -> Option<usize> {
    let mut rest = Some(list);
    let mut place = 0;
    while let Some(one) = next_part(&mut rest, b',') {
        if one == word && !word.is_empty() {
            return Some(place);
        }
        place += 1;
    }
    None
}

/// The word at a place of such a list.
#[must_use]
pub fn word_at(place: usize, list: &str) -> &str {
    let mut rest = Some(list);
    for _ in 0..place {
        next_part(&mut rest, b',');
    }
    next_part(&mut rest, b',').unwrap_or_default()
}

/// Appends two hexadecimal digits.
pub fn push_hex(out: &mut String, byte: u8) {
    push_digit(out, byte >> 4);
    push_digit(out, byte & 15);
}

/// Appends a digit of `0-9a-z`.
pub fn push_digit(out: &mut String, digit: u8) {
    push_ascii(out, if digit < 10 { b'0' + digit } else { b'a' - 10 + digit });
}

/// Appends a character that is ASCII; of any other one that belongs to no value of ours.
pub fn push_ascii(out: &mut String, byte: u8) {
    out.push(char::from(byte.min(0x7f)));
}

/// The number that a hexadecimal digit stands for.
#[must_use]
pub fn hex(digit: u8) -> Option<u8> {
    Some(match digit {
        b'0'..=b'9' => digit - b'0',
        b'a'..=b'f' | b'A'..=b'F' => (digit | 0x20) - b'a' + 10,
        _ => return None,
    })
}

/// A whole number of digits only.
#[must_use]
pub fn whole_number(text: &str) -> Option<u64> {
    let mut number: u64 = 0;
    for byte in text.bytes() {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        // Not `checked_mul`: multiplying to 128 bits is a function of its own.
        if number > (u64::MAX - u64::from(digit)) / 10 {
            return None;
        }
        number = number * 10 + u64::from(digit);
    }
    (!text.is_empty()).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_cut_at_a_byte() {
        assert_eq!(cut("ż=b=c", b'='), Some(("ż", "b=c")));
        assert_eq!(cut("abc", b'='), None);
        let mut rest = Some("a&&b");
        let parts: Vec<_> = std::iter::from_fn(|| next_part(&mut rest, b'&')).collect();
        assert_eq!(parts, ["a", "", "b"]);
    }

    #[test]
    fn words_stand_at_places() {
        for (place, word) in ["a b", "c"].into_iter().enumerate() {
            assert_eq!((place_of(word, "a b,c"), word_at(place, "a b,c")), (Some(place), word));
        }
        assert_eq!((place_of("b", "a b,c"), word_at(2, "a b,c")), (None, ""));
        assert_eq!((place_of("", ""), place_of("", "a,,c")), (None, None));
    }

    #[test]
    fn whole_numbers_are_digits() {
        for (text, expect) in [
            ("0", Some(0)),
            ("18446744073709551615", Some(u64::MAX)),
            ("18446744073709551616", None),
            ("", None),
            ("-1", None),
            ("1 ", None),
        ] {
            assert_eq!(whole_number(text), expect, "{text}");
        }
    }
}
