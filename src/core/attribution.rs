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
use super::json::{self, Object};
use super::limits::{PANEL_PRODUCTS, TOKEN_MS};
use super::link;
use super::settings::Settings;
use super::value::Value;

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

impl Policy {
    /// The policy that a shop names, if it is one.
    #[must_use]
    pub fn of(value: Value<'_>) -> Option<Self> {
        Some(match value {
            Value::Text("panel") => Self::Panel,
            Value::Text("product") => Self::Product,
            Value::Text("none") => Self::None,
            _ => return None,
        })
    }
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
    /// The page as records say it, JSON: the address as it may be sent, and the id of the view.
    pub wire: String,
    /// What the address brought, as a record says it, until an event has taken it; empty for nothing.
    landing: String,
    /// The product that was landed on: that of the first event. Empty until then.
    landed: String,
    /// Under [`Policy::Product`]: the products whose events all carry a token.
    products: Vec<(String, String)>,
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
    pub fn open(address: &str, view: &str, now: u64, visitor: &str, settings: &Settings) -> (Self, Option<Code>) {
        let (landing, code) = link::source(address, visitor, settings);
        let mut url = String::new();
        json::write_text(&mut url, &address::to_send(address, &settings.query_names));
        let mut wire = Object::default();
        wire.json("url", &url);
        wire.text("view", view);
        let page = address::of_page(address, &settings.token_names);
        let until = now + TOKEN_MS;
        (Self { address: address.into(), page, wire: wire.finish(), landing, until, ..Self::default() }, code)
    }

    /// The source for an event to which neither its payload nor a panel gave one, as a record says it. It is given for good
    /// when the record that carries it was accepted: [`PageView::accepted`].
    #[must_use]
    pub fn source_for(&self, product_id: &str, event_type: EventType, policy: Policy) -> (&str, Carried) {
        // The newest says what the product was reached by last.
        for (product, source) in self.products.iter().rev() {
            if product == product_id {
                return (source, Carried::Own);
            }
        }
        let landed = self.landed.is_empty() || self.landed == product_id;
        let looks = matches!(event_type, EventType::Click | EventType::View | EventType::Detail);
        if landed && !self.landing.is_empty() && (looks || policy == Policy::Product) {
            (&self.landing, Carried::Landing)
        } else {
            ("", Carried::Nothing)
        }
    }

    /// A record about this product was accepted.
    pub fn accepted(&mut self, product_id: &str, source: String, carried: Carried, policy: Policy) {
        let own_page = matches!(carried, Carried::Nothing | Carried::Landing);
        if own_page && self.landed.is_empty() {
            self.landed = product_id.into();
        }
        if carried == Carried::Landing {
            self.landing = String::new();
        }
        if policy == Policy::Product
            && matches!(carried, Carried::Panel | Carried::Landing)
            && self.products.len() < PANEL_PRODUCTS
        {
            self.products.push((product_id.into(), source));
        }
    }

    /// No further event of this view carries a token.
    pub fn forget_tokens(&mut self) {
        self.landing = String::new();
        self.products = Vec::new();
    }

    /// Forgets tokens whose time is over.
    pub fn tick(&mut self, now: u64) {
        if now > self.until {
            self.forget_tokens();
        }
    }
}
