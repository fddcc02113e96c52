//! What an endpoint's answer means. One pure function from status to verdict, one from body to results.

use super::json::{self, Items};
use super::text;
use super::value::Value;

/// What a status means for the batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The body names what became of each record.
    Answered,
    /// The endpoint is not well: the same again, later.
    Retry,
    /// The batch is refused whole: fewer records, until the bad one stands alone.
    Refused,
    /// The endpoint does not know this page: pause, keep the queue.
    Unauthorized,
}

/// The verdict of an HTTP status.
///
/// 404, 405, 410 and redirects say that the address is wrong, not the record: they are retried, so that a mistake in a
/// shop's deployment costs no event.
#[must_use]
pub fn verdict(status: u16) -> Verdict {
    match status {
        200..=299 => Verdict::Answered,
        401 | 403 => Verdict::Unauthorized,
        404 | 405 | 407 | 408 | 410 | 421 | 423 | 425 | 429 => Verdict::Retry,
        400..=499 => Verdict::Refused,
        _ => Verdict::Retry,
    }
}

/// What became of one record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It is in the endpoint's store now.
    Stored,
    /// It was there already.
    Duplicate,
    /// It will never be taken.
    Rejected,
}

/// One result: a record's id, its fate, and for a rejected one the endpoint's code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outcome<'a> {
    /// The record's id.
    pub id: &'a str,
    /// What became of it.
    pub fate: Fate,
    /// Why it was rejected, in the endpoint's words, escaped as in JSON.
    pub code: &'a str,
}

impl<'a> Outcome<'a> {
    /// One result. One that cannot be understood is none: its record stays queued.
    #[must_use]
    pub fn of(result: Value<'a>) -> Option<Self> {
        let text = |name| if let Value::Text(text) = result.field(name) { text } else { "" };
        let fate = match text("status") {
            "stored" => Fate::Stored,
            "duplicate" => Fate::Duplicate,
            "rejected" => Fate::Rejected,
            _ => return None,
        };
        Some(Self { id: text("id"), fate, code: text("code") })
    }
}

/// The results that a body names, or `None` where it is not of that shape.
#[must_use]
pub fn results(body: &str) -> Option<Items<'_>> {
    let results = Value::of(body).field("results");
    (json::is_value(body) && matches!(results, Value::Array(_))).then(|| results.items())
}

/// Milliseconds that `Retry-After` asks for: so many seconds, or until `at`. A date is compared with the endpoint's own
/// clock, and with the visitor's, which may be wrong, only where that is not to be had (0).
#[must_use]
pub fn retry_after(header: &str, at: u64, date: u64, wall: u64) -> Option<u64> {
    match text::whole_number(header.trim_ascii()) {
        Some(seconds) => Some(seconds.min(u64::MAX / 1_000) * 1_000),
        None if at > 0 => Some(at.saturating_sub(if date > 0 { date } else { wall })),
        None => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_status_has_its_verdict() {
        for (statuses, expect) in [
            (&[200, 201, 204, 299][..], Verdict::Answered),
            (&[401, 403], Verdict::Unauthorized),
            (&[400, 402, 409, 411, 413, 414, 415, 422, 431, 451], Verdict::Refused),
            (&[0, 100, 301, 302, 307, 404, 405, 408, 410, 425, 429, 500, 502, 503, 504, 599, 999], Verdict::Retry),
        ] {
            for status in statuses {
                assert_eq!(verdict(*status), expect, "{status}");
            }
        }
    }

    #[test]
    fn results_are_read_and_what_is_strange_is_not_acknowledged() {
        fn named(body: &str) -> Option<Vec<(&str, Fate)>> {
            let outcomes = results(body)?.filter_map(|(_, result)| Outcome::of(result));
            Some(outcomes.map(|outcome| (outcome.id, outcome.fate)).collect())
        }
        assert_eq!(
            named(
                r#" {"x":[{}],"results":[{"id":"a","status":"stored"},{"id":"b","status":"rejected","code":"c","y":1}]} "#
            ),
            Some(vec![("a", Fate::Stored), ("b", Fate::Rejected)])
        );
        assert_eq!(named(r#"{"results":[{"id":"a","status":"eaten"},{"id":"b","status":1},{},1]}"#), Some(vec![]));
        for strange in ["", "ok", "[]", "{}", r#"{"results":{}}"#, r#"{"results":[1}"#, r#"{"results":[]}x"#, "<html>"]
        {
            assert_eq!(named(strange), None, "{strange}");
        }
    }

    #[test]
    fn retry_after_counts_seconds() {
        for (header, expect) in [("120", Some(120_000)), (" 0 ", Some(0)), ("-1", None), ("soon", None)] {
            assert_eq!(retry_after(header, 0, 1, 2), expect, "{header}");
        }
        // A number is no year, whatever the browser's `Date.parse` makes of it.
        assert_eq!(retry_after("120", 5, 1, 2), Some(120_000));
    }

    #[test]
    fn retry_after_as_a_date_is_compared_with_the_endpoints_clock() {
        for (at, date, wall, expect) in [
            (100, 40, 7, Some(60)),
            (100, 0, 7, Some(93)),
            (100, 200, 7, Some(0)),
            (100, 0, 200, Some(0)),
            (0, 40, 7, None),
        ] {
            assert_eq!(retry_after("Sat, 21 Nov 2026 10:00:00 GMT", at, date, wall), expect, "{at} {date} {wall}");
        }
    }
}
