//! What the engine does for consent, and for the lack of it. Never stores or sends before consent, nor after its end.

use super::shared::Shared;
use super::{Engine, Storage, tell};
use crate::core::code::Code;
use crate::core::consent::Consent;
use crate::core::effect::{Effect, Now, Report};
use crate::core::queue::Queue;

impl Engine {
    pub(super) fn has_consent(&self) -> bool {
        self.settings.consent == Consent::Granted
    }

    /// The page says what the visitor has chosen; `None` where that is no word for it.
    pub(super) fn consent(&mut self, chosen: Option<Consent>, now: Now, effects: &mut Vec<Effect>) {
        match chosen {
            None => {
                let field = String::from("consent");
                effects.push(Effect::Report(Report { field, ..Report::error(Code::OptionInvalid) }));
            }
            Some(consent) if self.settings.global_privacy_control && consent != Consent::Denied => {
                tell(effects, Code::GlobalPrivacyControl);
            }
            Some(consent) if consent != self.settings.consent => {
                self.settings.consent = consent;
                self.follow_consent(now, effects);
            }
            Some(_) => {}
        }
    }

    pub(super) fn follow_consent(&mut self, now: Now, effects: &mut Vec<Effect>) {
        if self.has_consent() {
            effects.push(self.visitor.save());
            self.others = None;
            self.store_held(usize::MAX, effects);
            effects.push(Effect::Replay);
            return;
        }
        self.abort_all(effects);
        // What storage holds from before stays there, for a page that has consent.
        self.resign(now, effects);
        self.storage = Storage::Working;
        if self.settings.consent == Consent::Denied {
            self.queue = Queue::default();
            self.shared = Shared::default();
            // Who consents again later is nobody whom we know.
            self.end_visitor(now);
            effects.push(Effect::Erase);
        }
    }
}
