//! The page's one engine, and the loop around it: an input in, its effects carried out.

use super::{clock, copy, events, lock, network, reports, storage};
use crate::core::code::{Code, Problem};
use crate::core::effect::{Effect, Input, Report, Topic};
use crate::core::engine::{Engine, Start};
use crate::core::settings::Settings;
use crate::core::value::Value;
use std::cell::RefCell;
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    type Location;
    #[wasm_bindgen(thread_local_v2, js_name = location)]
    static LOCATION: Location;
    #[wasm_bindgen(method, getter, structural)]
    fn href(this: &Location) -> String;

    // `civchat` may be defined late, swapped, or made of accessors: read when a call is made, never kept.
    type Global;
    #[wasm_bindgen(thread_local_v2, js_name = globalThis)]
    static GLOBAL: Global;
    #[wasm_bindgen(method, getter, catch, structural)]
    fn civchat(this: &Global) -> Result<JsValue, JsValue>;

    type Identity;
    #[wasm_bindgen(method, getter, catch, structural)]
    fn user_id(this: &Identity) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, getter, catch, structural)]
    fn email(this: &Identity) -> Result<JsValue, JsValue>;
}

thread_local! {
    static ENGINE: RefCell<Option<Engine>> = const { RefCell::new(None) };
}

/// Starts the engine, once for a page.
pub fn start(options: Value) -> bool {
    let problem = |problem: Problem| {
        reports::tell(&Report { field: problem.field, ..Report::error(problem.code) });
    };
    if ENGINE.with_borrow(Option::is_some) {
        problem(Problem::new(Code::AlreadyStarted));
        return true;
    }
    let mut problems = Vec::new();
    let settings = Settings::resolve(options, &address(), &mut problems);
    reports::debug(settings.as_ref().is_some_and(|settings| settings.debug));
    problems.into_iter().for_each(problem);
    let (Some(settings), Some(window)) = (settings, web_sys::window()) else { return false };
    let start = Start {
        seed: clock::seed(),
        visitor: storage::visitor(),
        address: address(),
        online: window.navigator().on_line(),
    };
    let mut effects = Vec::new();
    ENGINE.set(Some(Engine::start(settings, start, clock::now(), &mut effects)));
    events::listen(&window);
    effects.into_iter().for_each(|effect| drop(perform(effect)));
    true
}

/// Gives the engine an input, and carries out what it asks for. Answers the report of a call.
pub fn dispatch(input: Input) -> Option<Report> {
    let now = clock::now();
    let mut effects = Vec::new();
    let deadline = ENGINE.with_borrow_mut(|engine| {
        let engine = engine.as_mut()?;
        engine.handle(now, input, &mut effects);
        Some(engine.deadline())
    })?;
    clock::wake_at(deadline, now);
    // The engine is not borrowed here: an effect may run page code, and page code may call us.
    effects.into_iter().filter_map(perform).fold(None, |first, report| first.or(Some(report)))
}

/// Carries out an effect. A report about the call comes back to it.
fn perform(effect: Effect) -> Option<Report> {
    match effect {
        Effect::Persist(record) => {
            let stored = storage::put(&record.key, &record.text);
            dispatch(Input::Persisted { record, stored });
        }
        Effect::Forget(keys) => storage::forget(&keys),
        Effect::Scan => {
            dispatch(Input::Found(storage::list()));
        }
        Effect::Lead => {
            let app = ENGINE.with_borrow(|engine| engine.as_ref().map(|engine| engine.settings().app.clone()));
            lock::lead(&app.unwrap_or_default());
        }
        Effect::Resign => lock::resign(),
        Effect::SaveVisitor(visitor) => storage::save_visitor(&visitor),
        Effect::Send { request, body, keepalive } => network::send(request, body, keepalive),
        Effect::Abort(request) => network::abort(request),
        Effect::Report(report) => {
            reports::tell(&report);
            return matches!(report.topic, Topic::Stored | Topic::Rejected).then_some(report);
        }
    }
    None
}

/// Where batches go, and whether that is another origin.
pub fn endpoint() -> Option<(String, bool)> {
    ENGINE.with_borrow(|engine| {
        let settings = engine.as_ref()?.settings();
        Some((settings.batch_url.clone(), settings.cross_origin))
    })
}

/// How the engine is doing.
pub fn status() -> JsValue {
    ENGINE.with_borrow(|engine| engine.as_ref().map(|engine| reports::value(&engine.status()))).unwrap_or_default()
}

/// The page's address.
pub fn address() -> String {
    LOCATION.with(Location::href)
}

/// Who is logged in, as `window.civchat` says now.
pub fn live_identity() -> Value {
    GLOBAL.with(Global::civchat).map_or(Value::Undefined, |civchat| identity_of(&civchat))
}

/// The parts of an identity that records carry.
pub fn identity_of(identity: &JsValue) -> Value {
    if !identity.is_object() {
        return Value::Undefined;
    }
    let identity: &Identity = identity.unchecked_ref();
    let field = |name: &str, value: Result<JsValue, JsValue>| {
        (name.into(), value.map_or(Value::Undefined, |value| copy::copy(&value)))
    };
    Value::Object(vec![field("user_id", identity.user_id()), field("email", identity.email())])
}
