//! fetch. Posts a body and answers with what came back; retries nothing.

use super::page::Page;
use super::waker::waker;
use crate::core::effect::{Answer, Input};
use crate::core::message::Parts;
use crate::core::settings::Endpoint;
use gloo_net::http::Request;
use std::cell::RefCell;
use std::pin::Pin;
use std::task::{Context, Poll};
use wasm_bindgen::JsValue;

/// A request under way.
struct UnderWay {
    number: u32,
    init: JsValue,
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
        let init = page.host.init(body, keepalive, leaving, endpoint.cross_origin);
        // The request only lends its address: `fetch` of pkg/native.mjs says why.
        let request = web_sys::Request::new_with_str(&endpoint.batch_url);
        let request =
            request.ok().filter(|request| js_sys::Reflect::set(request, &"init".into(), &init).unwrap_or(false));
        let answer = Box::pin(async move {
            match request {
                Some(request) => exchange(page, request.into()).await.unwrap_or(Answer::Failed),
                None => Answer::Failed,
            }
        });
        self.0.borrow_mut().push(UnderWay { number, init, answer });
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

async fn exchange(page: &'static Page, request: Request) -> Option<Answer> {
    let response = request.send().await.ok()?;
    let answer = page.host.answer(&response.into());
    let mut parts = Parts::of(&answer);
    Some(Answer::Response {
        status: parts.number() as u16,
        retry_after: parts.text(),
        retry_at: parts.number(),
        date: parts.number(),
        body: parts.text(),
    })
}
