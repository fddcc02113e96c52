//! A call of the page becomes a record, or a list of reasons why not. Stores and sends nothing.

use super::attribution::PageView;
use super::code::{Code, Problem, Severity};
use super::effect::{Rejected, Stored};
use super::limits::EVENT_NAME_CHARS;
use super::product_event;
use super::record::{Fields, Moment, Record};
use super::settings::Settings;
use super::value::Value;

/// What is known of a call besides its arguments.
#[derive(Clone, Debug)]
pub struct Circumstances<'a> {
    /// The options.
    pub settings: &'a Settings,
    /// The page view that it was made in.
    pub page: &'a PageView,
    /// The visitor.
    pub visitor: &'a str,
    /// The id for its record.
    pub id: &'a str,
    /// When it was made, wall clock, in milliseconds.
    pub t: u64,
    /// Who is logged in.
    pub identity: &'a Value,
}

/// The kinds of calls that become records. All others are the chat widget's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind<'a> {
    ProductEvent,
    Event(&'a str),
    ClientUpdate,
}

impl<'a> Kind<'a> {
    fn of(name: &'a str) -> Option<Self> {
        match name {
            "product_event" => Some(Self::ProductEvent),
            "client.update" => Some(Self::ClientUpdate),
            _ => name.strip_prefix("event.").map(Self::Event),
        }
    }

    /// The kind as records name it.
    fn name(self) -> &'static str {
        match self {
            Self::ProductEvent => "product_event",
            Self::Event(_) => "event",
            Self::ClientUpdate => "client.update",
        }
    }
}

/// A record that can be stored, and what the page will hear of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accepted {
    /// The record.
    pub record: Record,
    /// The report for the page, once it is stored.
    pub stored: Stored,
    /// Does it carry the token of the page's address?
    pub spends_token: bool,
}

/// Judges a call.
///
/// # Errors
/// All that is wrong with it.
pub fn accept(kind: &str, payload: Value, circumstances: &Circumstances<'_>) -> Result<Box<Accepted>, Rejected> {
    let mut problems = Vec::new();
    match record(kind, payload, circumstances, &mut problems) {
        Some(mut accepted) => {
            accepted.stored.warnings = problems;
            Ok(Box::new(accepted))
        }
        None => {
            let (errors, warnings) =
                problems.into_iter().partition(|problem| problem.code.severity() == Severity::Error);
            Err(Rejected { id: String::new(), errors, warnings })
        }
    }
}

fn record(
    kind: &str,
    payload: Value,
    circumstances: &Circumstances<'_>,
    problems: &mut Vec<Problem>,
) -> Option<Accepted> {
    let Circumstances { settings, page, visitor, id, t, identity } = *circumstances;
    let Some(kind) = Kind::of(kind) else {
        problems.push(Problem::new(Code::KindUnknown));
        return None;
    };
    let user = user(identity);
    let mut moment = Moment { id, t, user: &user, token: None, url: &page.url, view: &page.view };
    let mut stored =
        Stored { id: id.into(), kind: kind.name(), product_id: String::new(), event_type: None, warnings: Vec::new() };
    let mut fields = Fields::new(&moment, kind.name());
    let mut own_token = None;
    let mut spends_token = false;
    let attributes = match kind {
        Kind::ProductEvent => {
            let event = product_event::check(payload, &settings.schema, problems)?;
            fields.text("product_id", &event.product_id);
            fields.text("event_type", event.event_type.name());
            own_token = event.token;
            if own_token.is_none() {
                moment.token = page.token_for(event.event_type);
                spends_token = moment.token.is_some();
            }
            stored.product_id = event.product_id;
            stored.event_type = Some(event.event_type);
            event.attributes
        }
        Kind::Event(name) => {
            fields.text("name", check_event_name(name, problems)?);
            plain_attributes(payload, settings, problems)?
        }
        Kind::ClientUpdate => plain_attributes(payload, settings, problems)?,
    };
    moment.token = own_token.as_deref().or(moment.token);
    fields.object("data", &attributes, |name, part| {
        let code = match part {
            Value::Unusable(reason) => reason.code(),
            _ => Code::ValueBigint,
        };
        let problem = Problem::of(code, name);
        // A cyclic object ends in hundreds of places; one warning for each field is enough.
        if !problems.contains(&problem) {
            problems.push(problem);
        }
    });
    match fields.finish(&moment, &settings.app, visitor) {
        Ok(record) => Some(Accepted { record, stored, spends_token }),
        Err(code) => {
            problems.push(Problem::new(code));
            None
        }
    }
}

fn check_event_name<'a>(name: &'a str, problems: &mut Vec<Problem>) -> Option<&'a str> {
    let name = name.trim();
    let code = if name.is_empty() {
        Code::EventNameMissing
    } else if name.chars().count() > EVENT_NAME_CHARS {
        Code::EventNameTooLong
    } else {
        return Some(name);
    };
    problems.push(Problem::new(code));
    None
}

/// The attributes of a kind that needs none: the payload may be missing.
fn plain_attributes(payload: Value, settings: &Settings, problems: &mut Vec<Problem>) -> Option<Vec<(String, Value)>> {
    let fields = match payload {
        Value::Undefined | Value::Null => Vec::new(),
        payload => product_event::object(payload, problems)?,
    };
    Some(product_event::attributes(fields, &settings.schema, problems))
}

/// Who acted: `user_id`, else `email`, as text. Anything else of `civchat` belongs to `client.update`.
fn user(identity: &Value) -> Vec<(String, Value)> {
    let Value::Object(fields) = identity else {
        return Vec::new();
    };
    let text_of = |wanted: &str| {
        fields.iter().find_map(|(name, value)| match value {
            Value::Text(text) | Value::Number(text) | Value::BigInt(text) if name == wanted => {
                Some(text.trim()).filter(|text| !text.is_empty() && text.chars().count() <= EVENT_NAME_CHARS)
            }
            _ => None,
        })
    };
    let field = |name: &'static str| text_of(name).map(|text| vec![(name.into(), Value::Text(text.into()))]);
    field("user_id").or_else(|| field("email")).unwrap_or_default()
}
