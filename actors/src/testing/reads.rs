//! What the engine reads without a lease.

use super::rows::{MessageRow, bound, count};
use super::tables::Tables;
use papo_domain::conversation::{Body, Mode, RecentMessage, SnapshotError, State, decode};
use papo_domain::ports::{Activation, LiveEvent, StoreError, TenantRecord, Wake};
use papo_domain::{ConversationId, Shard, TenantId, Timestamp};
use std::collections::BTreeSet;

/// Messages that an activation brings, besides those of a pending burst and collected inputs.
const RECENT: u64 = 20;
/// Most messages of one activation, however long a burst is.
const MOST_RECENT: u64 = 200;

impl Tables {
    pub(super) fn busy_tenants(&self, shards: &[Shard]) -> Vec<TenantId> {
        let now = self.now();
        let sends = self.tenants.keys().copied();
        let sends = sends.filter(|id| self.outbox.has_open(*id));
        let wakes = self.conversations.values();
        let wakes = wakes.filter(|row| row.wake_at.is_some_and(|at| at <= now));
        let busy: BTreeSet<TenantId> = sends
            .chain(self.inbox.busy(now))
            .chain(wakes.map(|row| row.tenant))
            .collect();
        let here = |tenant: &TenantId| {
            self.tenants
                .get(tenant)
                .is_some_and(|row| shards.contains(&row.record.shard))
        };
        busy.into_iter().filter(here).collect()
    }

    pub(super) fn load_tenant(&self, tenant: TenantId) -> Result<TenantRecord, StoreError> {
        let row = self.tenants.get(&tenant).ok_or(StoreError::NotFound)?;
        let mut record = row.record.clone();
        record.head = count(row.events.len());
        for number in &mut record.channels {
            if let Some(health) = self.health.get(&number.id) {
                number.health = health.clone();
            }
        }
        Ok(record)
    }

    /// Everything comes from stored rows: what a snapshot does not hold is lost here.
    pub(super) fn activate(
        &self,
        tenant: TenantId,
        id: ConversationId,
    ) -> Result<Activation, StoreError> {
        let row = self.conversation(tenant, id).ok_or(StoreError::NotFound)?;
        let state = decode(&row.payload).map_err(|fault| match fault {
            SnapshotError::TooNew(_) => StoreError::TooNew,
            SnapshotError::Corrupt(fault) => {
                StoreError::Corrupt(format!("snapshot of conversation {id}: {fault}"))
            }
        })?;
        let first = first_recent(&state, count(row.messages.len()));
        let (older, newest): (Vec<_>, Vec<_>) =
            row.messages.iter().partition(|message| message.seq < first);
        let answers = match &state.mode {
            Mode::Bot(bot) => older
                .into_iter()
                .filter(|message| bot.answers.values().any(|seq| *seq == message.seq))
                .map(recent)
                .collect(),
            _ => Vec::new(),
        };
        Ok(Activation {
            version: row.version,
            state,
            channel: row.channel,
            customer: row.customer,
            name: self.names.get(&row.customer).cloned().flatten(),
            recent: newest.into_iter().map(recent).collect(),
            answers,
        })
    }

    /// Bounds that turn out to be too low are corrected on the way.
    pub(super) fn due_wakes(
        &mut self,
        tenant: TenantId,
        before: Timestamp,
        limit: u32,
    ) -> Vec<Wake> {
        let mut due = Vec::new();
        for (id, row) in &mut self.conversations {
            let Some(stored) = row
                .wake_at
                .filter(|at| row.tenant == tenant && *at < before)
            else {
                continue;
            };
            // A snapshot that cannot be read keeps its moment; its activation will tell why.
            match row.state().map_or(Some(stored), |state| state.wake_at()) {
                Some(at) if at < before => due.push(Wake {
                    conversation: *id,
                    at,
                }),
                later => row.wake_at = later,
            }
        }
        due.sort_by_key(|wake| wake.at);
        due.truncate(bound(limit));
        due
    }

    pub(super) fn events_after(&self, tenant: TenantId, after: u64, limit: u32) -> Vec<LiveEvent> {
        let wanted = after.saturating_add(1)..=after.saturating_add(u64::from(limit));
        wanted.map_while(|seq| self.event(tenant, seq)).collect()
    }

    pub(super) fn head(&self, tenant: TenantId) -> u64 {
        self.tenants
            .get(&tenant)
            .map_or(0, |row| count(row.events.len()))
    }
}

/// `seq` of the first message that counts as recent.
fn first_recent(state: &State, last: u64) -> u64 {
    let newest = last.saturating_sub(RECENT - 1);
    let burst = state.turn.map_or(newest, |turn| turn.from_seq);
    newest.min(burst).max(last.saturating_sub(MOST_RECENT - 1))
}

fn recent(row: &MessageRow) -> RecentMessage {
    let choice = row.body.as_ref().and_then(Body::choice).map(str::to_owned);
    let text = row
        .body
        .as_ref()
        .map(Body::text)
        .unwrap_or_default()
        .to_owned();
    RecentMessage {
        seq: row.seq,
        sender: row.sender,
        kind: row.kind,
        text,
        choice,
    }
}
