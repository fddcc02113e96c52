//! The Web Lock of the tab that drains for all. A lock is proof of life: a crashed tab's passes on at once.

use super::page;
use crate::core::effect::{Input, Lock};
use js_sys::{Function, Promise};
use std::cell::RefCell;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::AbortController;

#[wasm_bindgen]
extern "C" {
    type Navigator;
    #[wasm_bindgen(method, getter, structural)]
    fn locks(this: &Navigator) -> Option<LockManager>;

    type LockManager;
    #[wasm_bindgen(method, catch)]
    fn request(this: &LockManager, name: &str, options: &JsValue, granted: &JsValue) -> Result<Promise, JsValue>;
}

/// What ends our wish for the lock: an abort before it is granted, `release` after.
struct Wish {
    abort: AbortController,
    release: Option<Function>,
}

thread_local! {
    static WISH: RefCell<Option<Wish>> = const { RefCell::new(None) };
}

/// Asks for the lock. The engine hears of it when it is held, or that there is none to be had.
pub fn lead() {
    if WISH.with_borrow(Option::is_some) {
        return;
    }
    let name = page::ask(|engine| ["tillpost:", &engine.settings().app].concat()).unwrap_or_default();
    let locks = web_sys::window().and_then(|window| window.navigator().unchecked_ref::<Navigator>().locks());
    let asked = locks.and_then(|locks| {
        let abort = AbortController::new().ok()?;
        let options = js_sys::Object::new();
        js_sys::Reflect::set(&options, &"signal".into(), &abort.signal()).ok()?;
        WISH.set(Some(Wish { abort, release: None }));
        locks.request(&name, &options, &Closure::once_into_js(hold)).ok()
    });
    match asked {
        // An abort is our own; a refusal is not, and then nobody could lead.
        Some(held) => spawn_local(async move {
            if let Err(reason) = JsFuture::from(held).await {
                let name = js_sys::Reflect::get(&reason, &"name".into());
                if !name.is_ok_and(|name| name == "AbortError") {
                    unavailable();
                }
            }
        }),
        None => unavailable(),
    }
}

/// Runs when the lock is granted: it is held until the promise is resolved.
fn hold(_lock: JsValue) -> Promise {
    let held = Promise::new(&mut |resolve, _| {
        WISH.with_borrow_mut(|wish| {
            if let Some(wish) = wish {
                wish.release = Some(resolve);
            }
        });
    });
    page::dispatch(Input::Lock(Lock::Held));
    held
}

fn unavailable() {
    WISH.set(None);
    page::dispatch(Input::Lock(Lock::Unavailable));
}

/// Lets the lock go, or the wish for it.
pub fn resign() {
    match WISH.take() {
        Some(Wish { release: Some(release), .. }) => {
            let _ = release.call0(&JsValue::UNDEFINED);
        }
        Some(Wish { abort, .. }) => abort.abort(),
        None => {}
    }
}
