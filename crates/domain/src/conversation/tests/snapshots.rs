//! The stored form: small, and readable by later versions.

use crate::bot::Flow;
use crate::conversation::{
    BotState, CloseReason, Deadline, DeadlineKind, Event, Mode, Offer, Owner, PASSED_OVER_MAX,
    PendingTurn, Priority, SCHEMA_VERSION, SnapshotError, State, Survey, decode, encode, evolve,
};
use crate::ids::{ConversationId, DepartmentId, HandoffId, UserId};
use crate::routing::REQUIRED_MAX;
use chrono::{DateTime, TimeDelta};
use uuid::Uuid;

/// The first version, as it was written. Never changed: rows like it are out there.
const V1: &str = include_str!("fixtures/v1.json");

/// What the longest moments look like: the database's clock counts microseconds.
fn moment() -> crate::Timestamp {
    let noon = DateTime::parse_from_rfc3339("2026-11-25T15:00:00.123456Z");
    noon.unwrap().to_utc()
}

/// As large as a state becomes: every limit of `Flow::check` reached, years of messages.
fn largest(mode: Mode) -> State {
    let at = moment();
    let deadline = |kind| Deadline {
        kind,
        at,
        generation: 1_000_000,
    };
    State {
        seq: 10_000_000,
        words_seq: 10_000_000,
        epoch: 1_000_000,
        turn: matches!(mode, Mode::Bot(_)).then_some(PendingTurn {
            from_seq: 10_000_000,
            since: at,
        }),
        mode,
        session: 100_000,
        session_at: Some(at),
        department: Some(DepartmentId(Uuid::max())),
        last_inbound_at: Some(at),
        last_message_at: Some(at),
        last_bot_at: Some(at),
        unread: 1_000_000,
        marked: true,
        priority: Some(Priority::Medium),
        // No two kinds that can be armed together have longer names.
        deadlines: vec![
            deadline(DeadlineKind::WaitingTooLong),
            deadline(DeadlineKind::OfferTimeout),
        ],
        generation: 1_000_000,
        last_attendant: Some(UserId(Uuid::max())),
        ..State::new(ConversationId(Uuid::max()))
    }
}

fn largest_bot() -> State {
    let answers = (0..8).map(|i| (format!("{}{i}", "v".repeat(15)), 10_000_000));
    largest(Mode::Bot(BotState {
        node: Some("n".repeat(64)),
        misses: 10,
        answers: answers.collect(),
    }))
}

#[test]
fn a_snapshot_stays_under_one_kibibyte() {
    let modes = [
        Mode::Closed {
            at: moment(),
            reason: CloseReason::BotIdle,
            archived: Some(moment()),
            survey: Some(Survey::Asked {
                until: moment(),
                attendant: Some(UserId(Uuid::max())),
                handoff: Some(HandoffId(Uuid::max())),
            }),
        },
        Mode::Waiting {
            handoff: HandoffId(Uuid::max()),
            since: moment(),
            priority: Priority::Medium,
            notified: false,
            offer: Some(Offer {
                to: UserId(Uuid::max()),
                expires_at: moment(),
            }),
            passed_over: vec![UserId(Uuid::max()); PASSED_OVER_MAX],
            skills: (0..2 * REQUIRED_MAX)
                .map(|i| "s".repeat(19) + &i.to_string())
                .collect(),
            told_at: Some(moment()),
        },
        Mode::Human {
            owner: Owner::User(UserId(Uuid::max())),
            since: moment(),
            handoff: Some(HandoffId(Uuid::max())),
            unanswered_since: Some(moment()),
            replied_seq: 10_000_000,
            skills: (0..2 * REQUIRED_MAX)
                .map(|i| "s".repeat(19) + &i.to_string())
                .collect(),
        },
    ];
    for state in modes.map(largest).into_iter().chain([largest_bot()]) {
        let payload = encode(&state).unwrap();
        assert!(payload.len() <= 1024, "{} bytes: {payload}", payload.len());
        assert_eq!(decode(&payload).unwrap(), state);
    }
}

/// One flow after another in one session, each within its limits.
#[test]
fn no_number_of_flows_makes_a_snapshot_too_large() {
    let mut state = largest_bot();
    let node = || "\"".repeat(32);
    for flow in 0..3 {
        for variable in 0..8 {
            let event = Event::InputCollected {
                variable: format!("{}{flow}{variable}", "w".repeat(14)),
                seq: 10_000_001 + flow * 8 + variable,
            };
            evolve(&mut state, &event);
            let (node, misses) = (node(), 10);
            evolve(&mut state, &Event::BotMoved { node, misses });
            let payload = encode(&state).unwrap();
            assert!(payload.len() <= 1024, "{} bytes: {payload}", payload.len());
        }
    }
}

#[test]
fn the_flow_s_limits_are_those_of_the_largest_state() {
    let flow = |variables: usize, length: usize| -> Flow {
        let ask = |i: usize| {
            serde_json::json!({"type": "collect", "text": "?", "next": "end",
                "variable": format!("{}{i}", "v".repeat(length - 1))})
        };
        let mut nodes: serde_json::Map<_, _> =
            (0..variables).map(|i| (format!("n{i}"), ask(i))).collect();
        nodes.insert("end".to_owned(), serde_json::json!({"type": "close"}));
        let flow = serde_json::json!({"start": "n0", "nodes": nodes});
        serde_json::from_value(flow).unwrap()
    };
    assert!(flow(8, 16).check().is_empty());
    assert!(!flow(9, 16).check().is_empty());
    assert!(!flow(8, 17).check().is_empty());
}

#[test]
fn the_first_version_can_be_read() {
    let state = decode(V1).unwrap();
    let at = DateTime::parse_from_rfc3339("2026-11-25T15:00:00.250Z")
        .unwrap()
        .to_utc();
    let expected = State {
        seq: 12,
        epoch: 3,
        mode: Mode::Bot(BotState {
            node: Some("assunto".to_owned()),
            misses: 1,
            answers: [("pedido".to_owned(), 7)].into(),
        }),
        session: 2,
        session_at: Some(at - TimeDelta::minutes(5)),
        department: Some(DepartmentId(Uuid::from_u128(2))),
        last_inbound_at: Some(at),
        last_message_at: Some(at),
        last_bot_at: Some(at - TimeDelta::seconds(1)),
        unread: 4,
        deadlines: vec![
            Deadline {
                kind: DeadlineKind::BotIdle,
                at: at + TimeDelta::minutes(30),
                generation: 8,
            },
            Deadline {
                kind: DeadlineKind::BotTurn,
                at: at + TimeDelta::seconds(2),
                generation: 9,
            },
        ],
        generation: 9,
        turn: Some(PendingTurn {
            from_seq: 12,
            since: at,
        }),
        ..State::new(ConversationId(Uuid::from_u128(1)))
    };
    assert_eq!(state, expected);
}

#[test]
fn a_newer_snapshot_is_told_from_a_broken_one() {
    let newer = format!(
        r#"{{"v":{},"state":"in a shape nobody knows yet"}}"#,
        SCHEMA_VERSION + 1
    );
    assert!(matches!(decode(&newer), Err(SnapshotError::TooNew(v)) if v == SCHEMA_VERSION + 1));
    for broken in ["", "{}", r#"{"v":1}"#, r#"{"v":1,"state":{}}"#] {
        assert!(
            matches!(decode(broken), Err(SnapshotError::Corrupt(_))),
            "{broken}"
        );
    }
}
