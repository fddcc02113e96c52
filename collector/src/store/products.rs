//! Products and their profile: each attribute holds the latest value by the time of the event that set it.

use super::reader::Reader;
use super::writer::Session;
use rusqlite::{OptionalExtension, params};

/// What a product is found by.
#[derive(Clone, Debug)]
pub enum ProductKey {
    /// Our number.
    Number(i64),
    /// The shop's own id.
    Custom(String),
}

/// A product with its profile.
#[derive(Clone, Debug)]
pub struct Product {
    /// Our number.
    pub id: i64,
    /// The shop's own id.
    pub custom_id: Option<String>,
    /// Names, and values as JSON, by name.
    pub attributes: Vec<(String, String)>,
}

const FIND: &str = "SELECT id, custom_id FROM products WHERE app = ?1 AND ";

impl Session<'_> {
    /// The number of a product, and the shop's own id of it.
    pub fn product(&self, app: &str, key: &ProductKey) -> rusqlite::Result<Option<(i64, Option<String>)>> {
        find(self.sql, app, key)
    }

    /// The number of the product with this id; it is created, nameless, where there is none. True if it was.
    pub fn ensure_product(&self, app: &str, custom_id: &str, now: i64) -> rusqlite::Result<(i64, bool)> {
        let mut known = self.sql.prepare_cached("SELECT id FROM products WHERE app = ?1 AND custom_id = ?2")?;
        if let Some(id) = known.query_row([app, custom_id], |row| row.get(0)).optional()? {
            return Ok((id, false));
        }
        Ok((self.create_product(app, Some(custom_id), now)?, true))
    }

    /// Creates a product and answers its number.
    pub fn create_product(&self, app: &str, custom_id: Option<&str>, now: i64) -> rusqlite::Result<i64> {
        let mut create =
            self.sql.prepare_cached("INSERT INTO products (app, custom_id, created) VALUES (?1, ?2, ?3)")?;
        create.insert(params![app, custom_id, now])
    }

    /// Sets attributes of a product, save those that an event after `t` has set.
    pub fn set_attributes(&self, product: i64, attributes: &[(String, String)], t: i64) -> rusqlite::Result<()> {
        let mut set = self.sql.prepare_cached(
            "INSERT INTO product_attributes (product, name, value, t) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT DO UPDATE SET value = excluded.value, t = excluded.t WHERE excluded.t >= t",
        )?;
        for (name, value) in attributes {
            set.execute(params![product, name, value, t])?;
        }
        Ok(())
    }

    /// A product with its profile, as it will be after this transaction.
    pub fn profile(&self, id: i64, custom_id: Option<String>) -> rusqlite::Result<Product> {
        profile(self.sql, id, custom_id)
    }
}

impl Reader<'_> {
    /// A product with its profile.
    pub fn product(&self, app: &str, key: &ProductKey) -> rusqlite::Result<Option<Product>> {
        let found = find(self.sql, app, key)?;
        found.map(|(id, custom_id)| profile(self.sql, id, custom_id)).transpose()
    }
}

fn find(sql: &rusqlite::Connection, app: &str, key: &ProductKey) -> rusqlite::Result<Option<(i64, Option<String>)>> {
    let columns = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?));
    match key {
        ProductKey::Number(id) => {
            sql.prepare_cached(&format!("{FIND} id = ?2"))?.query_row(params![app, id], columns).optional()
        }
        ProductKey::Custom(custom_id) => {
            sql.prepare_cached(&format!("{FIND} custom_id = ?2"))?.query_row([app, custom_id], columns).optional()
        }
    }
}

fn profile(sql: &rusqlite::Connection, id: i64, custom_id: Option<String>) -> rusqlite::Result<Product> {
    let mut attributes =
        sql.prepare_cached("SELECT name, value FROM product_attributes WHERE product = ?1 ORDER BY name")?;
    let attributes = attributes.query_map([id], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<Result<_, _>>()?;
    Ok(Product { id, custom_id, attributes })
}
