//! What the door says besides calls: inputs that hold text reach the engine as text, escaped, and are read there.

use super::value::quoted;
use tillpost::core::effect::Input;

/// The message of such an input, as `pkg/host.mjs`, `pkg/mirror.mjs` and `pkg/panel.mjs` make it.
pub fn message(input: &Input<'_>) -> Option<String> {
    let parts = match input {
        // An item without text is told as one that is gone.
        Input::Added { key, text } if text.is_empty() => [quoted("storage"), quoted(key), "null".into()].to_vec(),
        Input::Added { key, text } => [quoted("storage"), quoted(key), quoted(text)].to_vec(),
        Input::Gone(key) => [quoted("storage"), quoted(key), "null".into()].to_vec(),
        Input::Recalled(items) => [quoted("recalled"), quoted(items)].to_vec(),
        Input::Navigated { address, again } => [quoted("address"), quoted(address), again.to_string()].to_vec(),
        Input::Consent(chosen) => {
            let word = chosen.map_or("null".into(), |consent| quoted(consent.as_str()));
            [quoted("consent"), word].to_vec()
        }
        _ => return None,
    };
    Some(["[", &parts.join(","), "]"].concat())
}
