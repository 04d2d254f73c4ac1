//! From the inbox table to the conversations. The table is the mailbox of record: the pump only
//! decides which pending rows are worked on now. Rows of one conversation go out in the order
//! they came in; when one has to wait, all later ones of its conversation wait in the table.

use super::actor::TenantActor;
use super::attempts::{Attempts, Suspect, count_dead_letters};
use super::directory::Slot;
use super::in_hand::ItemToken;
use super::peers::Peers;
use crate::channel::Refusal;
use actix::{ActorFutureExt, AsyncContext, Context, WrapFuture};
use papo_domain::conversation::Command;
use papo_domain::ports::{
    InboxItem, InboxRow, InboxVerdict, StatusOutcome, StatusUpdate, StoreError,
};
use papo_domain::{ChannelId, ConversationId};
use std::collections::HashMap;
use tracing::warn;

/// The pump's position.
#[derive(Default)]
pub(super) struct Pump {
    /// One reading at a time.
    reading: bool,
    again: Option<Start>,
    /// Highest row read so far.
    cursor: i64,
    pub(super) attempts: Attempts,
    /// Rows were left behind that nothing remembers: the next reading starts from the oldest one,
    /// or later rows would overtake them.
    broken_off: bool,
    /// A reading that waits for room: more rows are in the table than may be in hand.
    stalled: Option<Start>,
    peers: Peers,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Start {
    /// After the highest row read so far.
    New,
    /// From the oldest pending row.
    All,
}

impl Pump {
    pub(super) fn is_busy(&self) -> bool {
        self.reading
    }
}

impl TenantActor {
    /// Reads what has come in since the last reading.
    pub(super) fn pump_new(&mut self, ctx: &mut Context<Self>) {
        self.pump_from(Start::New, ctx);
    }

    /// Reads everything that is pending and due.
    pub(super) fn pump_all(&mut self, ctx: &mut Context<Self>) {
        self.pump_from(Start::All, ctx);
    }

    /// Goes on once there is room again.
    pub(super) fn pump_stalled(&mut self, ctx: &mut Context<Self>) {
        if let Some(start) = self.pump.stalled {
            self.pump_from(start, ctx);
        }
    }

    /// Waits, for as long as this actor lives, for held-back conversations to have room.
    pub(super) fn follow_room(&self, ctx: &mut Context<Self>) {
        let in_hand = self.shared.in_hand.clone();
        ctx.spawn(
            async move { in_hand.room().await }
                .into_actor(self)
                .map(|(), actor, ctx| {
                    actor.pump_all(ctx);
                    actor.follow_room(ctx);
                }),
        );
    }

    /// Rows read at once. Two pages have room, so that one can be read while one is worked on.
    fn page(&self) -> usize {
        let config = &self.shared.config;
        let page = usize::try_from(config.pump_page).unwrap_or(usize::MAX);
        page.min(config.tenant_in_hand.div_ceil(2))
    }

    /// Whether all of another page may be taken in hand.
    fn has_room(&self) -> bool {
        self.shared.in_hand.len() + self.page() <= self.shared.config.tenant_in_hand
    }

    /// Where every reading begins.
    fn pump_from(&mut self, start: Start, ctx: &mut Context<Self>) {
        if self.draining {
            return;
        }
        if self.pump.reading {
            self.pump.again = self.pump.again.max(Some(start));
            return;
        }
        let waiting = self.pump.stalled.take();
        let start = waiting.map_or(start, |waiting| waiting.max(start));
        if !self.has_room() {
            self.pump.stalled = Some(start);
            return;
        }
        self.pump.reading = true;
        let broken_off = std::mem::take(&mut self.pump.broken_off);
        let after = match if broken_off { Start::All } else { start } {
            Start::New => self.pump.cursor,
            Start::All => {
                self.shared.in_hand.start_over();
                0
            }
        };
        self.read_page(after, ctx);
    }

    fn read_page(&self, after: i64, ctx: &mut Context<Self>) {
        let store = self.shared.store();
        let page = u32::try_from(self.page()).unwrap_or(u32::MAX);
        let read = store.due_inbox(self.shared.tenant, after, page);
        ctx.spawn(
            read.into_actor(self)
                .map(move |rows, actor, ctx| match rows {
                    Ok(rows) => {
                        if after == 0 {
                            let oldest = rows.first().map_or(i64::MAX, |row| row.id);
                            actor.pump.attempts.forget_before(oldest);
                        }
                        actor.resolve(rows, ctx);
                    }
                    Err(fault) => actor.pump_failed(&fault, ctx),
                }),
        );
    }

    /// Goes on with conversations that had turned rows away.
    pub(super) fn end_row_pauses(&mut self, ctx: &mut Context<Self>) {
        if self.shared.in_hand.end_pauses() {
            self.pump_all(ctx);
        }
    }

    fn pump_failed(&mut self, fault: &StoreError, ctx: &mut Context<Self>) {
        warn!(tenant.id = %self.shared.tenant, %fault, "the inbox could not be read");
        self.pump.reading = false;
        self.pump.broken_off = true;
        // The engine's next sweep reads again; asking at once would hammer a store that is away.
        self.pump.again = None;
        if *fault == StoreError::Fenced {
            self.lost_shard(ctx);
        }
    }

    /// Finds out whose rows these are.
    fn resolve(&mut self, rows: Vec<InboxRow>, ctx: &mut Context<Self>) {
        let (keys, queries) = self.pump.peers.unknown(&rows);
        if queries.is_empty() {
            return self.place(rows, ctx);
        }
        let (lease, tenant) = (self.shared.lease, self.shared.tenant);
        let found = self.shared.store().resolve_peers(lease, tenant, queries);
        ctx.spawn(
            found
                .into_actor(self)
                .map(move |found, actor, ctx| match found {
                    Ok(found) => {
                        actor.pump.peers.learn(keys, &found);
                        actor.place(rows, ctx);
                    }
                    Err(fault) => actor.pump_failed(&fault, ctx),
                }),
        );
    }

    /// Hands a page out.
    fn place(&mut self, rows: Vec<InboxRow>, ctx: &mut Context<Self>) {
        let full = rows.len() >= self.page();
        let last = rows.last().map_or(0, |row| row.id);
        let (mut statuses, mut verdicts, mut suspects) = (Vec::new(), Vec::new(), Vec::new());
        for row in rows {
            let (id, attempts) = (row.id, row.attempts);
            let target = self.pump.peers.conversation(&row);
            match (row.item, target) {
                (Some(InboxItem::Message { inbound, .. }), Some(conversation)) => {
                    let command = Command::ReceiveInbound(inbound);
                    self.hand_out((id, attempts), conversation, command, &mut suspects, ctx);
                }
                (Some(InboxItem::Echo { inbound, .. }), Some(conversation)) => {
                    let command = Command::RecordEcho(inbound);
                    self.hand_out((id, attempts), conversation, command, &mut suspects, ctx);
                }
                (Some(InboxItem::Message { .. } | InboxItem::Echo { .. }), None) => {
                    // The store owes the answer whose it is.
                    self.pump.broken_off = true;
                }
                (Some(InboxItem::Status(status)), _) => {
                    if let Some(token) = self.shared.in_hand.take(id) {
                        statuses.push((token, row.channel, status));
                    }
                }
                (Some(InboxItem::Notice { .. }), _) => {
                    // Account and template news are kept in the raw delivery.
                    verdicts.extend(
                        self.shared
                            .in_hand
                            .take(id)
                            .map(|token| (token, InboxVerdict::Done { id })),
                    );
                }
                (None, _) => {
                    let reason = "unreadable".to_owned();
                    verdicts.extend(
                        self.shared
                            .in_hand
                            .take(id)
                            .map(|token| (token, InboxVerdict::Dead { id, reason })),
                    );
                }
            }
        }
        self.settle_items(verdicts, ctx);
        self.count_attempts(suspects, ctx);
        self.apply_statuses(statuses, ctx);
        self.turn_page(last, full, ctx);
    }

    fn turn_page(&mut self, last: i64, full: bool, ctx: &mut Context<Self>) {
        self.pump.cursor = self.pump.cursor.max(last);
        if full && self.has_room() && !self.draining && !self.pump.broken_off {
            return self.read_page(last, ctx);
        }
        self.pump.reading = false;
        if full {
            self.pump.cursor = last;
            self.pump.stalled = Some(Start::New);
        } else {
            self.pump.attempts.surveyed(self.pump.cursor);
            self.shared.in_hand.all_read();
        }
        if let Some(start) = self.pump.again.take() {
            self.pump_from(start, ctx);
        }
    }

    fn hand_out(
        &mut self,
        (id, attempts): (i64, u32),
        conversation: ConversationId,
        command: Command,
        suspects: &mut Vec<Suspect>,
        ctx: &mut Context<Self>,
    ) {
        let in_hand = &self.shared.in_hand;
        if matches!(
            self.directory.slots.get(&conversation),
            Some(Slot::Backoff { .. })
        ) {
            return in_hand.hold_back(conversation);
        }
        if in_hand.is_held_back(conversation) || in_hand.has(conversation, id) {
            return;
        }
        if self.pump.attempts.is_counting(conversation) || !self.may_try(id, attempts) {
            return self.shared.in_hand.hold_back(conversation);
        }
        let bound = if self.pump.attempts.is_suspect(id) {
            1
        } else {
            self.shared.config.conversation_in_hand
        };
        if let Some(token) = self.shared.in_hand.take_for(conversation, id, bound) {
            self.pass_on(token, conversation, command, suspects, ctx);
        }
    }

    pub(super) fn settle_items(
        &self,
        verdicts: Vec<(ItemToken, InboxVerdict)>,
        ctx: &mut Context<Self>,
    ) {
        if verdicts.is_empty() {
            return;
        }
        let (tokens, verdicts): (Vec<_>, Vec<_>) = verdicts.into_iter().unzip();
        let dead = verdicts
            .iter()
            .filter(|verdict| matches!(verdict, InboxVerdict::Dead { .. }))
            .count();
        let (lease, tenant) = (self.shared.lease, self.shared.tenant);
        let call = self.shared.store().settle_inbox(lease, tenant, verdicts);
        let call = Box::pin(async move {
            let done = call.await;
            if done.is_ok() {
                count_dead_letters(dead);
            }
            drop(tokens);
            done
        });
        let failed = "inbox items could not be settled and stay pending";
        self.spawn_store_call(failed, call, ctx);
    }

    /// Applies statuses in one go; refusals go to their conversations.
    fn apply_statuses(
        &self,
        statuses: Vec<(ItemToken, ChannelId, StatusUpdate)>,
        ctx: &mut Context<Self>,
    ) {
        if statuses.is_empty() {
            return;
        }
        let mut refusals = HashMap::new();
        let (tokens, updates): (Vec<_>, Vec<_>) = statuses
            .into_iter()
            .map(|(token, channel, status)| {
                let row = token.row();
                if let Some(refusal) = refusal(&status) {
                    refusals.insert(row, (channel, refusal));
                }
                (token, (row, channel, status))
            })
            .unzip();
        let (lease, tenant) = (self.shared.lease, self.shared.tenant);
        let applied = self.shared.store().apply_statuses(lease, tenant, updates);
        ctx.spawn(
            applied
                .into_actor(self)
                .map(move |outcomes, actor, ctx| match outcomes {
                    Ok(outcomes) => actor.applied(tokens, outcomes, refusals, ctx),
                    Err(StoreError::Fenced) => actor.lost_shard(ctx),
                    // The tokens go, the rows stay, the next sweep tries again.
                    Err(fault) => {
                        warn!(tenant.id = %actor.shared.tenant, %fault, "statuses not applied");
                    }
                }),
        );
    }

    fn applied(
        &mut self,
        tokens: Vec<ItemToken>,
        outcomes: Vec<StatusOutcome>,
        mut refusals: HashMap<i64, (ChannelId, Refusal)>,
        ctx: &mut Context<Self>,
    ) {
        let mut suspects = Vec::new();
        for (token, outcome) in tokens.into_iter().zip(outcomes) {
            if let StatusOutcome::Failed {
                inbox,
                conversation,
                seq,
                code,
            } = outcome
            {
                // A repeated or late status is not told as failed: a number is told once.
                if let Some((channel, refusal)) = refusals.remove(&inbox) {
                    self.shared.bells.refuse(channel, refusal);
                }
                let command = Command::RecordSendFailure { seq, code };
                self.pass_on(token, conversation, command, &mut suspects, ctx);
            }
        }
        self.count_attempts(suspects, ctx);
    }
}

/// What a status says about its number, beside its message.
fn refusal(status: &StatusUpdate) -> Option<Refusal> {
    let error = status.error.as_ref().filter(|_| status.number_down)?;
    Some(Refusal {
        at: status.at,
        code: error.code,
        detail: error.detail.clone().unwrap_or_else(|| error.title.clone()),
    })
}
