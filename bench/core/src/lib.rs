//! What the benches work on: pages, queues and payloads of a given size. Measures nothing.

use tillpost::core::effect::{Call, Effect, Input, Lock, Now};
use tillpost::core::engine::{Engine, Start};
use tillpost::core::queue::Queue;
use tillpost::core::record::{Fields, Record};
use tillpost::core::settings::Settings;
use tillpost::core::value::Value;

/// The page's address.
pub const ADDRESS: &str = "https://shop.example/products/12";
/// When everything happens.
pub const NOW: Now = Now { monotonic: 1_000, wall: 1_700_000_000_000 };

const VISITOR: &str = "0lo8wq5mo000visitor00001";

/// The options of a shop that sets what it must.
#[must_use]
pub fn settings() -> Option<Settings> {
    Settings::resolve(Value::of(r#"{"app":"abc123"}"#), ADDRESS, &mut Vec::new())
}

/// An event with six attributes, as a shop sends it.
pub const PAYLOAD: Value<'_> = Value::Object(
    r#"{"product_id":"12-0","event_type":"add to cart","name":"Sofa Nordby, three seats","price":749.5,"currency":"EUR","category":"Living room > Sofas","color":"sand","on_sale":true}"#,
);

/// A call of the page with that event.
#[must_use]
pub fn call() -> Input<'static> {
    Input::Call(Call {
        kind: "product_event",
        payload: PAYLOAD,
        identity: Value::Undefined,
        address: ADDRESS.into(),
        early: None,
        panel: None,
    })
}

/// So many records, in order. Small ones, so that the engine's bound in bytes is not met before the one in records.
pub fn records(count: usize) -> impl Iterator<Item = Record> {
    (0..count).filter_map(|number| {
        let mut id = String::from("0lo8wq5mo");
        let digits = number.to_string();
        (digits.len()..6).for_each(|_| id.push('0'));
        id.push_str(&digits);
        let mut fields = Fields::new(&id, NOW.wall, "product_event");
        fields.0.text("product_id", "12-0");
        fields.0.text("event_type", "view");
        fields.finish("{}", "abc123", VISITOR, &id).ok()
    })
}

/// The same as the door lists what storage holds: keys and texts, each a line.
#[must_use]
pub fn items(count: usize) -> String {
    let lines: Vec<_> = records(count).flat_map(|record| [record.key, record.text]).collect();
    lines.join("\n")
}

/// A queue of so many records.
#[must_use]
pub fn queue(count: usize) -> Queue {
    let mut queue = Queue::default();
    records(count).for_each(|record| queue.add(record, true));
    queue
}

/// The engine of a page that leads, with so many records waiting.
#[must_use]
pub fn engine(count: usize) -> Option<Engine> {
    let start = Start {
        seed: 1,
        visitor: VISITOR.into(),
        cookie: String::new(),
        address: ADDRESS.into(),
        again: false,
        online: true,
        global_privacy_control: false,
        hidden: false,
    };
    let mut effects = Vec::new();
    let mut engine = Engine::start(settings()?, start, NOW, &mut effects);
    engine.handle(NOW, &Input::Lock(Lock::Held), &mut effects);
    engine.handle(NOW, &Input::Found(items(count)), &mut effects);
    Some(engine)
}

/// Carries out what is to be done as a page would whose storage takes everything.
pub fn store(engine: &mut Engine, effects: &mut Vec<Effect>) {
    let todo = std::mem::take(effects);
    for effect in todo {
        if let Effect::Persist(record) = effect {
            engine.handle(NOW, &Input::Persisted { record: &record, stored: true }, effects);
        }
    }
}

/// The answer that names the first `count` records as stored.
#[must_use]
pub fn answer(count: usize) -> String {
    let mut body = String::from("{\"results\":[");
    for record in records(count) {
        if !body.ends_with('[') {
            body.push(',');
        }
        body.push_str("{\"id\":\"");
        body.push_str(record.id());
        body.push_str("\",\"status\":\"stored\"}");
    }
    body.push_str("]}");
    body
}

/// A query of 2 KB with a token at its end.
#[must_use]
pub fn query() -> String {
    let mut query = String::new();
    for number in 0.. {
        if query.len() >= 1_850 {
            break;
        }
        query.push_str("utm_parameter");
        query.push_str(&number.to_string());
        query.push_str("=some%20campaign+value&");
    }
    query.push_str("recommendation_token=");
    (0..170).for_each(|_| query.push('t'));
    query
}
