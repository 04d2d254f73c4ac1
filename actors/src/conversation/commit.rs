//! From a decision to a commit: pure, so that what is written can be tested without an actor.

use super::recent::said;
use crate::api::{IdempotencyKey, Outcome, WrittenMessage};
use crate::channel::ReadReceipt;
use papo_domain::conversation::{
    Audience, Body, Command, Decision, Effect, Event, Listing, MessageDraft, RecentMessage, Sender,
    State, evolve,
};
use papo_domain::media::{FetchMedia, INBOUND_LIFE, MediaNews};
use papo_domain::ports::{
    Commit, EventDraft, ExpectedMedia, Idempotency, JobDraft, MediaChange, OutboxDraft,
};
use papo_domain::{ChannelId, ConversationId, MediaId, TenantId};

/// A decision on its way to the store.
pub(super) struct Planned {
    pub(super) commit: Commit,
    pub(super) outcome: Outcome,
    /// What the customer says in it.
    pub(super) said: Vec<RecentMessage>,
    /// Courtesies for after the commit.
    pub(super) receipts: Vec<ReadReceipt>,
}

/// Where a decision was made.
pub(super) struct Place {
    pub(super) tenant: TenantId,
    pub(super) channel: ChannelId,
    pub(super) version: u64,
}

/// Plans the commit of `decision`, made on `before`.
pub(super) fn plan(
    place: &Place,
    before: &State,
    command: &Command,
    decision: Decision,
    inbox: Option<i64>,
    idempotency: Option<IdempotencyKey>,
) -> Result<Planned, serde_json::Error> {
    let mut state = before.clone();
    for event in &decision.events {
        evolve(&mut state, event);
    }
    let message = decision
        .messages
        .iter()
        .find(|m| matches!(m.sender, Sender::Attendant(_)))
        .map(|m| WrittenMessage {
            id: m.id,
            seq: m.seq,
        });
    let outcome = Outcome {
        conversation_id: state.conversation,
        version: place.version + 1,
        epoch: state.epoch,
        seq: state.seq,
        message,
        cancelled: 0,
        on_the_wire: 0,
        replayed: false,
    };
    let idempotency = match idempotency {
        Some(key) => Some(Idempotency {
            user: key.user,
            key: key.key,
            request: key.request,
            answer: serde_json::to_value(&outcome)?,
        }),
        None => None,
    };
    let said = said(&decision.messages);
    let listing = Some(Listing::of(&state)).filter(|now| *now != Listing::of(before));
    let failed = match command {
        Command::RecordSendFailure { seq, code } => vec![(*seq, *code)],
        _ => Vec::new(),
    };
    let mut commit = Commit {
        tenant: place.tenant,
        conversation: state.conversation,
        expected_version: place.version,
        listing,
        events: audiences(before, &state, decision.events),
        media: files(before.conversation, command, &decision.messages),
        messages: decision.messages,
        outbox: Vec::new(),
        cancel_automatic: false,
        failed,
        transfers: Vec::new(),
        handoffs: Vec::new(),
        notifications: Vec::new(),
        jobs: Vec::new(),
        slot: None,
        inbox_done: inbox.into_iter().collect(),
        idempotency,
        state,
    };
    let receipts = place_effects(&mut commit, place.channel, decision.effects)?;
    Ok(Planned {
        commit,
        outcome,
        said,
        receipts,
    })
}

fn place_effects(
    commit: &mut Commit,
    channel: ChannelId,
    effects: Vec<Effect>,
) -> Result<Vec<ReadReceipt>, serde_json::Error> {
    let mut receipts = Vec::new();
    for effect in effects {
        match effect {
            Effect::Send { seq, class, epoch } => {
                commit.outbox.push(OutboxDraft {
                    seq,
                    channel,
                    class,
                    epoch,
                });
            }
            Effect::CancelAutomatic => commit.cancel_automatic = true,
            Effect::RecordTransfer(record) => commit.transfers.push(record),
            Effect::Handoff(change) => commit.handoffs.push(change),
            Effect::TakeSlot(slot) => commit.slot = Some(slot),
            Effect::Notify(told) => commit.notifications.push(told),
            Effect::FetchMedia { seq } => fetch(commit, channel, seq)?,
            Effect::ShowRead {
                external_id,
                typing,
            } => receipts.push(ReadReceipt {
                external_id,
                typing,
            }),
        }
    }
    Ok(receipts)
}

/// The file of the customer's message at `seq` is to be fetched: for the first time, with its
/// message, or again.
fn fetch(commit: &mut Commit, channel: ChannelId, seq: u64) -> Result<(), serde_json::Error> {
    let id = MediaId::of(commit.conversation, seq);
    let payload = FetchMedia {
        conversation: commit.conversation,
        seq,
    };
    commit.jobs.push(JobDraft {
        kind: FetchMedia::KIND,
        key: id.to_string(),
        payload: serde_json::to_value(payload)?,
        due: None,
    });
    let message = commit.messages.iter().find(|message| message.seq == seq);
    let content = message.and_then(|message| match &message.body {
        Body::Inbound { content } => content.file(),
        _ => None,
    });
    commit.media.push(match content {
        Some(file) => MediaChange::Expect(ExpectedMedia {
            id,
            seq,
            kind: file.kind,
            channel,
            provider_id: file.media.id.clone(),
            mime_type: file.media.mime_type.clone(),
            sha256: file.media.sha256.clone(),
            filename: file.filename.map(str::to_owned),
            lives: INBOUND_LIFE,
        }),
        None => MediaChange::Settle {
            id,
            news: MediaNews::pending(),
        },
    });
    Ok(())
}

/// What became of a file, and the files that messages of ours send.
fn files(
    conversation: ConversationId,
    command: &Command,
    messages: &[MessageDraft],
) -> Vec<MediaChange> {
    let mut changes: Vec<MediaChange> = messages
        .iter()
        .filter_map(|message| match &message.body {
            Body::Outbound { outbound } => outbound.file().map(|(_, file)| MediaChange::Attach {
                id: file.id,
                seq: message.seq,
            }),
            _ => None,
        })
        .collect();
    if let Command::RecordMedia { seq, news } = command {
        changes.push(MediaChange::Settle {
            id: MediaId::of(conversation, *seq),
            news: news.clone(),
        });
    }
    changes
}

/// Every event is for those who may see the conversation after the commit, but that an offer has
/// ended: that is for those who could before. The first of the others also says
/// who could see it before, where that changed, so that a client that gains sight loads the
/// conversation once and then follows.
fn audiences(before: &State, after: &State, events: Vec<Event>) -> Vec<EventDraft> {
    let (was, audience) = (Audience::of(before), Audience::of(after));
    let mut prior = Some(was).filter(|was| *was != audience);
    events
        .into_iter()
        .map(|event| match event {
            // Who was asked may not see the conversation any more, and must know that it is over.
            Event::OfferEnded { .. } => EventDraft {
                event,
                audience: was,
                prior: None,
            },
            event => EventDraft {
                event,
                audience,
                prior: prior.take(),
            },
        })
        .collect()
}
