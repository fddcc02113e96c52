//! A token is read out of an address as this browser's own `URLSearchParams` reads it.

use crate::js;
use tillpost::core::address;
use tillpost::core::token;
use wasm_bindgen_test::wasm_bindgen_test;

/// Generates addresses in the page, and what the browser reads out of them: `[address, value]...`, a value of each name
/// that stands first. Seeded, so that a failure comes again.
const GENERATE: &str = r##"
(() => {
  let seed = SEED;
  const below = (most) => ((seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0), Math.floor((seed / 2 ** 32) * most));
  const pieces = ["token", "tok%65n", "r+t", "r%20t", "%C5%BC", "ż", "a%2Bb", "a+b", "%2541", "%41", "=", "&", "=", "&", "&&",
    "==", "?", ";", "%", "%%", "%2", "%zz", "%0", "+", "%00", "%FF", "%C5", "%E2%82", "🛒", "%F0%9F%9B%92", "%EF%BB%BF",
    "\ud800", "\t", "<", '"', "'", " ", "\\", "abc", "A-1", "x".repeat(1024), "~.:|/"];
  const names = ["token", "r t", "ż", "", "a+b", "%41"];
  const cases = [];
  for (let number = 0; number < COUNT; number++) {
    let query = "";
    // Half of them are pairs, as links have them; the other half is anything.
    for (let length = below(20); length; length--)
      query += pieces[below(pieces.length)] + (number % 2 ? "=" + pieces[below(pieces.length)] + "&" : "");
    if (number % 1000 == 0) query = "a=%25&".repeat(17000) + query;
    const { href, searchParams } = new URL("https://shop.example/?" + query);
    const name = names.find((name) => searchParams.has(name));
    cases.push(href, name == null ? "" : "=" + searchParams.get(name));
  }
  return cases;
})()"##;

#[wasm_bindgen_test]
fn a_token_is_read_as_this_browser_reads_it() {
    const NAMES: &str = r#"["token","r t","ż","","a+b","%41"]"#;
    let mut read = 0;
    let mut tokens = 0;
    for seed in 1..=6 {
        let code = GENERATE.replace("SEED", &seed.to_string()).replace("COUNT", "4000");
        let cases = js_sys::Array::from(&js(&code));
        for index in (0..cases.length()).step_by(2) {
            let text = |index| cases.get(index).as_string().unwrap();
            let (address, value) = (text(index), text(index + 1));
            let theirs = value.strip_prefix('=');
            let (ours, code) = token::from_query(address::query(&address), NAMES);
            let expected = theirs.filter(|value| token::check(value).is_ok());
            assert_eq!(ours.as_deref(), expected, "{address}");
            // Found and refused is told; not found is not.
            assert_eq!(theirs.is_some(), ours.is_some() || code.is_some(), "{address}");
            read += 1;
            tokens += usize::from(ours.is_some());
        }
    }
    assert!(read == 24_000 && tokens > 1_000, "{read} read, {tokens} of them with a token");
}
