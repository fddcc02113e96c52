//! Every error, warning and report, by a stable name. The text for people is in `docs/codes.md`.

use super::json::Object;
use super::text::word_at;

/// What a code means for the event it speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// The event is not stored.
    Error,
    /// The event is stored, with something changed or left out.
    Warning,
    /// Not about one call: delivery, storage or configuration.
    Report,
}

macro_rules! codes {
    ($($(#[doc = $doc:literal])* $variant:ident $name:literal $severity:ident,)*) => {
        /// Their names, in the same order, each with a comma behind it.
        const NAMES: &str = concat!($($name, ",",)*);

        /// A stable, documented name. Renaming one is a breaking change.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code { $($(#[doc = $doc])* $variant,)* }

        impl Code {
            /// All codes, in the order of the documentation.
            pub const ALL: &[Code] = &[$(Code::$variant,)*];

            /// The name that goes over the wire and into the docs.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                word_at(self as usize, NAMES)
            }

            /// What it means for the event it speaks of.
            #[must_use]
            pub fn severity(self) -> Severity {
                match self { $(Code::$variant => Severity::$severity,)* }
            }

            /// What happened, for `docs/codes.md`.
            #[cfg(test)]
            fn text(self) -> &'static str {
                match self { $(Code::$variant => concat!($($doc),*).trim_ascii(),)* }
            }
        }
    };
}

codes! {
    /// The first argument is not a kind that Tillpost records.
    KindUnknown "kind_unknown" Error,
    /// The payload is not an object.
    PayloadNotObject "payload_not_object" Error,
    /// The payload's keys cannot be read at all (a revoked Proxy).
    PayloadUnreadable "payload_unreadable" Error,
    /// No `product_id`, or a blank one.
    ProductIdMissing "product_id_missing" Error,
    /// `product_id` is neither text nor a finite number.
    ProductIdInvalid "product_id_invalid" Error,
    /// `product_id` is longer than 256 characters.
    ProductIdTooLong "product_id_too_long" Error,
    /// No `event_type`, or a blank one.
    EventTypeMissing "event_type_missing" Error,
    /// `event_type` is not text.
    EventTypeInvalid "event_type_invalid" Error,
    /// `event_type` is none of the 16; the nearest is named.
    EventTypeUnknown "event_type_unknown" Error,
    /// `event.` without a name.
    EventNameMissing "event_name_missing" Error,
    /// The name after `event.` is longer than 255 characters.
    EventNameTooLong "event_name_too_long" Error,
    /// The record would be larger than 32 KiB.
    RecordTooLarge "record_too_large" Error,
    /// Impressions without a token, or without the products that were seen.
    ImpressionsInvalid "impressions_invalid" Error,
    /// More calls than a page can mean: 10,000 at once, and 1 a second after. Counted, and told to the endpoint as
    /// dropped.
    RateLimited "rate_limited" Error,
    /// The visitor has not consented, or Global Privacy Control is honoured: nothing is stored, nothing is sent.
    ConsentDenied "consent_denied" Error,
    /// The module has not been started, or was stopped.
    NotStarted "not_started" Error,

    /// Case, underscores, hyphens or spaces of `event_type` were folded.
    EventTypeFolded "event_type_folded" Warning,
    /// An attribute name is not 1 to 32 characters: left out.
    AttributeName "attribute_name" Warning,
    /// More than 200 attributes: the rest left out.
    AttributesTooMany "attributes_too_many" Warning,
    /// The value does not fit the declared type: sent as it was passed.
    AttributeType "attribute_type" Warning,
    /// A function, a symbol, NaN or an infinity: left out.
    ValueUnsupported "value_unsupported" Warning,
    /// Reading the value threw: left out.
    ValueUnreadable "value_unreadable" Warning,
    /// Nested too deep, or cyclic: left out from there.
    ValueTooDeep "value_too_deep" Warning,
    /// The payload is larger than what is read of one: left out from there.
    ValueTooLarge "value_too_large" Warning,
    /// A BigInt was sent as text, so that no digit is lost.
    ValueBigint "value_bigint" Warning,
    /// The recommendation token is empty or longer than 1,024 characters: left out.
    TokenLength "token_length" Warning,
    /// The recommendation token holds a character outside its alphabet: left out.
    TokenAlphabet "token_alphabet" Warning,
    /// Several different tokens in one address: the first was taken.
    TokenConflict "token_conflict" Warning,
    /// The token in the address is of a link that was made for another visitor: left out.
    TokenForeign "token_foreign" Warning,
    /// The panel's name is not 1 to 64 letters, digits, `-` and `_`: left out, the token stays.
    PanelInvalid "panel_invalid" Warning,

    /// No `app`.
    AppMissing "app_missing" Report,
    /// `app` holds something else than letters, digits, `-` and `_`, or more than 32 of them.
    AppInvalid "app_invalid" Report,
    /// `app` is a 64-character REST key: a secret that belongs on a server.
    AppIsSecret "app_is_secret" Report,
    /// `endpoint` is not an http(s) address or a path.
    EndpointInvalid "endpoint_invalid" Report,
    /// There is no such option; the nearest one is named.
    OptionUnknown "option_unknown" Report,
    /// An option has no effect: its value is not of the type that it must have.
    OptionInvalid "option_invalid" Report,
    /// The browser sends Global Privacy Control and the shop honours it: consent stays denied.
    GlobalPrivacyControl "global_privacy_control" Report,
    /// Started a second time: the first start stays.
    AlreadyStarted "already_started" Report,
    /// Storage is blocked or full: records are held in memory, storage is tried again.
    StorageUnavailable "storage_unavailable" Report,
    /// Storage works again: what was held in memory is stored.
    StorageRecovered "storage_recovered" Report,
    /// A stored item of ours could not be read: removed and counted.
    RecordUnreadable "record_unreadable" Report,
    /// The queue was over its bound: the oldest records were dropped and counted.
    QueueFull "queue_full" Report,
    /// The endpoint rejected a record: set aside.
    RecordRejected "record_rejected" Report,
    /// The endpoint refused a record that was sent alone: set aside.
    RecordRefused "record_refused" Report,
    /// The endpoint answered 401 or 403: delivery pauses, the queue stays.
    DeliveryUnauthorized "delivery_unauthorized" Report,
    /// The endpoint failed or could not be reached: tried again later.
    DeliveryFailed "delivery_failed" Report,
    /// The endpoint's answer could not be read: what it did not name stays queued.
    AnswerInvalid "answer_invalid" Report,
    /// The module trapped: calls are kept raw for the next page.
    ModuleTrapped "module_trapped" Report,
    /// Without WebAssembly the JavaScript build is needed, and it could not be loaded: calls are kept for the next page.
    ModuleUnavailable "module_unavailable" Report,

    /// The body is not JSON, or not of the documented shape.
    BodyMalformed "body_malformed" Report,
    /// The body is larger than the endpoint takes.
    BodyTooLarge "body_too_large" Report,
    /// More records in one batch than the endpoint takes.
    BatchTooLong "batch_too_long" Report,
    /// The batch's version is not one that the endpoint knows.
    VersionUnknown "version_unknown" Report,
    /// The application key is not one of the endpoint's.
    AppUnknown "app_unknown" Report,
    /// A record has no usable `id`, `t` or `kind`.
    RecordMalformed "record_malformed" Report,
}

/// One thing that is wrong with a call: a code, the field it speaks of, and for an unknown event type or option the nearest one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Problem<'a> {
    /// What is wrong.
    pub code: Code,
    /// The attribute's name, escaped as in JSON, or empty when the call as a whole is meant.
    pub field: &'a str,
    /// What was probably meant, or empty.
    pub nearest: &'static str,
}

impl<'a> Problem<'a> {
    /// A problem of the call as a whole.
    #[must_use]
    pub fn new(code: Code) -> Self {
        Self::of(code, "")
    }

    /// A problem of one field.
    #[must_use]
    pub fn of(code: Code, field: &'a str) -> Self {
        Self { code, field, nearest: "" }
    }

    /// Notes a problem of one field.
    pub fn note(problems: &mut Vec<Self>, code: Code, field: &'a str) {
        problems.push(Self::of(code, field));
    }

    /// As fields of an object: what is empty is left out.
    #[must_use]
    pub fn fields(&self) -> Object {
        let mut object = Object::default();
        object.text("code", self.code.as_str());
        object.text("field", self.field);
        object.text("nearest", self.nearest);
        object
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `TILLPOST_WRITE_DOCS=1 cargo test -p tillpost every_code_is_documented` writes the tables anew.
    #[test]
    fn every_code_is_documented() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/codes.md");
        let docs = std::fs::read_to_string(path).unwrap();
        let mut written = docs.split("\n<!-- codes -->").next().unwrap().to_owned() + "\n<!-- codes -->\n";
        for (severity, title) in [
            (Severity::Error, "Errors: the event is not stored"),
            (Severity::Warning, "Warnings: the event is stored, something was changed or left out"),
            (Severity::Report, "Reports: not about one call"),
        ] {
            written += &["\n## ", title, "\n\n| code | what happened |\n| --- | --- |\n"].concat();
            for code in Code::ALL.iter().filter(|code| code.severity() == severity) {
                written +=
                    &["| <a id=\"", code.as_str(), "\"></a>`", code.as_str(), "` | ", code.text(), " |\n"].concat();
            }
        }
        if std::env::var_os("TILLPOST_WRITE_DOCS").is_some() {
            std::fs::write(path, &written).unwrap();
        } else {
            assert!(docs == written, "docs/codes.md is stale; this test's comment says how to write it");
        }
    }

    #[test]
    fn every_code_has_a_name_of_its_own() {
        for (index, code) in Code::ALL.iter().enumerate() {
            let name = code.as_str();
            assert!(name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_'), "{name}");
            assert_eq!(Code::ALL.iter().position(|other| other.as_str() == name), Some(index), "{name} stands twice");
        }
    }
}
