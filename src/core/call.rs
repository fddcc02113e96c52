//! A call of the page becomes a record, or a list of reasons why not. Stores and sends nothing.

use super::attribution::{Carried, PageView, Policy};
use super::code::{Code, Problem};
use super::event_type::EventType;
use super::json::{self, Object};
use super::kind::{self, Kind};
use super::limits::EVENT_NAME_CHARS;
use super::panel::{self, Panel, Source};
use super::product_event;
use super::record::{Fields, Record};
use super::report;
use super::settings::Settings;
use super::value::Value;
use super::visitor::{Visitor, Who};

/// What is known of a call besides its arguments.
#[derive(Clone, Copy, Debug)]
pub struct Circumstances<'e, 'a> {
    /// The options.
    pub settings: &'e Settings,
    /// The page view that it was made in.
    pub page: &'e PageView,
    /// The id for its record.
    pub id: &'e str,
    /// The id for the record that says who the visitor is from here on, where that has changed.
    pub identify_id: &'e str,
    /// When it was made, wall clock, in milliseconds.
    pub t: u64,
    /// What `civchat` says of who is logged in.
    pub identity: Value<'a>,
    /// The recommendation panel in which the visitor acted.
    pub panel: Option<Panel<'a>>,
}

/// A record that can be stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accepted<'a> {
    /// The record.
    pub record: Record,
    /// The product of a product event; else empty.
    pub product_id: &'a str,
    /// The recommendation that it carries, as the record says it.
    pub source: String,
    /// Where it has that from.
    pub carried: Carried,
    /// The record that goes before it: the visitor is another user than before, or nobody any more.
    pub identify: Option<Record>,
}

/// Judges a call. All that the page will hear of it, but for the topic, goes into `heard`; a call that is refused has no
/// record, and changes nothing about the visitor.
pub fn accept<'a>(
    call: &'a str,
    payload: Value<'a>,
    circumstances: &Circumstances<'_, 'a>,
    visitor: &mut Visitor,
    heard: &mut Object,
) -> Option<Accepted<'a>> {
    let mut problems = Vec::new();
    let accepted = record(call, payload, circumstances, visitor, heard, &mut problems);
    report::of_call(heard, &problems);
    accepted
}

fn record<'a>(
    call: &'a str,
    payload: Value<'a>,
    circumstances: &Circumstances<'_, 'a>,
    visitor: &mut Visitor,
    heard: &mut Object,
    problems: &mut Vec<Problem<'a>>,
) -> Option<Accepted<'a>> {
    let Circumstances { settings, page, id, identify_id, t, identity, .. } = *circumstances;
    let Some((kind, event_name)) = Kind::of_call(call) else {
        Problem::note(problems, Code::KindUnknown, "");
        return None;
    };
    heard.text("kind", kind.name());
    let mut fields = Fields::new(id, t, kind.name());
    let (mut product_id, mut source, mut carried) = ("", String::new(), Carried::Nothing);
    // What is passed at a log-out speaks of the visitor who comes next: the engine makes a record of it for that one.
    let mut data = String::from("{}");
    match kind {
        Kind::ProductEvent => {
            let event = product_event::check(payload, &settings.schema, problems)?;
            (source, carried) =
                recommendation(event.token, event.product_id, event.event_type, circumstances, problems);
            product_id = event.product_id;
            let event_type = event.event_type.name();
            fields.0.text("product_id", product_id);
            fields.0.text("event_type", event_type);
            heard.text("product_id", product_id);
            heard.text("event_type", event_type);
            data = event.data;
        }
        Kind::Reset | Kind::Identify => {}
        Kind::Event | Kind::ClientUpdate | Kind::Page => {
            if kind == Kind::Event {
                fields.0.text("name", check_event_name(event_name, problems)?);
            }
            // The payload may be missing.
            let keys = if kind.is_of_visitor() { kind::KEYS } else { "" };
            if !matches!(payload, Value::Undefined | Value::Null) {
                if !product_event::is_object(payload, problems) {
                    return None;
                }
                data = product_event::attributes(payload, keys, &settings.schema, problems);
            }
        }
        Kind::Impressions => {
            let text = |name| if let Value::Text(text) = payload.field(name) { text } else { "" };
            let seen = Source { token: text("token"), panel: text("panel"), position: 0 }.checked(problems);
            let (Some(seen), Some(products)) = (seen, panel::impressions(payload.field("products"))) else {
                Problem::note(problems, Code::ImpressionsInvalid, "");
                return None;
            };
            (source, data) = (seen.wire(), products);
        }
    }
    fields.0.json("data", &data);
    let who = Who::of(identity, if kind.is_of_visitor() { payload } else { Value::Undefined });
    fields.user(who);
    fields.0.fields(&source);
    let record = match fields.finish(&page.wire, &settings.app, &visitor.id, id) {
        Ok(record) => record,
        Err(code) => {
            Problem::note(problems, code, "");
            return None;
        }
    };
    let mut identify = None;
    if kind != Kind::Reset && visitor.meet(who) {
        let mut fields = Fields::new(identify_id, t, Kind::Identify.name());
        fields.user(who);
        identify = fields.finish(&page.wire, &settings.app, &visitor.id, identify_id).ok();
    }
    Some(Accepted { record, product_id, source, carried, identify })
}

/// Which recommendation a product event comes from: the payload says, else the panel, else the page view.
fn recommendation(
    own: Option<&str>,
    product_id: &str,
    event_type: EventType,
    circumstances: &Circumstances<'_, '_>,
    problems: &mut Vec<Problem<'_>>,
) -> (String, Carried) {
    let Circumstances { settings, page, panel, .. } = circumstances;
    let panel = panel.filter(|panel| panel.is_of(product_id)).and_then(|panel| panel.source.checked(problems));
    match (own, panel) {
        // A panel with the same token says where it stands.
        (Some(token), Some(source)) if source.token == token => (source.wire(), Carried::Own),
        (Some(token), _) => (Source { token, ..Source::default() }.wire(), Carried::Own),
        (None, _) if settings.policy == Policy::None => (String::new(), Carried::Nothing),
        (None, Some(source)) => (source.wire(), Carried::Panel),
        (None, None) => {
            let (source, carried) = page.source_for(product_id, event_type, settings.policy);
            (source.into(), carried)
        }
    }
}

fn check_event_name<'a>(name: &'a str, problems: &mut Vec<Problem<'_>>) -> Option<&'a str> {
    let name = json::trimmed(name);
    let code = if name.is_empty() {
        Code::EventNameMissing
    } else if json::characters(name) > EVENT_NAME_CHARS {
        Code::EventNameTooLong
    } else {
        return Some(name);
    };
    Problem::note(problems, code, "");
    None
}
