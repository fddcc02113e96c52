//! Which action carries which recommendation token.
//!
//! Source: Google, "Recommendation tokens": the token goes with the action that was taken directly on the panel; a link
//! of the panel brings it to the landing page, where it goes with the view of the landed product, and with nothing that
//! follows.

use super::address;
use super::code::Code;
use super::event_type::EventType;
use super::settings::Settings;
use super::token;

/// One view of one page, and the token that its address brought.
#[derive(Clone, Debug, Default)]
pub struct PageView {
    /// The address as the page shows it. Never sent as it is.
    address: String,
    /// What tells this page from another.
    page: String,
    /// The address as it may be sent.
    pub url: String,
    /// The id of the view.
    pub view: String,
    token: Option<String>,
}

impl PageView {
    /// Does this address show another page than this view?
    #[must_use]
    pub fn is_left_by(&self, address: &str, settings: &Settings) -> bool {
        self.address != address && self.page != address::of_page(address, &settings.token_names)
    }

    /// The view of a page at this address, and what was wrong with the tokens in it.
    #[must_use]
    pub fn open(address: &str, view: String, settings: &Settings) -> (Self, Option<Code>) {
        let (token, code) = token::from_query(address::query(address), &settings.token_names);
        let url = address::to_send(address, &settings.query_names);
        let page = address::of_page(address, &settings.token_names);
        (Self { address: address.into(), page, url, view, token }, code)
    }

    /// The token for this event, if it is the landing: the first `click`, `view` or `detail` of the page view. It is
    /// given once, when the record that carries it has been accepted.
    #[must_use]
    pub fn token_for(&self, event_type: EventType) -> Option<&str> {
        match event_type {
            EventType::Click | EventType::View | EventType::Detail => self.token.as_deref(),
            _ => None,
        }
    }

    /// The token went with a record: nothing that follows carries it.
    pub fn spend_token(&mut self) {
        self.token = None;
    }
}
