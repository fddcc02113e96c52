//! When to try again: exponential with full jitter, on the monotonic clock.

use super::random::Random;

/// The longest wait after one failure, in milliseconds. Doubled with each further one.
const FIRST: u64 = 1_000;
/// The longest wait at all, also where the endpoint asks for more by `Retry-After`.
pub const CAP: u64 = 5 * 60 * 1_000;
/// The shortest wait: jitter down to nothing would be a loop.
const SHORTEST: u64 = 50;

/// Milliseconds to wait after so many failures in a row; `retry_after` is what the endpoint asked for, in milliseconds.
pub fn delay(failures: u32, retry_after: Option<u64>, random: &mut Random) -> u64 {
    // 2^9 seconds are over the cap.
    let ceiling = (FIRST << failures.saturating_sub(1).min(9)).min(CAP);
    let jittered = random.up_to(ceiling).max(SHORTEST);
    jittered.max(retry_after.unwrap_or(0).min(CAP))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_five_minutes_with_full_jitter() {
        let mut random = Random::new(7);
        for (failures, ceiling) in
            [(1, 1_000), (2, 2_000), (5, 16_000), (9, 256_000), (10, 300_000), (u32::MAX, 300_000)]
        {
            let delays: Vec<u64> = (0..2_000).map(|_| delay(failures, None, &mut random)).collect();
            assert!(delays.iter().all(|delay| (SHORTEST..=ceiling).contains(delay)));
            let mean = delays.iter().sum::<u64>() / 2_000;
            assert!((ceiling * 45 / 100..=ceiling * 55 / 100).contains(&mean), "{failures}: {mean}");
        }
    }

    #[test]
    fn the_endpoint_may_ask_for_more_but_not_for_ever() {
        let mut random = Random::new(7);
        assert_eq!(delay(1, Some(120_000), &mut random), 120_000);
        assert_eq!(delay(1, Some(u64::MAX), &mut random), CAP);
    }
}
