//! What recommendation panels earned. The statement is in `recommendations.sql`.

use super::reader::Reader;
use rusqlite::named_params;
use serde::Serialize;

/// One panel, one place in it, one day; revenue of one currency. Rows of the same three add up.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Earned {
    /// The shop's name of the panel, or empty.
    pub panel: String,
    /// The place in the panel, counted from 1; 0 where it is not known.
    pub position: i64,
    /// Days since 1970, UTC.
    pub day: i64,
    /// Of `revenue`, or empty.
    pub currency: String,
    /// Products that were seen.
    pub impressions: i64,
    /// Visits to a product.
    pub clicks: i64,
    /// Products put into the cart.
    pub carts: i64,
    /// Products bought.
    pub purchases: i64,
    /// Price times quantity of them.
    pub revenue: f64,
    /// Visits after which the visitor bought the product without a token.
    pub later: i64,
}

impl Reader<'_> {
    /// What panels earned from one moment to before another, both in ms since 1970.
    pub fn recommendations(&self, app: &str, from: i64, to: i64) -> rusqlite::Result<Vec<Earned>> {
        self.sql
            .prepare_cached(include_str!("recommendations.sql"))?
            .query_map(named_params! { ":app": app, ":from": from, ":to": to }, |row| {
                Ok(Earned {
                    panel: row.get(0)?,
                    position: row.get(1)?,
                    day: row.get(2)?,
                    currency: row.get(3)?,
                    impressions: row.get(4)?,
                    clicks: row.get(5)?,
                    carts: row.get(6)?,
                    purchases: row.get(7)?,
                    revenue: row.get(8)?,
                    later: row.get(9)?,
                })
            })?
            .collect()
    }
}
