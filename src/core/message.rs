//! What the door says, as text: `["call",...]`. Values in it are as `pkg/copy.mjs` writes them.

use super::consent::Consent;
use super::effect::{Call, Early, Input, Lock};
use super::json::{self, Items};
use super::panel::{Panel, Source, position_of};
use super::text::{place_of, whole_number};
use super::value::Value;

/// The parts of a message, one after the other. One that is missing, or not of the kind that is asked for, is empty.
pub struct Parts<'a>(Items<'a>);

impl<'a> Parts<'a> {
    /// The parts of this text.
    #[must_use]
    pub fn of(message: &'a str) -> Self {
        Self(Items::of(message))
    }

    /// The next part.
    pub fn value(&mut self) -> Value<'a> {
        self.0.next().map_or(Value::Undefined, |(_, value)| value)
    }

    /// The next part's text, escaped as in JSON.
    pub fn escaped(&mut self) -> &'a str {
        if let Value::Text(text) | Value::Number(text) = self.value() { text } else { "" }
    }

    /// The next part's text.
    pub fn text(&mut self) -> String {
        json::unescaped(self.escaped())
    }

    /// The next part, a whole number.
    pub fn number(&mut self) -> u64 {
        whole_number(self.escaped()).unwrap_or(0)
    }

    /// Is the next part `true`?
    pub fn flag(&mut self) -> bool {
        self.value() == Value::Bool(true)
    }
}

/// The names of messages. Some are those of the browser's events.
const NAMES: &str =
    "call,storage,recalled,held,unavailable,online,offline,hidden,visible,pagehide,pageshow,flush,address,consent,tick";

/// The input that a message stands for: a name, and for some a few parts more.
#[must_use]
pub fn input(message: &str) -> Option<Input<'_>> {
    let mut parts = Parts::of(message);
    Some(match place_of(parts.escaped(), NAMES)? {
        0 => Input::Call(call(&mut parts)),
        1 => {
            let key = parts.text();
            match parts.value() {
                Value::Text(text) => Input::Added { key, text: json::unescaped(text) },
                _ => Input::Gone(key),
            }
        }
        2 => Input::Recalled(parts.text()),
        3 => Input::Lock(Lock::Held),
        4 => Input::Lock(Lock::Unavailable),
        5 => Input::Online(true),
        6 => Input::Online(false),
        7 => Input::Hidden,
        8 => Input::Visible,
        9 => Input::Left,
        10 => Input::Shown,
        11 => Input::Flush,
        12 => Input::Navigated { address: parts.text(), again: parts.flag() },
        13 => Input::Consent(Consent::of(parts.value())),
        _ => Input::Tick,
    })
}

/// A call: kind, payload, identity, address, for an early one its id and its time, and the panel that it was made in. A
/// kind that is no text is one that the engine does not know.
fn call<'a>(parts: &mut Parts<'a>) -> Call<'a> {
    Call {
        kind: parts.escaped(),
        payload: parts.value(),
        identity: parts.value(),
        address: parts.text(),
        early: Some(Early { id: parts.escaped(), t: parts.number() }).filter(|early| !early.id.is_empty()),
        panel: panel(&mut Parts(parts.value().items())),
    }
}

/// A panel: token, name, position, and the product of the tile.
#[must_use]
pub fn panel<'a>(parts: &mut Parts<'a>) -> Option<Panel<'a>> {
    let (token, panel, position, product) = (parts.escaped(), parts.escaped(), parts.escaped(), parts.escaped());
    let source = Source { token, panel, position: position_of(position) };
    (!token.is_empty()).then_some(Panel { source, product })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_is_read_whole() {
        let text = r#"["call","product_event",{"a":[1,-2.5e3,"ż\u000a",true,null]deep,"b":12n,"c":undefined},
            {"user_id":"7"},"https://x/\u005c","id1",5,["t","p","3",12]]"#;
        let Some(Input::Call(call)) = input(text) else { panic!("no call") };
        assert_eq!((call.kind, call.address.as_str()), ("product_event", "https://x/\\"));
        assert_eq!(call.early, Some(Early { id: "id1", t: 5 }));
        assert_eq!(call.identity, Value::Object(r#"{"user_id":"7"}"#));
        assert_eq!(call.payload.field("a"), Value::Array(r#"[1,-2.5e3,"ż\u000a",true,null]deep"#));
        let source = Source { token: "t", panel: "p", position: 3 };
        assert_eq!(call.panel, Some(Panel { source, product: "12" }));
    }

    #[test]
    fn what_is_missing_is_empty_and_what_is_unknown_is_nothing() {
        let Some(Input::Call(call)) = input(r#"["call",undefined]"#) else { panic!("no call") };
        assert_eq!((call.kind, call.payload, call.early, call.panel), ("", Value::Undefined, None, None));
        for strange in ["", "[]", "{}", "[\"call", "[\"sell\"]", "call"] {
            assert!(input(strange).is_none(), "{strange}");
        }
        assert!(matches!(input(r#"["storage","k","t\u0022"]"#), Some(Input::Added { text, .. }) if text == "t\""));
        assert!(matches!(input(r#"["storage","k",null]"#), Some(Input::Gone(key)) if key == "k"));
        assert!(matches!(input(r#"["recalled","k\u000at"]"#), Some(Input::Recalled(lines)) if lines == "k\nt"));
    }
}
