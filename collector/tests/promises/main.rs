//! What the collector promises, shown through real HTTP. Each test is named after a promise.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test that cannot go on fails"
)]

mod batch;
mod client;
mod cors;
mod durability;
mod live;
mod pages;
mod recommendations;
mod refusals;
mod rest;
mod secrets;
mod start;
mod visitors;
