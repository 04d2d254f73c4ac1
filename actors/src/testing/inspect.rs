//! Looking at the world without touching it.

use super::builders::{Tenant, peer};
use super::rows::{
    ConversationRow, InboxEntry, InboxState, MessageRow, OutboxRow, SendState, count,
};
use super::world::World;
use papo_domain::conversation::{Body, HandoffChange, Listing, Sender, State, TransferRecord};
use papo_domain::ports::{ChannelHealth, Incident, LiveEvent, Unrouted};
use papo_domain::{ChannelId, ConversationId, Shard, TenantId};
use std::collections::HashMap;

impl World {
    /// The conversation with `phone` on the tenant's channel, if there is one.
    #[must_use]
    pub fn conversation(&self, tenant: &Tenant, phone: &str) -> Option<ConversationId> {
        let peer = peer(phone);
        let tables = self.shared.tables();
        peer.aliases.iter().find_map(|a| {
            tables
                .peers
                .get(&(tenant.id, tenant.channel, a.kind, a.key()))
                .copied()
        })
    }

    /// Every conversation of the tenant.
    #[must_use]
    pub fn conversations(&self, tenant: TenantId) -> Vec<ConversationId> {
        let tables = self.shared.tables();
        let rows = tables
            .conversations
            .iter()
            .filter(|(_, row)| row.tenant == tenant);
        rows.map(|(id, _)| *id).collect()
    }

    /// The timeline, in order.
    #[must_use]
    pub fn messages(&self, conversation: ConversationId) -> Vec<MessageRow> {
        self.row(conversation, |row| row.messages.clone())
    }

    /// Who said what, in order.
    #[must_use]
    pub fn texts(&self, conversation: ConversationId) -> Vec<(Sender, String)> {
        let text = |row: &MessageRow| {
            row.body
                .as_ref()
                .map(Body::text)
                .unwrap_or_default()
                .to_owned()
        };
        self.row(conversation, |row| {
            row.messages.iter().map(|m| (m.sender, text(m))).collect()
        })
    }

    /// The stored version; every commit adds one.
    #[must_use]
    pub fn version(&self, conversation: ConversationId) -> u64 {
        self.row(conversation, |row| row.version)
    }

    /// The stored state.
    ///
    /// # Panics
    /// When the snapshot cannot be read.
    #[must_use]
    pub fn state(&self, conversation: ConversationId) -> State {
        let state = self.row(conversation, ConversationRow::state);
        state.unwrap_or_else(|| panic!("snapshot of {conversation} cannot be read"))
    }

    /// What lists show.
    #[must_use]
    pub fn listing(&self, conversation: ConversationId) -> Listing {
        self.row(conversation, |row| row.listing.clone())
    }

    /// Changes of control, oldest first.
    #[must_use]
    pub fn transfers(&self, conversation: ConversationId) -> Vec<TransferRecord> {
        self.row(conversation, |row| row.transfers.clone())
    }

    /// Changes of handoffs, oldest first.
    #[must_use]
    pub fn handoffs(&self, conversation: ConversationId) -> Vec<HandoffChange> {
        self.row(conversation, |row| row.handoffs.clone())
    }

    /// The tenant's stream from its beginning.
    ///
    /// # Panics
    /// When it has a gap, or a conversation's versions go back in it.
    #[must_use]
    pub fn events(&self, tenant: TenantId) -> Vec<LiveEvent> {
        let tables = self.shared.tables();
        let events = tables.events_after(tenant, 0, u32::MAX);
        let mut versions: HashMap<ConversationId, u64> = HashMap::new();
        for (expected, event) in (1..).zip(&events) {
            assert_eq!(event.seq, expected, "the stream of {tenant} has a gap");
            let newest = versions.entry(event.conversation).or_default();
            if let Some(version) = event.version {
                assert!(
                    version >= *newest,
                    "{} goes back at {expected}",
                    event.conversation
                );
                *newest = version;
            }
        }
        assert_eq!(
            count(events.len()),
            tables.head(tenant),
            "the stream of {tenant} ends early"
        );
        events
    }

    /// The conversation's sends, in the order of its messages.
    #[must_use]
    pub fn outbox(&self, conversation: ConversationId) -> Vec<OutboxRow> {
        let tables = self.shared.tables();
        let rows = tables
            .outbox
            .all()
            .filter(|row| row.conversation == conversation);
        let mut rows: Vec<OutboxRow> = rows.cloned().collect();
        rows.sort_by_key(|row| row.seq);
        rows
    }

    /// The tenant's inbox, in the order of arrival.
    #[must_use]
    pub fn inbox(&self, tenant: TenantId) -> Vec<InboxEntry> {
        let tables = self.shared.tables();
        tables
            .inbox
            .all()
            .filter(|row| row.tenant == tenant)
            .cloned()
            .collect()
    }

    /// Rows of the tenant's inbox in one state, in the order of arrival.
    #[must_use]
    pub fn inbox_in(&self, tenant: TenantId, state: InboxState) -> Vec<i64> {
        let tables = self.shared.tables();
        let rows = tables
            .inbox
            .all()
            .filter(|row| row.tenant == tenant && row.state == state);
        rows.map(|row| row.id).collect()
    }

    /// One row of the inbox.
    ///
    /// # Panics
    /// When there is none.
    #[must_use]
    pub fn inbox_row(&self, id: i64) -> InboxEntry {
        let row = self.shared.tables().inbox.get(id).cloned();
        row.unwrap_or_else(|| panic!("no inbox row {id}"))
    }

    /// Attempts of one inbox row.
    ///
    /// # Panics
    /// When there is no such row.
    #[must_use]
    pub fn attempts(&self, id: i64) -> u32 {
        self.inbox_row(id).attempts
    }

    /// Who holds a shard, and the epoch. `None` while nobody does.
    #[must_use]
    pub fn lease(&self, shard: Shard) -> Option<(String, u64)> {
        let tables = self.shared.tables();
        let row = tables.leases.get(&shard)?;
        Some((row.node.clone()?, row.epoch))
    }

    /// What supervision recorded for the tenant, oldest first.
    #[must_use]
    pub fn incidents(&self, tenant: TenantId) -> Vec<Incident> {
        let tables = self.shared.tables();
        let own = tables.incidents.iter().filter(|(of, _)| *of == tenant);
        own.map(|(_, incident)| incident.clone()).collect()
    }

    /// The recorded health of a channel, if any was.
    #[must_use]
    pub fn health(&self, channel: ChannelId) -> Option<ChannelHealth> {
        self.shared.tables().health.get(&channel).cloned()
    }

    /// Deliveries for channels that nobody registered.
    #[must_use]
    pub fn unrouted(&self) -> Vec<Unrouted> {
        self.shared.tables().unrouted.clone()
    }

    /// Raw bodies of accepted deliveries.
    #[must_use]
    pub fn deliveries(&self) -> Vec<Vec<u8>> {
        self.shared.tables().deliveries.clone()
    }

    /// # Panics
    /// When an item of the tenant is still pending, or a send is queued or under way.
    pub fn assert_nothing_left(&self, tenant: TenantId) {
        self.check();
        let pending = self.inbox_in(tenant, InboxState::Pending);
        assert!(
            pending.is_empty(),
            "inbox rows {pending:?} are still pending"
        );
        let tables = self.shared.tables();
        let open: Vec<_> = tables
            .outbox
            .all()
            .filter(|row| row.tenant == tenant)
            .filter(|row| matches!(row.state, SendState::Queued | SendState::Sending))
            .map(|row| (row.conversation, row.seq, row.state))
            .collect();
        drop(tables);
        assert!(open.is_empty(), "sends are still open: {open:?}");
    }

    fn row<R>(&self, id: ConversationId, read: impl FnOnce(&ConversationRow) -> R) -> R {
        let tables = self.shared.tables();
        match tables.conversations.get(&id) {
            Some(row) => read(row),
            None => panic!("no conversation {id}"),
        }
    }
}
