//! Recommendation panels: what the door says of one in which the visitor acted, and which of its products were seen.
//! Attributes of the page's elements come in as they are and are judged here.

use super::attribution::Source;
use super::code::{Code, Problem};
use super::id;
use super::limits::PANEL_PRODUCTS;
use super::link::position_of;
use super::product_event::check_product_id;
use super::token;
use super::value::Value;

/// The panel in which the visitor acted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Panel {
    /// As the page's attributes say it, not checked yet.
    pub source: Source,
    /// The product of the tile, where the page says it; else empty.
    product: String,
}

impl Panel {
    /// A panel from the attributes of its elements.
    #[must_use]
    pub fn new(token: String, panel: String, position: &str, product: String) -> Self {
        Self { source: Source { token, panel, position: position_of(position) }, product }
    }

    /// Does an event of this product belong to the tile?
    #[must_use]
    pub fn is_of(&self, product_id: &str) -> bool {
        self.product.is_empty() || self.product.trim_ascii() == product_id
    }
}

impl Source {
    /// What of this can be sent, and what was wrong with the rest.
    #[must_use]
    pub fn checked(&self, problems: &mut Vec<Problem>) -> Option<Self> {
        let mut source = self.clone();
        if !source.panel.is_empty() && !id::is_id(&source.panel) {
            problems.push(Problem::of(Code::PanelInvalid, "panel"));
            source.panel = String::new();
        }
        match token::check(&source.token) {
            Ok(()) => Some(source),
            Err(code) => {
                problems.push(Problem::of(code, "panel"));
                None
            }
        }
    }
}

/// Impressions: `{token, panel, products: {<product id>: <position>}}`. Answers the panel, and the products as a record
/// holds them.
pub fn impressions(payload: Value, problems: &mut Vec<Problem>) -> Option<(Source, Value)> {
    let (mut source, mut products) = (Source::default(), Vec::new());
    if let Value::Object(fields) = payload {
        for (name, value) in fields {
            match (name.as_str(), value) {
                ("token", Value::Text(token)) => source.token = token,
                ("panel", Value::Text(panel)) => source.panel = panel,
                ("products", Value::Object(seen)) => products = seen,
                _ => {}
            }
        }
    }
    let mut seen = Vec::new();
    for (product, position) in products {
        if let (true, Ok(product)) = (seen.len() < PANEL_PRODUCTS, check_product_id(Value::Text(product))) {
            let known = matches!(&position, Value::Number(text) if position_of(text) > 0);
            seen.push((product, if known { position } else { Value::Null }));
        }
    }
    let source = source.checked(problems);
    if source.is_none() || seen.is_empty() {
        problems.push(Problem::new(Code::ImpressionsInvalid));
        return None;
    }
    source.map(|source| (source, Value::Object(seen)))
}
