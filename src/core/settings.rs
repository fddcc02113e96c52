//! Options, resolved and clamped once, at the door. Inside nothing is optional.

use super::address;
use super::attribute::{AttributeType, Schema};
use super::attribution::Policy;
use super::code::{Code, Problem};
use super::consent::Consent;
use super::nearest::nearest;
use super::text::{find, joined};
use super::token;
use super::value::Value;

/// Longest application key, in characters.
const APP_CHARS: usize = 32;
/// The length of a REST key, which is a secret.
const SECRET_CHARS: usize = 64;
/// All options, for what was probably meant. A test in `tests/scripts` compares them with `index.d.ts`.
const OPTIONS: &[&str] = &[
    "app",
    "endpoint",
    "tokenParameters",
    "queryParameters",
    "attributes",
    "tokenPolicy",
    "cleanAddress",
    "bindTokens",
    "linkOrigins",
    "consent",
    "globalPrivacyControl",
    "debug",
    "wasm",
];
/// Where batches go when the shop names no endpoint.
const DEFAULT_ENDPOINT: &str = "/api/public";

/// The options of one page.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The public application key.
    pub app: String,
    /// Where batches go.
    pub endpoint: Endpoint,
    /// The query parameters that may hold a recommendation token, in this order.
    pub token_names: Vec<String>,
    /// The query parameters that a page address keeps when it is sent.
    pub query_names: Vec<String>,
    /// The declared attribute types.
    pub schema: Schema,
    /// Which events carry a recommendation token.
    pub policy: Policy,
    /// Is a token taken out of the address bar?
    pub clean_address: bool,
    /// Is a token left out that came by a link which another visitor has shared?
    pub bind_tokens: bool,
    /// Other origins to which a panel's links carry the token.
    pub link_origins: Vec<String>,
    /// What the visitor allows.
    pub consent: Consent,
    /// Is consent denied where the browser sends Global Privacy Control?
    pub global_privacy_control: bool,
}

/// Where batches go.
#[derive(Clone, Debug, Default)]
pub struct Endpoint {
    /// The address that batches are posted to.
    pub batch_url: String,
    /// Is it of another origin? Then a batch is `text/plain`, so that the browser sends no preflight.
    pub cross_origin: bool,
}

impl Settings {
    /// Settings from the options that the page gives; `page` is the page's own address.
    ///
    /// What has no effect is a problem that names the option.
    ///
    /// # Errors
    /// Without a usable `app` and `endpoint` nothing can be delivered: the answer is `None`, and `problems` says why.
    pub fn resolve(options: Value, page: &str, problems: &mut Vec<Problem>) -> Option<Self> {
        let mut settings = Self {
            app: String::new(),
            endpoint: Endpoint::default(),
            token_names: Vec::new(),
            query_names: Vec::new(),
            schema: Schema::default(),
            policy: Policy::default(),
            clean_address: false,
            bind_tokens: false,
            link_origins: Vec::new(),
            consent: Consent::Granted,
            global_privacy_control: false,
        };
        for name in token::DEFAULT_NAMES {
            settings.token_names.push((*name).into());
        }
        let mut app = Value::Undefined;
        let mut endpoint = Value::Text(DEFAULT_ENDPOINT.into());
        let Value::Object(fields) = options else {
            problems.push(Problem::of(Code::AppMissing, "app"));
            return None;
        };
        for (name, value) in fields {
            let understood = match name.as_str() {
                _ if matches!(value, Value::Undefined) => true,
                "app" => {
                    app = value;
                    true
                }
                "endpoint" => {
                    endpoint = value;
                    true
                }
                "tokenParameters" => set(&mut settings.token_names, names(value)),
                "queryParameters" => set(&mut settings.query_names, names(value)),
                "attributes" => set(&mut settings.schema, schema(value)),
                "tokenPolicy" => set(&mut settings.policy, policy(&value)),
                "cleanAddress" => set(&mut settings.clean_address, flag(&value)),
                "bindTokens" => set(&mut settings.bind_tokens, flag(&value)),
                "linkOrigins" => set(&mut settings.link_origins, origins(value)),
                "consent" => {
                    let consent = Consent::of(&value);
                    // What cannot be understood is no consent.
                    settings.consent = consent.unwrap_or(Consent::Pending);
                    consent.is_some()
                }
                "globalPrivacyControl" => {
                    settings.global_privacy_control = !matches!(value, Value::Bool(false));
                    matches!(value, Value::Bool(_))
                }
                // The door's: whether it prints what the engine reports, and which build it makes.
                "debug" | "wasm" => matches!(value, Value::Bool(_)),
                // The page's own: callbacks, and what the door adds.
                _ if matches!(value, Value::Unusable(_)) => true,
                _ => {
                    let nearest = nearest(&name, &mut OPTIONS.iter().copied());
                    problems.push(Problem { code: Code::OptionUnknown, field: name, nearest });
                    continue;
                }
            };
            if !understood {
                problems.push(Problem::of(Code::OptionInvalid, &name));
            }
        }
        let app = check_app(app).map_err(|code| problems.push(Problem::of(code, "app")));
        let endpoint = check_endpoint(endpoint, page).map_err(|code| problems.push(Problem::of(code, "endpoint")));
        settings.app = app.ok()?;
        let batch_url = endpoint.ok()?;
        settings.endpoint = Endpoint { cross_origin: !address::same_origin(&batch_url, page), batch_url };
        Some(settings)
    }
}

fn set<T>(option: &mut T, value: Option<T>) -> bool {
    value.map(|value| *option = value).is_some()
}

fn check_app(value: Value) -> Result<String, Code> {
    let app = match value {
        Value::Text(app) | Value::Number(app) => app,
        Value::Undefined | Value::Null => return Err(Code::AppMissing),
        _ => return Err(Code::AppInvalid),
    };
    let app = app.trim_ascii();
    if app.is_empty() {
        Err(Code::AppMissing)
    } else if app.len() == SECRET_CHARS {
        Err(Code::AppIsSecret)
    } else if app.len() > APP_CHARS || !super::id::is_id(app) {
        Err(Code::AppInvalid)
    } else {
        Ok(app.into())
    }
}

/// The address of the batch call: `endpoint`, absolute or a path of the page's origin, and `/batch/`.
fn check_endpoint(value: Value, page: &str) -> Result<String, Code> {
    let Value::Text(endpoint) = value else {
        return Err(Code::EndpointInvalid);
    };
    let endpoint = endpoint.trim_ascii();
    let endpoint = endpoint.strip_suffix('/').unwrap_or(endpoint);
    let is_path = endpoint.is_empty() || endpoint.starts_with('/') && !endpoint.starts_with("//");
    let clean = find(endpoint, &|byte| byte <= b' ' || matches!(byte, b'?' | b'#' | b'\\')).is_none();
    let base = if is_path { address::origin(page).unwrap_or_default() } else { "" };
    if !clean || !is_path && address::origin(endpoint).is_none() {
        return Err(Code::EndpointInvalid);
    }
    Ok(joined(&[base, endpoint, "/batch/"]))
}

fn names(value: Value) -> Option<Vec<String>> {
    let Value::Array(items) = value else { return None };
    let mut names = Vec::new();
    for item in items {
        let Value::Text(name) = item else { return None };
        names.push(name);
    }
    Some(names)
}

fn flag(value: &Value) -> Option<bool> {
    if let Value::Bool(flag) = value { Some(*flag) } else { None }
}

fn policy(value: &Value) -> Option<Policy> {
    let Value::Text(name) = value else { return None };
    Some(match name.as_str() {
        "panel" => Policy::Panel,
        "product" => Policy::Product,
        "none" => Policy::None,
        _ => return None,
    })
}

fn origins(value: Value) -> Option<Vec<String>> {
    names(value).filter(|names| names.iter().all(|name| address::origin(name).is_some()))
}

/// Attribute types: `{price: 'float'}`.
fn schema(value: Value) -> Option<Schema> {
    let Value::Object(fields) = value else { return None };
    let mut declarations = Vec::new();
    for (name, value) in fields {
        let Value::Text(text) = value else { return None };
        declarations.push((name, AttributeType::from_name(&text)?));
    }
    Some(Schema::new(declarations))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "https://shop.example/p?x=1";

    fn resolve(options: &str) -> (Option<Settings>, Vec<(Code, String)>) {
        let mut problems = Vec::new();
        let settings = Settings::resolve(serde_json::from_str(options).unwrap(), PAGE, &mut problems);
        (settings, problems.into_iter().map(|problem| (problem.code, problem.field)).collect())
    }

    #[test]
    fn the_shortest_configuration_is_an_app() {
        let (settings, problems) = resolve(r#"{"app":"abc123"}"#);
        let settings = settings.unwrap();
        assert_eq!(settings.endpoint.batch_url, "https://shop.example/api/public/batch/");
        assert!(!settings.endpoint.cross_origin);
        assert_eq!(problems, []);
    }

    #[test]
    fn options_are_resolved_once() {
        let (settings, problems) = resolve(
            r#"{"app":"a","endpoint":"https://in.example/x/","debug":true,"tokenParameters":["t","u"],
                "queryParameters":["q"],"attributes":{"price":"float","On Sale":"boolean"},"tokenPolicy":"product",
                "cleanAddress":true,"bindTokens":true,"linkOrigins":["https://blog.example"]}"#,
        );
        let settings = settings.unwrap();
        assert_eq!(settings.endpoint.batch_url, "https://in.example/x/batch/");
        assert!(settings.endpoint.cross_origin);
        assert_eq!(settings.token_names, ["t", "u"]);
        assert_eq!(settings.query_names, ["q"]);
        assert_eq!(settings.policy, Policy::Product);
        assert!(settings.clean_address && settings.bind_tokens);
        assert_eq!(settings.link_origins, ["https://blog.example"]);
        assert_eq!(settings.schema.get("on_sale"), Some(AttributeType::Boolean));
        assert_eq!(problems, []);
    }

    #[test]
    fn no_secret_in_the_page() {
        let (settings, problems) = resolve(&[r#"{"app":""#, &"k".repeat(64), r#""}"#].concat());
        assert!(settings.is_none());
        assert_eq!(problems, [(Code::AppIsSecret, "app".into())]);
    }

    #[test]
    fn a_configuration_that_cannot_deliver_says_why() {
        for (options, code, field) in [
            ("{}", Code::AppMissing, "app"),
            ("null", Code::AppMissing, "app"),
            (r#"{"app":"  "}"#, Code::AppMissing, "app"),
            (r#"{"app":null}"#, Code::AppMissing, "app"),
            (r#"{"app":true}"#, Code::AppInvalid, "app"),
            (r#"{"app":["abc123"]}"#, Code::AppInvalid, "app"),
            (r#"{"app":"a b"}"#, Code::AppInvalid, "app"),
            (r#"{"app":"a:b"}"#, Code::AppInvalid, "app"),
            (r#"{"app":"a","endpoint":"in.example"}"#, Code::EndpointInvalid, "endpoint"),
            (r#"{"app":"a","endpoint":"//in.example"}"#, Code::EndpointInvalid, "endpoint"),
            (r#"{"app":"a","endpoint":"javascript:alert(1)"}"#, Code::EndpointInvalid, "endpoint"),
            (r#"{"app":"a","endpoint":"https://in.example/?x"}"#, Code::EndpointInvalid, "endpoint"),
            (r#"{"app":"a","endpoint":5}"#, Code::EndpointInvalid, "endpoint"),
        ] {
            let (settings, problems) = resolve(options);
            assert!(settings.is_none(), "{options}");
            assert_eq!(problems, [(code, field.into())], "{options}");
        }
    }

    #[test]
    fn an_option_without_effect_is_named() {
        let (settings, problems) = resolve(
            r#"{"app":"a","debug":"yes","wasm":1,"queryParameters":"q","attributes":{"price":"money"},"tokenPolicy":"all","cleanAddress":"yes","linkOrigins":["blog.example"]}"#,
        );
        assert!(settings.is_some());
        let fields: Vec<_> = problems.into_iter().map(|(code, field)| (code.as_str(), field)).collect();
        assert_eq!(
            fields,
            ["debug", "wasm", "queryParameters", "attributes", "tokenPolicy", "cleanAddress", "linkOrigins"]
                .map(|field| ("option_invalid", field.to_owned()))
        );
    }

    #[test]
    fn an_option_that_is_not_known_is_named_with_the_one_that_was_probably_meant() {
        for (option, meant) in [
            ("debgu", "debug"),
            ("Endpoint", "endpoint"),
            ("end_point", "endpoint"),
            ("apiKey", "app"),
            ("tokenParams", "tokenParameters"),
            ("link-origins", "linkOrigins"),
        ] {
            let mut problems = Vec::new();
            let options = Value::Object(vec![("app".into(), Value::Text("a".into())), (option.into(), Value::Null)]);
            assert!(Settings::resolve(options, PAGE, &mut problems).is_some());
            assert_eq!(problems, [Problem { code: Code::OptionUnknown, field: option.into(), nearest: meant }]);
        }
    }

    #[test]
    fn every_option_of_the_list_is_understood() {
        for option in OPTIONS {
            let mut problems = Vec::new();
            let options = Value::Object(vec![((*option).into(), Value::Null)]);
            let _ = Settings::resolve(options, PAGE, &mut problems);
            assert!(problems.iter().all(|problem| problem.code != Code::OptionUnknown), "{option}");
        }
    }
}
