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
    let at = find(text, &|found| found == byte)?;
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
