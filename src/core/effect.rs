//! What goes into the engine and what comes out of it. Data only.

use super::consent::Consent;
use super::panel::Panel;
use super::record::Record;
use super::text::next_part;
use super::value::Value;

/// Two clocks, in milliseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Now {
    /// Never runs backwards and knows no date: deadlines are set by it.
    pub monotonic: u64,
    /// The visitor's clock, which may be wrong and may jump: written down, never waited for.
    pub wall: u64,
}

/// What happened.
#[derive(Clone, Debug)]
pub enum Input<'a> {
    /// The page called.
    Call(Call<'a>),
    /// How [`Effect::Persist`] ended.
    Persisted {
        /// The record of the effect.
        record: &'a Record,
        /// Is it in storage?
        stored: bool,
    },
    /// All items of ours that storage holds, after [`Effect::Scan`], as [`stored_items`] reads them.
    Found(String),
    /// Storage could not be listed.
    Unlisted,
    /// Another tab put an item into storage.
    Added {
        /// Its key.
        key: String,
        /// Its text.
        text: String,
    },
    /// Another tab took the item with this key out of storage.
    Gone(String),
    /// What [`Effect::Recall`] found: items of the mirror that storage does not hold. Nothing comes where it is empty.
    Recalled(String),
    /// What became of the lock of [`Effect::Lead`].
    Lock(Lock),
    /// How [`Effect::Send`] ended.
    Answer {
        /// The number of the request.
        request: u32,
        /// What came back.
        answer: Answer,
    },
    /// The browser says that it is online, or not.
    Online(bool),
    /// The page was hidden: this may be the last that we hear. Its timers run once a minute from now on.
    Hidden,
    /// The page is seen again.
    Visible,
    /// The page is being left, or put away for coming back.
    Left,
    /// The page came back.
    Shown,
    /// The page shows this address, perhaps the same as before.
    Navigated {
        /// The address.
        address: String,
        /// Did the visitor go back or forward to it? Then its token was used on the first visit.
        again: bool,
    },
    /// The page asks for delivery now.
    Flush,
    /// The page says what the visitor has chosen; `None` where that is no word for it.
    Consent(Option<Consent>),
    /// A deadline may have passed.
    Tick,
}

/// One call of `userengage`, copied.
#[derive(Clone, Debug)]
pub struct Call<'a> {
    /// The first argument, escaped as in JSON.
    pub kind: &'a str,
    /// The second argument.
    pub payload: Value<'a>,
    /// Who is logged in, as `window.civchat` says at the time of the call.
    pub identity: Value<'a>,
    /// The page's address at the time of the call; empty for the page that the engine knows of.
    pub address: String,
    /// For a call that was made before the module was there: when, and under which id it is known.
    pub early: Option<Early<'a>>,
    /// The recommendation panel in which the visitor has just acted.
    pub panel: Option<Panel<'a>>,
}

/// What the snippet noted of a call that it kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Early<'a> {
    /// The id that the snippet gave it: kept twice, it is still one event.
    pub id: &'a str,
    /// When it was made, wall clock, in milliseconds.
    pub t: u64,
}

/// Items of storage, as one text: keys and texts in turn, each a line. Text of ours has no line break in it.
pub fn stored_items(lines: &str) -> impl Iterator<Item = (&str, &str)> {
    let mut rest = Some(lines);
    std::iter::from_fn(move || Some((next_part(&mut rest, b'\n')?, next_part(&mut rest, b'\n')?)))
}

/// Who drains the queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lock {
    /// This tab.
    Held,
    /// The browser has no locks, or refuses them: this tab, and perhaps others. Sent twice is not lost.
    Unavailable,
}

/// What came back from the endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// An HTTP response, read to its end.
    Response {
        /// The status.
        status: u16,
        /// The header `Retry-After`, or empty.
        retry_after: String,
        /// The same as a date, in milliseconds since 1970; 0 where it is none.
        retry_at: u64,
        /// The header `Date` likewise: the endpoint's clock.
        date: u64,
        /// The body.
        body: String,
    },
    /// No response: the network, CORS, or the budget of `keepalive` requests.
    Failed,
}

/// What is to be done. All effects of one input are carried out, in order, before the next input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Put a record into storage, and answer with [`Input::Persisted`] at once. The mirror, a copy that outlives the
    /// browser's death, gets it in the background, also where storage does not take it.
    Persist(Record),
    /// Take these keys out of storage and of the mirror: a space is between them.
    Forget(String),
    /// List storage, and answer with [`Input::Found`] or [`Input::Unlisted`].
    Scan,
    /// Ask the mirror for what it holds and storage does not, to be answered with [`Input::Recalled`].
    Recall,
    /// Ask for the lock that makes this tab the one that drains.
    Lead,
    /// Let the lock go, or the wish for it.
    Resign {
        /// Because the page is left, or must not store any more?
        leaving: bool,
    },
    /// Put an item into storage that is no record. Where that fails it is as if there had been none.
    Save {
        /// Its key.
        key: String,
        /// Its text.
        text: String,
    },
    /// Hand the calls over that were kept before there was a module, each as [`Input::Call`], and forget them.
    Replay,
    /// Take everything of ours out of storage: records and state of this application, the visitor's id, kept calls. Of
    /// kept calls also what only memory holds.
    Erase,
    /// Post a batch, and answer with [`Input::Answer`].
    Send {
        /// The request's number.
        request: u32,
        /// The body.
        body: String,
        /// May it outlive the page? Such requests share 64 KiB.
        keepalive: bool,
        /// Is the page being left? Nothing may be attached to such a request that ends with the page.
        leaving: bool,
    },
    /// Give a request up. No answer to it is expected.
    Abort(u32),
    /// Show this address instead of the page's, as the same entry of the history.
    ShowAddress(String),
    /// Tell the page: [`super::report`].
    Report(String),
}
