//! Options, resolved and clamped once, at the door. Inside nothing is optional.

use super::address;
use super::attribute::Schema;
use super::attribution::Policy;
use super::code::{Code, Problem};
use super::consent::Consent;
use super::id;
use super::json;
use super::nearest::nearest;
use super::text::{find, joined, place_of};
use super::token;
use super::value::Value;

/// Longest application key, in characters.
const APP_CHARS: usize = 32;
/// The length of a REST key, which is a secret.
const SECRET_CHARS: usize = 64;
/// All options, for what was probably meant. A test in `tests/scripts` compares them with `index.d.ts`.
const OPTIONS: &str = "app,endpoint,tokenParameters,queryParameters,attributes,tokenPolicy,cleanAddress,bindTokens,\
    linkOrigins,consent,globalPrivacyControl,debug,wasm";
/// Where batches go when the shop names no endpoint.
const DEFAULT_ENDPOINT: &str = "/api/public";

/// The options of one page.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The public application key.
    pub app: String,
    /// Where batches go.
    pub endpoint: Endpoint,
    /// The query parameters that may hold a recommendation token, in this order: a JSON array, as all lists here.
    pub token_names: String,
    /// The query parameters that a page address keeps when it is sent.
    pub query_names: String,
    /// The declared attribute types.
    pub schema: Schema,
    /// Which events carry a recommendation token.
    pub policy: Policy,
    /// Is a token taken out of the address bar?
    pub clean_address: bool,
    /// Is a token left out that came by a link which another visitor has shared?
    pub bind_tokens: bool,
    /// Other origins to which a panel's links carry the token.
    pub link_origins: String,
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
    pub fn resolve<'a>(options: Value<'a>, page: &str, problems: &mut Vec<Problem<'a>>) -> Option<Self> {
        let mut unknown = Vec::new();
        for (name, value) in options.items() {
            // The page's own are left alone: callbacks, and what the door adds.
            if !matches!(value, Value::Undefined | Value::Unusable(_)) && place_of(name, OPTIONS).is_none() {
                let nearest = nearest(name, OPTIONS);
                unknown.push(Problem { code: Code::OptionUnknown, field: name, nearest });
            }
        }
        problems.append(&mut unknown);
        let mut read = Reading { options, problems };
        // The door's: whether it prints what the engine reports, and which build it makes.
        read.flag("debug", false);
        read.flag("wasm", false);
        let (clean_address, bind_tokens) = (read.flag("cleanAddress", false), read.flag("bindTokens", false));
        let global_privacy_control = read.flag("globalPrivacyControl", true);
        let token_names = read.list("tokenParameters", token::DEFAULT_NAMES, |_| true);
        let query_names = read.list("queryParameters", "", |_| true);
        let link_origins = read.list("linkOrigins", "", |name| address::origin(name).is_some());
        let schema = Schema::of(options.field("attributes"));
        read.is_known("attributes", schema.is_some());
        let policy = Policy::of(options.field("tokenPolicy"));
        read.is_known("tokenPolicy", policy.is_some());
        let mut consent = Consent::of(options.field("consent"));
        // What cannot be understood is no consent.
        if !read.is_known("consent", consent.is_some()) {
            consent = Some(Consent::Pending);
        }
        let app = check_app(options.field("app"));
        if let Err(code) = app {
            Problem::note(problems, code, "app");
        }
        let batch_url = check_endpoint(options.field("endpoint"), page);
        if let Err(code) = batch_url {
            Problem::note(problems, code, "endpoint");
        }
        let (app, batch_url) = (app.ok()?.into(), batch_url.ok()?);
        let endpoint = Endpoint { cross_origin: !address::same_origin(&batch_url, page), batch_url };
        Some(Self {
            app,
            endpoint,
            token_names,
            query_names,
            schema: schema.unwrap_or_default(),
            policy: policy.unwrap_or_default(),
            clean_address,
            bind_tokens,
            link_origins,
            consent: consent.unwrap_or(Consent::Granted),
            global_privacy_control,
        })
    }
}

/// Options being read.
struct Reading<'a, 'p> {
    options: Value<'a>,
    problems: &'p mut Vec<Problem<'a>>,
}

impl Reading<'_, '_> {
    /// Notes an option that is there and not `known`. Is it as it should be?
    fn is_known(&mut self, name: &'static str, known: bool) -> bool {
        let fits = known || matches!(self.options.field(name), Value::Undefined);
        if !fits {
            Problem::note(self.problems, Code::OptionInvalid, name);
        }
        fits
    }

    /// An option that is true or false; `otherwise` where it is something else.
    fn flag(&mut self, name: &'static str, otherwise: bool) -> bool {
        let value = self.options.field(name);
        if self.is_known(name, matches!(value, Value::Bool(_))) { value == Value::Bool(true) } else { otherwise }
    }

    /// An option that is an array of nothing but texts that `fit`.
    fn list(&mut self, name: &'static str, standard: &str, fit: fn(&str) -> bool) -> String {
        let value = self.options.field(name);
        let list = if let Value::Array(list) = value { list } else { "" };
        let fits = |(_, item)| if let Value::Text(text) = item { fit(text) } else { false };
        let known = !list.is_empty() && value.items().all(fits);
        self.is_known(name, known);
        String::from(if known { list } else { standard })
    }
}

fn check_app(value: Value<'_>) -> Result<&str, Code> {
    let app = match value {
        Value::Text(app) | Value::Number(app) => json::trimmed(app),
        Value::Undefined | Value::Null => "",
        _ => return Err(Code::AppInvalid),
    };
    if app.is_empty() {
        Err(Code::AppMissing)
    } else if app.len() == SECRET_CHARS {
        Err(Code::AppIsSecret)
    } else if app.len() > APP_CHARS || !id::is_id(app) {
        Err(Code::AppInvalid)
    } else {
        Ok(app)
    }
}

/// The address of the batch call: `endpoint`, absolute or a path of the page's origin, and `/batch/`.
fn check_endpoint(value: Value<'_>, page: &str) -> Result<String, Code> {
    let endpoint = match value {
        Value::Undefined => DEFAULT_ENDPOINT,
        Value::Text(endpoint) => json::trimmed(endpoint),
        _ => return Err(Code::EndpointInvalid),
    };
    let endpoint = endpoint.strip_suffix('/').unwrap_or(endpoint);
    let is_path = endpoint.is_empty() || endpoint.starts_with('/') && !endpoint.starts_with("//");
    // A backslash is also how the text would escape what no address holds.
    let clean = find(endpoint, &|byte| byte <= b' ' || matches!(byte, b'?' | b'#' | b'\\')).is_none();
    let base = if is_path { address::origin(page).unwrap_or_default() } else { "" };
    if !clean || !is_path && address::origin(endpoint).is_none() {
        return Err(Code::EndpointInvalid);
    }
    Ok(joined(&[base, endpoint, "/batch/"]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::attribute::AttributeType;

    const PAGE: &str = "https://shop.example/p?x=1";

    fn resolve(options: &str) -> (Option<Settings>, Vec<(Code, &str)>) {
        let mut problems = Vec::new();
        let settings = Settings::resolve(Value::of(options), PAGE, &mut problems);
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
        assert_eq!(settings.token_names, r#"["t","u"]"#);
        assert_eq!(settings.query_names, r#"["q"]"#);
        assert_eq!(settings.policy, Policy::Product);
        assert!(settings.clean_address && settings.bind_tokens);
        assert_eq!(settings.link_origins, r#"["https://blog.example"]"#);
        assert_eq!(settings.schema.get("on_sale"), Some(AttributeType::Boolean));
        assert_eq!(problems, []);
    }

    #[test]
    fn no_secret_in_the_page() {
        let options = [r#"{"app":""#, &"k".repeat(64), r#""}"#].concat();
        let (settings, problems) = resolve(&options);
        assert!(settings.is_none());
        assert_eq!(problems, [(Code::AppIsSecret, "app")]);
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
            assert_eq!(problems, [(code, field)], "{options}");
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
            ["debug", "wasm", "cleanAddress", "queryParameters", "linkOrigins", "attributes", "tokenPolicy"]
                .map(|field| ("option_invalid", field))
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
            let options = [r#"{"app":"a",""#, option, r#"":null}"#].concat();
            assert!(Settings::resolve(Value::of(&options), PAGE, &mut problems).is_some());
            assert_eq!(problems, [Problem { code: Code::OptionUnknown, field: option, nearest: meant }]);
        }
    }

    #[test]
    fn every_option_of_the_list_is_understood() {
        for option in OPTIONS.split(',') {
            let mut problems = Vec::new();
            let options = ["{\"", option, "\":null}"].concat();
            let _ = Settings::resolve(Value::of(&options), PAGE, &mut problems);
            assert!(problems.iter().all(|problem| problem.code != Code::OptionUnknown), "{option}");
        }
    }
}
