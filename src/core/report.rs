//! What a page can hear of: one JSON object a report, which the door hands to its listeners. What a topic does not speak
//! of is left out. `pkg/index.d.ts` says what each holds.

use super::code::{Code, Problem, Severity};
use super::effect::Effect;
use super::json::Object;

/// What a report is about: the name under which a page listens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Topic {
    /// A call was accepted: its record is in storage, or in memory where storage would not take it.
    Stored,
    /// A call was refused, or the endpoint refused its record: then it has an id.
    Rejected,
    /// The endpoint has the record.
    Sent,
    /// Records were dropped; the endpoint is told the count with the next batch.
    Dropped,
    /// Something else went wrong.
    Error,
}

impl Topic {
    /// The name under which a page listens.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Stored => "stored",
            Self::Rejected => "rejected",
            Self::Sent => "sent",
            Self::Dropped => "dropped",
            Self::Error => "error",
        }
    }
}

/// A report with these fields.
#[must_use]
pub fn about(topic: Topic, mut fields: Object) -> Effect {
    fields.text("topic", topic.name());
    Effect::Report(fields.finish())
}

/// Something went wrong that is not about one call.
#[must_use]
pub fn error(problem: Problem<'_>) -> Effect {
    about(Topic::Error, problem.fields())
}

/// So many records were dropped.
#[must_use]
pub fn dropped(code: Code, count: u32) -> Effect {
    let mut fields = Problem::new(code).fields();
    fields.number("count", count.into());
    about(Topic::Dropped, fields)
}

/// The endpoint has a record: `status` is what it answered, `stored` or `duplicate`.
#[must_use]
pub fn sent(id: &str, status: &str) -> Effect {
    let mut fields = Object::default();
    fields.text("id", id);
    fields.text("status", status);
    about(Topic::Sent, fields)
}

/// A call was refused, whatever it says; or the endpoint will not take the record of this id.
#[must_use]
pub fn rejected(id: &str, problem: Problem<'_>) -> Effect {
    let mut fields = Object::default();
    fields.text("id", id);
    problems(&mut fields, "errors", &[problem], &|_| true);
    about(Topic::Rejected, fields)
}

/// What was wrong with a call: errors and warnings.
pub fn of_call(fields: &mut Object, all: &[Problem<'_>]) {
    problems(fields, "errors", all, &|code| code.severity() == Severity::Error);
    problems(fields, "warnings", all, &|code| code.severity() != Severity::Error);
}

fn problems(fields: &mut Object, name: &str, all: &[Problem<'_>], is_one: &dyn Fn(Code) -> bool) {
    let mut list = String::new();
    for problem in all {
        if is_one(problem.code) {
            list.push(if list.is_empty() { '[' } else { ',' });
            list.push_str(&problem.fields().finish());
        }
    }
    if !list.is_empty() {
        list.push(']');
        fields.json(name, &list);
    }
}
