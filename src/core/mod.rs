//! All decisions, and nothing else.
//!
//! Never in here: JavaScript, a clock, randomness, storage, a network, a panic. Time and entropy are arguments.
//!
//! | file | concept |
//! |---|---|
//! | [`value`] | what a caller passed, copied |
//! | [`event_type`] | the closed list of 16 |
//! | [`attribute`] | declared attribute types |
//! | [`product_event`] | is this payload a product event? |
//! | [`token`] | recommendation tokens out of a query string |
//! | [`code`] | every error, warning and report by name |
//! | [`limits`] | every bound, with its source |
//! | [`json`] | writing and reading JSON text |
#![deny(clippy::disallowed_macros, clippy::disallowed_methods)]

pub mod attribute;
pub mod code;
pub mod event_type;
pub mod json;
pub mod limits;
pub mod product_event;
pub mod token;
pub mod value;
