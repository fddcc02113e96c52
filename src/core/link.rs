//! Links of a recommendation panel: what is written into their address, and what the landing page reads out of its own.
//!
//! `?<token parameter>=<token>&recommendation_panel=<panel>.<position>.<mark>`: the second one only where something of it
//! is known. The mark recognises a link that another visitor has shared. It says nothing about the visitor to anybody
//! else: 26 bits that depend on the visitor's id and the token, so not even two links of one visitor have it in common.

use super::address;
use super::attribution::{Policy, Source};
use super::code::Code;
use super::id;
use super::json;
use super::limits::POSITION_MOST;
use super::random::Random;
use super::settings::Settings;
use super::text::{cut, joined, next_part, whole_number};
use super::token;

/// The parameter beside the token.
pub const PANEL_PARAMETER: &str = "recommendation_panel";
/// Characters of a mark.
const MARK: u32 = 5;

/// What the address of a landing page says of where the visitor came from, and what was wrong with it.
#[must_use]
pub fn source(address: &str, visitor: &str, settings: &Settings) -> (Option<Source>, Option<Code>) {
    if settings.policy == Policy::None {
        return (None, None);
    }
    let query = address::query(address);
    let (token, code) = token::from_query(query, &settings.token_names);
    let Some(token) = token else { return (None, code) };
    let beside = token::value_of(query, &[PANEL_PARAMETER.into()]).0.unwrap_or_default();
    let mut parts = Some(beside.as_str());
    let mut part = || next_part(&mut parts, b'.').unwrap_or_default();
    let (panel, position, its_mark) = (part(), part(), part());
    if settings.bind_tokens && !its_mark.is_empty() && its_mark != mark(visitor, &token) {
        return (None, Some(Code::TokenForeign));
    }
    let panel = if id::is_id(panel) { panel } else { "" };
    (Some(Source { token, panel: panel.into(), position: position_of(position) }), code)
}

/// A place in a panel: 1 to 9,999, or 0 for anything else.
#[must_use]
pub fn position_of(text: &str) -> u64 {
    whole_number(text).filter(|position| *position <= POSITION_MOST).unwrap_or(0)
}

/// The address of a panel's link with the token in it; `None` where it stays as it is: it shows this page, leads to a
/// foreign origin, or has a token already. Without a `visitor` it is nobody's.
#[must_use]
pub fn decorated(href: &str, source: &Source, here: &str, visitor: &str, settings: &Settings) -> Option<String> {
    let name = settings.token_names.first()?;
    let same_origin = address::same_origin(href, here);
    let allowed = same_origin || settings.link_origins.iter().any(|origin| address::same_origin(href, origin));
    let has_one = token::value_of(address::query(href), &settings.token_names).0.is_some();
    let this_page = address::of_page(href, &settings.token_names) == address::of_page(here, &settings.token_names);
    if !allowed || has_one || this_page || settings.policy == Policy::None || token::check(&source.token).is_err() {
        return None;
    }
    let (path, fragment) = cut(href, b'#').map_or((href, None), |(path, fragment)| (path, Some(fragment)));
    let mut out = String::from(path);
    out.push(if cut(path, b'?').is_some() { '&' } else { '?' });
    encode(&mut out, name);
    out.push('=');
    encode(&mut out, &source.token);
    let mut beside = if id::is_id(&source.panel) { source.panel.clone() } else { String::new() };
    if source.position > 0 {
        beside.push('.');
        json::write_number(&mut beside, source.position);
    }
    if settings.bind_tokens && same_origin && !visitor.is_empty() {
        beside.push_str(if source.position > 0 { "." } else { ".." });
        beside.push_str(&mark(visitor, &source.token));
    }
    if !beside.is_empty() {
        out.push_str(&joined(&["&", PANEL_PARAMETER, "=", &beside]));
    }
    if let Some(fragment) = fragment {
        out.push('#');
        out.push_str(fragment);
    }
    Some(out)
}

/// Who the link was made for.
fn mark(visitor: &str, token: &str) -> String {
    let mut hash = 0;
    for byte in joined(&[visitor, " ", token]).bytes() {
        hash = Random::new(hash ^ u64::from(byte)).next_number();
    }
    let mut mark = String::new();
    id::write_base36(&mut mark, hash, MARK);
    mark
}

/// Appends text as `encodeURIComponent` writes it, or more of it encoded.
fn encode(out: &mut String, text: &str) {
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~') {
            out.push(byte.into());
        } else {
            out.push('%');
            for digit in [byte >> 4, byte & 15] {
                out.push(char::from_digit(digit.into(), 16).unwrap_or('0').to_ascii_uppercase());
            }
        }
    }
}
