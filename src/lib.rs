//! Tillpost: product events from a shop's pages, stored before the call returns.
//!
//! Two halves that never mix:
//!
//! - [`core`] decides. It knows no JavaScript, clock, randomness, storage or network; they come in as arguments, and
//!   what is to be done goes out as effects. The collector and the tests use it natively.
//! - `browser` acts. It exists only in the WebAssembly build, turns page events into inputs and effects into calls, and
//!   decides nothing.

pub mod core;

/// For the tests in `tests/edge`, and nobody else: the module's exports are what counts.
#[cfg(target_arch = "wasm32")]
#[doc(hidden)]
pub mod browser;
