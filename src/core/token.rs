//! Recommendation tokens out of a query string. Opaque, bounded, never logged.
//!
//! Source: Google, "Recommendation tokens": every link of a panel carries the token of the prediction, the landing page
//! takes it out of its address. The parameter's name is nowhere stated, so the names are an option.

use super::code::Code;
use super::json::Items;
use super::limits::TOKEN_CHARS;
use super::text::{cut, find, hex, next_part, push_ascii};
use super::value::Value;

/// The parameter names that are tried, in this order, when the shop gives none: a JSON array, as all lists of names.
pub const DEFAULT_NAMES: &str = r#"["recommendation_token","recommendationToken","attribution_token","attributionToken","recommendation_id","recommId","rtoken"]"#;

/// May this be a token? 1 to 1,024 characters of letters, digits and `- _ . ~ = + / : |`.
///
/// # Errors
/// The code that says why not.
pub fn check(token: &str) -> Result<(), Code> {
    if token.is_empty() || token.len() > TOKEN_CHARS {
        return Err(Code::TokenLength);
    }
    let foreign = |byte: u8| {
        !byte.is_ascii_alphanumeric() && !matches!(byte, b'-' | b'_' | b'.' | b'~' | b'=' | b'+' | b'/' | b':' | b'|')
    };
    if find(token, &foreign).is_none() { Ok(()) } else { Err(Code::TokenAlphabet) }
}

/// The token of a query string (without `?`), and what was wrong with it or beside it.
///
/// The first of `names` that the query holds wins, and of its values the first. A token that [`check`] refuses is
/// dropped whole; no other takes its place.
#[must_use]
pub fn from_query(query: &str, names: &str) -> (Option<String>, Option<Code>) {
    let (Some(token), conflict) = value_of(query, names) else { return (None, None) };
    match check(&token) {
        Err(code) => (None, Some(code)),
        Ok(()) => (Some(token), conflict.then_some(Code::TokenConflict)),
    }
}

/// The value of the first of `names` that a query holds, and whether it holds another one. A byte that is no ASCII is
/// read as a control character: it belongs to no value of ours.
#[must_use]
pub fn value_of(query: &str, names: &str) -> (Option<String>, bool) {
    let mut best: Option<(usize, &str)> = None;
    let mut conflict = false;
    let mut rest = Some(query);
    while let Some(pair) = next_part(&mut rest, b'&') {
        let (name, value) = cut(pair, b'=').unwrap_or((pair, ""));
        // Nothing between two `&` is no parameter, not even one without a name.
        let Some(rank) = is_one_of(name, names).filter(|_| !pair.is_empty()) else { continue };
        match best {
            None => best = Some((rank, value)),
            Some((known, first)) => {
                conflict |= value != first && decode(value) != decode(first);
                if rank < known {
                    best = Some((rank, value));
                }
            }
        }
    }
    let Some((_, encoded)) = best else { return (None, false) };
    let mut value = String::new();
    for byte in decode(encoded) {
        push_ascii(&mut value, byte);
    }
    (Some(value), conflict)
}

/// The place of an encoded parameter name among `names`.
#[must_use]
pub fn is_one_of(encoded: &str, names: &str) -> Option<usize> {
    let name = decode(encoded);
    for (place, (_, wanted)) in Items::of(names).enumerate() {
        if let Value::Text(wanted) = wanted
            && wanted.as_bytes() == name
        {
            return Some(place);
        }
    }
    None
}

/// Is this encoded parameter name that name?
#[must_use]
pub fn is_name(encoded: &str, name: &str) -> bool {
    decode(encoded) == name.as_bytes()
}

/// Decodes a name or value to bytes as `URLSearchParams` does: `+` is a space, a bad escape stays as it is. More than
/// [`LONGEST`] bytes are not decoded: no name and no token is that long.
fn decode(encoded: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = encoded.as_bytes();
    while let Some((byte, after)) = rest.split_first()
        && bytes.len() < LONGEST
    {
        rest = after;
        bytes.push(match *byte {
            b'+' => b' ',
            b'%' => match after {
                [high, low, after @ ..] => match (hex(*high), hex(*low)) {
                    (Some(high), Some(low)) => {
                        rest = after;
                        high << 4 | low
                    }
                    _ => b'%',
                },
                _ => b'%',
            },
            byte => byte,
        });
    }
    bytes
}

/// One more, so that a token that is too long stays so.
const LONGEST: usize = TOKEN_CHARS + 1;

#[cfg(test)]
mod tests {
    use super::*;

    fn check_query(query: &str, token: Option<&str>, code: Option<Code>) {
        assert_eq!(from_query(query, DEFAULT_NAMES), (token.map(Into::into), code), "{query}");
    }

    #[test]
    fn a_token_is_taken_from_the_first_configured_name() {
        check_query("", None, None);
        check_query("a=b&c", None, None);
        check_query("recommendation_token=abc-1", Some("abc-1"), None);
        check_query("q=1&&=x&recommendation%5Ftoken=a%2Bb", Some("a+b"), None);
        check_query("rtoken=late&recommendation_token=early", Some("early"), Some(Code::TokenConflict));
        check_query("rtoken=one&rtoken=two", Some("one"), Some(Code::TokenConflict));
        check_query("rtoken=one&rtoken=on%65", Some("one"), None);
    }

    #[test]
    fn a_token_out_of_bounds_is_dropped_whole() {
        let longest = "x".repeat(TOKEN_CHARS);
        check_query(&("rtoken=".to_owned() + &longest), Some(&longest), None);
        check_query(&("rtoken=x".to_owned() + &longest), None, Some(Code::TokenLength));
        check_query(&("rtoken=".to_owned() + &longest.repeat(1_000)), None, Some(Code::TokenLength));
        check_query("rtoken=", None, Some(Code::TokenLength));
        check_query("rtoken", None, Some(Code::TokenLength));
        for hostile in ["a+b", "a%00b", "%3Cscript%3E", "a%22", "%FF", "%C5%BC", "a%0Ab"] {
            check_query(&("rtoken=".to_owned() + hostile), None, Some(Code::TokenAlphabet));
        }
    }
}
