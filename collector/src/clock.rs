//! The collector's clock, and what it does about a page's wrong one. Never changes what the page said: that is stored too.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Milliseconds since 1970.
#[must_use]
pub fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

/// When an action happened, by our clock. All in milliseconds since 1970.
///
/// The page's clock is wrong by `received - sent`; within `tolerance` that is the network's delay, and stays. No action
/// happened after it was received: an event out of the future would keep later ones from updating a product.
#[must_use]
pub fn corrected(t: i64, sent: Option<i64>, received: i64, tolerance: Duration) -> i64 {
    let skew = received - sent.unwrap_or(received);
    let wrong = u128::from(skew.unsigned_abs()) > tolerance.as_millis();
    (if wrong { t + skew } else { t }).clamp(0, received)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_clock_is_corrected_and_a_slow_network_is_not() {
        let second = Duration::from_secs(1);
        for (t, sent, received, expect) in [
            (500, Some(600), 1_600, 500),
            (500, Some(600), 1_601, 1_501),
            (9_000, Some(9_100), 5_000, 4_900),
            (9_000, Some(5_000), 5_000, 5_000),
            (500, None, 90_000, 500),
            (10, Some(5_000), 3_000, 0),
        ] {
            assert_eq!(corrected(t, sent, received, second), expect, "{t} {sent:?} {received}");
        }
    }
}
