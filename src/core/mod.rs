//! All decisions, and nothing else.
//!
//! Never in here: JavaScript, a clock, randomness, storage, a network, a panic. Time and entropy are arguments.
//!
//! | file | concept |
//! |---|---|
//! | [`engine`] | inputs in, effects out: the state of one page |
//! | [`effect`], [`message`] | what goes into the engine, what comes out |
//! | [`call`] | a call becomes a record, or a list of reasons why not |
//! | [`kind`], [`visitor`] | what a call is, and who acts |
//! | [`product_event`], [`event_type`], [`attribute`], [`value`] | is this payload a product event? |
//! | [`attribution`], [`panel`], [`link`], [`token`] | which action carries which recommendation token |
//! | [`address`] | what of an address is sent, what tells pages apart |
//! | [`record`], [`id`], [`json`], [`text`] | the bytes that are stored and sent |
//! | [`queue`], [`batch`] | what waits, and what goes out at once |
//! | [`answer`], [`backoff`], [`random`] | what an answer means, and when to try again |
//! | [`rate`] | a caller that repeats itself for ever |
//! | [`settings`], [`consent`] | options, resolved once; what the visitor allows |
//! | [`nearest`] | what was probably meant by a name |
//! | [`report`] | what the page hears |
//! | [`code`], [`limits`] | every error by name, every bound with its source |
#![cfg_attr(not(test), deny(clippy::disallowed_macros, clippy::disallowed_methods))]

pub mod address;
pub mod answer;
pub mod attribute;
pub mod attribution;
pub mod backoff;
pub mod batch;
pub mod call;
pub mod code;
pub mod consent;
pub mod effect;
pub mod engine;
pub mod event_type;
pub mod id;
pub mod json;
pub mod kind;
pub mod limits;
pub mod link;
pub mod message;
pub mod nearest;
pub mod panel;
pub mod product_event;
pub mod queue;
pub mod random;
pub mod rate;
pub mod record;
pub mod report;
pub mod settings;
pub mod text;
pub mod token;
pub mod value;
pub mod visitor;
