//! Promise 10: a token is read out of a query exactly as `URLSearchParams` reads it. Here beside the crate that Servo's
//! `url` uses; `tests/edge/queries.rs` asks the browser.

use proptest::prelude::*;
use tillpost::core::code::Code;
use tillpost::core::token;

const CASES: u32 = 12_000;

/// What the reference makes of a query: of each name its first value, and whether it has another one.
fn reference(query: &str, names: &[String]) -> (Option<String>, bool) {
    let known = |name: &str| names.iter().any(|known| known == name);
    let pairs: Vec<_> = form_urlencoded::parse(query.as_bytes()).filter(|(name, _)| known(name)).collect();
    let values: Vec<_> = names
        .iter()
        .flat_map(|name| pairs.iter().filter(move |(found, _)| found == name).map(|(_, value)| value.to_string()))
        .collect();
    let first = values.first().cloned();
    (first.clone(), values.iter().any(|value| Some(value) != first.as_ref()))
}

fn expected(query: &str, names: &[String]) -> (Option<String>, Option<Code>) {
    match reference(query, names) {
        (None, _) => (None, None),
        (Some(token), conflict) => match token::check(&token) {
            Err(code) => (None, Some(code)),
            Ok(()) => (Some(token), conflict.then_some(Code::TokenConflict)),
        },
    }
}

/// Two refusals say the same where the text is both too long and of a foreign alphabet, or not UTF-8: what is decoded
/// beyond the bound is not looked at.
fn same(ours: &(Option<String>, Option<Code>), theirs: &(Option<String>, Option<Code>)) -> bool {
    let refused = |code: &Option<Code>| matches!(code, Some(Code::TokenLength | Code::TokenAlphabet));
    ours == theirs || ours.0.is_none() && theirs.0.is_none() && refused(&ours.1) && refused(&theirs.1)
}

const NAMES: &str = r#"["token","r t","ż","","a+b","%41","recommendation_token"]"#;

fn names() -> Vec<String> {
    serde_json::from_str(NAMES).unwrap()
}

/// Pieces of which queries are hard.
fn piece() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => prop::sample::select(vec![
            "token", "tok%65n", "r+t", "r%20t", "%C5%BC", "%c5%bc", "a%2Bb", "a+b", "%2541", "%41",
            "recommendation_token", "recommendation%5Ftoken",
        ]).prop_map(Into::into),
        4 => prop::sample::select(vec!["=", "&", "&", "=", "&&", "==", "?", ";", "#"]).prop_map(Into::into),
        2 => prop::sample::select(vec![
            "%", "%%", "%2", "%zz", "%g0", "%0", "+", "%00", "%FF", "%C5", "%E2%82", "%F0%9F%9B%92", "%EF%BB%BF",
        ]).prop_map(Into::into),
        3 => prop::sample::select(vec!["", "A", "-_.~", "a/b:c|d=e", "tok+", "0"]).prop_map(Into::into),
        1 => any::<char>().prop_map(String::from),
        1 => prop::sample::select(vec!["x".repeat(1_024), "x".repeat(1_025)]),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: CASES, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn promise_10_a_token_is_read_as_url_search_params_reads_it(pieces in prop::collection::vec(piece(), 0..24)) {
        let query = pieces.concat();
        let (ours, theirs) = (token::from_query(&query, NAMES), expected(&query, &names()));
        prop_assert!(same(&ours, &theirs), "{query:?}: {ours:?}, the reference has {theirs:?}");
    }
}

#[test]
fn promise_10_a_long_query_is_read_as_a_short_one() {
    for filler in ["a=b&", "%25%", "&", "=", "token%zz=1&", "%F0%9F%9B%92+", "x"] {
        let before = filler.repeat(100_000 / filler.len());
        for end in ["&token=abc&token=abd", "&tok%65n=abc", "&token=a%20b", "&t=1"] {
            let query = [&before, end].concat();
            let (ours, theirs) = (token::from_query(&query, NAMES), expected(&query, &names()));
            assert!(same(&ours, &theirs), "{filler} {end}: {ours:?} {theirs:?}");
        }
    }
}
