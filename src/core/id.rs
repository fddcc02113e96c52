//! Ids that sort by time and are unique without coordination: 24 characters of `0-9a-z`.
//!
//! Nine of time in milliseconds (until the year 5188), three that count within one, twelve of the page's own random.
//! Where a clock jumps back the time stands still and the count goes on: the order of one page's records is kept.

use super::random::Random;
use super::text::{find, push_digit};

/// Characters of time at the start of an id.
const TIME: u32 = 9;
const COUNT: u32 = 3;
const PAGE: u32 = 12;
const LONGEST: usize = 64;

/// The ids of one page.
#[derive(Clone, Debug)]
pub struct Ids {
    page: String,
    time: u64,
    count: u64,
}

impl Ids {
    /// The ids of a page with this randomness.
    #[must_use]
    pub fn new(random: &mut Random) -> Self {
        let mut page = String::new();
        write_base36(&mut page, random.next_number(), PAGE);
        Self { page, time: 0, count: 0 }
    }

    /// The next id, at this wall-clock time in milliseconds.
    pub fn next_id(&mut self, wall: u64) -> String {
        self.count += 1;
        if wall > self.time {
            self.time = wall;
            self.count = 0;
        } else if self.count == 36_u64.pow(COUNT) {
            self.time += 1;
            self.count = 0;
        }
        let mut id = String::with_capacity(24);
        write_base36(&mut id, self.time, TIME);
        write_base36(&mut id, self.count, COUNT);
        id.push_str(&self.page);
        id
    }
}

/// May this be a record's id? 1 to 64 letters, digits, `-` and `_`.
#[must_use]
pub fn is_id(text: &str) -> bool {
    (1..=LONGEST).contains(&text.len())
        && find(text, &|byte| !byte.is_ascii_alphanumeric() && byte != b'-' && byte != b'_').is_none()
}

/// Appends the last `digits` digits of `number` in base 36.
pub(super) fn write_base36(out: &mut String, number: u64, digits: u32) {
    if digits > 1 {
        write_base36(out, number / 36, digits - 1);
    }
    push_digit(out, (number % 36) as u8);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_sort_by_time_whatever_the_clock_does() {
        let mut ids = Ids::new(&mut Random::new(1));
        let mut before = String::new();
        for wall in [5, 5, 5, 4, 0, 1_700_000_000_000, 1_700_000_000_000, 9] {
            for _ in 0..50_000 {
                let id = ids.next_id(wall);
                assert!(id > before, "{before} {id}");
                assert!(is_id(&id) && id.len() == 24);
                before = id;
            }
        }
    }

    #[test]
    fn time_is_what_javascript_writes_in_base_36() {
        let mut ids = Ids::new(&mut Random::new(1));
        // `(1700000000000).toString(36)`, as the snippet makes its ids.
        assert!(ids.next_id(1_700_000_000_000).starts_with("0loyw3v28000"));
    }
}
