//! A call of the page becomes a record, or a list of reasons why not. Stores and sends nothing.

use super::attribution::{Carried, PageView, Policy, Source};
use super::code::{Code, Problem, Severity};
use super::effect::{Report, Topic};
use super::event_type::EventType;
use super::limits::{EVENT_NAME_CHARS, USER_BYTES};
use super::panel::{self, Panel};
use super::product_event;
use super::record::{Fields, Record};
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
    /// The recommendation panel in which the visitor acted.
    pub panel: Option<&'a Panel>,
}

/// The kinds of calls that become records. All others are the chat widget's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind<'a> {
    ProductEvent,
    Event(&'a str),
    ClientUpdate,
    Impressions,
}

impl<'a> Kind<'a> {
    fn of(name: &'a str) -> Option<Self> {
        match name {
            "product_event" => Some(Self::ProductEvent),
            "client.update" => Some(Self::ClientUpdate),
            "impressions" => Some(Self::Impressions),
            _ => name.strip_prefix("event.").map(Self::Event),
        }
    }

    /// The kind as records name it.
    fn name(self) -> &'static str {
        match self {
            Self::ProductEvent => "product_event",
            Self::Event(_) => "event",
            Self::ClientUpdate => "client.update",
            Self::Impressions => "impressions",
        }
    }
}

/// A record that can be stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accepted {
    /// The record.
    pub record: Record,
    /// Where its token comes from.
    pub carried: Carried,
}

/// Judges a call. All that the page will hear of it goes into `report`; a call that is refused has no record.
pub fn accept(kind: &str, payload: Value, circumstances: &Circumstances<'_>, report: &mut Report) -> Option<Accepted> {
    let mut problems = Vec::new();
    let accepted = record(kind, payload, circumstances, report, &mut problems);
    for problem in problems {
        match problem.code.severity() {
            Severity::Error => report.errors.push(problem),
            _ => report.warnings.push(problem),
        }
    }
    match accepted {
        Some(_) => {
            report.topic = Topic::Stored;
            report.id = circumstances.id.into();
        }
        None => report.topic = Topic::Rejected,
    }
    accepted
}

fn record(
    kind: &str,
    payload: Value,
    circumstances: &Circumstances<'_>,
    report: &mut Report,
    problems: &mut Vec<Problem>,
) -> Option<Accepted> {
    let Circumstances { settings, page, visitor, id, t, identity, .. } = *circumstances;
    let Some(kind) = Kind::of(kind) else {
        problems.push(Problem::new(Code::KindUnknown));
        return None;
    };
    report.kind = kind.name();
    let mut fields = Fields::new(id, t, kind.name());
    let mut source = None;
    let mut carried = Carried::Nothing;
    let attributes = match kind {
        Kind::ProductEvent => {
            let event = product_event::check(payload, &settings.schema, problems)?;
            fields.text("product_id", &event.product_id);
            fields.text("event_type", event.event_type.name());
            (source, carried) =
                recommendation(event.token, &event.product_id, event.event_type, circumstances, problems);
            report.product_id = event.product_id;
            report.event_type = event.event_type.name();
            event.attributes
        }
        Kind::Event(name) => {
            fields.text("name", check_event_name(name, problems)?);
            plain_attributes(payload, settings, problems)?
        }
        Kind::ClientUpdate => plain_attributes(payload, settings, problems)?,
        Kind::Impressions => {
            let (seen, products) = panel::impressions(payload, problems)?;
            source = Some(seen);
            vec![("products".into(), products)]
        }
    };
    fields.object("data", &attributes, problems);
    if let Some(user) = user(identity) {
        fields.object("user", &[user], problems);
    }
    if let Some(source) = source {
        fields.source(&source);
    }
    fields.page(&page.url, &page.view);
    match fields.finish(&settings.app, visitor, id) {
        Ok(record) => Some(Accepted { record, carried }),
        Err(code) => {
            problems.push(Problem::new(code));
            None
        }
    }
}

/// Which recommendation a product event comes from: the payload says, else the panel, else the page view.
fn recommendation(
    own: Option<String>,
    product_id: &str,
    event_type: EventType,
    circumstances: &Circumstances<'_>,
    problems: &mut Vec<Problem>,
) -> (Option<Source>, Carried) {
    let Circumstances { settings, page, panel, .. } = *circumstances;
    let policy = settings.policy;
    let panel = panel.filter(|panel| panel.is_of(product_id)).and_then(|panel| panel.source.checked(problems));
    match (own, panel) {
        // A panel with the same token says where it stands.
        (Some(token), Some(source)) if source.token == token => (Some(source), Carried::Own),
        (Some(token), _) => (Some(Source { token, ..Source::default() }), Carried::Own),
        (None, _) if policy == Policy::None => (None, Carried::Nothing),
        (None, Some(source)) => (Some(source.clone()), Carried::Panel(source)),
        (None, None) => match page.source_for(product_id, event_type, policy) {
            Some(source) => (Some(source.clone()), Carried::View),
            None => (None, Carried::Nothing),
        },
    }
}

fn check_event_name<'a>(name: &'a str, problems: &mut Vec<Problem>) -> Option<&'a str> {
    let name = name.trim_ascii();
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
pub(super) fn user(identity: &Value) -> Option<(String, Value)> {
    let Value::Object(fields) = identity else { return None };
    ["user_id", "email"].into_iter().find_map(|wanted| {
        let (name, value) = fields.iter().find(|(name, _)| name == wanted)?;
        let (Value::Text(text) | Value::Number(text) | Value::BigInt(text)) = value else { return None };
        let text = text.trim_ascii();
        (!text.is_empty() && text.len() <= USER_BYTES).then(|| (name.clone(), Value::Text(text.into())))
    })
}
