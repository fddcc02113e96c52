//! Every way to fail, by a stable code: requests that are refused, and starts that fail.
//!
//! Never in here: what a request held. A message names the rule, not the value.

use crate::problem::Problem;
use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use std::net::SocketAddr;
use std::path::PathBuf;
use tillpost::core::code::{self, Code};

/// Why the collector does not start. Its text has the code, the reason and what to do.
#[derive(Debug)]
pub enum StartError {
    /// An option is wrong.
    Config(String),
    /// The address cannot be listened on.
    Listen(SocketAddr, std::io::Error),
    /// The database cannot be opened.
    Database(PathBuf, String),
    /// Another collector has the database.
    DatabaseInUse(PathBuf),
    /// The database was written by a newer collector.
    DatabaseNewer(PathBuf),
    /// The process lacks something: threads, signals.
    Runtime(String),
}

impl std::fmt::Display for StartError {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Config(why) => write!(out, "config_invalid: {why}. See --help"),
            Self::Listen(address, error) if error.kind() == std::io::ErrorKind::AddrInUse => write!(
                out,
                "address_taken: {address} is in use. Stop what listens there, or give another --listen (port 0 takes a \
                 free one)"
            ),
            Self::Listen(address, error) => {
                write!(out, "address_unusable: cannot listen on {address}: {error}. Give another --listen")
            }
            Self::Database(path, why) => write!(
                out,
                "database_unusable: cannot open {}: {why}. Check that the folder can be written and the disk is not \
                 full, or give another --data",
                path.display()
            ),
            Self::DatabaseInUse(path) => write!(
                out,
                "database_in_use: another collector has {}. Stop it, or give another --data",
                path.display()
            ),
            Self::DatabaseNewer(path) => write!(
                out,
                "database_newer: {} was written by a newer collector. Start that one, or give another --data",
                path.display()
            ),
            Self::Runtime(why) => write!(out, "runtime_failed: {why}"),
        }
    }
}

impl std::error::Error for StartError {}

/// A request that is refused as a whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The body is not JSON in UTF-8, or not of the documented shape.
    BodyMalformed(&'static str),
    /// The body has more bytes than are taken.
    BodyTooLarge(usize),
    /// The batch has more records than are taken.
    BatchTooLong(usize),
    /// `v` is not 1.
    VersionUnknown,
    /// `app` is none of ours.
    AppUnknown,
    /// The content type is neither JSON nor text.
    MediaType,
    /// The REST token is missing or wrong.
    Unauthorized,
    /// Nothing at this path.
    NotFound,
    /// The path does not take this method.
    Method,
    /// No product of this id.
    ProductUnknown,
    /// No user of this id.
    UserUnknown,
    /// A query parameter cannot be used.
    Query(&'static str),
    /// The body did not arrive in time.
    BodyTimeout,
    /// The body broke off.
    BodyIncomplete,
    /// No answer in time: too much to do.
    Overloaded,
    /// The database failed. Nothing of the request is stored.
    StoreFailed,
    /// Fields of the body are wrong.
    Fields(Vec<Problem>),
    /// A field of the REST form is missing or wrong: its name, and what it takes.
    Field(&'static str, &'static str),
}

/// The code of a refused request, kept beside the answer for the log.
#[derive(Clone, Copy, Debug)]
pub struct Logged(pub &'static str);

#[derive(Serialize)]
struct Body {
    errors: Vec<Entry>,
}

#[derive(Serialize)]
struct Entry {
    #[serde(flatten)]
    about: About,
    message: String,
}

#[derive(Serialize)]
#[serde(untagged)]
enum About {
    Problem(Problem),
    Code {
        code: &'static str,
        #[serde(skip_serializing_if = "Option::is_none")]
        field: Option<&'static str>,
    },
}

impl From<Vec<code::Problem<'_>>> for Refusal {
    fn from(problems: Vec<code::Problem<'_>>) -> Self {
        Self::Fields(problems.into_iter().map(Problem::from).collect())
    }
}

impl Refusal {
    /// The stable name.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::BodyMalformed(_) => Code::BodyMalformed.as_str(),
            Self::BodyTooLarge(_) => Code::BodyTooLarge.as_str(),
            Self::BatchTooLong(_) => Code::BatchTooLong.as_str(),
            Self::VersionUnknown => Code::VersionUnknown.as_str(),
            Self::AppUnknown => Code::AppUnknown.as_str(),
            Self::MediaType => "media_type_unsupported",
            Self::Unauthorized => "token_invalid",
            Self::NotFound => "not_found",
            Self::Method => "method_not_allowed",
            Self::ProductUnknown => "product_unknown",
            Self::UserUnknown => "user_unknown",
            Self::Query(_) => "query_invalid",
            Self::BodyTimeout => "body_timeout",
            Self::BodyIncomplete => "body_incomplete",
            Self::Overloaded => "overloaded",
            Self::StoreFailed => "store_failed",
            Self::Fields(problems) => problems.first().map_or("field_invalid", |problem| problem.code),
            Self::Field(..) => "field_invalid",
        }
    }

    /// The HTTP status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        match self {
            Self::BodyMalformed(_)
            | Self::VersionUnknown
            | Self::Query(_)
            | Self::BodyIncomplete
            | Self::Fields(_)
            | Self::Field(..) => StatusCode::BAD_REQUEST,
            Self::BodyTooLarge(_) | Self::BatchTooLong(_) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::AppUnknown => StatusCode::FORBIDDEN,
            Self::MediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Unauthorized => StatusCode::UNAUTHORIZED,
            Self::NotFound | Self::ProductUnknown | Self::UserUnknown => StatusCode::NOT_FOUND,
            Self::Method => StatusCode::METHOD_NOT_ALLOWED,
            Self::BodyTimeout => StatusCode::REQUEST_TIMEOUT,
            Self::Overloaded | Self::StoreFailed => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    fn message(&self) -> String {
        match self {
            Self::BodyMalformed(why) => format!("The body cannot be read: {why}."),
            Self::BodyTooLarge(bytes) => format!("The body has more than {bytes} bytes. Send fewer records at once."),
            Self::BatchTooLong(records) => format!("The batch has more than {records} records. Send fewer at once."),
            Self::VersionUnknown => "`v` must be 1.".into(),
            Self::AppUnknown => "`app` is not a key of this collector: see its option --app.".into(),
            Self::MediaType => "Send application/json or text/plain, in UTF-8.".into(),
            Self::Unauthorized => {
                "Send `Authorization: Token <64 characters>`, as given to the collector by --token-file or \
                 TILLPOST_TOKEN."
                    .into()
            }
            Self::NotFound => "Nothing is at this path. Paths of the REST form end in a slash.".into(),
            Self::Method => "This path does not take this method; the header Allow names those that it takes.".into(),
            Self::ProductUnknown => "No product has this id. Create it by POST products-by-id/ first.".into(),
            Self::UserUnknown => "No user has this id.".into(),
            Self::Query(what) => format!("The query parameter {what}."),
            Self::BodyTimeout => "The body did not arrive in time.".into(),
            Self::BodyIncomplete => "The body broke off.".into(),
            Self::Overloaded => "No answer in time. Nothing is lost that stays with you: send it again later.".into(),
            Self::StoreFailed => "The database failed; nothing of this request is stored. Send it again later.".into(),
            Self::Fields(_) => String::new(),
            Self::Field(name, takes) => format!("`{name}` takes {takes}."),
        }
    }

    fn entries(&self) -> Vec<Entry> {
        if let Self::Fields(problems) = self {
            return problems.iter().map(entry).collect();
        }
        let field = if let Self::Field(name, _) = self { Some(*name) } else { None };
        vec![Entry { about: About::Code { code: self.code(), field }, message: self.message() }]
    }
}

fn entry(problem: &Problem) -> Entry {
    let what = if problem.field.is_empty() { "The body" } else { "The field" };
    let message = format!("{what} is refused: {}.", problem.code.replace('_', " "));
    Entry { about: About::Problem(problem.clone()), message }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut response = (self.status(), Json(Body { errors: self.entries() })).into_response();
        response.extensions_mut().insert(Logged(self.code()));
        let headers = response.headers_mut();
        if self == Self::Unauthorized {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Token"));
        }
        if response.status() == StatusCode::SERVICE_UNAVAILABLE {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
        }
        response
    }
}
