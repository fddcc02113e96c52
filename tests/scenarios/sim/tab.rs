//! One page with its engine.

use super::call::Call;
use super::report::Report;
use std::collections::BTreeSet;
use tillpost::core::effect::Input;
use tillpost::core::engine::Engine;

pub type TabId = usize;

/// What the browser does with the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Life {
    Open,
    /// In the back-forward cache: nothing runs.
    Frozen,
    Gone,
}

pub struct Tab {
    pub engine: Engine,
    pub address: String,
    /// When its monotonic clock was 0.
    pub opened: u64,
    pub life: Life,
    /// Is it out of sight? Then its timers run once a minute.
    pub hidden: bool,
    /// What the page was told.
    pub reports: Vec<Report>,
    /// Records that storage would not take from this tab.
    pub memory: BTreeSet<String>,
    /// Calls that were kept before there was an engine.
    pub early: Vec<Call>,
    /// It was told that it holds the lock.
    pub leads: bool,
    /// It drains without the lock, perhaps beside others.
    pub rival: bool,
    /// What happened while it was frozen.
    pub held: Vec<Input<'static>>,
}
