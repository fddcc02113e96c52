//! fetch. Posts a body and answers with what came back; retries nothing.

use super::page;
use crate::core::effect::{Answer, Input};
use gloo_net::http::Request;
use std::cell::RefCell;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::spawn_local;
use web_sys::{AbortController, RequestCredentials, RequestInit, RequestRedirect};

thread_local! {
    /// The requests under way, by number.
    static UNDER_WAY: RefCell<Vec<(u32, AbortController)>> = const { RefCell::new(Vec::new()) };
}

/// Posts `body`, and hands the answer to the engine when it is there, unless the request is aborted before.
pub fn send(number: u32, body: &str, keepalive: bool) {
    let Some(endpoint) = page::ask(|engine| engine.settings().endpoint.clone()) else { return };
    let controller = AbortController::new().ok();
    let init = RequestInit::new();
    init.set_method("POST");
    init.set_body(&JsValue::from_str(body));
    // Cookies would make an endpoint that answers `Access-Control-Allow-Origin: *` unreachable.
    init.set_credentials(RequestCredentials::Omit);
    // A redirected POST loses its body, and may lead to another origin.
    init.set_redirect(RequestRedirect::Error);
    // web-sys has no setter for it.
    let _ = js_sys::Reflect::set(&init, &"keepalive".into(), &keepalive.into());
    if let Some(controller) = &controller {
        init.set_signal(Some(&controller.signal()));
    }
    if !endpoint.cross_origin {
        // To another origin the browser's own `text/plain;charset=UTF-8` stays: it needs no preflight.
        let headers = js_sys::Object::new();
        let _ = js_sys::Reflect::set(&headers, &"Content-Type".into(), &"application/json".into());
        init.set_headers(&headers);
    }
    let request = web_sys::Request::new_with_str_and_init(&endpoint.batch_url, &init);
    UNDER_WAY.with_borrow_mut(|requests| requests.extend(controller.map(|controller| (number, controller))));
    spawn_local(async move {
        let answer = match request {
            Ok(request) => exchange(request.into()).await.unwrap_or(Answer::Failed),
            Err(_) => Answer::Failed,
        };
        take(number);
        page::dispatch(Input::Answer { request: number, answer });
    });
}

async fn exchange(request: Request) -> Result<Answer, gloo_net::Error> {
    let response = request.send().await?;
    let retry_after = response.headers().get("Retry-After").unwrap_or_default();
    let status = response.status();
    Ok(Answer::Response { status, retry_after, body: response.text().await? })
}

/// Gives a request up. The engine has already counted it as failed.
pub fn abort(number: u32) {
    if let Some(controller) = take(number) {
        controller.abort();
    }
}

fn take(number: u32) -> Option<AbortController> {
    UNDER_WAY.with_borrow_mut(|requests| {
        let place = requests.iter().position(|(known, _)| *known == number)?;
        Some(requests.swap_remove(place).1)
    })
}
