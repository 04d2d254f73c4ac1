//! How the dashboard behaves for one user. Stored as JSON of what the user chose; every field has
//! a default, so that old rows stay readable.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

/// Light or dark.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Theme {
    /// As the device.
    #[default]
    System,
    Light,
    Dark,
}

/// A user's preferences.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(default)]
pub(crate) struct Preferences {
    /// Whether there is a sound with notifications.
    pub sound: bool,
    /// Whether notifications show outside of the browser's window.
    pub desktop: bool,
    /// Whether messages of conversations that others lead notify, too.
    pub all_conversations: bool,
    /// Whether a customer who begins to wait notifies.
    pub queue: bool,
    /// Whether being mentioned in a note notifies.
    pub mentions: bool,
    /// Whether Enter sends; else Ctrl+Enter does.
    pub send_on_enter: bool,
    pub theme: Theme,
}

impl Default for Preferences {
    fn default() -> Self {
        Self {
            sound: true,
            desktop: false,
            all_conversations: false,
            queue: true,
            mentions: true,
            send_on_enter: true,
            theme: Theme::System,
        }
    }
}

impl Preferences {
    /// As stored. What this version cannot read is as if it had not been chosen: nobody is kept
    /// out of the dashboard by how it looks.
    pub(crate) fn read(stored: Value) -> Self {
        serde_json::from_value(stored).unwrap_or_default()
    }
}

/// What changes; what is left out stays.
#[derive(Clone, Debug, Default, Deserialize, Serialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct PreferencesChange {
    #[serde(skip_serializing_if = "Option::is_none")]
    sound: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    desktop: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    all_conversations: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    queue: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mentions: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    send_on_enter: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    theme: Option<Theme>,
}

#[cfg(test)]
mod tests {
    use super::{Preferences, PreferencesChange, Theme};
    use serde_json::{Value, json};

    /// A key that can be read and not be changed, or the other way round, is no use.
    #[test]
    fn what_can_be_read_can_be_changed() {
        let all = serde_json::to_value(Preferences::default()).expect("json");
        let change: PreferencesChange = serde_json::from_value(all.clone()).expect("every key");
        assert_eq!(serde_json::to_value(change).expect("json"), all);
        let none = serde_json::to_value(PreferencesChange::default()).expect("json");
        assert_eq!(none, json!({}));
    }

    #[test]
    fn what_was_not_chosen_or_cannot_be_read_has_its_default() {
        let stored = json!({ "theme": "dark", "of_a_later_version": 7 });
        let expected = Preferences {
            theme: Theme::Dark,
            ..Preferences::default()
        };
        assert_eq!(Preferences::read(stored), expected);
        for damaged in [Value::Null, json!({ "sound": "loud" })] {
            assert_eq!(Preferences::read(damaged), Preferences::default());
        }
    }
}
