//! What was probably meant: of a list of names the one that takes the fewest edits to reach.

/// As much of a text as is compared: no name is longer, and what is longer is as far from each of them with its head.
#[must_use]
pub fn head(text: &str) -> &str {
    text.char_indices().nth(32).and_then(|(end, _)| text.get(..end)).unwrap_or(text)
}

/// The name that is nearest to `text`.
#[must_use]
pub fn nearest(text: &str, names: &mut dyn Iterator<Item = &'static str>) -> &'static str {
    let (mut nearest, mut fewest) = ("", usize::MAX);
    for name in names {
        let edits = edits(head(text), name);
        if edits < fewest {
            (nearest, fewest) = (name, edits);
        }
    }
    nearest
}

/// Levenshtein distance, one row at a time.
fn edits(from: &str, to: &str) -> usize {
    // The row of the empty text: so many insertions.
    let mut row = Vec::with_capacity(to.len());
    for cell in 0..to.len() {
        row.push(cell + 1);
    }
    for (line, left) in from.bytes().enumerate() {
        let mut diagonal = line;
        let mut before = line + 1;
        for (cell, right) in row.iter_mut().zip(to.bytes()) {
            let above = *cell;
            before = (diagonal + usize::from(left != right)).min(before + 1).min(above + 1);
            *cell = before;
            diagonal = above;
        }
    }
    row.last().copied().unwrap_or(from.len())
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
        assert_eq!(head(&"ż".repeat(40)), "ż".repeat(32));
        assert_eq!(nearest(&["debug", &"x".repeat(10_000)].concat(), &mut ["app", "debug"].into_iter()), "debug");
    }
}
