//! Request bodies: of a known type, bounded in bytes and time, UTF-8. Never parses one.

use crate::config::Limits;
use crate::error::Refusal;
use axum::body::Body;
use axum::http::{HeaderMap, Request, header};
use http_body_util::BodyExt;
use std::borrow::Cow;

/// How much of a body that is too large is read and thrown away, as a multiple of the limit. A client that is cut off
/// while it sends may never see the answer, and try again for ever.
const DRAINED: usize = 8;

/// The body as text. Every half of a surrogate pair that it escapes is `\ufffd`: `serde_json` would refuse the whole.
///
/// # Errors
/// [`Refusal::MediaType`], [`Refusal::BodyTooLarge`], [`Refusal::BodyTimeout`], [`Refusal::BodyIncomplete`],
/// [`Refusal::BodyMalformed`].
pub async fn text(request: Request<Body>, limits: Limits) -> Result<String, Refusal> {
    check_type(request.headers())?;
    let bytes = tokio::time::timeout(limits.body_time, bytes(request.into_body(), limits.body));
    let bytes = bytes.await.map_err(|_| Refusal::BodyTimeout)??;
    let text = String::from_utf8(bytes).map_err(|_| Refusal::BodyMalformed("it is not UTF-8"))?;
    Ok(match mend_surrogates(&text) {
        Cow::Borrowed(_) => text,
        Cow::Owned(mended) => mended,
    })
}

async fn bytes(mut body: Body, limit: usize) -> Result<Vec<u8>, Refusal> {
    let mut bytes = Vec::new();
    let mut length = 0_usize;
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| Refusal::BodyIncomplete)?;
        let Some(data) = frame.data_ref() else { continue };
        length = length.saturating_add(data.len());
        if length <= limit {
            bytes.extend_from_slice(data);
        } else if length > limit.saturating_mul(DRAINED) {
            break;
        }
    }
    if length > limit { Err(Refusal::BodyTooLarge(limit)) } else { Ok(bytes) }
}

/// `application/json`, or `text/plain` as a page of another origin sends it to need no preflight; in UTF-8.
fn check_type(headers: &HeaderMap) -> Result<(), Refusal> {
    let given = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let mut parts = given.split(';').map(str::trim);
    let media = parts.next().unwrap_or_default();
    let known = ["application/json", "text/plain"].iter().any(|known| media.eq_ignore_ascii_case(known));
    let utf8 = parts.filter_map(|part| part.split_once('=')).all(|(name, value)| {
        !name.eq_ignore_ascii_case("charset") || value.trim_matches('"').eq_ignore_ascii_case("utf-8")
    });
    if known && utf8 { Ok(()) } else { Err(Refusal::MediaType) }
}

/// Replaces each escaped half of a surrogate pair by an escaped U+FFFD, of the same length. One pass.
fn mend_surrogates(json: &str) -> Cow<'_, str> {
    let mut mended = Cow::Borrowed(json);
    let mut at = 0;
    while let Some(found) = json.get(at..).and_then(|rest| rest.find('\\')) {
        at += found;
        let Some(unit) = escaped_unit(json, at) else {
            // Some other escape: two bytes, so that the second backslash of `\\ud800` opens none. In front of a longer
            // character the JSON is not valid and its reader says so.
            at += 2;
            while at < json.len() && !json.is_char_boundary(at) {
                at += 1;
            }
            continue;
        };
        let low_follows = || escaped_unit(json, at + 6).is_some_and(|low| (0xdc00..0xe000).contains(&low));
        match unit {
            0xd800..0xdc00 if low_follows() => at += 12,
            0xd800..0xe000 => {
                mended.to_mut().replace_range(at..at + 6, "\\ufffd");
                at += 6;
            }
            _ => at += 6,
        }
    }
    mended
}

/// The code unit of the escape `\uXXXX` at this byte.
fn escaped_unit(json: &str, at: usize) -> Option<u32> {
    let digits = json.get(at..at + 6)?.strip_prefix("\\u")?;
    let hexadecimal = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    hexadecimal.then(|| u32::from_str_radix(digits, 16).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_lone_surrogates_are_mended() {
        for (json, expect) in [
            (r"\ud83d\ude00", r"\ud83d\ude00"),
            (r"\ud83d", r"\ufffd"),
            (r"\ude00\ud83d", r"\ufffd\ufffd"),
            (r"\uD83D\uD83D\uDE00", r"\ufffd\uD83D\uDE00"),
            (r"\\ud83d", r"\\ud83d"),
            (r"\\\ud83d", r"\\\ufffd"),
            (r"\u0041\ud83", r"\u0041\ud83"),
            (r"\u+d83", r"\u+d83"),
            ("\\ż\\ud800", "\\ż\\ufffd"),
            ("ends with \\", "ends with \\"),
            ("ends with \\u", "ends with \\u"),
        ] {
            assert_eq!(mend_surrogates(json), expect);
        }
    }
}
