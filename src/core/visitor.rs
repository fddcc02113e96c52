//! Who the visitor is: an id, and the user behind it as far as the page has said. Never holds a user's name or address:
//! it is only compared, so a hash of it is what storage keeps.

use super::effect::Effect;
use super::id::{self, Ids};
use super::json;
use super::limits::USER_BYTES;
use super::record::VISITOR_KEY;
use super::text::{cut, joined};
use super::value::Value;

/// The visitor, as storage keeps it: `id`, or `id.user.ended`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Visitor {
    /// The key of `__ca__chat` where the shop has that cookie, else an id of ours.
    pub id: String,
    /// The hash of the user that was named last, empty for nobody. With a `+` in front where a call named it and
    /// `civchat` did not: then the silence of `civchat` is no log-out.
    user: String,
    /// The key of a cookie that was there when its visitor ended. We write no cookie, so it may be there still.
    ended: String,
}

/// Who acts, as one call says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who<'a> {
    /// The page does not say: `civchat` is not there yet, or cannot be read.
    Unsaid,
    /// `civchat` is there and names nobody.
    Nobody,
    /// A user.
    User {
        /// `user_id`, which wins, or `email`.
        name: &'static str,
        /// Its text, escaped as in JSON.
        value: &'a str,
        /// Did `civchat` say it too?
        lasting: bool,
    },
}

impl<'a> Who<'a> {
    /// Who acts, by `civchat` and by the call's own attributes, which win.
    #[must_use]
    pub fn of(civchat: Value<'a>, attributes: Value<'a>) -> Self {
        let mut nobody = matches!(civchat, Value::Object(_));
        let mut user = |name| {
            let (own, lasting) = (text(attributes.field(name)), text(civchat.field(name)));
            nobody &= own == Some("") && lasting == Some("");
            let value = usable(own).or(usable(lasting))?;
            Some(Self::User { name, value, lasting: lasting == Some(value) })
        };
        let found = user("user_id").or_else(|| user("email"));
        found.unwrap_or(if nobody { Self::Nobody } else { Self::Unsaid })
    }
}

fn usable(text: Option<&str>) -> Option<&str> {
    text.filter(|text| !text.is_empty() && text.len() <= USER_BYTES)
}

/// A value as text, empty where there is nothing in it; `None` where it cannot be read as text.
fn text(value: Value<'_>) -> Option<&str> {
    match value {
        Value::Text(text) | Value::Number(text) | Value::BigInt(text) => Some(json::trimmed(text)),
        Value::Undefined | Value::Null | Value::Bool(_) => Some(""),
        _ => None,
    }
}

impl Visitor {
    /// The visitor of a page that starts, from storage and from the cookie.
    #[must_use]
    pub fn start(stored: &str, cookie: &str, ids: &mut Ids, wall: u64) -> Self {
        let mut visitor = Self::read(stored).unwrap_or_default();
        if id::is_id(cookie) && cookie != visitor.id && cookie != visitor.ended {
            visitor = Self { id: cookie.into(), ..Self::default() };
        }
        if visitor.id.is_empty() {
            visitor.id = ids.next_id(wall);
        }
        visitor
    }

    /// The visitor as storage gave it. Other scripts share the storage.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let (id, rest) = cut(text, b'.').unwrap_or((text, ""));
        let (user, ended) = cut(rest, b'.').unwrap_or((rest, ""));
        id::is_id(id).then(|| Self { id: id.into(), user: user.into(), ended: ended.into() })
    }

    /// As storage keeps it.
    #[must_use]
    pub fn text(&self) -> String {
        joined(&[&self.id, ".", &self.user, ".", &self.ended])
    }

    /// What brings it into storage. Where that fails the visitor is a new one on the next page.
    #[must_use]
    pub fn save(&self) -> Effect {
        Effect::Save { key: VISITOR_KEY.into(), text: self.text() }
    }

    /// What this says of the user, as storage keeps it; `None` where it says nothing that changes anything.
    fn other(&self, who: Who<'_>) -> Option<String> {
        let mut user = String::new();
        match who {
            Who::Unsaid => return None,
            Who::Nobody if self.user.starts_with('+') => return None,
            Who::Nobody => {}
            Who::User { name, value, lasting } => {
                if !lasting {
                    user.push('+');
                }
                id::write_base36(&mut user, hash(&[name, value]), 12);
            }
        }
        Some(user)
    }

    /// Was somebody logged in who is not this one?
    #[must_use]
    pub fn is_left_by(&self, who: Who<'_>) -> bool {
        !self.user.is_empty() && self.other(who).is_some_and(|user| named(&user) != named(&self.user))
    }

    /// Takes note of who acts. Is that another than before?
    pub fn meet(&mut self, who: Who<'_>) -> bool {
        let Some(user) = self.other(who) else { return false };
        let other = named(&user) != named(&self.user);
        self.user = user;
        other
    }

    /// The visitor ends, and another one comes.
    pub fn end(&mut self, id: String, cookie: &str) {
        *self = Self { id, user: String::new(), ended: cookie.into() };
    }
}

fn named(user: &str) -> &str {
    user.strip_prefix('+').unwrap_or(user)
}

/// FNV-1a, 64 bits: two users of one browser that are taken for one are one in billions of billions.
fn hash(parts: &[&str]) -> u64 {
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    for part in parts {
        for byte in part.bytes() {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3);
        }
    }
    hash
}
