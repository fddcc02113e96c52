//! One record of a batch: is it good? Judged alone, by the code that judged it in the page. Knows no database.

use crate::problem::Problem;
use crate::store::{NewEvent, NewRejected, Record, Source, What};
use crate::{canonical, clock, profile};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::time::Duration;
use tillpost::core::attribute::Schema;
use tillpost::core::code::{self, Code, Severity};
use tillpost::core::kind::{self, Kind};
use tillpost::core::limits::{EVENT_NAME_CHARS, POSITION_MOST, RECORD_BYTES, URL_BYTES};
use tillpost::core::value::Value;
use tillpost::core::{json, panel, product_event, token};

/// Longest record id, user id, visitor and page view, in characters.
pub const ID_CHARS: usize = 128;
/// Longest record id, in characters.
const RECORD_ID_CHARS: usize = 64;
/// Largest whole number that JavaScript counts to.
const SAFE_INTEGER: i64 = (1 << 53) - 1;

/// A record whose fields are not read yet: what is wrong with one must not hide the id.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Fields<'a> {
    #[serde(borrow)]
    id: Option<&'a RawValue>,
    #[serde(borrow)]
    t: Option<&'a RawValue>,
    #[serde(borrow)]
    kind: Option<&'a RawValue>,
    #[serde(borrow)]
    product_id: Option<&'a RawValue>,
    #[serde(borrow)]
    event_type: Option<&'a RawValue>,
    #[serde(borrow)]
    name: Option<&'a RawValue>,
    #[serde(borrow)]
    data: Option<&'a RawValue>,
    #[serde(borrow)]
    user: Option<&'a RawValue>,
    #[serde(borrow)]
    token: Option<&'a RawValue>,
    #[serde(borrow)]
    panel: Option<&'a RawValue>,
    #[serde(borrow)]
    position: Option<&'a RawValue>,
    #[serde(borrow)]
    page: Option<&'a RawValue>,
}

/// What a record is judged by.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// Declared attribute types.
    pub schema: &'a Schema,
    /// When the batch was received, in ms since 1970.
    pub received: i64,
    /// When the page says that it sent the batch, in ms since 1970.
    pub sent: Option<i64>,
    /// From where on the page's clock is wrong.
    pub tolerance: Duration,
}

/// The judgement: what the store gets, and for a bad record the first error.
pub fn judge(raw: &RawValue, context: Context<'_>) -> (Record, Option<Problem>) {
    let text = raw.get();
    // This reader does not recurse: the id of a record that nests too deep can still be read.
    let fields: Option<Fields<'_>> = serde_json::from_str(text).ok();
    let id = fields.as_ref().and_then(|fields| read::<String>(fields.id)).filter(|id| is_id(id));
    let checked = match fields {
        _ if text.len() > RECORD_BYTES => Err(Problem::new(Code::RecordTooLarge)),
        Some(fields) if json::is_value(text) => event(&fields, id.clone(), context),
        _ => Err(Problem::new(Code::RecordMalformed)),
    };
    match checked {
        Ok(event) => (Record::Good(Box::new(event)), None),
        Err(problem) => {
            let raw = (text.len() <= RECORD_BYTES).then(|| text.to_owned());
            (Record::Bad(NewRejected { id, code: problem.code, raw }), Some(problem))
        }
    }
}

/// 1 to 64 letters, digits, `_` and `-`.
fn is_id(id: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    (1..=RECORD_ID_CHARS).contains(&id.len()) && id.bytes().all(allowed)
}

fn read<'a, T: Deserialize<'a>>(raw: Option<&'a RawValue>) -> Option<T> {
    serde_json::from_str(raw?.get()).ok()
}

/// A field as the core reads it. One that is missing is a word of the core's.
fn canonical_of(raw: Option<&RawValue>) -> Result<String, Problem> {
    let Some(raw) = raw else { return Ok("undefined".into()) };
    canonical::of(raw.get()).ok_or_else(|| Problem::new(Code::RecordMalformed))
}

/// The first error among what was found.
fn error(problems: Vec<code::Problem<'_>>) -> Problem {
    let error = problems.into_iter().find(|problem| problem.code.severity() == Severity::Error);
    error.map_or_else(|| Problem::new(Code::RecordMalformed), Problem::from)
}

fn event(fields: &Fields<'_>, id: Option<String>, context: Context<'_>) -> Result<NewEvent, Problem> {
    let malformed = |field| Problem::of(Code::RecordMalformed, field);
    let id = id.ok_or_else(|| malformed("id"))?;
    let t_sent = read(fields.t).filter(|t| (0..=SAFE_INTEGER).contains(t)).ok_or_else(|| malformed("t"))?;
    let kind: String = read(fields.kind).ok_or_else(|| malformed("kind"))?;
    let data = canonical_of(fields.data)?;
    let data = match Value::of(&data) {
        // `event.<name>` is called without attributes too.
        Value::Undefined | Value::Null => Value::Object("{}"),
        data => data,
    };
    let kind = Kind::from_name(&kind).ok_or_else(|| Problem::of(Code::KindUnknown, "kind"))?;
    let checked = match kind {
        Kind::ProductEvent => product(fields, data, context.schema)?,
        Kind::Event => {
            let name = event_name(&canonical_of(fields.name)?)?;
            Checked { what: What::Named(name), data: attributes(kind, data, context.schema)?, token: None }
        }
        Kind::ClientUpdate | Kind::Page | Kind::Reset | Kind::Identify => {
            Checked { what: What::Other(kind), data: attributes(kind, data, context.schema)?, token: None }
        }
        Kind::Impressions => impressions(fields, data)?,
    };
    let (page_url, page_view) = page(fields.page);
    let source = source(fields, checked.token);
    let identity = fields.user.filter(|user| user.get().starts_with('{'));
    Ok(NewEvent {
        id,
        t: clock::corrected(t_sent, context.sent, context.received, context.tolerance),
        t_sent,
        what: checked.what,
        data: checked.data,
        user: user_id(identity),
        identity: identity.map(|user| user.get().to_owned()),
        source,
        page_url,
        page_view,
    })
}

/// Where the action comes from. The token that the shop passed itself wins over the one that the page found.
fn source(fields: &Fields<'_>, own: Option<String>) -> Option<Source> {
    let (token, panel): (String, String) =
        (read(fields.token).unwrap_or_default(), read(fields.panel).unwrap_or_default());
    let position = read(fields.position).filter(|position| *position <= POSITION_MOST).unwrap_or_default();
    let found = panel::Source { token: &token, panel: &panel, position }.checked(&mut Vec::new());
    match own {
        Some(token) if found.is_none_or(|found| found.token != token) => Some(Source { token, ..Source::default() }),
        _ => found.map(Source::from),
    }
}

/// What is left to store of a payload that is good.
struct Checked {
    what: What,
    data: String,
    token: Option<String>,
}

fn check_object(data: Value<'_>) -> Result<(), Problem> {
    let mut problems = Vec::new();
    if product_event::is_object(data, &mut problems) { Ok(()) } else { Err(error(problems)) }
}

/// The products of a panel that were seen: judged as the page judged them.
fn impressions(fields: &Fields<'_>, data: Value<'_>) -> Result<Checked, Problem> {
    check_object(data)?;
    let token: String = read(fields.token).unwrap_or_default();
    let seen = panel::impressions(data.field("products")).filter(|_| token::check(&token).is_ok());
    let data = seen.ok_or_else(|| Problem::new(Code::ImpressionsInvalid))?;
    Ok(Checked { what: What::Other(Kind::Impressions), data: canonical::stored(&data), token: None })
}

fn product(fields: &Fields<'_>, data: Value<'_>, schema: &Schema) -> Result<Checked, Problem> {
    check_object(data)?;
    let (product_id, event_type) = (canonical_of(fields.product_id)?, canonical_of(fields.event_type)?);
    let payload = canonical::with_fields(data, &[("product_id", &product_id), ("event_type", &event_type)]);
    let mut problems = Vec::new();
    let Some(event) = product_event::check(Value::of(&payload), schema, &mut problems) else {
        return Err(error(problems));
    };
    let profile = profile::of(Value::of(&event.data), schema);
    let product_id = json::unescaped(event.product_id);
    Ok(Checked {
        what: What::Product { product_id, event_type: event.event_type, profile },
        data: canonical::stored(&event.data),
        token: event.token.map(ToOwned::to_owned),
    })
}

fn event_name(name: &str) -> Result<String, Problem> {
    let problem = |code| Err(Problem::of(code, "name"));
    let Value::Text(escaped) = Value::of(name) else { return problem(Code::EventNameMissing) };
    let name = json::unescaped(escaped);
    if name.chars().count() > EVENT_NAME_CHARS {
        problem(Code::EventNameTooLong)
    } else if name.trim().is_empty() {
        problem(Code::EventNameMissing)
    } else {
        Ok(name)
    }
}

fn attributes(kind: Kind, data: Value<'_>, schema: &Schema) -> Result<String, Problem> {
    check_object(data)?;
    let no_attributes = if kind == Kind::Event { "" } else { kind::KEYS };
    Ok(canonical::stored(&product_event::attributes(data, no_attributes, schema, &mut Vec::new())))
}

/// The shop's own id of the user: text or a number, not blank. One that cannot be used joins nobody, and the event
/// keeps what the page said.
fn user_id(identity: Option<&RawValue>) -> Option<String> {
    #[derive(Deserialize)]
    struct User<'a> {
        #[serde(borrow)]
        user_id: &'a RawValue,
    }
    canonical::id(Value::of(&canonical::of(read::<User<'_>>(identity)?.user_id.get())?), ID_CHARS)
}

/// Address and page view, where they can be used.
fn page(page: Option<&RawValue>) -> (Option<String>, Option<String>) {
    #[derive(Default, Deserialize)]
    #[serde(default)]
    struct Page {
        url: Option<String>,
        view: Option<String>,
    }
    let Page { url, view } = read(page).unwrap_or_default();
    (url.filter(|url| url.len() <= URL_BYTES), view.filter(|view| view.chars().count() <= ID_CHARS))
}

/// What can be shown of a record that was rejected: each field that has the right type.
#[derive(Debug, Default)]
pub struct Shown {
    /// `t`
    pub t: Option<i64>,
    /// `kind`
    pub kind: Option<String>,
    /// `product_id`
    pub product_id: Option<String>,
    /// `event_type`
    pub event_type: Option<String>,
    /// `name`
    pub name: Option<String>,
    /// `data`, an object
    pub data: Option<Box<RawValue>>,
}

impl Shown {
    /// Of a record as it came.
    #[must_use]
    pub fn of(raw: &str) -> Self {
        let Ok(fields) = serde_json::from_str::<Fields<'_>>(raw) else { return Self::default() };
        let text = |raw: Option<&RawValue>| canonical::plain(Value::of(&canonical::of(raw?.get())?));
        Self {
            t: read(fields.t),
            kind: text(fields.kind),
            product_id: text(fields.product_id),
            event_type: text(fields.event_type),
            name: text(fields.name),
            data: fields.data.filter(|data| data.get().starts_with('{')).map(ToOwned::to_owned),
        }
    }
}
