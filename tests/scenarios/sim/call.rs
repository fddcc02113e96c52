//! A call of a page, and the message that the door makes of it.

use super::value::{Value, quoted};

/// One call of `userengage`.
#[derive(Clone, Debug)]
pub struct Call {
    /// The first argument.
    pub kind: String,
    /// The second argument.
    pub payload: Value,
    /// Who is logged in, as `window.civchat` says.
    pub identity: Value,
    /// The page's address at the time of the call; empty for the page that the engine knows of.
    pub address: String,
    /// For a call that was made before the module was there.
    pub early: Option<Early>,
    /// The recommendation panel in which the visitor has just acted.
    pub panel: Option<Panel>,
}

/// What the snippet noted of a call that it kept.
#[derive(Clone, Debug)]
pub struct Early {
    pub id: String,
    /// When it was made, wall clock, in milliseconds.
    pub t: u64,
}

/// The attributes of a panel, and of the tile in it.
#[derive(Clone, Debug, Default)]
pub struct Panel {
    pub token: String,
    pub name: String,
    pub position: String,
    pub product: String,
}

impl Panel {
    /// As the door says it: its parts, with commas between them.
    pub fn parts(&self) -> String {
        [&self.token, &self.name, &self.position, &self.product].map(|part| quoted(part)).join(",")
    }
}

impl Call {
    /// The message, as `pkg/runtime.mjs` makes it.
    pub fn message(&self) -> String {
        let (id, t) = self.early.as_ref().map_or((String::new(), 0), |early| (early.id.clone(), early.t));
        let panel = self.panel.as_ref().map_or("undefined".into(), |panel| ["[", &panel.parts(), "]"].concat());
        let parts = [
            quoted("call"),
            quoted(&self.kind),
            self.payload.copied(),
            self.identity.copied(),
            quoted(&self.address),
            quoted(&id),
            t.to_string(),
            panel,
        ];
        ["[", &parts.join(","), "]"].concat()
    }
}
