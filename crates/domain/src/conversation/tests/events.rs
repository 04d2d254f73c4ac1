//! `evolve` alone: total, and true to each event.

use crate::content::MessageKind;
use crate::conversation::{
    BotState, CloseReason, DeadlineKind, Event, HandoffReason, Mode, OfferEnd, Originator, Owner,
    Priority, Sender, State, evolve, fold,
};
use crate::ids::{ConversationId, DepartmentId, HandoffId, LabelId, MediaId, UserId};
use crate::media::MediaState;
use chrono::{DateTime, TimeDelta};
use uuid::Uuid;

const USER: UserId = UserId(Uuid::from_u128(1));
const HANDOFF: HandoffId = HandoffId(Uuid::from_u128(2));
const DEPARTMENT: DepartmentId = DepartmentId(Uuid::from_u128(3));

fn at(minute: i64) -> crate::Timestamp {
    DateTime::UNIX_EPOCH + TimeDelta::minutes(minute)
}

fn message(sender: Sender, kind: MessageKind, minute: i64) -> Event {
    Event::MessageAdded {
        seq: 5,
        sender,
        kind,
        at: at(minute),
        utterance: sender == Sender::Customer && kind.is_utterance(),
        late: false,
        scheduled: false,
    }
}

fn requested() -> Event {
    Event::HandoffRequested {
        handoff: HANDOFF,
        at: at(20),
        department: Some(DEPARTMENT),
        priority: Priority::High,
        reason: HandoffReason::Staff,
        by: Originator::User(USER),
        since: None,
        passed_over: None,
        preferred: None,
        skills: Vec::new(),
    }
}

fn taken() -> Event {
    Event::TakenOver {
        owner: Owner::User(USER),
        from: None,
        at: at(30),
        handoff: Some(HANDOFF),
    }
}

/// One event of every kind. A kind that is added does not compile in `place`, and one without an
/// example fails the test below.
fn every_event() -> Vec<Event> {
    [of_sessions(), of_control(), of_order()].concat()
}

fn of_sessions() -> Vec<Event> {
    vec![
        Event::SessionOpened { at: at(10) },
        message(Sender::Customer, MessageKind::Text, 11),
        Event::BotMoved {
            node: "x".to_owned(),
            misses: 1,
        },
        Event::InputCollected {
            variable: "x".to_owned(),
            seq: 4,
        },
        Event::TurnPending {
            from_seq: 5,
            since: at(12),
        },
        Event::TurnSettled,
    ]
}

fn of_control() -> Vec<Event> {
    let by = Originator::System;
    let deadline = DeadlineKind::BotIdle;
    vec![
        requested(),
        Event::Offered {
            handoff: HANDOFF,
            to: USER,
            at: at(21),
            expires_at: at(22),
            department: Some(DEPARTMENT),
            priority: Priority::High,
            since: at(20),
        },
        Event::OfferEnded {
            handoff: HANDOFF,
            to: USER,
            at: at(22),
            how: OfferEnd::TimedOut,
        },
        Event::WaitingEscalated {
            priority: Priority::Urgent,
            notified: true,
        },
        taken(),
        Event::Transferred {
            from: None,
            to: USER,
            by,
            at: at(40),
            department: Some(DEPARTMENT),
        },
        Event::ReturnedToBot { by, at: at(50) },
        Event::Closed {
            by,
            at: at(60),
            reason: CloseReason::Staff,
            upto_seq: 5,
        },
        Event::Read {
            by: USER,
            upto_seq: 5,
        },
        Event::DeadlineArmed {
            deadline,
            at: at(70),
        },
        Event::DeadlineCleared { deadline },
        Event::SendFailed { seq: 1, code: 1 },
        Event::Quarantined { at: at(80) },
        Event::Resumed {
            by: USER,
            at: at(90),
        },
    ]
}

fn of_order() -> Vec<Event> {
    let by = Originator::System;
    vec![
        Event::MarkedUnread { by, upto_seq: 5 },
        Event::Archived {
            by: USER,
            at: at(91),
        },
        Event::Unarchived {
            by: USER,
            at: at(92),
        },
        Event::PriorityChanged {
            by: USER,
            priority: Priority::Low,
        },
        Event::Snoozed {
            by: USER,
            at: at(93),
            until: at(94),
        },
        Event::SnoozeEnded { by, at: at(94) },
        Event::RatingAsked {
            until: at(95),
            attendant: Some(USER),
            handoff: None,
        },
        Event::Rated {
            session: 1,
            score: 5,
            by,
            at: at(96),
            attendant: Some(USER),
            department: None,
            handoff: Some(HANDOFF),
            comment_until: Some(at(97)),
            upto_seq: 5,
        },
        Event::RatingCommented { session: 1, seq: 5 },
        Event::PlaceTold {
            handoff: HANDOFF,
            at: at(98),
            position: 2,
            minutes: Some(15),
        },
        Event::Labelled {
            by: USER,
            added: vec![LabelId(Uuid::from_u128(7))],
            removed: Vec::new(),
        },
        Event::MediaChanged {
            seq: 1,
            media: MediaId(Uuid::from_u128(4)),
            state: MediaState::Stored,
            mime_type: Some("image/png".to_owned()),
            size: Some(9),
        },
    ]
}

fn place(event: &Event) -> usize {
    match event {
        Event::SessionOpened { .. } => 0,
        Event::MessageAdded { .. } => 1,
        Event::BotMoved { .. } => 2,
        Event::InputCollected { .. } => 3,
        Event::TurnPending { .. } => 4,
        Event::TurnSettled => 5,
        Event::HandoffRequested { .. } => 6,
        Event::Offered { .. } => 7,
        Event::OfferEnded { .. } => 8,
        Event::WaitingEscalated { .. } => 9,
        Event::TakenOver { .. } => 10,
        Event::Transferred { .. } => 11,
        Event::ReturnedToBot { .. } => 12,
        Event::Closed { .. } => 13,
        Event::Read { .. } => 14,
        Event::DeadlineArmed { .. } => 15,
        Event::DeadlineCleared { .. } => 16,
        Event::SendFailed { .. } => 17,
        Event::Quarantined { .. } => 18,
        Event::Resumed { .. } => 19,
        Event::MarkedUnread { .. } => 20,
        Event::Archived { .. } => 21,
        Event::Unarchived { .. } => 22,
        Event::PriorityChanged { .. } => 23,
        Event::Snoozed { .. } => 24,
        Event::SnoozeEnded { .. } => 25,
        Event::RatingAsked { .. } => 26,
        Event::Rated { .. } => 27,
        Event::RatingCommented { .. } => 28,
        Event::PlaceTold { .. } => 29,
        Event::Labelled { .. } => 30,
        Event::MediaChanged { .. } => 31,
    }
}

/// A conversation in each mode.
fn every_state() -> Vec<State> {
    let new = State::new(ConversationId(Uuid::from_u128(9)));
    let opened = fold(new.clone(), &every_event()[..5]);
    let closed = Event::Closed {
        by: Originator::Bot,
        at: at(60),
        reason: CloseReason::Flow,
        upto_seq: 5,
    };
    vec![
        fold(opened.clone(), [&requested()]),
        fold(opened.clone(), [&taken()]),
        fold(opened.clone(), [&closed]),
        fold(opened.clone(), [&Event::Quarantined { at: at(1) }]),
        opened,
        new,
    ]
}

#[test]
fn any_event_in_any_state_is_applied_and_raises_the_epoch_if_it_says_so() {
    let events = every_event();
    let places: Vec<usize> = events.iter().map(place).collect();
    assert_eq!(places, (0..32).collect::<Vec<_>>());
    for state in every_state() {
        for event in &events {
            let mut next = state.clone();
            evolve(&mut next, event);
            let raised = u64::from(event.raises_epoch());
            assert_eq!(next.epoch, state.epoch + raised, "{event:?}");
            let mode = std::mem::discriminant(&state.mode) != std::mem::discriminant(&next.mode);
            assert!(!mode || event.raises_epoch(), "{event:?} changes who leads");
            assert_eq!(fold(state.clone(), [event]), next, "the same every time");
        }
    }
}

#[test]
fn stored_events_keep_their_names_and_can_be_read_again() {
    for event in every_event() {
        let json = serde_json::to_value(&event).unwrap();
        assert_eq!(json["event"], event.name());
        assert_eq!(serde_json::from_value::<Event>(json).unwrap(), event);
    }
}

#[test]
fn leaving_a_mode_leaves_its_deadlines_behind() {
    let armed = |deadline| Event::DeadlineArmed {
        deadline,
        at: at(99),
    };
    for state in every_state() {
        let ready = fold(
            state,
            &[
                armed(DeadlineKind::BotIdle),
                armed(DeadlineKind::WaitingTooLong),
            ],
        );
        for event in every_event().iter().filter(|e| e.raises_epoch()) {
            let next = fold(ready.clone(), [event]);
            assert_eq!((next.deadlines.len(), next.turn), (0, None), "{event:?}");
        }
    }
}

#[test]
fn only_the_customer_s_words_count_as_unread_and_open_the_window() {
    let state = &every_state()[1];
    for (sender, kind, unread) in [
        (Sender::Customer, MessageKind::Text, 2),
        (Sender::Customer, MessageKind::Reaction, 1),
        (Sender::Bot, MessageKind::Text, 1),
        (Sender::System, MessageKind::Text, 1),
        (Sender::Attendant(USER), MessageKind::Note, 1),
        (Sender::Attendant(USER), MessageKind::Text, 0),
        (Sender::Attendant(USER), MessageKind::Reaction, 1),
        (Sender::Phone, MessageKind::Image, 0),
        (Sender::Phone, MessageKind::Reaction, 1),
    ] {
        let next = fold(state.clone(), [&message(sender, kind, 200)]);
        assert_eq!(next.unread, unread, "{sender:?} {kind:?}");
        let heard = sender == Sender::Customer && kind == MessageKind::Text;
        assert_eq!(next.last_inbound_at == Some(at(200)), heard);
        let shown = kind != MessageKind::Note;
        assert_eq!(next.last_message_at == Some(at(200)), shown);
        assert_eq!(next.last_bot_at == Some(at(200)), sender == Sender::Bot);
        assert_eq!(next.seq, 5);
    }
}

#[test]
fn the_bot_begins_anew_after_people() {
    let state = fold(every_state()[4].clone(), [&taken()]);
    let back = Event::ReturnedToBot {
        by: Originator::System,
        at: at(50),
    };
    let next = fold(state, [&back]);
    assert_eq!(next.mode, Mode::Bot(BotState::default()));
}

/// A flow that is replaced in the middle of a session brings other variables.
#[test]
fn of_more_answers_than_a_flow_has_the_newest_are_kept() {
    let collected = |variable: u64, seq| Event::InputCollected {
        variable: format!("v{variable}"),
        seq,
    };
    let opened = Event::SessionOpened { at: at(1) };
    // The first is answered again, and is the newest then.
    let events = (0..8).map(|v| collected(v, 10 + v));
    let events = events.chain([collected(0, 20), collected(8, 21), collected(9, 22)]);
    let events: Vec<Event> = [opened].into_iter().chain(events).collect();
    let state = fold(every_state().remove(5), &events);
    let Mode::Bot(bot) = &state.mode else {
        panic!("{:?}", state.mode);
    };
    let kept: Vec<(&str, u64)> = bot.answers.iter().map(|(v, s)| (v.as_str(), *s)).collect();
    let expected = [
        ("v0", 20),
        ("v3", 13),
        ("v4", 14),
        ("v5", 15),
        ("v6", 16),
        ("v7", 17),
        ("v8", 21),
        ("v9", 22),
    ];
    assert_eq!(kept, expected);
}
