//! News of sent messages (docs/META.md, "Statuses").

use crate::fixture::item;
use papo_domain::MessageId;
use papo_domain::ports::{DeliveryStatus, InboxItem, ProviderError, StatusUpdate};
use serde_json::json;
use uuid::uuid;

fn status(fixture: &str) -> (String, StatusUpdate) {
    let item = item(fixture);
    assert_eq!(item.route(), "100200300400500");
    match item.item {
        InboxItem::Status(update) => (item.external_id, update),
        other => panic!("{other:?}"),
    }
}

const TRACKING: MessageId = MessageId(uuid!("6f1c2a34-5b6d-5e7f-8a90-b1c2d3e4f506"));

#[test]
fn every_word_has_its_place_and_its_key() {
    for (word, status_of_word, at) in [
        ("sent", DeliveryStatus::Sent, 1_767_225_660),
        ("delivered", DeliveryStatus::Delivered, 1_767_225_661),
        ("read", DeliveryStatus::Read, 1_767_225_660),
        ("played", DeliveryStatus::Played, 1_767_225_660),
        ("failed", DeliveryStatus::Failed, 1_767_225_660),
    ] {
        let (key, update) = status(&format!("status_{word}"));
        assert_eq!(key, format!("wamid.HBgNours:{word}"));
        assert_eq!(update.external_id, "wamid.HBgNours");
        assert_eq!(update.status, status_of_word);
        assert_eq!(update.at.timestamp(), at);
    }
}

#[test]
fn our_own_id_and_the_price_come_back() {
    let (_, sent) = status("status_sent");
    assert_eq!(sent.tracking, Some(TRACKING));
    assert_eq!(sent.error, None);
    let price = json!({"billable": true, "pricing_model": "PMP", "type": "regular",
        "category": "service"});
    assert_eq!(sent.pricing, Some(price));

    let (_, read) = status("status_read");
    assert_eq!((read.tracking, read.pricing), (None, None));
    let (_, foreign) = status("status_foreign_tracking");
    assert_eq!(foreign.tracking, None);
    assert_eq!(foreign.status, DeliveryStatus::Sent);
}

#[test]
fn a_failure_says_why() {
    let (_, failed) = status("status_failed");
    assert_eq!(failed.tracking, Some(TRACKING));
    let error = ProviderError {
        code: 131_047,
        title: "Re-engagement message".to_owned(),
        detail: Some("More than 24 hours have passed.".to_owned()),
    };
    assert_eq!(failed.error, Some(error));
    assert!(!failed.number_down);
}

/// The same codes come in the answer to a send, and later in a status.
#[test]
fn a_failure_may_be_the_numbers() {
    let (_, locked) = status("status_failed_locked");
    assert_eq!(locked.error.map(|error| error.code), Some(131_031));
    assert!(locked.number_down);
}

#[test]
fn a_recipient_without_phone_changes_nothing() {
    let (key, update) = status("status_user_id_only");
    assert_eq!(key, "wamid.HBgNours:delivered");
    assert_eq!(update.status, DeliveryStatus::Delivered);
}

#[test]
fn each_member_of_a_group_reports_once() {
    let (key, update) = status("status_group");
    assert_eq!(key, "wamid.HBgNours:read:5511900000001");
    assert_eq!(update.external_id, "wamid.HBgNours");
}

#[test]
fn a_word_that_nobody_knows_is_a_notice() {
    let item = item("status_unknown_word");
    let InboxItem::Notice { field, value } = item.item else {
        panic!("{item:?}");
    };
    assert_eq!(field, "messages");
    assert_eq!(value["statuses"][0]["status"], "warned");
    assert!(item.external_id.starts_with("notice:messages:"));
}
