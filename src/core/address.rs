//! Page addresses: what of one may leave the page. No fragment, and of the query only what the shop allows.

use super::limits::URL_BYTES;
use super::token;

/// The query of an address, without `?` and without the fragment.
#[must_use]
pub fn query(address: &str) -> &str {
    without_fragment(address).split_once('?').map_or("", |(_, query)| query)
}

/// The address without fragment and with the allowed parameters only, as text that is at most 5 KiB long.
#[must_use]
pub fn to_send<N: AsRef<str>>(address: &str, allowed: &[N]) -> String {
    let address = without_fragment(address);
    let (path, query) = address.split_once('?').unwrap_or((address, ""));
    let mut out = String::from(path);
    let mut separator = '?';
    for pair in query.split('&') {
        let name = token::decode(pair.split_once('=').map_or(pair, |(name, _)| name));
        if allowed.iter().any(|allowed| allowed.as_ref() == name) {
            out.push(separator);
            out.push_str(pair);
            separator = '&';
        }
    }
    // A cut parameter would be another one: an address that is too long loses its query first.
    if out.len() > URL_BYTES {
        out.truncate(path.len());
    }
    while out.len() > URL_BYTES {
        out.pop();
    }
    out
}

/// Do both addresses show the same page? Fragments and parameters that hold tokens make no difference, so a shop may
/// take a token out of its address bar.
#[must_use]
pub fn same_page<N: AsRef<str>>(one: &str, other: &str, token_names: &[N]) -> bool {
    fn parts<'a, N: AsRef<str>>(address: &'a str, token_names: &'a [N]) -> impl Iterator<Item = &'a str> {
        let address = without_fragment(address);
        let (path, query) = address.split_once('?').unwrap_or((address, ""));
        let kept = query.split('&').filter(move |pair| {
            let name = pair.split_once('=').map_or(*pair, |(name, _)| name);
            !pair.is_empty() && !token_names.iter().any(|token| token.as_ref() == token::decode(name))
        });
        std::iter::once(path).chain(kept)
    }
    one == other || parts(one, token_names).eq(parts(other, token_names))
}

/// Are both addresses of one origin? Both must be absolute.
#[must_use]
pub fn same_origin(one: &str, other: &str) -> bool {
    origin(one).is_some_and(|one| origin(other).is_some_and(|other| one.eq_ignore_ascii_case(other)))
}

/// Scheme, host and port of an absolute http(s) address.
#[must_use]
pub fn origin(address: &str) -> Option<&str> {
    let (scheme, rest) = address.split_once("://")?;
    if !scheme.eq_ignore_ascii_case("http") && !scheme.eq_ignore_ascii_case("https") {
        return None;
    }
    let host = rest.split(['/', '?', '#']).next().filter(|host| !host.is_empty() && !host.contains([' ', '@']))?;
    address.get(..scheme.len() + "://".len() + host.len())
}

fn without_fragment(address: &str) -> &str {
    address.split_once('#').map_or(address, |(before, _)| before)
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
            assert_eq!(to_send(address, &["page", "q"]), expect);
        }
        assert_eq!(to_send(&("/?page=".to_owned() + &"x".repeat(URL_BYTES)), &["page"]), "/");
        assert_eq!(to_send(&"ż".repeat(URL_BYTES), &["page"]).len(), URL_BYTES);
    }

    #[test]
    fn taking_the_token_out_of_the_address_is_no_navigation() {
        let names = ["rtoken"];
        assert!(same_page("/p?id=1&rtoken=x", "/p?id=1", &names));
        assert!(same_page("/p?rtoken=x", "/p#top", &names));
        assert!(!same_page("/p?id=1", "/p?id=2", &names));
        assert!(!same_page("/p", "/q", &names));
    }

    #[test]
    fn origins_are_compared_whole() {
        assert!(same_origin("https://shop.example/a", "https://SHOP.example?x"));
        for other in ["http://shop.example", "https://shop.example:444", "https://shop.example.evil", "/a", "https://"]
        {
            assert!(!same_origin("https://shop.example/a", other), "{other}");
        }
    }
}
