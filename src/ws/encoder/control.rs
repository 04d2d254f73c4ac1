//! Frames about who leads a conversation and who is needed: `conversation:updated` with the new
//! values of its fields, and notices for people beside it.

use super::Place;
use papo_domain::conversation::{CloseReason, Event, HandoffReason, Originator, Owner};
use papo_domain::{HandoffId, Timestamp, UserId};
use serde_json::{Value, json};

/// The frames of an event that is no message; none where no client needs to know. Each says
/// which conversation, when, and by whom.
pub(super) fn frames(place: &Place, fact: &Event) -> Vec<(&'static str, Value)> {
    let Some(set) = new_values(fact) else {
        return Vec::new();
    };
    let mut common = json!({ "conversation_id": place.conversation });
    if let Some(at) = moment(fact) {
        merge(&mut common, json!({ "at": at }));
    }
    if let Some(by) = originator(fact) {
        merge(&mut common, by_words(by));
    }
    let mut update = json!({ "version": place.version, "change": fact.name(), "set": set });
    // Whoever ends a session has nothing left to read in it.
    match fact {
        Event::Read { upto_seq, .. }
        | Event::Closed { upto_seq, .. }
        | Event::Rated { upto_seq, .. } => {
            merge(&mut update, json!({ "read_upto_seq": upto_seq }));
        }
        // Not a new value of the counter: what was loaded later may know better.
        Event::MarkedUnread { upto_seq, .. } => {
            merge(&mut update, json!({ "unread_upto_seq": upto_seq }));
        }
        Event::RatingCommented { seq, .. } => {
            merge(&mut update, json!({ "comment_seq": seq }));
        }
        // Not the new value of them all: only what was done is known here.
        Event::Labelled { added, removed, .. } => {
            merge(
                &mut update,
                json!({ "labels_added": added, "labels_removed": removed }),
            );
        }
        _ => {}
    }
    let mut frames = vec![("conversation:updated", update)];
    frames.extend(notices(fact));
    for (_, payload) in &mut frames {
        merge(payload, common.clone());
    }
    frames
}

/// The fields of the conversation that have new values; `None` for what is between the engine
/// and itself, and for messages.
fn new_values(fact: &Event) -> Option<Value> {
    Some(match fact {
        Event::SessionOpened { at } => with(
            lead("bot", "open", None),
            json!({
                "department_id": null,
                "current_menu_level": "main",
                "session_at": at,
                "ended_at": null,
                "archived_at": null,
                "priority": null,
                "rating": null,
            }),
        ),
        Event::HandoffRequested {
            department,
            priority,
            ..
        } => with(
            lead("waiting", "waiting", None),
            json!({ "department_id": department, "priority": priority }),
        ),
        Event::WaitingEscalated { priority, .. } => json!({ "priority": priority }),
        Event::TakenOver { owner, .. } => lead("human", "open", user_of(*owner)),
        Event::Transferred { to, department, .. } => with(
            lead("human", "open", Some(*to)),
            json!({ "department_id": department }),
        ),
        Event::ReturnedToBot { .. } => with(
            lead("bot", "open", None),
            json!({ "current_menu_level": "main", "priority": null }),
        ),
        Event::Offered { to, expires_at, .. } => {
            json!({ "offered_user_id": to, "offer_expires_at": expires_at })
        }
        Event::OfferEnded { .. } => {
            json!({ "offered_user_id": null, "offer_expires_at": null })
        }
        Event::Closed { at, .. } => with(
            lead("closed", "closed", None),
            json!({ "ended_at": at, "priority": null }),
        ),
        Event::Read { .. }
        | Event::MarkedUnread { .. }
        | Event::Labelled { .. }
        | Event::RatingCommented { .. } => json!({}),
        // Of the session that the conversation shows.
        Event::Rated { upto_seq: 0, .. } => json!({}),
        Event::Rated { score, .. } => json!({ "rating": score }),
        Event::Archived { at, .. } => json!({ "status": "archived", "archived_at": at }),
        Event::Unarchived { .. } => json!({ "status": "closed", "archived_at": null }),
        Event::PriorityChanged { priority, .. } => json!({ "priority": priority }),
        Event::Snoozed { until, .. } => json!({ "snoozed_until": until }),
        Event::SnoozeEnded { .. } => json!({ "snoozed_until": null }),
        Event::Quarantined { .. } => json!({ "quarantined": true, "snoozed_until": null }),
        Event::Resumed { .. } => json!({ "quarantined": false }),
        // That a send failed is told by the message's own status.
        Event::MessageAdded { .. }
        | Event::BotMoved { .. }
        | Event::RatingAsked { .. }
        | Event::InputCollected { .. }
        | Event::TurnPending { .. }
        | Event::TurnSettled
        | Event::PlaceTold { .. }
        | Event::DeadlineArmed { .. }
        | Event::DeadlineCleared { .. }
        | Event::SendFailed { .. }
        | Event::MediaChanged { .. } => return None,
    })
}

/// What is worth telling a person beyond the new values.
fn notices(fact: &Event) -> Vec<(&'static str, Value)> {
    let mut notices = Vec::new();
    match fact {
        Event::HandoffRequested {
            handoff,
            department,
            priority,
            reason,
            since,
            at,
            ..
        } => {
            if *reason == HandoffReason::Department {
                let moved = json!({ "to_user_id": null, "department_id": department });
                notices.push(("conversation:transferred", moved));
            }
            let asked = json!({
                "handoff_id": handoff,
                "department_id": department,
                "priority": priority,
                "reason": reason,
                "waiting_since": since.unwrap_or(*at),
            });
            notices.push(("handoff:new", asked));
        }
        Event::Offered {
            handoff,
            to,
            expires_at,
            department,
            priority,
            since,
            ..
        } => {
            let asked = json!({
                "handoff_id": handoff,
                "user_id": to,
                "expires_at": expires_at,
                "department_id": department,
                "priority": priority,
                "waiting_since": since,
            });
            notices.push(("handoff:offered", asked));
        }
        Event::OfferEnded {
            handoff, to, how, ..
        } => {
            let ended = json!({ "handoff_id": handoff, "user_id": to, "how": how });
            notices.push(("handoff:offer_ended", ended));
        }
        Event::TakenOver {
            owner,
            from,
            handoff,
            ..
        } => return taken_over(*owner, *from, *handoff),
        Event::Transferred {
            from,
            to,
            department,
            ..
        } => {
            let moved = json!({
                "from_user_id": from.and_then(user_of),
                "to_user_id": to,
                "department_id": department,
            });
            notices.push(("conversation:transferred", moved));
        }
        Event::ReturnedToBot { .. } => {
            notices.push(("handoff:completed", json!({ "outcome": "returned_to_bot" })));
        }
        // The bot's own sessions end without a person.
        Event::Closed {
            reason: CloseReason::Staff,
            ..
        } => notices.push(("handoff:completed", json!({ "outcome": "closed" }))),
        _ => {}
    }
    notices
}

fn taken_over(
    owner: Owner,
    from: Option<Owner>,
    handoff: Option<HandoffId>,
) -> Vec<(&'static str, Value)> {
    let to = user_of(owner);
    let mut notices = Vec::new();
    if let Some(from) = from {
        let moved = json!({ "from_user_id": user_of(from), "to_user_id": to });
        notices.push(("conversation:transferred", moved));
    }
    if let Some(handoff) = handoff {
        let taken = json!({ "handoff_id": handoff, "assigned_user_id": to });
        notices.push(("handoff:assigned", taken));
    }
    notices
}

fn moment(fact: &Event) -> Option<Timestamp> {
    match fact {
        Event::SessionOpened { at }
        | Event::HandoffRequested { at, .. }
        | Event::Offered { at, .. }
        | Event::OfferEnded { at, .. }
        | Event::TakenOver { at, .. }
        | Event::Transferred { at, .. }
        | Event::ReturnedToBot { at, .. }
        | Event::Closed { at, .. }
        | Event::Quarantined { at }
        | Event::Resumed { at, .. }
        | Event::Rated { at, .. }
        | Event::Archived { at, .. }
        | Event::Unarchived { at, .. }
        | Event::Snoozed { at, .. }
        | Event::SnoozeEnded { at, .. } => Some(*at),
        _ => None,
    }
}

fn originator(fact: &Event) -> Option<Originator> {
    match fact {
        Event::HandoffRequested { by, .. }
        | Event::Transferred { by, .. }
        | Event::ReturnedToBot { by, .. }
        | Event::Closed { by, .. }
        | Event::MarkedUnread { by, .. }
        | Event::Rated { by, .. }
        | Event::SnoozeEnded { by, .. } => Some(*by),
        Event::Read { by, .. }
        | Event::Resumed { by, .. }
        | Event::Archived { by, .. }
        | Event::Unarchived { by, .. }
        | Event::Labelled { by, .. }
        | Event::PriorityChanged { by, .. }
        | Event::Snoozed { by, .. } => Some(Originator::User(*by)),
        // Without a person to take it from, somebody else may have assigned it.
        Event::TakenOver {
            owner,
            from: Some(_),
            ..
        } => Some((*owner).into()),
        _ => None,
    }
}

/// Who leads. It is in everybody's way again.
fn lead(mode: &'static str, status: &'static str, user: Option<UserId>) -> Value {
    json!({ "mode": mode, "status": status, "assigned_user_id": user, "snoozed_until": null })
}

fn by_words(by: Originator) -> Value {
    let (word, user) = match by {
        Originator::Customer => ("customer", None),
        Originator::Bot => ("bot", None),
        Originator::User(user) => ("user", Some(user)),
        Originator::Phone => ("phone", None),
        Originator::System => ("system", None),
    };
    json!({ "by": word, "by_user_id": user })
}

fn user_of(owner: Owner) -> Option<UserId> {
    match owner {
        Owner::User(user) => Some(user),
        Owner::Phone => None,
    }
}

fn with(mut object: Value, more: Value) -> Value {
    merge(&mut object, more);
    object
}

/// Adds the fields of one object to another.
fn merge(into: &mut Value, more: Value) {
    if let (Value::Object(into), Value::Object(more)) = (into, more) {
        into.extend(more);
    }
}
