//! Options: flags over environment over file, resolved and clamped once. Behind this door nothing is optional.
//!
//! Never here: the REST token on a command line, where every user of the machine reads it, or in a debug text.

use crate::canonical;
use crate::error::StartError;
use axum::http::HeaderValue;
use clap::Parser;
use clap::builder::FalseyValueParser;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;
use tillpost::core::attribute::{AttributeType, Schema};
use tillpost::core::value::Value;

/// The environment variable that may hold the REST token.
pub const TOKEN_VARIABLE: &str = "TILLPOST_TOKEN";
/// Characters of a REST token (User.com).
pub const TOKEN_CHARS: usize = 64;
/// The application key of the demo shop.
pub const DEMO_APP: &str = "abc123";
const APP_CHARS: usize = 32;

/// Stores product events that Tillpost's pages send, and answers User.com's REST form for them.
///
/// Every option can also be given by the environment (TILLPOST_LISTEN, TILLPOST_DATA, ...) or in a TOML file by
/// --config, there under its name without dashes in front (`listen = "0.0.0.0:8080"`, `app = ["abc123"]`). A flag wins
/// over the environment, the environment over the file.
#[derive(Clone, Debug, Default, Parser, Deserialize)]
#[command(name = "tillpost-collector", version, after_help = AFTER_HELP, max_term_width = 100)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Settings {
    /// TOML file with any of these options
    #[arg(long, env = "TILLPOST_CONFIG", value_name = "FILE")]
    #[serde(skip)]
    config: Option<PathBuf>,

    /// Address to listen on; port 0 takes a free one [default: 127.0.0.1:8080]
    #[arg(long, env = "TILLPOST_LISTEN", value_name = "HOST:PORT")]
    listen: Option<SocketAddr>,

    /// Folder of the database `tillpost.db`; made if missing [default: data]
    #[arg(long, env = "TILLPOST_DATA", value_name = "DIR")]
    data: Option<PathBuf>,

    /// Public application key whose events are taken; repeatable. The first is the REST form's [default with --demo:
    /// abc123]
    #[arg(long, env = "TILLPOST_APP", value_name = "KEY", value_delimiter = ',')]
    app: Vec<String>,

    /// File that holds the secret of the REST form, 64 characters; or set TILLPOST_TOKEN. Without one the REST form is
    /// closed
    #[arg(long, env = "TILLPOST_TOKEN_FILE", value_name = "FILE")]
    token_file: Option<PathBuf>,

    /// Other origin whose pages may post batches, such as `https://shop.example`; repeatable [default: none]
    #[arg(long, env = "TILLPOST_ORIGIN", value_name = "URL", value_delimiter = ',')]
    origin: Vec<String>,

    /// Serve the demo shop, and open /live/* without the token
    #[arg(long, env = "TILLPOST_DEMO", value_parser = FalseyValueParser::new())]
    demo: bool,

    /// Folder of the demo shop [default: www]
    #[arg(long, env = "TILLPOST_WWW", value_name = "DIR")]
    www: Option<PathBuf>,

    /// Folder of the built SDK, for the demo shop [default: pkg/dist]
    #[arg(long, env = "TILLPOST_SDK", value_name = "DIR")]
    sdk: Option<PathBuf>,

    /// Largest request body, in bytes [default: 1048576]
    #[arg(long, env = "TILLPOST_MAX_BODY", value_name = "BYTES")]
    max_body: Option<usize>,

    /// Most records in one batch [default: 1000]
    #[arg(long, env = "TILLPOST_MAX_RECORDS", value_name = "N")]
    max_records: Option<usize>,

    /// Most connections at once; further ones wait to be accepted [default: 512]
    #[arg(long, env = "TILLPOST_MAX_CONNECTIONS", value_name = "N")]
    max_connections: Option<usize>,

    /// Time for one request, its body included, in seconds [default: 30]
    #[arg(long, env = "TILLPOST_REQUEST_TIMEOUT", value_name = "SECONDS")]
    request_timeout: Option<u64>,

    /// Time for a request's body to arrive, in seconds [default: 20]
    #[arg(long, env = "TILLPOST_BODY_TIMEOUT", value_name = "SECONDS")]
    body_timeout: Option<u64>,

    /// Time for a request's head to arrive, and for an idle connection to stay, in seconds [default: 30]
    #[arg(long, env = "TILLPOST_HEADER_TIMEOUT", value_name = "SECONDS")]
    header_timeout: Option<u64>,

    /// A page's clock that is wrong by more than this is corrected, in seconds [default: 30]
    #[arg(long, env = "TILLPOST_CLOCK_TOLERANCE", value_name = "SECONDS")]
    clock_tolerance: Option<u64>,

    /// Form of the log lines on stderr: text or json [default: text]
    #[arg(long, env = "TILLPOST_LOG", value_name = "FORM")]
    log: Option<LogForm>,

    /// Least severe log lines to show: error, warn, info or debug (each request) [default: info]
    #[arg(long, env = "TILLPOST_LOG_LEVEL", value_name = "LEVEL")]
    log_level: Option<LogLevel>,

    /// Declared types of product attributes; in the file only: `[attributes]`, `price = "float"`.
    #[arg(skip)]
    attributes: BTreeMap<String, AttributeType>,
}

const AFTER_HELP: &str = "\
Attribute types are declared in the file: under [attributes], a line such as price = \"float\". Types: boolean, date, \
datetime, fixed, float, integer, json, string. What is not declared becomes a string on the product.

Try it: tillpost-collector --demo, from the project's folder; then open the address that it prints.

Exit codes: 0 stopped as asked (SIGINT, SIGTERM), 2 could not start; stderr says why and what to do.";

/// How log lines look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogForm {
    /// For people.
    #[default]
    Text,
    /// One object a line.
    Json,
}

/// Which log lines are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogLevel {
    /// What needs somebody to act.
    Error,
    /// What may need somebody to act.
    Warn,
    /// Start, stop, refused requests, rejected and dropped records.
    #[default]
    Info,
    /// Every request.
    Debug,
}

/// Why there are no settings.
#[derive(Debug)]
pub enum Early {
    /// `--help` or `--version`: print this and end well.
    Answer(String),
    /// An option is wrong.
    Invalid(StartError),
}

impl Settings {
    /// From the command line and the environment.
    ///
    /// # Errors
    /// [`Early`]
    pub fn from_arguments() -> Result<Self, Early> {
        Self::try_parse().map_err(|error| {
            if error.use_stderr() {
                let text = error.to_string();
                Early::Invalid(StartError::Config(text.trim_start_matches("error: ").trim_end().to_owned()))
            } else {
                Early::Answer(error.to_string())
            }
        })
    }

    /// Reads the file, if one is named, and makes all options definite. `token` is the environment's.
    ///
    /// # Errors
    /// [`StartError::Config`]
    pub fn resolve(self, token: Option<String>) -> Result<Config, StartError> {
        let file = self.config.as_deref().map(read_file).transpose()?.unwrap_or_default();
        let demo = self.demo || file.demo;
        let mut apps = if self.app.is_empty() { file.app } else { self.app };
        if apps.is_empty() && demo {
            apps.push(DEMO_APP.to_owned());
        }
        if apps.is_empty() {
            return invalid("no application key: give at least one --app KEY (or --demo)");
        }
        for app in &apps {
            check_app(app)?;
        }
        let origins = if self.origin.is_empty() { file.origin } else { self.origin };
        let token = match self.token_file.or(file.token_file) {
            _ if token.is_some() => token,
            Some(path) => Some(read(&path)?),
            None => None,
        };
        let seconds = |given: Option<u64>, default| Duration::from_secs(given.unwrap_or(default).clamp(1, 600));
        let demo = demo
            .then(|| Demo {
                www: self.www.or(file.www).unwrap_or_else(|| "www".into()),
                sdk: self.sdk.or(file.sdk).unwrap_or_else(|| "pkg/dist".into()),
            })
            .map(Demo::check)
            .transpose()?;
        Ok(Config {
            listen: self.listen.or(file.listen).unwrap_or((Ipv4Addr::LOCALHOST, 8080).into()),
            data: self.data.or(file.data).unwrap_or_else(|| "data".into()),
            apps,
            token: token.map(Token::new).transpose()?,
            origins: origins.iter().map(|origin| check_origin(origin)).collect::<Result<_, _>>()?,
            demo,
            limits: Limits {
                body: self.max_body.or(file.max_body).unwrap_or(1024 * 1024).clamp(1024, 64 * 1024 * 1024),
                records: self.max_records.or(file.max_records).unwrap_or(1_000).clamp(1, 100_000),
                connections: self.max_connections.or(file.max_connections).unwrap_or(512).clamp(1, 100_000),
                request: seconds(self.request_timeout.or(file.request_timeout), 30),
                body_time: seconds(self.body_timeout.or(file.body_timeout), 20),
                head: seconds(self.header_timeout.or(file.header_timeout), 30),
            },
            clock_tolerance: seconds(self.clock_tolerance.or(file.clock_tolerance), 30),
            schema: schema(&file.attributes),
            log: Log {
                form: self.log.or(file.log).unwrap_or_default(),
                level: self.log_level.or(file.log_level).unwrap_or_default(),
            },
        })
    }
}

/// All options, definite.
#[derive(Clone, Debug)]
pub struct Config {
    /// Address to listen on.
    pub listen: SocketAddr,
    /// Folder of the database.
    pub data: PathBuf,
    /// Public application keys, at least one. The first is the REST form's.
    pub apps: Vec<String>,
    /// Secret of the REST form; without it the form is closed.
    pub token: Option<Token>,
    /// Origins whose pages may post batches.
    pub origins: Vec<HeaderValue>,
    /// The demo shop, where it is served.
    pub demo: Option<Demo>,
    /// Bounds of requests.
    pub limits: Limits,
    /// A page's clock that is wrong by more is corrected.
    pub clock_tolerance: Duration,
    /// Declared types of product attributes.
    pub schema: Schema,
    /// The log.
    pub log: Log,
}

/// Bounds of requests.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Largest body, in bytes.
    pub body: usize,
    /// Most records in one batch.
    pub records: usize,
    /// Most connections at once.
    pub connections: usize,
    /// Time for one request, its body included.
    pub request: Duration,
    /// Time for a request's body.
    pub body_time: Duration,
    /// Time for a request's head.
    pub head: Duration,
}

/// The demo shop's folders.
#[derive(Clone, Debug)]
pub struct Demo {
    /// The shop.
    pub www: PathBuf,
    /// The built SDK.
    pub sdk: PathBuf,
}

impl Demo {
    fn check(self) -> Result<Self, StartError> {
        if self.www.is_dir() {
            return Ok(self);
        }
        invalid(format!(
            "--demo finds no folder {}: start from the project's folder, or name the shop's by --www",
            self.www.display()
        ))
    }
}

/// The secret of the REST form. Its debug text does not show it.
#[derive(Clone)]
pub struct Token(String);

impl Token {
    fn new(text: String) -> Result<Self, StartError> {
        let token = text.trim();
        if token.len() == TOKEN_CHARS && token.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Ok(Self(token.to_owned()));
        }
        invalid(format!("the REST token must have {TOKEN_CHARS} visible characters, and has {}", token.chars().count()))
    }

    /// The secret itself, to compare with.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Token {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Token(..)")
    }
}

/// The log on stderr.
#[derive(Clone, Copy, Debug)]
pub struct Log {
    form: LogForm,
    level: LogLevel,
}

impl Log {
    /// Starts logging for this process. Only the first start counts.
    pub fn start(self) {
        let level = match self.level {
            LogLevel::Error => tracing::Level::ERROR,
            LogLevel::Warn => tracing::Level::WARN,
            LogLevel::Info => tracing::Level::INFO,
            LogLevel::Debug => tracing::Level::DEBUG,
        };
        let lines = tracing_subscriber::fmt().with_writer(std::io::stderr).with_max_level(level).with_target(false);
        let _ = match self.form {
            LogForm::Text => lines.with_ansi(false).try_init(),
            LogForm::Json => lines.json().flatten_event(true).try_init(),
        };
    }
}

fn schema(declared: &BTreeMap<String, AttributeType>) -> Schema {
    let fields = declared
        .iter()
        .map(|(name, attribute_type)| [canonical::of_text(name), canonical::of_text(attribute_type.name())].join(":"));
    let text = ["{", &fields.collect::<Vec<_>>().join(","), "}"].concat();
    // A type that could be read has a name that the core knows.
    Schema::of(Value::of(&text)).unwrap_or_default()
}

fn invalid<T>(why: impl Into<String>) -> Result<T, StartError> {
    Err(StartError::Config(why.into()))
}

fn read(path: &Path) -> Result<String, StartError> {
    std::fs::read_to_string(path)
        .map_err(|error| StartError::Config(format!("cannot read {}: {error}", path.display())))
}

fn read_file(path: &Path) -> Result<Settings, StartError> {
    toml::from_str(&read(path)?).map_err(|error| {
        let text = error.to_string();
        StartError::Config(format!("{}: {}", path.display(), text.trim_end()))
    })
}

fn check_app(app: &str) -> Result<(), StartError> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    if app.len() == TOKEN_CHARS {
        return invalid(
            "--app is a 64-character REST key: that is a secret. Give it by --token-file or TILLPOST_TOKEN",
        );
    }
    if app.is_empty() || app.len() > APP_CHARS || !app.bytes().all(allowed) {
        return invalid(format!("--app takes 1 to {APP_CHARS} letters, digits, - and _"));
    }
    Ok(())
}

/// An origin as browsers send it: scheme, host and port, nothing behind, lower case.
fn check_origin(origin: &str) -> Result<HeaderValue, StartError> {
    let given = origin.trim().trim_end_matches('/').to_ascii_lowercase();
    let host = given.strip_prefix("https://").or_else(|| given.strip_prefix("http://")).unwrap_or_default();
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-._:[]".contains(&byte);
    if host.is_empty() || !host.bytes().all(allowed) {
        return invalid(format!(
            "--origin takes https://HOST[:PORT], one at a time and no wildcard; it was given {origin}"
        ));
    }
    HeaderValue::from_str(&given).map_err(|error| StartError::Config(error.to_string()))
}
