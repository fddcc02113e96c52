//! Which action carries which recommendation token.
//!
//! Source: Google, "Recommendation tokens": the token goes with the action that was taken directly on the panel; a link
//! of the panel brings it to the landing page, where it goes with the view of the landed product, and with nothing that
//! follows. The pages of the successor say otherwise, so a shop may choose: [`Policy`].
//!
//! A token never outlives its page view, its visitor or [`TOKEN_MS`], and never moves to another product.

use super::address;
use super::code::Code;
use super::event_type::EventType;
use super::limits::{PANEL_PRODUCTS, TOKEN_MS};
use super::link;
use super::settings::Settings;

/// Which events carry a token besides those whose payload brings one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Policy {
    /// Every event on the panel; on the landing page the first `click`, `view` or `detail` of the landed product.
    #[default]
    Panel,
    /// And every further event of that product on the same page view.
    Product,
    /// None.
    None,
}

/// Where an action comes from, as a record says it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Source {
    /// The recommendation token.
    pub token: String,
    /// The shop's name of the panel, or empty.
    pub panel: String,
    /// The product's place in the panel, counted from 1; 0 where it is not known.
    pub position: u64,
}

/// Where an event has its token from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Carried {
    /// It carries none.
    Nothing,
    /// The payload, or an event before it: nothing changes.
    Own,
    /// The panel in which the visitor acted.
    Panel,
    /// The page's address.
    Landing,
}

/// One view of one page, and the tokens that go with actions in it.
#[derive(Clone, Debug, Default)]
pub struct PageView {
    /// The address as the page shows it. Never sent as it is.
    pub address: String,
    /// What tells this page from another.
    pub page: String,
    /// The address as it may be sent.
    pub url: String,
    /// The id of the view.
    pub view: String,
    /// What the address brought, until an event has taken it.
    landing: Option<Source>,
    /// The product that was landed on: that of the first event. Empty until then.
    landed: String,
    /// Under [`Policy::Product`]: the products whose events all carry a token.
    products: Vec<(String, Source)>,
    /// When all of them are forgotten, on the monotonic clock.
    until: u64,
}

impl PageView {
    /// Does this address show another page than this view?
    #[must_use]
    pub fn is_left_by(&self, address: &str, settings: &Settings) -> bool {
        self.address != address && self.page != address::of_page(address, &settings.token_names)
    }

    /// The view of a page at this address, and what was wrong with the tokens in it.
    #[must_use]
    pub fn open(address: &str, view: String, now: u64, visitor: &str, settings: &Settings) -> (Self, Option<Code>) {
        let (landing, code) = link::source(address, visitor, settings);
        let url = address::to_send(address, &settings.query_names);
        let page = address::of_page(address, &settings.token_names);
        (Self { address: address.into(), page, url, view, landing, until: now + TOKEN_MS, ..Self::default() }, code)
    }

    /// The token for an event that neither its payload nor a panel gave one. It is given for good when the record that
    /// carries it was accepted: [`PageView::accepted`].
    #[must_use]
    pub fn source_for(&self, product_id: &str, event_type: EventType, policy: Policy) -> (Option<&Source>, Carried) {
        // The newest says what the product was reached by last.
        for (product, source) in self.products.iter().rev() {
            if product == product_id {
                return (Some(source), Carried::Own);
            }
        }
        let landed = self.landed.is_empty() || self.landed == product_id;
        let looks = matches!(event_type, EventType::Click | EventType::View | EventType::Detail);
        match &self.landing {
            Some(source) if landed && (looks || policy == Policy::Product) => (Some(source), Carried::Landing),
            _ => (None, Carried::Nothing),
        }
    }

    /// A record about this product was accepted.
    pub fn accepted(&mut self, product_id: &str, source: Option<Source>, carried: Carried, policy: Policy) {
        let own_page = matches!(carried, Carried::Nothing | Carried::Landing);
        if own_page && self.landed.is_empty() {
            self.landed = product_id.into();
        }
        if carried == Carried::Landing {
            self.landing = None;
        }
        if let (Policy::Product, Carried::Panel | Carried::Landing, Some(source)) = (policy, carried, source)
            && self.products.len() < PANEL_PRODUCTS
        {
            self.products.push((product_id.into(), source));
        }
    }

    /// No further event of this view carries a token.
    pub fn forget_tokens(&mut self) {
        self.landing = None;
        self.products = Vec::new();
    }

    /// Forgets tokens whose time is over.
    pub fn tick(&mut self, now: u64) {
        if now > self.until {
            self.forget_tokens();
        }
    }
}
