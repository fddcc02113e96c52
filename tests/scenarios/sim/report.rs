//! A report, as a listener of a page gets it.

use serde::{Deserialize, Deserializer, Serialize, de::Error};
use tillpost::core::code::{Code, Severity};
pub use tillpost::core::report::Topic;

/// What `pkg/index.d.ts` says of reports, and nothing more.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Report {
    #[serde(deserialize_with = "topic")]
    pub topic: Topic,
    #[serde(default)]
    pub id: String,
    #[serde(default)]
    pub kind: String,
    #[serde(default)]
    pub product_id: String,
    #[serde(default)]
    pub event_type: String,
    #[serde(default)]
    pub status: String,
    #[serde(default)]
    pub count: u32,
    #[serde(default, deserialize_with = "code")]
    pub code: String,
    #[serde(default)]
    pub field: String,
    #[serde(default)]
    pub nearest: String,
    #[serde(default)]
    pub errors: Vec<Problem>,
    #[serde(default)]
    pub warnings: Vec<Problem>,
}

/// One thing that is wrong with a call.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Problem {
    #[serde(deserialize_with = "code")]
    pub code: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub field: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub nearest: String,
}

impl Report {
    /// Also refuses what no page may be told: a call that is stored all the same has warnings and no errors.
    pub fn read(json: &str) -> Self {
        let report: Self = serde_json::from_str(json).unwrap_or_else(|error| panic!("{error}: {json}"));
        assert!(report.errors.is_empty() || report.topic == Topic::Rejected, "{json}");
        assert!(report.errors.iter().all(|error| !error.is_warning()), "{json}");
        assert!(report.warnings.iter().all(Problem::is_warning), "{json}");
        report
    }

    /// The codes of its errors.
    pub fn errors(&self) -> Vec<&str> {
        self.errors.iter().map(|error| error.code.as_str()).collect()
    }
}

impl Problem {
    fn is_warning(&self) -> bool {
        let code = Code::ALL.iter().find(|code| code.as_str() == self.code);
        code.is_some_and(|code| code.severity() == Severity::Warning)
    }
}

fn topic<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Topic, D::Error> {
    let name = String::deserialize(deserializer)?;
    let mut all = [Topic::Stored, Topic::Rejected, Topic::Sent, Topic::Dropped, Topic::Error].into_iter();
    all.find(|topic| topic.name() == name).ok_or_else(|| Error::custom("no topic of ours"))
}

/// The name of a code that is documented.
fn code<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let name = String::deserialize(deserializer)?;
    let known = Code::ALL.iter().any(|code| code.as_str() == name);
    known.then_some(name).ok_or_else(|| Error::custom("no code of ours"))
}
