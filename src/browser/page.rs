//! The page's one engine, and the loop around it: an input in, its effects carried out.

use super::{clock, copy, events, lock, network, reports, storage};
use crate::core::code::Code;
use crate::core::effect::{Effect, Input, Report, Topic};
use crate::core::engine::{Engine, Start};
use crate::core::settings::Settings;
use crate::core::value::Value;
use js_sys::Function;
use std::cell::RefCell;
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    // `civchat` may be defined late, swapped, or made of accessors: read when a call is made, never kept.
    type Identity;
    #[wasm_bindgen(method, getter, catch, structural)]
    fn civchat(this: &Identity) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, getter, catch, structural)]
    fn user_id(this: &Identity) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, getter, catch, structural)]
    fn email(this: &Identity) -> Result<JsValue, JsValue>;
}

struct Page {
    engine: Engine,
    /// The door's function that takes every report.
    hear: Function,
}

thread_local! {
    static PAGE: RefCell<Option<Page>> = const { RefCell::new(None) };
}

/// Starts the engine, once for a page.
pub fn start(options: Value, hear: Function) -> bool {
    if PAGE.with_borrow(Option::is_some) {
        reports::tell(&hear, &Report::error(Code::AlreadyStarted));
        return true;
    }
    let mut problems = Vec::new();
    let settings = Settings::resolve(options, &address(), &mut problems);
    for problem in problems {
        reports::tell(&hear, &Report { field: problem.field, ..Report::error(problem.code) });
    }
    let (Some(settings), Some(window)) = (settings, web_sys::window()) else { return false };
    let start = Start {
        seed: clock::seed(),
        visitor: storage::visitor(),
        address: address(),
        online: window.navigator().on_line(),
    };
    let mut effects = Vec::new();
    let engine = Engine::start(settings, start, clock::now(), &mut effects);
    PAGE.set(Some(Page { engine, hear }));
    events::listen(&window);
    perform(effects);
    true
}

/// Asks the engine, if it is there.
pub fn ask<T>(question: impl FnOnce(&Engine) -> T) -> Option<T> {
    PAGE.with_borrow(|page| page.as_ref().map(|page| question(&page.engine)))
}

/// Gives the engine an input, and carries out what it asks for. Answers the report of a call.
pub fn dispatch(input: Input) -> Option<Report> {
    let now = clock::now();
    let mut effects = Vec::new();
    let deadline = PAGE.with_borrow_mut(|page| {
        let engine = &mut page.as_mut()?.engine;
        engine.handle(now, input, &mut effects);
        Some(engine.deadline())
    })?;
    clock::wake_at(deadline, now);
    // The engine is not borrowed here: an effect may run page code, and page code may call us.
    perform(effects)
}

/// Carries out effects, in order. A report about a call comes back to it.
fn perform(effects: Vec<Effect>) -> Option<Report> {
    let mut answer = None;
    for effect in effects {
        match effect {
            Effect::Persist(record) => {
                let stored = storage::put(&record.key, &record.text);
                dispatch(Input::Persisted { record, stored });
            }
            Effect::Forget(keys) => storage::forget(&keys),
            Effect::Scan => {
                dispatch(Input::Found(storage::list()));
            }
            Effect::Lead => lock::lead(),
            Effect::Resign => lock::resign(),
            Effect::SaveVisitor(visitor) => storage::save_visitor(&visitor),
            Effect::Send { request, body, keepalive } => network::send(request, &body, keepalive),
            Effect::Abort(request) => network::abort(request),
            Effect::Report(report) => {
                if let Some(hear) = PAGE.with_borrow(|page| page.as_ref().map(|page| page.hear.clone())) {
                    reports::tell(&hear, &report);
                }
                if matches!(report.topic, Topic::Stored | Topic::Rejected) && answer.is_none() {
                    answer = Some(report);
                }
            }
        }
    }
    answer
}

/// The page's address.
pub fn address() -> String {
    web_sys::window().and_then(|window| window.location().href().ok()).unwrap_or_default()
}

/// Who is logged in, as `window.civchat` says now.
pub fn live_identity() -> Value {
    let civchat = web_sys::window().and_then(|window| window.unchecked_ref::<Identity>().civchat().ok());
    civchat.map_or(Value::Undefined, |civchat| identity_of(&civchat))
}

/// The parts of an identity that records carry.
pub fn identity_of(identity: &JsValue) -> Value {
    if !identity.is_object() {
        return Value::Undefined;
    }
    let identity: &Identity = identity.unchecked_ref();
    let mut fields = Vec::new();
    for (name, value) in [("user_id", identity.user_id()), ("email", identity.email())] {
        if let Ok(value) = value {
            fields.push((name.into(), copy::copy(&value)));
        }
    }
    Value::Object(fields)
}
