//! Recommendation panels: what the door says of one in which the visitor acted, and which of its products were seen.
//! Attributes of the page's elements come in as they are and are judged here.

use super::code::{Code, Problem};
use super::id;
use super::json::{self, Object};
use super::limits::{PANEL_PRODUCTS, POSITION_MOST};
use super::product_event::check_product_id;
use super::text::whole_number;
use super::token;
use super::value::Value;

/// Where an action comes from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Source<'a> {
    /// The recommendation token.
    pub token: &'a str,
    /// The shop's name of the panel, or empty.
    pub panel: &'a str,
    /// The product's place in the panel, counted from 1; 0 where it is not known.
    pub position: u64,
}

impl Source<'_> {
    /// What of this can be sent, and what was wrong with the rest.
    #[must_use]
    pub fn checked(mut self, problems: &mut Vec<Problem<'_>>) -> Option<Self> {
        if !self.panel.is_empty() && !id::is_id(self.panel) {
            Problem::note(problems, Code::PanelInvalid, "panel");
            self.panel = "";
        }
        match token::check(self.token) {
            Ok(()) => Some(self),
            Err(code) => {
                Problem::note(problems, code, "panel");
                None
            }
        }
    }

    /// The fields of a record that say so, where this was checked: [`Object::fields`] takes them.
    #[must_use]
    pub fn wire(self) -> String {
        let mut fields = Object::default();
        fields.text("token", self.token);
        fields.text("panel", self.panel);
        if self.position > 0 {
            fields.number("position", self.position);
        }
        fields.open()
    }
}

/// A place in a panel: 1 to 9,999, or 0 for anything else.
#[must_use]
pub fn position_of(text: &str) -> u64 {
    whole_number(text).filter(|position| *position <= POSITION_MOST).unwrap_or(0)
}

/// The panel in which the visitor acted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Panel<'a> {
    /// As the page's attributes say it, not checked yet.
    pub source: Source<'a>,
    /// The product of the tile, where the page says it; else empty.
    pub product: &'a str,
}

impl Panel<'_> {
    /// Does an event of this product belong to the tile?
    #[must_use]
    pub fn is_of(&self, product_id: &str) -> bool {
        self.product.is_empty() || json::trimmed(self.product) == product_id
    }
}

/// The products of a panel that were seen, `{<product id>: <position>}`, as a record holds them; `None` where there are none.
#[must_use]
pub fn impressions(products: Value<'_>) -> Option<String> {
    let mut data = String::from("{\"products\":{");
    let mut seen = 0;
    for (product, position) in products.items() {
        if let (true, Ok(product)) = (seen < PANEL_PRODUCTS, check_product_id(Value::Text(product))) {
            data.push_str(if seen == 0 { "\"" } else { ",\"" });
            data.push_str(product);
            data.push_str("\":");
            data.push_str(match position {
                Value::Number(text) if position_of(text) > 0 => text,
                _ => "null",
            });
            seen += 1;
        }
    }
    data.push_str("}}");
    (seen > 0).then_some(data)
}
