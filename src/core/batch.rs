//! A batch: the envelope around records that are wire bytes already. Joining strings and counting bytes, nothing else.

use super::json::Object;
use super::limits::{BATCH_BYTES, BATCH_RECORDS};
use super::queue::{Entry, Queue};
use super::settings::Settings;

/// The version of the wire.
const VERSION: u64 = 1;
/// More bytes than an envelope has besides its records: an application of 32, a visitor of 64, and the names of its fields.
const ENVELOPE: usize = 256;

/// How much a batch may hold.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// The most records.
    pub records: usize,
    /// The most bytes of body.
    pub bytes: usize,
    /// May it hold records that are in storage too, and not only those that memory alone has?
    pub stored: bool,
}

impl Bounds {
    /// The bounds of every batch.
    pub const WHOLE: Self = Self { records: BATCH_RECORDS, bytes: BATCH_BYTES, stored: true };
}

/// Makes a body of the oldest records that are not on their way, and marks them as carried by `request`.
///
/// An envelope speaks of one visitor: the batch ends where the next record is another's. `None` when nothing waits, or
/// not even the first record fits.
pub fn build(
    queue: &mut Queue,
    settings: &Settings,
    request: u32,
    bounds: Bounds,
    sent: u64,
    dropped: u32,
) -> Option<String> {
    let (mut visitor, mut records, mut count) = (String::new(), String::new(), 0);
    for entry in queue.iter_mut() {
        if !may_go(entry, bounds.stored) {
            continue;
        }
        if count == 0 {
            visitor = entry.record.visitor().into();
        }
        let fits = count < bounds.records && ENVELOPE + records.len() + entry.record.text.len() <= bounds.bytes;
        if !fits || entry.record.visitor() != visitor {
            break;
        }
        records.push(if count == 0 { '[' } else { ',' });
        records.push_str(&entry.record.text);
        entry.request = request;
        count += 1;
    }
    if count == 0 {
        return None;
    }
    records.push(']');
    let mut body = Object::default();
    body.number("v", VERSION);
    body.text("app", &settings.app);
    body.text("visitor", &visitor);
    body.number("sent", sent);
    body.number("dropped", dropped.into());
    body.json("records", &records);
    Some(body.finish())
}

/// Is there a record that is not on its way? Records in storage count if `stored` says so.
#[must_use]
pub fn is_due(queue: &Queue, stored: bool) -> bool {
    queue.has(&|entry| may_go(entry, stored))
}

fn may_go(entry: &Entry, stored: bool) -> bool {
    entry.request == 0 && (stored || !entry.stored)
}
