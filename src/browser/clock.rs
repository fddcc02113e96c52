//! The browser's clocks, and its one timer.

use super::host::{self, Host};
use crate::core::effect::Now;
use std::cell::Cell;

/// The longest delay that browsers take, in milliseconds: more overflows to none. The tick comes early, which is fine.
const LONGEST_DELAY: u64 = 0x7fff_fffe;

/// Both clocks, in whole milliseconds.
pub fn now() -> Now {
    Now { monotonic: host::monotonic_clock() as u64, wall: host::wall_clock() as u64 }
}

/// The timer.
pub struct Timer {
    host: Host,
    set_for: Cell<Option<u64>>,
}

impl Timer {
    /// A timer of this host, which is not set.
    pub fn new(host: Host) -> Self {
        Self { host, set_for: Cell::new(None) }
    }

    /// Has the engine called at this moment of the monotonic clock, or not at all.
    pub fn wake_at(&self, deadline: Option<u64>, now: Now) {
        if self.set_for.replace(deadline) != deadline {
            self.host.wake(match deadline {
                // One more: the clock is cut to whole milliseconds, and a tick that comes too early would be a second one.
                Some(deadline) => deadline.saturating_sub(now.monotonic).min(LONGEST_DELAY) as f64 + 1.0,
                None => -1.0,
            });
        }
    }

    /// It may have fired, early by a clamp of ours or of the browser's: it is set again if need be.
    pub fn fired(&self) {
        self.set_for.set(None);
    }
}
