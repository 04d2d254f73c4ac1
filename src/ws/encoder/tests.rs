//! Every event's frames, word for word: they are the contract with clients.

use super::JsonFrames;
use crate::engine::Listed;
use chrono::TimeDelta;
use papo_actors::FrameEncoder;
use papo_domain::content::{Content, MessageKind};
use papo_domain::conversation::{
    Audience, Body, CloseReason, DeadlineKind, Event, HandoffReason, OfferEnd, Originator, Owner,
    Priority, Sender,
};
use papo_domain::ports::{DeliveryStatus, EventBody, LiveEvent, MessageView, ProviderError};
use papo_domain::{ConversationId, DepartmentId, HandoffId, MessageId, Timestamp, UserId};
use serde_json::Value;
use uuid::Uuid;

fn id(n: u128) -> Uuid {
    Uuid::from_u128(n)
}

fn conversation() -> ConversationId {
    ConversationId(id(1))
}

fn ana() -> UserId {
    UserId(id(2))
}

fn bruno() -> UserId {
    UserId(id(3))
}

fn sales() -> DepartmentId {
    DepartmentId(id(4))
}

fn at() -> Timestamp {
    Timestamp::from_timestamp(1_800_000_000, 0).unwrap()
}

fn live(body: EventBody, message: Option<MessageView>) -> LiveEvent {
    LiveEvent {
        seq: 412,
        conversation: conversation(),
        version: Some(17),
        at: at(),
        body,
        audience: Audience::Staff,
        prior: None,
        message,
    }
}

fn frames(event: Event) -> Vec<String> {
    let event = live(EventBody::Conversation { event }, None);
    JsonFrames
        .encode(&event)
        .iter()
        .map(ToString::to_string)
        .collect()
}

/// Names of the frames, their payloads, and whether each but the last says that more follow.
fn told(event: Event) -> Vec<(String, Value)> {
    let frames: Vec<Value> = frames(event)
        .iter()
        .map(|frame| serde_json::from_str(frame).unwrap())
        .collect();
    let last = frames.len().saturating_sub(1);
    for (i, frame) in frames.iter().enumerate() {
        assert_eq!(frame.get("more").is_some(), i < last, "{frame}");
        assert_eq!(frame["seq"], 412);
        assert_eq!(frame["topic"], format!("conversation:{}", conversation()));
        assert_eq!(
            frame["payload"]["conversation_id"],
            conversation().to_string()
        );
    }
    frames
        .into_iter()
        .map(|mut frame| {
            (
                frame["event"].as_str().unwrap().to_owned(),
                frame["payload"].take(),
            )
        })
        .collect()
}

fn names(told: &[(String, Value)]) -> Vec<&str> {
    told.iter().map(|(name, _)| name.as_str()).collect()
}

fn added(sender: Sender, kind: MessageKind, utterance: bool) -> Event {
    Event::MessageAdded {
        seq: 9,
        sender,
        kind,
        at: at(),
        utterance,
        late: false,
        scheduled: false,
    }
}

fn view(sender: Sender, kind: MessageKind, body: Option<Body>) -> MessageView {
    MessageView {
        id: MessageId::of(conversation(), 9),
        seq: 9,
        sender,
        kind,
        body,
        external_id: Some("wamid.X".to_owned()),
        quoted: None,
        sent_at: at(),
        late: false,
        status: None,
    }
}

#[test]
fn a_message_comes_whole() {
    let body = Body::Inbound {
        content: Content::Text {
            body: "Olá, \"tudo\" bem?".to_owned(),
        },
    };
    let event = added(Sender::Customer, MessageKind::Text, true);
    let view = view(Sender::Customer, MessageKind::Text, Some(body));
    let event = live(EventBody::Conversation { event }, Some(view));
    let frames = JsonFrames.encode(&event);
    assert_eq!(frames.len(), 1);
    insta::assert_snapshot!(frames[0], @r#"{"v":1,"event":"message:new","seq":412,"topic":"conversation:00000000-0000-0000-0000-000000000001","payload":{"id":"053fd6bf-b023-5a4d-9820-26db2402acc2","conversation_id":"00000000-0000-0000-0000-000000000001","seq":9,"direction":"inbound","sender_type":"customer","sender_user_id":null,"message_type":"text","text":"Olá, \"tudo\" bem?","content":{"type":"text","body":"Olá, \"tudo\" bem?"},"external_id":"wamid.X","quoted":null,"sent_at":"2027-01-15T08:00:00Z","late":false,"status":null,"unread":"raise"}}"#);
}

#[test]
fn an_erased_message_keeps_its_place() {
    let event = added(Sender::Attendant(ana()), MessageKind::Text, false);
    let view = view(Sender::Attendant(ana()), MessageKind::Text, None);
    let event = live(EventBody::Conversation { event }, Some(view));
    let frame: Value = serde_json::from_str(&JsonFrames.encode(&event)[0]).unwrap();
    let payload = &frame["payload"];
    assert_eq!(
        (&payload["text"], &payload["content"]),
        (&Value::from(""), &Value::Null)
    );
    assert_eq!(payload["sender_user_id"], ana().to_string());
    assert_eq!(payload["id"], MessageId::of(conversation(), 9).to_string());
}

#[test]
fn a_message_says_what_it_does_to_the_unread_counter() {
    for (sender, kind, utterance, unread) in [
        (Sender::Customer, MessageKind::Text, true, Some("raise")),
        (Sender::Customer, MessageKind::Reaction, false, None),
        (Sender::Bot, MessageKind::Text, true, None),
        (Sender::System, MessageKind::Text, false, None),
        (
            Sender::Attendant(ana()),
            MessageKind::Text,
            false,
            Some("clear"),
        ),
        (Sender::Attendant(ana()), MessageKind::Note, false, None),
        (Sender::Phone, MessageKind::Image, false, Some("clear")),
        (Sender::Phone, MessageKind::Reaction, false, None),
    ] {
        let told = told(added(sender, kind, utterance));
        assert_eq!(names(&told), ["message:new"]);
        assert_eq!(
            told[0].1.get("unread").and_then(Value::as_str),
            unread,
            "{sender:?} {kind:?}"
        );
    }
}

#[test]
fn a_status_names_its_message() {
    let event = live(
        EventBody::Delivery {
            seq: 9,
            status: DeliveryStatus::Failed,
            error: Some(ProviderError {
                code: 131_047,
                title: "Re-engagement message".to_owned(),
                detail: None,
            }),
            external_id: Some("wamid.9".to_owned()),
        },
        None,
    );
    insta::assert_snapshot!(JsonFrames.encode(&event)[0], @r#"{"v":1,"event":"message:status","seq":412,"topic":"conversation:00000000-0000-0000-0000-000000000001","payload":{"conversation_id":"00000000-0000-0000-0000-000000000001","message_id":"053fd6bf-b023-5a4d-9820-26db2402acc2","seq":9,"status":"failed","error":{"code":131047,"title":"Re-engagement message","detail":null},"external_id":"wamid.9","at":"2027-01-15T08:00:00Z"}}"#);
}

#[test]
fn a_request_for_a_person_is_news() {
    let ask = |reason| Event::HandoffRequested {
        handoff: HandoffId(id(5)),
        at: at(),
        department: Some(sales()),
        priority: Priority::High,
        reason,
        by: Originator::Customer,
        since: None,
        passed_over: None,
        preferred: None,
        skills: Vec::new(),
    };
    let frames = frames(ask(HandoffReason::Keyword));
    assert_eq!(frames.len(), 2);
    insta::assert_snapshot!(frames[0], @r#"{"v":1,"event":"conversation:updated","seq":412,"more":true,"topic":"conversation:00000000-0000-0000-0000-000000000001","payload":{"at":"2027-01-15T08:00:00Z","by":"customer","by_user_id":null,"change":"handoff_requested","conversation_id":"00000000-0000-0000-0000-000000000001","set":{"assigned_user_id":null,"department_id":"00000000-0000-0000-0000-000000000004","mode":"waiting","priority":"high","snoozed_until":null,"status":"waiting"},"version":17}}"#);
    insta::assert_snapshot!(frames[1], @r#"{"v":1,"event":"handoff:new","seq":412,"topic":"conversation:00000000-0000-0000-0000-000000000001","payload":{"at":"2027-01-15T08:00:00Z","by":"customer","by_user_id":null,"conversation_id":"00000000-0000-0000-0000-000000000001","department_id":"00000000-0000-0000-0000-000000000004","handoff_id":"00000000-0000-0000-0000-000000000005","priority":"high","reason":"keyword","waiting_since":"2027-01-15T08:00:00Z"}}"#);
    // Handed on to a department, it is a transfer too.
    let told = told(ask(HandoffReason::Department));
    assert_eq!(
        names(&told),
        [
            "conversation:updated",
            "conversation:transferred",
            "handoff:new"
        ]
    );
    assert_eq!(told[1].1["department_id"], sales().to_string());
}

#[test]
fn an_offer_says_what_a_person_wants_to_know_and_how_it_ended() {
    let handoff = HandoffId(id(5));
    let offered = frames(Event::Offered {
        handoff,
        to: ana(),
        at: at(),
        expires_at: at() + TimeDelta::seconds(30),
        department: Some(sales()),
        priority: Priority::High,
        since: at() - TimeDelta::minutes(4),
    });
    assert_eq!(offered.len(), 2);
    insta::assert_snapshot!(offered[1], @r#"{"v":1,"event":"handoff:offered","seq":412,"topic":"conversation:00000000-0000-0000-0000-000000000001","payload":{"at":"2027-01-15T08:00:00Z","conversation_id":"00000000-0000-0000-0000-000000000001","department_id":"00000000-0000-0000-0000-000000000004","expires_at":"2027-01-15T08:00:30Z","handoff_id":"00000000-0000-0000-0000-000000000005","priority":"high","user_id":"00000000-0000-0000-0000-000000000002","waiting_since":"2027-01-15T07:56:00Z"}}"#);
    let ended = frames(Event::OfferEnded {
        handoff,
        to: ana(),
        at: at(),
        how: OfferEnd::TimedOut,
    });
    insta::assert_snapshot!(ended[0], @r#"{"v":1,"event":"conversation:updated","seq":412,"more":true,"topic":"conversation:00000000-0000-0000-0000-000000000001","payload":{"at":"2027-01-15T08:00:00Z","change":"offer_ended","conversation_id":"00000000-0000-0000-0000-000000000001","set":{"offer_expires_at":null,"offered_user_id":null},"version":17}}"#);
    insta::assert_snapshot!(ended[1], @r#"{"v":1,"event":"handoff:offer_ended","seq":412,"topic":"conversation:00000000-0000-0000-0000-000000000001","payload":{"at":"2027-01-15T08:00:00Z","conversation_id":"00000000-0000-0000-0000-000000000001","handoff_id":"00000000-0000-0000-0000-000000000005","how":"timed_out","user_id":"00000000-0000-0000-0000-000000000002"}}"#);
}

#[test]
fn a_takeover_says_from_whom_and_of_which_request() {
    let take = |from, handoff| Event::TakenOver {
        owner: Owner::User(ana()),
        from,
        at: at(),
        handoff,
    };
    let told_ = told(take(None, None));
    assert_eq!(names(&told_), ["conversation:updated"]);
    insta::assert_snapshot!(told_[0].1, @r#"{"at":"2027-01-15T08:00:00Z","change":"taken_over","conversation_id":"00000000-0000-0000-0000-000000000001","set":{"assigned_user_id":"00000000-0000-0000-0000-000000000002","mode":"human","snoozed_until":null,"status":"open"},"version":17}"#);

    let told_ = told(take(Some(Owner::User(bruno())), Some(HandoffId(id(5)))));
    assert_eq!(
        names(&told_),
        [
            "conversation:updated",
            "conversation:transferred",
            "handoff:assigned"
        ]
    );
    insta::assert_snapshot!(told_[1].1, @r#"{"at":"2027-01-15T08:00:00Z","by":"user","by_user_id":"00000000-0000-0000-0000-000000000002","conversation_id":"00000000-0000-0000-0000-000000000001","from_user_id":"00000000-0000-0000-0000-000000000003","to_user_id":"00000000-0000-0000-0000-000000000002"}"#);
    insta::assert_snapshot!(told_[2].1, @r#"{"assigned_user_id":"00000000-0000-0000-0000-000000000002","at":"2027-01-15T08:00:00Z","by":"user","by_user_id":"00000000-0000-0000-0000-000000000002","conversation_id":"00000000-0000-0000-0000-000000000001","handoff_id":"00000000-0000-0000-0000-000000000005"}"#);

    let phone = told(Event::TakenOver {
        owner: Owner::Phone,
        from: None,
        at: at(),
        handoff: None,
    });
    assert_eq!(phone[0].1["set"]["mode"], "human");
    assert_eq!(phone[0].1["set"]["assigned_user_id"], Value::Null);
}

#[test]
fn every_other_change_of_control() {
    let by = Originator::User(ana());
    let transfer = told(Event::Transferred {
        from: Some(Owner::Phone),
        to: bruno(),
        by,
        at: at(),
        department: Some(sales()),
    });
    assert_eq!(
        names(&transfer),
        ["conversation:updated", "conversation:transferred"]
    );
    insta::assert_snapshot!(transfer[0].1, @r#"{"at":"2027-01-15T08:00:00Z","by":"user","by_user_id":"00000000-0000-0000-0000-000000000002","change":"transferred","conversation_id":"00000000-0000-0000-0000-000000000001","set":{"assigned_user_id":"00000000-0000-0000-0000-000000000003","department_id":"00000000-0000-0000-0000-000000000004","mode":"human","snoozed_until":null,"status":"open"},"version":17}"#);
    insta::assert_snapshot!(transfer[1].1, @r#"{"at":"2027-01-15T08:00:00Z","by":"user","by_user_id":"00000000-0000-0000-0000-000000000002","conversation_id":"00000000-0000-0000-0000-000000000001","department_id":"00000000-0000-0000-0000-000000000004","from_user_id":null,"to_user_id":"00000000-0000-0000-0000-000000000003"}"#);

    let released = told(Event::ReturnedToBot { by, at: at() });
    assert_eq!(
        names(&released),
        ["conversation:updated", "handoff:completed"]
    );
    insta::assert_snapshot!(released[0].1["set"], @r#"{"assigned_user_id":null,"current_menu_level":"main","mode":"bot","priority":null,"snoozed_until":null,"status":"open"}"#);
    insta::assert_snapshot!(released[1].1, @r#"{"at":"2027-01-15T08:00:00Z","by":"user","by_user_id":"00000000-0000-0000-0000-000000000002","conversation_id":"00000000-0000-0000-0000-000000000001","outcome":"returned_to_bot"}"#);

    let close = |reason, by| Event::Closed {
        by,
        at: at(),
        reason,
        upto_seq: 9,
    };
    let closed = told(close(CloseReason::Staff, by));
    assert_eq!(
        names(&closed),
        ["conversation:updated", "handoff:completed"]
    );
    insta::assert_snapshot!(closed[0].1["set"], @r#"{"assigned_user_id":null,"ended_at":"2027-01-15T08:00:00Z","mode":"closed","priority":null,"snoozed_until":null,"status":"closed"}"#);
    assert_eq!(closed[0].1["read_upto_seq"], 9);
    let closed = told(close(CloseReason::BotIdle, Originator::System));
    assert_eq!(names(&closed), ["conversation:updated"]);

    let opened = told(Event::SessionOpened { at: at() });
    insta::assert_snapshot!(opened[0].1, @r#"{"at":"2027-01-15T08:00:00Z","change":"session_opened","conversation_id":"00000000-0000-0000-0000-000000000001","set":{"archived_at":null,"assigned_user_id":null,"current_menu_level":"main","department_id":null,"ended_at":null,"mode":"bot","priority":null,"rating":null,"session_at":"2027-01-15T08:00:00Z","snoozed_until":null,"status":"open"},"version":17}"#);

    let read = told(Event::Read {
        by: ana(),
        upto_seq: 9,
    });
    insta::assert_snapshot!(read[0].1, @r#"{"by":"user","by_user_id":"00000000-0000-0000-0000-000000000002","change":"read","conversation_id":"00000000-0000-0000-0000-000000000001","read_upto_seq":9,"set":{},"version":17}"#);

    for (event, set) in [
        (
            Event::Quarantined { at: at() },
            r#"{"quarantined":true,"snoozed_until":null}"#,
        ),
        (
            Event::Resumed {
                by: ana(),
                at: at(),
            },
            r#"{"quarantined":false}"#,
        ),
        (
            Event::WaitingEscalated {
                priority: Priority::Urgent,
                notified: true,
            },
            r#"{"priority":"urgent"}"#,
        ),
    ] {
        let told = told(event);
        assert_eq!(names(&told), ["conversation:updated"]);
        assert_eq!(told[0].1["set"].to_string(), set);
    }
}

#[test]
fn what_is_between_the_engine_and_itself_is_not_told() {
    for event in [
        Event::BotMoved {
            node: "main".to_owned(),
            misses: 0,
        },
        Event::InputCollected {
            variable: "cpf".to_owned(),
            seq: 3,
        },
        Event::TurnPending {
            from_seq: 3,
            since: at(),
        },
        Event::TurnSettled,
        Event::DeadlineArmed {
            deadline: DeadlineKind::BotIdle,
            at: at(),
        },
        Event::DeadlineCleared {
            deadline: DeadlineKind::BotIdle,
        },
        Event::SendFailed {
            seq: 3,
            code: 131_047,
        },
    ] {
        assert!(frames(event.clone()).is_empty(), "{event:?}");
    }
}

#[test]
fn gaining_and_losing_sight() {
    // `more`: the event that granted it follows.
    insta::assert_snapshot!(JsonFrames.granted(conversation(), 412), @r#"{"v":1,"event":"conversation:granted","seq":412,"more":true,"topic":"conversation:00000000-0000-0000-0000-000000000001","payload":{"as_of_seq":412,"id":"00000000-0000-0000-0000-000000000001"}}"#);
    insta::assert_snapshot!(JsonFrames.revoked(conversation(), 413), @r#"{"v":1,"event":"conversation:revoked","seq":413,"topic":"conversation:00000000-0000-0000-0000-000000000001","payload":{"id":"00000000-0000-0000-0000-000000000001"}}"#);
}

#[test]
fn signals_have_no_number() {
    insta::assert_snapshot!(JsonFrames.presence(ana(), true), @r#"{"v":1,"event":"user:online","topic":"user:00000000-0000-0000-0000-000000000002","payload":{"user_id":"00000000-0000-0000-0000-000000000002"}}"#);
    insta::assert_snapshot!(JsonFrames.presence(ana(), false), @r#"{"v":1,"event":"user:offline","topic":"user:00000000-0000-0000-0000-000000000002","payload":{"user_id":"00000000-0000-0000-0000-000000000002"}}"#);
    insta::assert_snapshot!(JsonFrames.presence_changed(), @r#"{"v":1,"event":"users:changed","topic":"users","payload":{}}"#);
    insta::assert_snapshot!(JsonFrames.list_changed(Listed::CannedReplies), @r#"{"v":1,"event":"directory:changed","topic":"directory","payload":{"list":"canned_replies"}}"#);
    insta::assert_snapshot!(JsonFrames.typing(ana(), conversation()), @r#"{"v":1,"event":"user:typing","topic":"conversation:00000000-0000-0000-0000-000000000001","payload":{"conversation_id":"00000000-0000-0000-0000-000000000001","user_id":"00000000-0000-0000-0000-000000000002"}}"#);
}
