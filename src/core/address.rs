//! Page addresses: what of one may leave the page. No fragment, and of the query only what the shop allows.

use super::limits::URL_BYTES;
use super::link::PANEL_PARAMETER;
use super::text::{before, cut, find, next_part};
use super::token;

/// An address without its fragment: before `?`, and the query after it.
fn parts(address: &str) -> (&str, Option<&str>) {
    let address = before(address, b'#');
    cut(address, b'?').map_or((address, None), |(path, query)| (path, Some(query)))
}

/// The query of an address, without `?` and without the fragment.
#[must_use]
pub fn query(address: &str) -> &str {
    parts(address).1.unwrap_or_default()
}

/// The address without fragment, and of the query what `keep` says of each parameter's name.
fn filtered(address: &str, keep: &dyn Fn(&str) -> bool) -> String {
    let (path, mut query) = parts(address);
    let mut out = String::from(path);
    let mut separator = '?';
    while let Some(pair) = next_part(&mut query, b'&') {
        if !pair.is_empty() && keep(before(pair, b'=')) {
            out.push(separator);
            out.push_str(pair);
            separator = '&';
        }
    }
    out
}

/// The address without fragment and with the allowed parameters only, as text that is at most 5 KiB long.
#[must_use]
pub fn to_send(address: &str, allowed: &str) -> String {
    let mut out = filtered(address, &|name| token::is_one_of(name, allowed).is_some());
    // A cut parameter would be another one: an address that is too long loses its query first.
    if out.len() > URL_BYTES {
        out.truncate(parts(address).0.len());
    }
    let mut end = URL_BYTES.min(out.len());
    while !out.is_char_boundary(end) {
        end -= 1;
    }
    out.truncate(end);
    out
}

/// What tells one page from another: the address without fragment and without what a panel's link adds, so that a token
/// may be taken out of the address bar.
#[must_use]
pub fn of_page(address: &str, token_names: &str) -> String {
    filtered(address, &|name| token::is_one_of(name, token_names).is_none() && !token::is_name(name, PANEL_PARAMETER))
}

/// The address without what a panel's link adds, everything else as it was.
#[must_use]
pub fn clean(address: &str, token_names: &str) -> String {
    let mut out = of_page(address, token_names);
    if let Some((_, fragment)) = cut(address, b'#') {
        out.push('#');
        out.push_str(fragment);
    }
    out
}

/// Are both addresses of one origin? Both must be absolute.
#[must_use]
pub fn same_origin(one: &str, other: &str) -> bool {
    origin(one).is_some() && origin(one) == origin(other)
}

/// Scheme, host and port of an absolute http(s) address.
#[must_use]
pub fn origin(address: &str) -> Option<&str> {
    let host = address.strip_prefix("https://").or_else(|| address.strip_prefix("http://"))?;
    let length = find(host, &|byte| matches!(byte, b'/' | b'?' | b'#')).unwrap_or(host.len());
    let bad = find(host, &|byte| byte <= b' ' || byte == b'@').is_some_and(|place| place < length);
    if length == 0 || bad { None } else { address.get(..address.len() - host.len() + length) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_leaves_without_fragment_and_query() {
        for (address, expect) in [
            ("https://shop.example/a?session=1#x", "https://shop.example/a"),
            ("https://shop.example/a?session=1&page=2&q=%C5%BC", "https://shop.example/a?page=2&q=%C5%BC"),
            ("https://shop.example/a?p%61ge=2", "https://shop.example/a?p%61ge=2"),
            ("https://shop.example/#?page=2", "https://shop.example/"),
            ("about:blank", "about:blank"),
        ] {
            assert_eq!(to_send(address, r#"["page","q"]"#), expect);
        }
        assert_eq!(to_send(&("/?page=".to_owned() + &"x".repeat(URL_BYTES)), r#"["page"]"#), "/");
        assert_eq!(to_send(&"ż".repeat(URL_BYTES), r#"["page"]"#).len(), URL_BYTES);
    }

    #[test]
    fn taking_the_token_out_of_the_address_is_no_navigation() {
        let names = r#"["rtoken"]"#;
        let same_page = |one, other| of_page(one, names) == of_page(other, names);
        assert!(same_page("/p?id=1&rtoken=x", "/p?id=1"));
        assert!(same_page("/p?rtoken=x&recommendation_panel=picked", "/p#top"));
        assert!(!same_page("/p?id=1", "/p?id=2"));
        assert!(!same_page("/p", "/q"));
    }

    #[test]
    fn a_clean_address_keeps_everything_but_the_token() {
        let names = r#"["rtoken"]"#;
        for (address, expect) in [
            ("/p?rtoken=x", "/p"),
            ("/p?id=%31&rtoken=x&recommendation_panel=a.1&q=a+b&r%74oken=y#a?b#c", "/p?id=%31&q=a+b#a?b#c"),
            ("/p?id=1#", "/p?id=1#"),
        ] {
            assert_eq!(clean(address, names), expect);
        }
    }

    #[test]
    fn origins_are_compared_whole() {
        assert!(same_origin("https://shop.example/a", "https://shop.example?x"));
        for other in ["http://shop.example", "https://shop.example:444", "https://shop.example.evil", "/a", "https://"]
        {
            assert!(!same_origin("https://shop.example/a", other), "{other}");
        }
    }
}
