//! Events of window and document, told to the engine. No `unload` and no `beforeunload`: they cost the page its place
//! in the back-forward cache.

use super::page;
use crate::core::effect::{Input, StoredItem};
use wasm_bindgen::prelude::*;
use web_sys::{Document, Event, EventTarget, StorageEvent, Window};

thread_local! {
    static LISTENER: Closure<dyn FnMut(Event)> = Closure::new(heard);
}

/// Listens from now on.
pub fn listen(window: &Window) {
    // `pagehide` fires on window only. On a phone neither it nor anything later is sure: hidden is the last sure sign.
    for name in ["pagehide", "pageshow", "online", "offline", "storage"] {
        add(window, name);
    }
    if let Some(document) = window.document() {
        add(&document, "visibilitychange");
    }
}

fn add(target: &EventTarget, name: &str) {
    LISTENER.with(|listener| {
        let _ = target.add_event_listener_with_callback(name, listener.as_ref().unchecked_ref());
    });
}

fn heard(event: Event) {
    let input = match event.type_().as_str() {
        "pagehide" => Input::Left,
        "pageshow" => Input::Shown,
        "online" => Input::Online(true),
        "offline" => Input::Online(false),
        "visibilitychange" => match event.target().and_then(|target| target.dyn_into::<Document>().ok()) {
            Some(document) if document.hidden() => Input::Hidden,
            _ => Input::Tick,
        },
        // Another tab added an item; one that was removed has no new value.
        "storage" => {
            let event: &StorageEvent = event.unchecked_ref();
            match (event.key(), event.new_value()) {
                (Some(key), Some(text)) => Input::Found(vec![StoredItem { key, text }]),
                _ => return,
            }
        }
        _ => return,
    };
    page::dispatch(input);
}
