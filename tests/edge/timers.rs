//! One timer, set again only where the deadline has moved.

use crate::{host, js};
use tillpost::browser::clock::Timer;
use tillpost::core::effect::Now;
use wasm_bindgen_test::wasm_bindgen_test;

const NOW: Now = Now { monotonic: 1_000, wall: 0 };

/// What was asked of the browser since the last time: delays of the timers that were set, and how many were cleared.
fn asked() -> String {
    js("(() => { const text = `${set} ${cleared}`; set = []; cleared = 0; return text })()").as_string().unwrap()
}

#[wasm_bindgen_test]
fn there_is_one_timer_and_none_is_set_twice() {
    js("timers = [setTimeout, clearTimeout]; set = []; cleared = 0;
        setTimeout = (_, delay) => set.push(delay); clearTimeout = () => { cleared++ }; 0");
    let timer = Timer::new(host());
    for (deadline, expected) in [
        (None, " 0"),
        (Some(1_250), "251 1"),
        (Some(1_250), " 0"),
        (Some(1_100), "101 1"),
        (Some(900), "1 1"),
        (Some(u64::MAX), "2147483647 1"),
        (None, " 1"),
        (None, " 0"),
    ] {
        timer.wake_at(deadline, NOW);
        assert_eq!(asked(), expected, "{deadline:?}");
    }
    js("[setTimeout, clearTimeout] = timers; 0");
}
