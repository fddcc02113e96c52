//! What was probably meant: of a list of names the one that takes the fewest edits to reach.

use super::text::next_part;

/// As much of a text as is compared: no name is longer, and what is longer is as far from each of them with its head.
const HEAD: usize = 32;

/// The one of `names`, which have commas between them, that is nearest to `text`.
#[must_use]
pub fn nearest(text: &str, names: &'static str) -> &'static str {
    let (mut nearest, mut fewest) = ("", usize::MAX);
    let mut rest = Some(names);
    while let Some(name) = next_part(&mut rest, b',') {
        let edits = edits(text, name);
        if edits < fewest {
            (nearest, fewest) = (name, edits);
        }
    }
    nearest
}

/// Levenshtein distance in bytes, one row at a time.
fn edits(from: &str, to: &str) -> usize {
    // The row of the empty text: so many insertions.
    let mut row = Vec::new();
    for cell in 0..to.len() {
        row.push(cell + 1);
    }
    for (line, left) in from.bytes().take(HEAD).enumerate() {
        let mut diagonal = line;
        let mut before = line + 1;
        for (cell, right) in row.iter_mut().zip(to.bytes()) {
            let above = *cell;
            before = (diagonal + usize::from(left != right)).min(before + 1).min(above + 1);
            *cell = before;
            diagonal = above;
        }
    }
    row.last().copied().unwrap_or(from.len().min(HEAD))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edits_are_counted_as_levenshtein_did() {
        for (from, to, expect) in [("", "", 0), ("", "abc", 3), ("abc", "", 3), ("kitten", "sitting", 3), ("a", "a", 0)]
        {
            assert_eq!(edits(from, to), expect, "{from} {to}");
        }
    }

    #[test]
    fn a_long_text_is_compared_by_its_head() {
        assert_eq!(edits(&"ż".repeat(40), ""), HEAD);
        assert_eq!(nearest(&["debug", &"x".repeat(10_000)].concat(), "app,debug"), "debug");
    }
}
