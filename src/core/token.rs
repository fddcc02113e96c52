//! Recommendation tokens out of a query string. Opaque, bounded, never logged.
//!
//! Source: Google, "Recommendation tokens": every link of a panel carries the token of the prediction, the landing page
//! takes it out of its address. The parameter's name is nowhere stated, so the names are an option.

use super::code::Code;
use super::limits::TOKEN_CHARS;

/// The parameter names that are tried, in this order, when the shop gives none.
pub const DEFAULT_NAMES: &[&str] = &[
    "recommendation_token",
    "recommendationToken",
    "attribution_token",
    "attributionToken",
    "recommendation_id",
    "recommId",
    "rtoken",
];

/// May this be a token? 1 to 1,024 characters of letters, digits and `- _ . ~ = + / : |`.
///
/// # Errors
/// The code that says why not.
pub fn check(token: &str) -> Result<(), Code> {
    if token.is_empty() || token.len() > TOKEN_CHARS {
        return Err(Code::TokenLength);
    }
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~=+/:|".contains(&byte);
    if token.bytes().all(allowed) { Ok(()) } else { Err(Code::TokenAlphabet) }
}

/// The token of a query string (without `?`), and what was wrong with it or beside it.
///
/// The first of `names` that the query holds wins, and of its values the first. A token that [`check`] refuses is
/// dropped whole; no other takes its place.
#[must_use]
pub fn from_query<N: AsRef<str>>(query: &str, names: &[N]) -> (Option<String>, Option<Code>) {
    // A query holds a token seldom: decode names first, and only where one fits its value.
    let found: Vec<(usize, &str)> = pairs(query)
        .filter_map(|(name, value)| {
            let name = decode(name);
            Some((names.iter().position(|wanted| wanted.as_ref() == name)?, value))
        })
        .collect();
    let Some((_, first)) = found.iter().min_by_key(|(rank, _)| *rank) else {
        return (None, None);
    };
    // A megabyte of token is not decoded to be refused: each character takes at most 3 bytes of query, if it is allowed.
    if first.len() > TOKEN_CHARS * 3 {
        return (None, Some(Code::TokenLength));
    }
    let token = decode(first);
    match check(&token) {
        Err(code) => (None, Some(code)),
        Ok(()) => {
            let conflict = found.iter().any(|(_, value)| *value != *first && decode(value) != token);
            (Some(token), conflict.then_some(Code::TokenConflict))
        }
    }
}

/// The pairs of a query string, still encoded, split as `URLSearchParams` splits them.
fn pairs(query: &str) -> impl Iterator<Item = (&str, &str)> {
    query.split('&').filter(|pair| !pair.is_empty()).map(|pair| pair.split_once('=').unwrap_or((pair, "")))
}

/// Decodes a name or value as `URLSearchParams` does: `+` is a space, a bad escape stays as it is, bytes that are not
/// UTF-8 become U+FFFD.
#[must_use]
pub fn decode(encoded: &str) -> String {
    let mut bytes = Vec::with_capacity(encoded.len());
    let mut rest = encoded.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        bytes.push(match (byte, after) {
            (b'+', _) => b' ',
            (b'%', [high, low, ..]) => match (hex(*high), hex(*low)) {
                (Some(high), Some(low)) => {
                    rest = after.get(2..).unwrap_or_default();
                    high << 4 | low
                }
                _ => b'%',
            },
            _ => byte,
        });
    }
    String::from_utf8(bytes).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

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
