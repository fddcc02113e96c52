//! How many calls one page may make. A faulty loop that repeats one event for ever ends here; no shop does that comes
//! to its end.

/// Calls at once: twice what the queue holds. Whoever fills the queue meets its bound, which keeps the newest; this one
/// is for a caller that does not stop.
const BURST: u64 = 10_000;
/// Milliseconds until one more call is taken.
const REFILL: u64 = 1_000;

/// A token bucket, on the monotonic clock.
#[derive(Clone, Debug)]
pub struct Rate {
    left: u64,
    /// When the last token came.
    since: u64,
}

impl Default for Rate {
    fn default() -> Self {
        Self { left: BURST, since: 0 }
    }
}

impl Rate {
    /// May one more call be taken?
    pub fn take(&mut self, now: u64) -> bool {
        let tokens = now.saturating_sub(self.since) / REFILL;
        self.since += tokens * REFILL;
        self.left = (self.left + tokens).min(BURST);
        let taken = self.left > 0;
        self.left -= u64::from(taken);
        taken
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_then_one_a_second() {
        let mut rate = Rate::default();
        assert!((0..BURST).all(|_| rate.take(5)));
        assert!(!rate.take(999));
        assert!(rate.take(1_000) && !rate.take(1_000));
        assert!(rate.take(3_500) && rate.take(3_500) && !rate.take(3_999));
        assert!(rate.take(4_000));
        let rested = 4_000 + BURST * 2_000;
        assert!((0..BURST).all(|_| rate.take(rested)));
        assert!(!rate.take(rested));
    }
}
