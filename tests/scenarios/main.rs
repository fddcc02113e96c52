//! The engine's promises, each a scenario on a simulated browser: virtual time, several tabs, faults. Nothing sleeps.
#![cfg(not(target_arch = "wasm32"))]
// A test that cannot go on says where: that is what these are for.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod model;
mod sim;

mod promise_01_a_call_never_harms_the_page;
mod promise_02_what_you_pass_is_what_is_sent;
mod promise_03_stored_when_the_call_returns;
mod promise_04_nothing_leaves_storage_unacknowledged;
mod promise_05_tabs_share_one_queue;
mod promise_06_the_cost_of_a_call_does_not_grow;
mod promise_07_leaving_is_not_losing;
mod promise_08_calls_before_load_count;
mod promise_09_a_dead_endpoint_costs_little;
mod promise_09_clocks_and_leaders;
mod promise_10_a_token_goes_with_the_right_action;
mod promise_10_extraction;
mod promise_11_no_secret_in_the_page;
mod promise_13_consent_rules;
mod surface;
