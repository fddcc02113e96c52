//! What the engine does for consent, and for the lack of it. Never stores or sends before consent, nor after its end.

use super::shared::Shared;
use super::{Engine, Storage};
use crate::core::code::{Code, Problem};
use crate::core::consent::Consent;
use crate::core::effect::Effect;
use crate::core::queue::Queue;
use crate::core::report;

impl Engine {
    pub(super) fn has_consent(&self) -> bool {
        self.settings.consent == Consent::Granted
    }

    /// The page says what the visitor has chosen; `None` where that is no word for it.
    pub(super) fn consent(&mut self, chosen: Option<Consent>) {
        match chosen {
            None => {
                self.effects.push(report::error(Problem::of(Code::OptionInvalid, "consent")));
            }
            Some(consent) if self.settings.global_privacy_control && consent != Consent::Denied => {
                self.tell(Code::GlobalPrivacyControl);
            }
            Some(consent) if consent != self.settings.consent => {
                self.settings.consent = consent;
                self.follow_consent();
            }
            Some(_) => {}
        }
    }

    pub(super) fn follow_consent(&mut self) {
        if self.has_consent() {
            self.effects.push(self.visitor.save());
            self.others = None;
            self.store_held(usize::MAX);
            self.effects.push(Effect::Replay);
            return;
        }
        self.abort_all();
        // What storage holds from before stays there, for a page that has consent.
        self.resign();
        self.storage = Storage::Working;
        if self.settings.consent == Consent::Denied {
            self.queue = Queue::default();
            self.shared = Shared::default();
            // Who consents again later is nobody whom we know.
            self.end_visitor();
            self.effects.push(Effect::Erase);
        }
    }
}
