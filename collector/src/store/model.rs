//! What goes into the database and comes out of it. Knows no SQL and no HTTP. Times are milliseconds since 1970.

use tillpost::core::event_type::EventType;
use tillpost::core::kind::Kind;
use tillpost::core::panel;

/// What happened, with what only this kind of event has.
#[derive(Clone, Debug)]
pub enum What {
    /// `product_event`
    Product {
        /// The shop's own id of the product.
        product_id: String,
        /// What was done with it.
        event_type: EventType,
        /// What it sets on the product: names, and values as JSON.
        profile: Vec<(String, String)>,
    },
    /// `event`
    Named(String),
    /// `client.update`, `page`, `reset`, `identify`, `impressions`
    Other(Kind),
}

impl What {
    /// Its kind.
    #[must_use]
    pub fn kind(&self) -> Kind {
        match self {
            Self::Product { .. } => Kind::ProductEvent,
            Self::Named(_) => Kind::Event,
            Self::Other(kind) => *kind,
        }
    }
}

/// The recommendation that an event comes from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Source {
    /// The recommendation token.
    pub token: String,
    /// The shop's name of the panel, or empty.
    pub panel: String,
    /// The product's place in the panel, counted from 1; 0 where it is not known.
    pub position: u64,
}

impl From<panel::Source<'_>> for Source {
    fn from(checked: panel::Source<'_>) -> Self {
        // Neither has a character that JSON escapes.
        Self { token: checked.token.into(), panel: checked.panel.into(), position: checked.position }
    }
}

/// A record that was found good.
#[derive(Clone, Debug)]
pub struct NewEvent {
    /// Unique for its app.
    pub id: String,
    /// When it happened, by our clock.
    pub t: i64,
    /// When it happened, by the page's clock.
    pub t_sent: i64,
    /// What happened.
    pub what: What,
    /// JSON object: the attributes as they were sent.
    pub data: String,
    /// The shop's own id of the user.
    pub user: Option<String>,
    /// JSON object: what the page said about its user.
    pub identity: Option<String>,
    /// The recommendation that it comes from.
    pub source: Option<Source>,
    /// The page's address.
    pub page_url: Option<String>,
    /// The page view.
    pub page_view: Option<String>,
}

/// A record that was found bad.
#[derive(Clone, Debug)]
pub struct NewRejected {
    /// Where it could be read.
    pub id: Option<String>,
    /// Why.
    pub code: &'static str,
    /// As it came, unless it was too large to keep.
    pub raw: Option<String>,
}

/// A record of a batch, judged.
#[derive(Clone, Debug)]
pub enum Record {
    /// To be stored as an event.
    Good(Box<NewEvent>),
    /// To be kept beside the events.
    Bad(NewRejected),
}

/// What became of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// It is an event now.
    Stored,
    /// It was one already.
    Duplicate,
    /// It is kept beside the events.
    Rejected,
}

/// An event, read back.
#[derive(Clone, Debug)]
pub struct StoredEvent {
    /// Its place in the order of storing.
    pub seq: i64,
    /// The application.
    pub app: String,
    /// Unique for its app.
    pub id: String,
    /// When it was received.
    pub received: i64,
    /// When it happened, by our clock.
    pub t: i64,
    /// The visitor, unless it came by REST.
    pub visitor: Option<String>,
    /// The wire's name of its kind.
    pub kind: String,
    /// The shop's own id of the product.
    pub product_id: Option<String>,
    /// 1 to 16, of a product event.
    pub event_type: Option<u8>,
    /// Of an event of kind `event`.
    pub name: Option<String>,
    /// JSON object.
    pub data: String,
    /// JSON object.
    pub identity: Option<String>,
    /// The recommendation token.
    pub token: Option<String>,
    /// The shop's name of the panel.
    pub panel: Option<String>,
    /// The product's place in the panel, counted from 1.
    pub position: Option<i64>,
    /// The page's address.
    pub page_url: Option<String>,
    /// The page view.
    pub page_view: Option<String>,
}

/// A rejected record, read back.
#[derive(Clone, Debug)]
pub struct StoredRejected {
    /// Its place in the order of storing.
    pub seq: i64,
    /// The application.
    pub app: String,
    /// Where it could be read.
    pub id: Option<String>,
    /// When it was received.
    pub received: i64,
    /// The visitor.
    pub visitor: String,
    /// Why it was rejected.
    pub code: String,
    /// As it came.
    pub raw: Option<String>,
}

/// A product event of one user, as the REST form lists it.
#[derive(Clone, Debug)]
pub struct UserEvent {
    /// Its place in the order of storing.
    pub seq: i64,
    /// The user's number.
    pub user: i64,
    /// When it happened, by our clock.
    pub t: i64,
    /// 1 to 16.
    pub event_type: u8,
    /// The product's number.
    pub product: i64,
    /// The shop's own id of the product.
    pub product_id: Option<String>,
    /// JSON object.
    pub data: String,
}
