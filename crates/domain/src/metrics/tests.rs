//! What the facts say of a conversation's course, and that portions make no difference.

use super::{Ledger, SessionFacts, StretchEnd, Tally};
use crate::content::MessageKind;
use crate::conversation::{
    CloseReason, Event, HandoffReason, Originator, Owner, Priority, Sender, State, evolve,
};
use crate::ids::{ConversationId, DepartmentId, HandoffId, UserId};
use chrono::{DateTime, TimeDelta};
use proptest::prelude::{any, prop, proptest};
use uuid::Uuid;

const ANA: UserId = UserId(Uuid::from_u128(1));
const BIA: UserId = UserId(Uuid::from_u128(2));
const SALES: DepartmentId = DepartmentId(Uuid::from_u128(3));

fn at(minute: i64) -> crate::Timestamp {
    DateTime::UNIX_EPOCH + TimeDelta::minutes(minute)
}

fn opened(minute: i64) -> Event {
    Event::SessionOpened { at: at(minute) }
}

fn says(sender: Sender, kind: MessageKind, minute: i64) -> Event {
    Event::MessageAdded {
        seq: 1,
        sender,
        kind,
        at: at(minute),
        utterance: sender == Sender::Customer && kind.is_utterance(),
        late: false,
        scheduled: false,
    }
}

fn text(sender: Sender, minute: i64) -> Event {
    says(sender, MessageKind::Text, minute)
}

/// Words of `user` that were written earlier.
fn reminder(user: UserId, minute: i64) -> Event {
    Event::MessageAdded {
        seq: 1,
        sender: Sender::Attendant(user),
        kind: MessageKind::Text,
        at: at(minute),
        utterance: false,
        late: false,
        scheduled: true,
    }
}

fn asked(department: Option<DepartmentId>, minute: i64) -> Event {
    Event::HandoffRequested {
        handoff: HandoffId(Uuid::from_u128(9)),
        at: at(minute),
        department,
        priority: Priority::Medium,
        reason: HandoffReason::Flow,
        by: Originator::Bot,
        since: None,
        passed_over: None,
        preferred: None,
        skills: Vec::new(),
    }
}

fn taken(owner: Owner, minute: i64) -> Event {
    Event::TakenOver {
        owner,
        from: None,
        at: at(minute),
        handoff: None,
    }
}

fn transferred(to: UserId, minute: i64) -> Event {
    Event::Transferred {
        from: None,
        to,
        by: Originator::System,
        at: at(minute),
        department: Some(SALES),
    }
}

fn snoozed(minute: i64) -> Event {
    Event::Snoozed {
        by: ANA,
        at: at(minute),
        until: at(minute + 600),
    }
}

fn back(minute: i64) -> Event {
    Event::SnoozeEnded {
        by: Originator::System,
        at: at(minute),
    }
}

/// What the facts come to.
fn tally(ledger: &Ledger) -> Tally {
    let mut tally = Tally::default();
    for session in ledger.sessions() {
        tally.count_session(session, 1);
    }
    for stretch in ledger.stretches() {
        tally.count_stretch(stretch, 1);
    }
    tally
}

/// Minutes that a span which was measured once stands for, roughly.
fn minutes(spans: &super::Spans) -> Option<u64> {
    assert!(spans.count() <= 1, "measured once");
    spans.percentile(50).map(|seconds| (seconds + 30) / 60)
}

fn closed(reason: CloseReason, minute: i64) -> Event {
    Event::Closed {
        by: Originator::System,
        at: at(minute),
        reason,
        upto_seq: 1,
    }
}

fn ledger(events: &[Event]) -> Ledger {
    let mut ledger = Ledger::default();
    events.iter().for_each(|event| ledger.take(event));
    ledger
}

fn only(ledger: &Ledger) -> &SessionFacts {
    assert_eq!(ledger.sessions().len(), 1);
    &ledger.sessions()[0]
}

#[test]
fn what_was_written_earlier_answers_nobody() {
    let ledger = ledger(&[
        opened(0),
        text(Sender::Customer, 0),
        taken(Owner::User(ANA), 5),
        reminder(ANA, 6),
        text(Sender::Attendant(ANA), 8),
    ]);
    let session = only(&ledger);
    assert_eq!((session.staff, session.answered_at), (2, Some(at(8))));
    let ana = &ledger.stretches()[0];
    assert_eq!((ana.sent, ana.answered_at), (2, Some(at(8))));
}

#[test]
fn a_session_with_people_has_all_its_moments() {
    let ledger = ledger(&[
        opened(0),
        text(Sender::Customer, 0),
        text(Sender::Bot, 1),
        asked(Some(SALES), 2),
        text(Sender::System, 2),
        taken(Owner::User(ANA), 5),
        says(Sender::Attendant(ANA), MessageKind::Note, 6),
        text(Sender::Attendant(ANA), 7),
        transferred(BIA, 10),
        text(Sender::Customer, 11),
        says(Sender::Customer, MessageKind::Reaction, 11),
        text(Sender::Attendant(BIA), 12),
        text(Sender::Attendant(BIA), 13),
        closed(CloseReason::Staff, 20),
    ]);
    let session = only(&ledger);
    assert_eq!(session.asked_at, Some(at(2)));
    assert_eq!(session.taken_at, Some(at(5)));
    assert_eq!(session.answered_at, Some(at(7)), "a note is no answer");
    assert_eq!(session.ended, Some((at(20), CloseReason::Staff)));
    assert_eq!(session.department, Some(SALES));
    assert_eq!((session.inbound, session.bot, session.staff), (2, 1, 3));
    assert_eq!((session.transfers, session.last_user), (1, Some(BIA)));
    assert!(session.is_resolved() && !session.is_contained());

    let [ana, bia] = ledger.stretches() else {
        panic!("two people led");
    };
    assert_eq!((ana.number, ana.user, ana.sent), (1, Some(ANA), 1));
    assert_eq!(ana.ended, Some((at(10), StretchEnd::Transferred)));
    assert_eq!((bia.number, bia.user, bia.sent), (2, Some(BIA), 2));
    assert_eq!((bia.began_at, bia.answered_at), (at(10), Some(at(12))));
    assert_eq!(bia.ended, Some((at(20), StretchEnd::Closed)));
}

#[test]
fn what_the_bot_did_alone_is_contained() {
    let done = ledger(&[
        opened(0),
        text(Sender::Bot, 0),
        closed(CloseReason::Flow, 3),
    ]);
    assert!(only(&done).is_contained() && only(&done).is_resolved());
    let silent = ledger(&[opened(0), closed(CloseReason::BotIdle, 30)]);
    assert!(only(&silent).is_contained() && !only(&silent).is_resolved());
    let by_hand = ledger(&[opened(0), closed(CloseReason::Staff, 3)]);
    assert!(!only(&by_hand).is_contained(), "a person ended it");
    let asked = ledger(&[opened(0), asked(None, 1), closed(CloseReason::Staff, 3)]);
    assert!(!only(&asked).is_contained(), "a person was asked for");
    let running = ledger(&[opened(0)]);
    assert!(!only(&running).is_contained(), "it has not ended");
}

#[test]
fn a_customer_left_alone_counts_as_handed_on_and_waits_from_the_first_request() {
    let ledger = ledger(&[
        opened(0),
        asked(None, 1),
        taken(Owner::User(ANA), 2),
        asked(Some(SALES), 30),
        taken(Owner::User(BIA), 40),
        Event::ReturnedToBot {
            by: Originator::User(BIA),
            at: at(41),
        },
    ]);
    let session = only(&ledger);
    assert_eq!(
        (session.asked_at, session.taken_at),
        (Some(at(1)), Some(at(2)))
    );
    assert_eq!((session.transfers, session.ended), (1, None));
    let ends: Vec<_> = ledger.stretches().iter().map(|s| s.ended).collect();
    assert_eq!(
        ends,
        [
            Some((at(30), StretchEnd::Requeued)),
            Some((at(41), StretchEnd::Returned))
        ]
    );
}

/// Somebody led before anybody was asked for: what the customer waits for then is the next one.
#[test]
fn who_led_before_the_request_did_not_answer_it() {
    let mut events = vec![
        opened(0),
        taken(Owner::User(ANA), 10),
        asked(Some(SALES), 40),
    ];
    assert_eq!(tally(&ledger(&events)).waiting.count(), 0);
    events.push(taken(Owner::User(BIA), 70));
    events.push(taken(Owner::User(ANA), 90));
    assert_eq!(minutes(&tally(&ledger(&events)).waiting), Some(30));
}

#[test]
fn a_takeover_from_a_person_hands_on() {
    let all = tally(&ledger(&[
        opened(0),
        transferred(ANA, 1),
        taken(Owner::User(BIA), 2),
        asked(None, 3),
    ]));
    assert_eq!((all.transfers, all.handed_on), (2, 2));
}

/// Who puts it away on Friday and ends it on Monday did not work on it all the weekend.
#[test]
fn what_is_out_of_the_way_is_not_handled() {
    let away = [opened(0), taken(Owner::User(ANA), 0), snoozed(10)];
    let handled = |more: &[Event]| {
        let events: Vec<_> = away.iter().chain(more).cloned().collect();
        minutes(&tally(&ledger(&events)).handling)
    };
    let end = |minute| closed(CloseReason::Staff, minute);
    assert_eq!(handled(&[back(310), end(320)]), Some(20));
    assert_eq!(handled(&[snoozed(200), back(310), end(320)]), Some(20));
    assert_eq!(handled(&[end(320)]), Some(10), "ended while away");
    let quarantined = Event::Quarantined { at: at(30) };
    assert_eq!(handled(&[quarantined, end(40)]), Some(20));
    let again = [back(110), snoozed(120), back(220), end(230)];
    assert_eq!(handled(&again), Some(30));
}

#[test]
fn words_from_the_phone_are_a_persons() {
    let ledger = ledger(&[opened(0), taken(Owner::Phone, 1), text(Sender::Phone, 1)]);
    let session = only(&ledger);
    assert_eq!((session.staff, session.answered_at), (1, Some(at(1))));
    assert_eq!(session.last_user, None);
    assert_eq!(ledger.stretches()[0].sent, 1);
}

#[test]
fn the_next_session_starts_anew() {
    let ledger = ledger(&[
        opened(0),
        asked(Some(SALES), 1),
        closed(CloseReason::Staff, 2),
        text(Sender::Attendant(ANA), 3),
        opened(60),
        text(Sender::Customer, 60),
    ]);
    let [first, second] = ledger.sessions() else {
        panic!("two sessions");
    };
    assert_eq!((first.session, first.staff), (1, 0), "said after its end");
    assert_eq!((second.session, second.inbound), (2, 1));
    assert_eq!(first.department, Some(SALES));
    assert_eq!(second.department, None, "nobody was asked into it");
    assert_eq!(second.asked_at, None);
}

#[test]
fn what_has_no_beginning_counts_for_nothing() {
    let ledger = ledger(&[
        text(Sender::Customer, 0),
        taken(Owner::User(ANA), 1),
        closed(CloseReason::Staff, 2),
    ]);
    assert_eq!(ledger, Ledger::default());
}

fn event(kind: u8, minute: i64) -> Event {
    match kind % 12 {
        0 => opened(minute),
        1 => closed(CloseReason::Staff, minute),
        2 => asked(None, minute),
        3 => asked(Some(SALES), minute),
        4 => taken(Owner::User(ANA), minute),
        5 => transferred(BIA, minute),
        6 => Event::ReturnedToBot {
            by: Originator::System,
            at: at(minute),
        },
        7 => text(Sender::Customer, minute),
        8 => text(Sender::Attendant(ANA), minute),
        9 => snoozed(minute),
        10 => back(minute),
        _ => text(Sender::Bot, minute),
    }
}

proptest! {
    /// However the events are cut into portions, going on from the newest session and stretch
    /// gives what reading all at once gives.
    #[test]
    fn portions_make_no_difference(
        kinds in prop::collection::vec(any::<u8>(), 1..60),
        cut in any::<prop::sample::Index>(),
    ) {
        let events: Vec<_> = (0..).zip(&kinds).map(|(minute, kind)| event(*kind, minute)).collect();
        let whole = ledger(&events);
        let (before, after) = events.split_at(cut.index(events.len()));
        let first = ledger(before);
        let mut second = Ledger::resume(
            first.sessions().last().cloned(),
            first.stretches().last().cloned(),
        );
        after.iter().for_each(|event| second.take(event));
        let kept = first.sessions().len().saturating_sub(1);
        let mut sessions = first.sessions()[..kept].to_vec();
        sessions.extend_from_slice(second.sessions());
        assert_eq!(sessions, whole.sessions());
        let kept = first.stretches().len().saturating_sub(1);
        let mut stretches = first.stretches()[..kept].to_vec();
        stretches.extend_from_slice(second.stretches());
        assert_eq!(stretches, whole.stretches());
    }

    /// Where a session was is where its conversation says that it is, at each of its ends; and
    /// whatever was handed on was transferred.
    #[test]
    fn facts_agree_with_the_conversation(kinds in prop::collection::vec(any::<u8>(), 1..60)) {
        let mut state = State::new(ConversationId(Uuid::nil()));
        let mut ledger = Ledger::default();
        for (minute, kind) in (0..).zip(&kinds) {
            let event = event(*kind, minute);
            ledger.take(&event);
            if let Event::Closed { .. } = event
                && let Some(session) = ledger.sessions().last()
                && session.ended == Some((at(minute), CloseReason::Staff))
            {
                assert_eq!(session.department, state.department);
            }
            evolve(&mut state, &event);
        }
        let all = tally(&ledger);
        assert_eq!(all.transfers, all.handed_on);
    }
}
