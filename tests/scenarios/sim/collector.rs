//! The endpoint: takes the wire's word for nothing, stores each id once, answers as the wire says.

use serde::Deserialize;
use serde_json::value::RawValue;
use std::collections::BTreeMap;
use tillpost::core::effect::Answer;

/// A record in the endpoint's store.
pub struct Kept {
    /// The record, byte for byte as it arrived.
    pub text: String,
    pub visitor: String,
    /// How often it arrived.
    pub arrivals: usize,
}

/// A request that arrived.
pub struct Seen {
    pub sent: u64,
    pub dropped: u64,
    pub ids: Vec<String>,
    pub bytes: usize,
    pub status: u16,
}

type Predicate = Box<dyn Fn(&serde_json::Value) -> bool>;

#[derive(Default)]
pub struct Collector {
    kept: BTreeMap<String, Kept>,
    order: Vec<String>,
    /// Ids that were answered as rejected.
    pub rejected: Vec<String>,
    pub requests: Vec<Seen>,
    /// Bodies that were not of the documented shape.
    pub malformed: Vec<String>,
    /// Records that are answered as rejected.
    pub rejects: Option<Predicate>,
    /// Records for which a whole batch is refused with this status.
    pub refuses: Option<(u16, Predicate)>,
    /// Larger bodies are refused with 413.
    pub most_bytes: Option<usize>,
    /// Of each batch only the first so many records are stored and named.
    pub names_at_most: Option<usize>,
    /// Dropped records that it was told of.
    pub told_dropped: u64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Envelope<'a> {
    v: u32,
    app: String,
    visitor: String,
    sent: u64,
    dropped: u64,
    #[serde(borrow)]
    records: Vec<&'a RawValue>,
}

#[derive(Deserialize)]
struct Identified {
    id: String,
    t: u64,
    kind: String,
}

impl Collector {
    /// All ids in the store, in the order in which they arrived first.
    pub fn arrived(&self) -> &[String] {
        &self.order
    }

    pub fn has(&self, id: &str) -> bool {
        self.kept.contains_key(id)
    }

    /// How often an id arrived.
    pub fn arrivals(&self, id: &str) -> usize {
        self.kept.get(id).map_or(0, |kept| kept.arrivals)
    }

    pub fn kept(&self, id: &str) -> &Kept {
        self.kept.get(id).unwrap_or_else(|| panic!("{id} did not arrive"))
    }

    /// A stored record as JSON.
    pub fn record(&self, id: &str) -> serde_json::Value {
        serde_json::from_str(&self.kept(id).text).unwrap()
    }

    /// Arrivals beyond the first of each record.
    pub fn extra_arrivals(&self) -> usize {
        self.kept.values().map(|kept| kept.arrivals - 1).sum()
    }

    /// Takes a batch.
    pub fn receive(&mut self, body: &str) -> Answer {
        let (answer, seen) = match self.judge(body) {
            Ok((results, seen)) => (response(200, &results), seen),
            Err((status, seen)) => (response(status, "{}"), seen),
        };
        self.requests.push(seen);
        answer
    }

    fn judge(&mut self, body: &str) -> Result<(String, Seen), (u16, Seen)> {
        let mut seen = Seen { sent: 0, dropped: 0, ids: Vec::new(), bytes: body.len(), status: 400 };
        let parsed = serde_json::from_str::<Envelope<'_>>(body).ok().filter(|envelope| {
            envelope.v == 1 && !envelope.app.is_empty() && !envelope.visitor.is_empty() && !envelope.records.is_empty()
        });
        let records: Option<Vec<Identified>> = parsed.as_ref().and_then(|envelope| {
            let records = envelope.records.iter().map(|record| serde_json::from_str(record.get()).ok());
            records.collect()
        });
        let (Some(envelope), Some(records)) = (parsed, records) else {
            self.malformed.push(body.into());
            return Err((400, seen));
        };
        if records.iter().any(|record| record.id.is_empty() || record.kind.is_empty() || record.t > u64::MAX / 2) {
            self.malformed.push(body.into());
            return Err((400, seen));
        }
        seen.sent = envelope.sent;
        seen.dropped = envelope.dropped;
        seen.ids = records.iter().map(|record| record.id.clone()).collect();
        let refused = self.refuses.as_ref().and_then(|(status, bad)| {
            let values = envelope.records.iter().map(|text| serde_json::from_str(text.get()).unwrap());
            values.into_iter().any(|value| bad(&value)).then_some(*status)
        });
        let too_large = self.most_bytes.filter(|most| body.len() > *most).map(|_| 413);
        if let Some(status) = too_large.or(refused) {
            seen.status = status;
            return Err((status, seen));
        }
        seen.status = 200;
        self.told_dropped += envelope.dropped;
        let mut results = Vec::new();
        for (record, text) in records.iter().zip(&envelope.records).take(self.names_at_most.unwrap_or(usize::MAX)) {
            let (status, code) = self.keep(&record.id, text.get(), &envelope.visitor);
            results.push(serde_json::json!({"id": record.id, "status": status, "code": code}));
        }
        Ok((serde_json::json!({ "results": results }).to_string(), seen))
    }

    fn keep(&mut self, id: &str, text: &str, visitor: &str) -> (&'static str, &'static str) {
        if self.rejects.as_ref().is_some_and(|bad| bad(&serde_json::from_str(text).unwrap())) {
            self.rejected.push(id.into());
            return ("rejected", "record_malformed");
        }
        if let Some(kept) = self.kept.get_mut(id) {
            assert_eq!(kept.text, text, "{id} arrived with two texts");
            assert_eq!(kept.visitor, visitor, "{id} arrived of two visitors");
            kept.arrivals += 1;
            return ("duplicate", "");
        }
        self.order.push(id.into());
        self.kept.insert(id.into(), Kept { text: text.into(), visitor: visitor.into(), arrivals: 1 });
        ("stored", "")
    }
}

fn response(status: u16, body: &str) -> Answer {
    Answer::Response { status, retry_after: String::new(), retry_at: 0, date: 0, body: body.into() }
}
