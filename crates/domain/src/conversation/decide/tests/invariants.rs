//! What must hold whatever was decided: numbers without gaps, sends that may leave, epochs that
//! count changes of control, deadlines that belong to the mode. [`World`](super::world::World)
//! asks it of every decision.

use crate::Timestamp;
use crate::conversation::{
    Body, DeadlineKind, Decision, Effect, Event, MessageDraft, Mode, Sender, State,
};
use crate::ids::MessageId;
use crate::outbound::Outbound;
use chrono::TimeDelta;
use std::collections::BTreeSet;

/// What must hold whatever was decided.
pub(super) fn hold(before: &State, decision: &Decision, after: &State, now: Timestamp) {
    // Messages are numbered without gaps, each event has its draft, in order.
    let added: Vec<_> = decision
        .events
        .iter()
        .filter_map(|event| match event {
            Event::MessageAdded {
                seq, sender, kind, ..
            } => Some((*seq, *sender, *kind)),
            _ => None,
        })
        .collect();
    let numbers: Vec<u64> = added.iter().map(|(seq, ..)| *seq).collect();
    assert_eq!(numbers, (before.seq + 1..=after.seq).collect::<Vec<_>>());
    let drafts: Vec<_> = decision
        .messages
        .iter()
        .map(|d| (d.seq, d.sender, d.kind))
        .collect();
    assert_eq!(added, drafts);
    for draft in &decision.messages {
        assert_eq!(draft.id, MessageId::of(before.conversation, draft.seq));
        if let Body::Outbound { outbound } = &draft.body {
            assert_eq!(outbound.check(), Ok(()));
        }
    }
    sends_hold(decision, after, now);
    // The epoch counts exactly the changes of control.
    let raised = decision.events.iter().filter(|e| e.raises_epoch()).count();
    assert_eq!(after.epoch - before.epoch, u64::try_from(raised).unwrap());
    deadlines_hold(before, decision, after, now);
    if let Some(at) = after.last_inbound_at {
        assert!(at <= now, "the window cannot open in the future");
    }
}

fn sends_hold(decision: &Decision, after: &State, now: Timestamp) {
    // Each send names a draft for the customer, once; automatic ones are valid when it is over.
    let mut sent = BTreeSet::new();
    for effect in &decision.effects {
        if let Effect::Send { seq, epoch, .. } = effect {
            assert!(sent.insert(*seq), "one send per message");
            let draft = decision.messages.iter().find(|d| d.seq == *seq).unwrap();
            let Body::Outbound { outbound } = &draft.body else {
                panic!("{:?} is sent", draft.body)
            };
            let open = after
                .last_inbound_at
                .is_some_and(|at| now - at < TimeDelta::hours(24));
            assert!(
                open || matches!(outbound, Outbound::Template { .. }),
                "nothing but templates leaves outside the window"
            );
            match draft.sender {
                Sender::Bot => assert!(epoch.is_some()),
                // A notice about who leads outlives that; one about the wait does not.
                Sender::System => {}
                _ => assert_eq!(*epoch, None),
            }
            assert!(epoch.is_none_or(|epoch| epoch == after.epoch));
        }
    }
    let outbound = |d: &&MessageDraft| matches!(d.body, Body::Outbound { .. });
    assert_eq!(
        sent.len(),
        decision.messages.iter().filter(outbound).count()
    );
    let cancels = |e: &Effect| *e == Effect::CancelAutomatic;
    if let Some(at) = decision.effects.iter().position(cancels) {
        assert_eq!(at, 0, "cancelling comes before anything new is queued");
    }
}

fn deadlines_hold(before: &State, decision: &Decision, after: &State, now: Timestamp) {
    let armed = |e: &&Event| matches!(e, Event::DeadlineArmed { .. } | Event::Snoozed { .. });
    let armings = decision.events.iter().filter(armed).count();
    assert_eq!(
        after.generation - before.generation,
        u32::try_from(armings).unwrap()
    );
    for event in &decision.events {
        if let Event::DeadlineArmed { at, .. } = event {
            assert!(*at >= now, "never armed in the past");
        }
    }
    let kinds: BTreeSet<_> = after.deadlines.iter().map(|d| d.kind).collect();
    assert_eq!(
        kinds.len(),
        after.deadlines.len(),
        "one of each kind at most"
    );
    for deadline in &after.deadlines {
        assert!(deadline.generation <= after.generation);
        let belongs = match deadline.kind {
            DeadlineKind::BotTurn => matches!(after.mode, Mode::Bot(_)) && after.turn.is_some(),
            DeadlineKind::BotIdle => matches!(after.mode, Mode::Bot(_)),
            DeadlineKind::OfferTimeout => after.offer().is_some(),
            DeadlineKind::WaitingTooLong => matches!(after.mode, Mode::Waiting { .. }),
            DeadlineKind::HumanIdle => matches!(
                after.mode,
                Mode::Human {
                    unanswered_since: Some(_),
                    ..
                }
            ),
            DeadlineKind::Snooze => matches!(after.mode, Mode::Human { .. }),
        };
        assert!(belongs, "{deadline:?} in {:?}", after.mode);
    }
    // Who is asked is asked for a time: without a timer they would be asked for ever.
    let asked = after.offer().is_some();
    assert_eq!(asked, after.deadline(DeadlineKind::OfferTimeout).is_some());
    if let Mode::Waiting { priority, .. } = after.mode {
        assert_eq!(after.priority, Some(priority));
    }
    let pending = after.turn.is_some();
    assert_eq!(pending, after.deadline(DeadlineKind::BotTurn).is_some());
    assert!(!after.quarantined || after.deadlines.is_empty());
}
