//! A browser with its visitor, its network and an endpoint, in one thread and in virtual time.
//!
//! | file | concept |
//! |---|---|
//! | [`world`] | everything together: what a visitor, a browser or a failure can do |
//! | [`agenda`] | what happens when |
//! | [`tab`] | one page with its engine |
//! | [`value`], [`call`] | what a page passes, as the door says it to the engine |
//! | [`messages`] | what else the door says |
//! | [`report`] | what a page hears |
//! | [`effects`] | an engine's effects carried out, as `src/browser/page.rs` does |
//! | [`storage`] | the localStorage that all tabs share |
//! | [`mirror`] | the copy in IndexedDB, whose transactions complete later |
//! | [`locks`] | who holds the Web Lock |
//! | [`network`] | what becomes of a request on its way |
//! | [`collector`] | the endpoint: validates, stores, answers |
//! | [`ledger`] | what is owed: every accepted record until it is delivered or accounted for |
//! | [`words`] | what scenarios say often |

mod agenda;
mod call;
mod collector;
mod effects;
mod ledger;
mod locks;
mod messages;
mod mirror;
mod network;
mod report;
mod storage;
mod tab;
mod value;
mod words;
mod world;

pub use call::{Call, Early, Panel};
pub use effects::KEEPALIVE_BUDGET;
pub use ledger::Excuse;
pub use network::Link;
pub use network::status;
pub use report::{Report, Topic};
pub use storage::Space;
pub use tab::{Life, TabId};
pub use tillpost::core::record::VISITOR_KEY;
pub use value::Value;
pub use words::*;
pub use world::{DAY, HOUR, MINUTE, SECOND, World};
