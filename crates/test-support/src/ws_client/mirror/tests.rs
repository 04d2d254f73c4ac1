//! The rules of a right client, one by one.

use super::Mirror;
use serde_json::{Value, json};

const ID: &str = "018f3a1e-0000-7000-8000-000000000001";

fn conversation(unread: u64, last_seq: u64) -> Value {
    json!({
        "id": ID,
        "mode": "human",
        "status": "open",
        "assigned_user": { "id": "ana", "name": "Ana" },
        "department": null,
        "priority": null,
        "quarantined": false,
        "unread_count": unread,
        "last_seq": last_seq,
    })
}

fn message(seq: u64, status: Option<&str>) -> Value {
    json!({
        "id": format!("m{seq}"),
        "conversation_id": ID,
        "seq": seq,
        "sender_type": "customer",
        "message_type": "text",
        "text": format!("text {seq}"),
        "status": status,
    })
}

fn new(seq: u64, unread: &str) -> Value {
    let mut payload = message(seq, None);
    payload["unread"] = Value::from(unread);
    json!({ "event": "message:new", "payload": payload })
}

fn status(seq: u64, status: &str) -> Value {
    json!({
        "event": "message:status",
        "payload": { "conversation_id": ID, "seq": seq, "status": status },
    })
}

fn loaded(unread: u64, seqs: &[u64]) -> Mirror {
    let mut mirror = Mirror::default();
    let messages: Vec<_> = seqs.iter().map(|seq| message(*seq, None)).collect();
    let last = seqs.last().copied().unwrap_or_default();
    mirror.load(&conversation(unread, last), &messages).unwrap();
    mirror
}

#[test]
fn frames_lead_to_what_the_api_shows() {
    let mut mirror = loaded(0, &[1]);
    for frame in [new(2, "raise"), new(3, "raise")] {
        mirror.take(&frame).unwrap();
    }
    assert_eq!(mirror, loaded(2, &[1, 2, 3]));
    mirror.take(&new(4, "clear")).unwrap();
    assert_eq!(mirror, loaded(0, &[1, 2, 3, 4]));
    assert!(!mirror.differences(&loaded(1, &[1, 2, 3, 4])).is_empty());
}

#[test]
fn what_was_loaded_already_is_not_counted_again() {
    let mut mirror = Mirror::default();
    for frame in [new(1, "raise"), new(2, "raise")] {
        mirror.take(&frame).unwrap();
    }
    assert_eq!(mirror.missing().into_iter().collect::<Vec<_>>(), [ID]);
    // The API was asked after the second, and before the third.
    let messages = [message(1, Some("read")), message(2, None)];
    mirror.take(&new(3, "raise")).unwrap();
    mirror.take(&status(1, "delivered")).unwrap();
    mirror.load(&conversation(2, 2), &messages).unwrap();
    let mut expected = Mirror::default();
    let messages = [message(1, Some("read")), message(2, None), message(3, None)];
    expected.load(&conversation(3, 3), &messages).unwrap();
    assert_eq!(mirror, expected);
    assert!(mirror.missing().is_empty());
}

#[test]
fn reading_leaves_what_came_after() {
    let mut mirror = loaded(3, &[1, 2, 3]);
    let read = |upto: u64| {
        json!({
            "event": "conversation:updated",
            "payload": { "conversation_id": ID, "set": {}, "read_upto_seq": upto },
        })
    };
    mirror.take(&read(2)).unwrap();
    assert_eq!(mirror, loaded(1, &[1, 2, 3]));
    mirror.take(&read(3)).unwrap();
    assert_eq!(mirror, loaded(0, &[1, 2, 3]));
}

#[test]
fn sight_comes_and_goes() {
    let mut mirror = loaded(0, &[1]);
    let sight = |event| json!({ "event": event, "payload": { "id": ID } });
    mirror.take(&sight("conversation:revoked")).unwrap();
    assert_eq!(mirror, Mirror::default());
    mirror.take(&sight("conversation:granted")).unwrap();
    assert_eq!(mirror.missing().len(), 1);
    mirror.unseen(ID);
    assert!(mirror.missing().is_empty());
}
