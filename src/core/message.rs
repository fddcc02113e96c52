//! What the door says, as text: `["call",...]`. Values in it are as `pkg/copy.mjs` writes them.

use super::consent::Consent;
use super::effect::{Call, Early, Input, Lock, StoredItem};
use super::json::Reader;
use super::limits::JSON_DEPTH;
use super::panel::Panel;
use super::text::whole_number;
use super::value::Value;
use std::vec::IntoIter;

/// The parts of a message, one after the other. One that is missing, or not of the kind that is asked for, is empty.
pub struct Parts(IntoIter<Value>);

impl Parts {
    /// The parts of this text.
    #[must_use]
    pub fn of(message: &str) -> Self {
        Self::from(Value::read(&mut Reader::new(message), JSON_DEPTH).unwrap_or(Value::Undefined))
    }

    fn from(value: Value) -> Self {
        let Value::Array(parts) = value else { return Self(Vec::new().into_iter()) };
        Self(parts.into_iter())
    }

    /// The next part.
    pub fn value(&mut self) -> Value {
        self.0.next().unwrap_or(Value::Undefined)
    }

    /// The next part's text.
    pub fn text(&mut self) -> String {
        match self.value() {
            Value::Text(text) | Value::Number(text) => text,
            _ => String::new(),
        }
    }

    /// The next part, a whole number.
    pub fn number(&mut self) -> u64 {
        whole_number(&self.text()).unwrap_or(0)
    }

    /// Is the next part `true`?
    pub fn flag(&mut self) -> bool {
        matches!(self.value(), Value::Bool(true))
    }
}

/// The input that a message stands for: a name, and for some a few parts more.
#[must_use]
pub fn input(message: &str) -> Option<Input> {
    let mut parts = Parts::of(message);
    Some(match parts.text().as_str() {
        "call" => Input::Call(call(&mut parts)),
        "storage" => {
            let key = parts.text();
            match parts.value() {
                Value::Text(text) => Input::Added(StoredItem { key, text }),
                _ => Input::Gone(key),
            }
        }
        "recalled" => Input::Recalled(items(parts)),
        "held" => Input::Lock(Lock::Held),
        "unavailable" => Input::Lock(Lock::Unavailable),
        "online" => Input::Online(true),
        "offline" => Input::Online(false),
        "hidden" => Input::Hidden,
        "visible" => Input::Visible,
        "pagehide" => Input::Left,
        "pageshow" => Input::Shown,
        "flush" => Input::Flush,
        "address" => Input::Navigated { address: parts.text(), again: parts.flag() },
        "consent" => Input::Consent(Consent::of(&parts.value())),
        "tick" => Input::Tick,
        _ => return None,
    })
}

/// The parts that are left: each a key and a text.
fn items(parts: Parts) -> Vec<StoredItem> {
    let mut items = Vec::new();
    for part in parts.0 {
        let mut item = Parts::from(part);
        items.push(StoredItem { key: item.text(), text: item.text() });
    }
    items
}

/// A call: kind, payload, identity, address, for an early one its id and its time, and the panel that it was made in. A
/// kind that is no text is one that the engine does not know.
fn call(parts: &mut Parts) -> Call {
    let (kind, payload, identity, address) = (parts.text(), parts.value(), parts.value(), parts.text());
    let early = Some(Early { id: parts.text(), t: parts.number() });
    let early = early.filter(|early| !early.id.is_empty());
    Call { kind, payload, identity, address, early, panel: panel(&mut Parts::from(parts.value())) }
}

/// A panel: token, name, position, and the product of the tile.
#[must_use]
pub fn panel(parts: &mut Parts) -> Option<Panel> {
    let panel = Panel::new(parts.text(), parts.text(), &parts.text(), parts.text());
    (!panel.source.token.is_empty()).then_some(panel)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_is_read_whole() {
        let text = r#"["call","product_event",{"a":[1,-2.5e3,"ż\n",true,null,undefined,12n,NaN,unreadable,deep,large]},
            {"user_id":"7"},"https://x/","id1",5]"#;
        let Some(Input::Call(call)) = input(text) else { panic!("no call") };
        assert_eq!((call.kind.as_str(), call.address.as_str()), ("product_event", "https://x/"));
        assert_eq!(call.early, Some(Early { id: "id1".into(), t: 5 }));
        assert_eq!(call.identity, Value::Object(vec![("user_id".into(), Value::Text("7".into()))]));
        let mut json = String::new();
        call.payload.write(&mut json);
        assert_eq!(json, r#"{"a":[1,-2.5e3,"ż\n",true,null,null,"12",null,null,null,null]}"#);
    }

    #[test]
    fn what_is_missing_is_empty_and_what_is_unknown_is_nothing() {
        let Some(Input::Call(call)) = input(r#"["call",undefined]"#) else { panic!("no call") };
        assert_eq!((call.kind.as_str(), call.payload, call.early), ("", Value::Undefined, None));
        for strange in ["", "[]", "{}", "[\"call\"", "[\"sell\"]", "call"] {
            assert!(input(strange).is_none(), "{strange}");
        }
        assert!(matches!(input(r#"["storage","k","t"]"#), Some(Input::Added(item)) if item.text == "t"));
        assert!(matches!(input(r#"["storage","k",null]"#), Some(Input::Gone(key)) if key == "k"));
        let Some(Input::Recalled(items)) = input(r#"["recalled",["k","t"],5,["l",{}]]"#) else { panic!("no items") };
        let texts: Vec<_> = items.iter().map(|item| (item.key.as_str(), item.text.as_str())).collect();
        assert_eq!(texts, [("k", "t"), ("", ""), ("l", "")]);
    }
}
