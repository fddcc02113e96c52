//! The browser's clocks, its one timer, and its randomness.

use super::page;
use crate::core::effect::{Input, Now};
use std::cell::Cell;
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = Date, js_name = now)]
    fn date_now() -> f64;
    #[wasm_bindgen(js_namespace = performance, js_name = now)]
    fn performance_now() -> f64;
    #[wasm_bindgen(js_namespace = Math, js_name = random)]
    fn math_random() -> f64;
    #[wasm_bindgen(js_name = setTimeout)]
    fn set_timeout(callback: &Closure<dyn FnMut()>, milliseconds: f64) -> JsValue;
    #[wasm_bindgen(js_name = clearTimeout)]
    fn clear_timeout(handle: JsValue);
    #[wasm_bindgen(catch, js_namespace = crypto, js_name = getRandomValues)]
    fn fill_with_random(array: &js_sys::Uint32Array) -> Result<JsValue, JsValue>;
}

/// Both clocks.
pub fn now() -> Now {
    Now { monotonic: whole(performance_now()), wall: whole(date_now()) }
}

/// Whole milliseconds; 0 for what is no time.
pub fn whole(milliseconds: f64) -> u64 {
    milliseconds as u64
}

/// A seed. Where the browser has no `crypto`, `Math.random` is good enough for ids and jitter.
pub fn seed() -> u64 {
    let numbers = js_sys::Uint32Array::new_with_length(2);
    let (high, low) = match fill_with_random(&numbers) {
        Ok(_) => (f64::from(numbers.get_index(0)), f64::from(numbers.get_index(1))),
        Err(_) => (math_random() * 4_294_967_296.0, math_random() * 4_294_967_296.0),
    };
    (high as u64) << 32 | low as u64
}

thread_local! {
    static TICK: Closure<dyn FnMut()> = Closure::new(|| {
        TIMER.set(None);
        page::dispatch(Input::Tick);
    });
    /// The running timer, and the moment that it was set for.
    static TIMER: Cell<Option<(JsValue, u64)>> = const { Cell::new(None) };
}

/// The longest delay that browsers take, in milliseconds: more overflows to none. The tick comes early, which is fine.
const LONGEST_DELAY: u64 = 0x7fff_fffe;

/// Has the engine called at this moment of the monotonic clock, or not at all.
pub fn wake_at(deadline: Option<u64>, now: Now) {
    let timer = TIMER.take();
    if let (Some((_, set_for)), Some(deadline)) = (&timer, deadline)
        && *set_for == deadline
    {
        TIMER.set(timer);
        return;
    }
    if let Some((handle, _)) = timer {
        clear_timeout(handle);
    }
    if let Some(deadline) = deadline {
        let delay = deadline.saturating_sub(now.monotonic).min(LONGEST_DELAY);
        // One more: the clock is cut to whole milliseconds, and a tick that comes too early would be a second one.
        TIMER.set(Some((TICK.with(|tick| set_timeout(tick, delay as f64 + 1.0)), deadline)));
    }
}
