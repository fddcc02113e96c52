//! What scenarios say often.

use super::ledger::id_of;
use super::report::{Report, Topic};
use super::tab::TabId;
use super::value::Value;
use super::world::World;

/// The same ids in the same order. Says how they differ without printing thousands.
pub fn assert_same(found: &[String], expect: &[String]) {
    let differ = found.iter().zip(expect).position(|(found, expect)| found != expect);
    assert!(
        found.len() == expect.len() && differ.is_none(),
        "{} found, {} expected, the first difference at {differ:?}",
        found.len(),
        expect.len()
    );
}

/// A payload from JSON.
pub fn value(json: serde_json::Value) -> Value {
    json.into()
}

/// The payload of a product event.
pub fn product(product_id: &str, event_type: &str) -> Value {
    value(serde_json::json!({"product_id": product_id, "event_type": event_type, "price": 749.5}))
}

impl World {
    /// A product event: its id.
    pub fn event(&mut self, tab: TabId, product_id: &str, event_type: &str) -> String {
        let report = self.call(tab, "product_event", product(product_id, event_type));
        assert_eq!(report.topic, Topic::Stored, "{report:?}");
        report.id
    }

    /// A product is looked at: the event's id.
    pub fn view(&mut self, tab: TabId, product_id: &str) -> String {
        self.event(tab, product_id, "view")
    }

    /// So many products are looked at.
    pub fn views(&mut self, tab: TabId, count: usize) -> Vec<String> {
        (0..count).map(|number| self.view(tab, &["p-", &number.to_string()].concat())).collect()
    }

    /// So many events of the least size.
    pub fn updates(&mut self, tab: TabId, count: usize) -> Vec<String> {
        (0..count).map(|_| self.call(tab, "client.update", Value::Undefined).id).collect()
    }

    /// So many events of about this size in bytes.
    pub fn large_views(&mut self, tab: TabId, count: usize, bytes: usize) -> Vec<String> {
        let text = "x".repeat(bytes);
        let large = |_| {
            let payload = serde_json::json!({"product_id": "12-0", "event_type": "view", "text": text});
            self.call(tab, "product_event", value(payload)).id
        };
        (0..count).map(large).collect()
    }

    /// The ids of the records that storage holds, in order.
    pub fn stored(&self) -> Vec<String> {
        self.storage.keys().iter().map(|key| id_of(key).into()).collect()
    }

    /// The storage key of an accepted record.
    pub fn key_of(&self, id: &str) -> String {
        self.ledger.accepted.get(id).unwrap_or_else(|| panic!("{id} was not accepted")).clone()
    }

    /// The codes that a page was told besides its calls, in order.
    pub fn codes(&self, tab: TabId) -> Vec<&str> {
        self.tabs[tab].reports.iter().map(|report| report.code.as_str()).filter(|code| !code.is_empty()).collect()
    }

    /// What a page was told under a topic.
    pub fn told(&self, tab: TabId, topic: Topic) -> Vec<&Report> {
        self.tabs[tab].reports.iter().filter(|report| report.topic == topic).collect()
    }

    pub fn state(&self, tab: TabId) -> &'static str {
        self.tabs[tab].engine.status().state
    }

    /// How many requests were sent so far.
    pub fn attempts(&self) -> usize {
        self.network.attempts.len()
    }

    /// These, each once, and nothing is left anywhere.
    pub fn assert_arrived_once(&self, ids: &[String]) {
        self.assert_arrived(ids);
        for id in ids {
            assert_eq!(self.collector.arrivals(id), 1, "{id} arrived more than once");
        }
    }

    /// These are in the endpoint's store, each at least once sent, and nothing is left anywhere.
    pub fn assert_arrived(&self, ids: &[String]) {
        for id in ids {
            assert!(self.collector.has(id), "{id} did not arrive");
        }
        assert_eq!(self.stored().len(), 0, "storage still holds records");
        assert_eq!(self.mirror.items.len(), 0, "the mirror still holds records");
        assert_eq!(self.notes().len(), 0, "storage still says what the mirror is to forget");
        assert_eq!(self.collector.malformed.len(), 0, "a body was malformed");
    }

    /// Nothing that was accepted is missing: each is at the endpoint or in storage or in the memory of a living tab, or
    /// its loss is accounted for.
    pub fn assert_nothing_is_missing(&self) {
        for id in &self.ledger.owed {
            let held = self.collector.has(id)
                || self.storage.holds(&self.ledger.accepted[id])
                || self.mirror.items.contains_key(&self.ledger.accepted[id])
                || self.tabs.iter().any(|tab| tab.memory.contains(id));
            assert!(held, "{id} is missing");
        }
    }
}
