//! The executor, as far as fetch needs one: who waits for a promise is polled when the promise is settled.
//!
//! A waker is the number of a request, so there is nothing to own and nothing to free. `spawn_local` would bring a queue
//! and a task with reference counts, 2 KB of module.
#![allow(unsafe_code)]

use super::page;
use std::task::{RawWaker, RawWakerVTable, Waker};

/// A waker that goes on with this request.
pub fn waker(number: u32) -> Waker {
    // SAFETY: the functions below keep the contract: they take the data for a number and touch no memory.
    unsafe { Waker::from_raw(raw(number as *const ())) }
}

const fn raw(data: *const ()) -> RawWaker {
    static FUNCTIONS: RawWakerVTable = RawWakerVTable::new(raw, wake, wake, |_| {});
    RawWaker::new(data, &FUNCTIONS)
}

/// Promises are settled from the browser's own microtasks, so nothing of ours is borrowed here.
fn wake(data: *const ()) {
    if let Some(page) = page::get() {
        page.requests.go_on(data as u32, page);
    }
}
