//! A call of the page becomes a record, or a list of reasons why not. Stores and sends nothing.

use super::attribution::{Carried, PageView, Policy, Source};
use super::code::{Code, Problem, Severity};
use super::effect::{Report, Topic};
use super::event_type::EventType;
use super::kind::{self, Kind};
use super::limits::EVENT_NAME_CHARS;
use super::panel::{self, Panel};
use super::product_event;
use super::record::{Fields, Record};
use super::settings::Settings;
use super::value::Value;
use super::visitor::{Visitor, Who};

/// What is known of a call besides its arguments.
#[derive(Clone, Debug)]
pub struct Circumstances<'a> {
    /// The options.
    pub settings: &'a Settings,
    /// The page view that it was made in.
    pub page: &'a PageView,
    /// The id for its record.
    pub id: &'a str,
    /// The id for the record that says who the visitor is from here on, where that has changed.
    pub identify_id: &'a str,
    /// When it was made, wall clock, in milliseconds.
    pub t: u64,
    /// What `civchat` says of who is logged in.
    pub identity: &'a Value,
    /// The recommendation panel in which the visitor acted.
    pub panel: Option<&'a Panel>,
}

/// A record that can be stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accepted {
    /// The record.
    pub record: Record,
    /// The recommendation that it carries.
    pub source: Option<Source>,
    /// Where it has that from.
    pub carried: Carried,
    /// The record that goes before it: the visitor is another user than before, or nobody any more.
    pub identify: Option<Record>,
}

/// Judges a call. All that the page will hear of it goes into `report`; a call that is refused has no record, and
/// changes nothing about the visitor.
pub fn accept(
    call: &str,
    payload: Value,
    circumstances: &Circumstances<'_>,
    visitor: &mut Visitor,
    report: &mut Report,
) -> Option<Accepted> {
    let mut problems = Vec::new();
    let accepted = record(call, payload, circumstances, visitor, report, &mut problems);
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
    call: &str,
    payload: Value,
    circumstances: &Circumstances<'_>,
    visitor: &mut Visitor,
    report: &mut Report,
    problems: &mut Vec<Problem>,
) -> Option<Accepted> {
    let Circumstances { settings, page, id, identify_id, t, identity, .. } = *circumstances;
    let Some((kind, event_name)) = Kind::of_call(call) else {
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
        // What is passed speaks of the visitor who comes next: the engine makes a record of it for that one.
        Kind::Reset | Kind::Identify => Vec::new(),
        Kind::Event | Kind::ClientUpdate | Kind::Page => {
            if kind == Kind::Event {
                fields.text("name", check_event_name(event_name, problems)?);
            }
            plain_attributes(kind, payload, settings, problems)?
        }
        Kind::Impressions => {
            let (seen, products) = panel::impressions(payload, problems)?;
            source = Some(seen);
            vec![("products".into(), products)]
        }
    };
    fields.object("data", &attributes, problems);
    let who = Who::of(identity, if kind.is_of_visitor() { &attributes } else { &[] });
    fields.user(who);
    if let Some(source) = &source {
        fields.source(source);
    }
    fields.page(&page.url, &page.view);
    let record = match fields.finish(&settings.app, &visitor.id, id) {
        Ok(record) => record,
        Err(code) => {
            problems.push(Problem::new(code));
            return None;
        }
    };
    let mut identify = None;
    if kind != Kind::Reset && visitor.meet(who) {
        let mut fields = Fields::new(identify_id, t, Kind::Identify.name());
        fields.user(who);
        fields.page(&page.url, &page.view);
        identify = fields.finish(&settings.app, &visitor.id, identify_id).ok();
    }
    Some(Accepted { record, source, carried, identify })
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
    let panel = panel.filter(|panel| panel.is_of(product_id)).and_then(|panel| panel.source.checked(problems));
    match (own, panel) {
        // A panel with the same token says where it stands.
        (Some(token), Some(source)) if source.token == token => (Some(source), Carried::Own),
        (Some(token), _) => (Some(Source { token, ..Source::default() }), Carried::Own),
        (None, _) if settings.policy == Policy::None => (None, Carried::Nothing),
        (None, Some(source)) => (Some(source), Carried::Panel),
        (None, None) => {
            let (source, carried) = page.source_for(product_id, event_type, settings.policy);
            (source.cloned(), carried)
        }
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
fn plain_attributes(
    kind: Kind,
    payload: Value,
    settings: &Settings,
    problems: &mut Vec<Problem>,
) -> Option<Vec<(String, Value)>> {
    let mut fields = match payload {
        Value::Undefined | Value::Null => Vec::new(),
        payload => product_event::object(payload, problems)?,
    };
    if kind.is_of_visitor() {
        kind::remove_keys(&mut fields);
    }
    Some(product_event::attributes(fields, &settings.schema, problems))
}
