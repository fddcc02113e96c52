//! fetch. Posts a body and answers with what came back; retries nothing.

use super::host;
use super::page::Page;
use super::waker::waker;
use crate::core::effect::{Answer, Input};
use crate::core::settings::Endpoint;
use gloo_net::http::Request;
use std::cell::RefCell;
use std::pin::Pin;
use std::task::{Context, Poll};
use wasm_bindgen::JsValue;
use web_sys::{AbortController, RequestCredentials, RequestInit, RequestRedirect};

/// A request under way.
struct UnderWay {
    number: u32,
    controller: Option<AbortController>,
    answer: Pin<Box<dyn Future<Output = Answer>>>,
}

/// The requests under way.
#[derive(Default)]
pub struct Requests(RefCell<Vec<UnderWay>>);

impl Requests {
    /// Posts `body`, and hands the answer to the engine when it is there, unless the request is aborted before.
    pub fn send(
        &self,
        page: &'static Page,
        endpoint: &Endpoint,
        number: u32,
        body: &str,
        keepalive: bool,
        leaving: bool,
    ) {
        // In Firefox a fetch that could be aborted is, when its page ends: last words do without.
        let controller = if leaving { None } else { AbortController::new().ok() };
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
        let answer = Box::pin(async move {
            match request {
                Ok(request) if js_sys::Reflect::set(&request, &"init".into(), &init).is_ok() => {
                    exchange(request.into()).await.unwrap_or(Answer::Failed)
                }
                _ => Answer::Failed,
            }
        });
        self.0.borrow_mut().push(UnderWay { number, controller, answer });
        self.go_on(number, page);
    }

    /// Goes on with a request whose promise was settled. One that was aborted is not there any more.
    pub fn go_on(&self, number: u32, page: &'static Page) {
        // Taken off the list: nothing is borrowed while the browser is called.
        let Some(mut request) = self.take(number) else { return };
        match request.answer.as_mut().poll(&mut Context::from_waker(&waker(number))) {
            Poll::Ready(answer) => page.dispatch(Input::Answer { request: number, answer }),
            Poll::Pending => self.0.borrow_mut().push(request),
        }
    }

    /// Gives a request up. The engine has already counted it as failed.
    pub fn abort(&self, number: u32) {
        if let Some(UnderWay { controller: Some(controller), .. }) = self.take(number) {
            controller.abort();
        }
    }

    fn take(&self, number: u32) -> Option<UnderWay> {
        let mut requests = self.0.borrow_mut();
        let place = requests.iter().position(|request| request.number == number)?;
        Some(requests.swap_remove(place))
    }
}

async fn exchange(request: Request) -> Result<Answer, gloo_net::Error> {
    let response = request.send().await?;
    let header = |name| response.headers().get(name).unwrap_or_default();
    let retry_after = header("Retry-After");
    // What is no date is NaN, and 0 here.
    let (retry_at, date) = (host::parse_date(&retry_after) as u64, host::parse_date(&header("Date")) as u64);
    let status = response.status();
    Ok(Answer::Response { status, retry_after, retry_at, date, body: response.text().await? })
}
