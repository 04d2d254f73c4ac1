//! News of what we sent (docs/META.md, "Statuses"). A status that this version cannot place in the
//! lattice (another word, no id) is left to become a notice.

use super::Keyed;
use super::field::{self, Object, integer, object, text, words};
use crate::graph::stops_number;
use papo_domain::ports::{DeliveryStatus, InboxItem, ProviderError, StatusUpdate};
use serde_json::Value;

/// Members that name the member of a group whose device reports. The documentation does not
/// settle on one.
const PARTICIPANT: [&str; 6] = [
    "participant",
    "participant_id",
    "participant_user_id",
    "recipient_participant",
    "recipient_participant_id",
    "recipient_participant_user_id",
];

pub(super) fn parse(raw: &Value) -> Option<Keyed> {
    let status = raw.as_object()?;
    let external_id = field::id(status, "id")?;
    let word = text(status, "status")?;
    let (delivery, error) = (delivery(&word)?, error(status));
    let failed = delivery == DeliveryStatus::Failed;
    let update = StatusUpdate {
        external_id,
        status: delivery,
        at: field::timestamp(status),
        tracking: text(status, "biz_opaque_callback_data").and_then(|ours| ours.parse().ok()),
        number_down: failed && error.as_ref().is_some_and(|e| stops_number(e.code)),
        error,
        pricing: status.get("pricing").filter(|p| !p.is_null()).cloned(),
    };
    let mut key = format!("{}:{word}", update.external_id);
    if let Some(participant) = participant(status) {
        key = format!("{key}:{participant}");
    }
    Some((field::bounded(key), InboxItem::Status(update)))
}

fn delivery(word: &str) -> Option<DeliveryStatus> {
    Some(match word {
        "sent" => DeliveryStatus::Sent,
        "delivered" => DeliveryStatus::Delivered,
        "read" => DeliveryStatus::Read,
        "played" => DeliveryStatus::Played,
        "failed" => DeliveryStatus::Failed,
        _ => return None,
    })
}

fn participant(status: &Object) -> Option<String> {
    PARTICIPANT.iter().find_map(|key| match status.get(*key)? {
        Value::Object(participant) => ["wa_id", "user_id", "id"]
            .iter()
            .find_map(|key| field::id(participant, key)),
        participant => field::name(participant),
    })
}

fn error(status: &Object) -> Option<ProviderError> {
    let error = status.get("errors")?.get(0)?.as_object()?;
    Some(ProviderError {
        code: integer(error, "code")?,
        title: words(error, "title")
            .or_else(|| words(error, "message"))
            .unwrap_or_default(),
        detail: object(error, "error_data")
            .and_then(|data| words(data, "details"))
            .or_else(|| words(error, "message")),
    })
}
