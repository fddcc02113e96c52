//! fetch. Posts a body and answers with what came back; retries nothing.

use super::page::Page;
use super::waker::waker;
use crate::core::effect::{Answer, Input};
use crate::core::message::Parts;
use crate::core::settings::Endpoint;
use gloo_net::http::{Request, Response};
use std::cell::RefCell;
use std::pin::Pin;
use std::task::{Context, Poll};
use wasm_bindgen::JsValue;

/// A request under way.
struct UnderWay {
    number: u32,
    init: JsValue,
    response: Pin<Box<dyn Future<Output = Result<Response, gloo_net::Error>>>>,
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
        let init = page.host.init(body, keepalive, leaving, endpoint.cross_origin);
        // The request only lends its address: `fetch` of pkg/native.mjs says why.
        if let Ok(request) = web_sys::Request::new_with_str(&endpoint.batch_url)
            && js_sys::Reflect::set(&request, &"init".into(), &init).is_ok()
        {
            let response = Box::pin(Request::from(request).send());
            self.0.borrow_mut().push(UnderWay { number, init, response });
            self.go_on(number, page);
        } else {
            page.dispatch(Input::Answer { request: number, answer: Answer::Failed });
        }
    }

    /// Goes on with a request whose promise was settled. One that was aborted is not there any more.
    pub fn go_on(&self, number: u32, page: &'static Page) {
        // Taken off the list: nothing is borrowed while the browser is called.
        let Some(mut request) = self.take(number) else { return };
        match request.response.as_mut().poll(&mut Context::from_waker(&waker(number))) {
            Poll::Pending => self.0.borrow_mut().push(request),
            Poll::Ready(response) => {
                let answer = response.map_or(Answer::Failed, |response| answer(page, response));
                page.dispatch(Input::Answer { request: number, answer });
            }
        }
    }

    /// Gives a request up. The engine has already counted it as failed.
    pub fn abort(&self, number: u32, page: &'static Page) {
        if let Some(request) = self.take(number) {
            page.host.abort(request.init);
        }
    }

    fn take(&self, number: u32) -> Option<UnderWay> {
        let mut requests = self.0.borrow_mut();
        let place = requests.iter().position(|request| request.number == number)?;
        Some(requests.swap_remove(place))
    }
}

/// What a response says; `fetch` has read it to its end.
fn answer(page: &'static Page, response: Response) -> Answer {
    let message = page.host.answer(&response.into());
    let mut parts = Parts::of(&message);
    Answer::Response {
        status: parts.number() as u16,
        retry_after: parts.text(),
        retry_at: parts.number(),
        date: parts.number(),
        body: parts.text(),
    }
}
