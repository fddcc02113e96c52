//! Links of a recommendation panel: what is written into their address, and what the landing page reads out of its own.
//!
//! `?<token parameter>=<token>&recommendation_panel=<panel>.<position>.<mark>`: the second one only where something of it
//! is known. The mark recognises a link that another visitor has shared. It says nothing about the visitor to anybody
//! else: 26 bits that depend on the visitor's id and the token, so not even two links of one visitor have it in common.

use super::address;
use super::attribution::Policy;
use super::code::Code;
use super::id;
use super::json::{self, Items};
use super::panel::{Source, position_of};
use super::random::Random;
use super::settings::Settings;
use super::text::{cut, joined, next_part, push_ascii, push_hex};
use super::token;
use super::value::Value;

/// The parameter beside the token.
pub const PANEL_PARAMETER: &str = "recommendation_panel";
const PANEL_PARAMETERS: &str = r#"["recommendation_panel"]"#;
/// Characters of a mark.
const MARK: u32 = 5;

/// What the address of a landing page says of where the visitor came from, as a record says it, and what was wrong with it.
#[must_use]
pub fn source(address: &str, visitor: &str, settings: &Settings) -> (String, Option<Code>) {
    let nothing = String::new();
    if settings.policy == Policy::None {
        return (nothing, None);
    }
    let query = address::query(address);
    let (token, code) = token::from_query(query, &settings.token_names);
    let Some(token) = token else { return (nothing, code) };
    let beside = token::value_of(query, PANEL_PARAMETERS).0.unwrap_or_default();
    let mut parts = Some(beside.as_str());
    let mut part = || next_part(&mut parts, b'.').unwrap_or_default();
    let (panel, position, its_mark) = (part(), part(), part());
    if settings.bind_tokens && !its_mark.is_empty() && its_mark != mark(visitor, &token) {
        return (nothing, Some(Code::TokenForeign));
    }
    let panel = if id::is_id(panel) { panel } else { "" };
    (Source { token: &token, panel, position: position_of(position) }.wire(), code)
}

/// The address of a panel's link with the token in it; `None` where it stays as it is: it shows this page, leads to a
/// foreign origin, or has a token already. Without a `visitor` it is nobody's.
#[must_use]
pub fn decorated(href: &str, source: Source<'_>, here: &str, visitor: &str, settings: &Settings) -> Option<String> {
    let (_, Value::Text(name)) = Items::of(&settings.token_names).next()? else { return None };
    let same_origin = address::same_origin(href, here);
    let allowed = same_origin || is_one_of(href, &settings.link_origins);
    let has_one = token::value_of(address::query(href), &settings.token_names).0.is_some();
    let this_page = address::of_page(href, &settings.token_names) == address::of_page(here, &settings.token_names);
    if !allowed || has_one || this_page || settings.policy == Policy::None || token::check(source.token).is_err() {
        return None;
    }
    let (path, fragment) = cut(href, b'#').map_or((href, None), |(path, fragment)| (path, Some(fragment)));
    let mut out = String::from(path);
    out.push(if cut(path, b'?').is_some() { '&' } else { '?' });
    encode(&mut out, name);
    out.push('=');
    encode(&mut out, source.token);
    let mut beside = String::from(if id::is_id(source.panel) { source.panel } else { "" });
    if source.position > 0 {
        beside.push('.');
        json::write_number(&mut beside, source.position);
    }
    if settings.bind_tokens && same_origin && !visitor.is_empty() {
        beside.push_str(if source.position > 0 { "." } else { ".." });
        beside.push_str(&mark(visitor, source.token));
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

fn is_one_of(href: &str, origins: &str) -> bool {
    Items::of(origins)
        .any(|(_, origin)| if let Value::Text(origin) = origin { address::same_origin(href, origin) } else { false })
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
            push_ascii(out, byte);
        } else {
            let mut digits = String::new();
            push_hex(&mut digits, byte);
            out.push('%');
            out.push_str(&digits.to_ascii_uppercase());
        }
    }
}
