//! Customers, their names, and their conversations.

use super::rows::ConversationRow;
use super::tables::{Fenced, Tables};
use papo_domain::conversation::{Audience, Listing, State, encode};
use papo_domain::ports::{Alias, Lease, PeerQuery, ResolvedPeer};
use papo_domain::{ChannelId, ConversationId, CustomerId, TenantId};

impl Tables {
    pub(super) fn resolve_peers(
        &mut self,
        node: &str,
        lease: Lease,
        tenant: TenantId,
        queries: &[PeerQuery],
    ) -> Result<Vec<ResolvedPeer>, Fenced> {
        self.fence(node, lease, tenant)?;
        Ok(queries
            .iter()
            .map(|query| self.resolve_peer(tenant, query))
            .collect())
    }

    /// Finds a peer's conversation by any of its names, or creates it; unknown names are added.
    pub(super) fn resolve_peer(&mut self, tenant: TenantId, query: &PeerQuery) -> ResolvedPeer {
        let aliases = &query.peer.aliases;
        let Some(address) = aliases.first() else {
            self.violate("a peer without a name");
        };
        let conversation = aliases.iter().find_map(|a| {
            self.peers
                .get(&(tenant, query.channel, a.kind, a.key()))
                .copied()
        });
        let (conversation, customer) = match conversation {
            Some(found) => (found, self.customer_of(found)),
            None => self.create_conversation(tenant, query, address),
        };
        let name = self.names.entry(customer).or_default();
        *name = name.take().or_else(|| query.name.clone());
        for alias in aliases {
            let name = (tenant, alias.kind, alias.key());
            self.customers.entry(name).or_insert(customer);
            let peer = (tenant, query.channel, alias.kind, alias.key());
            self.peers.entry(peer).or_insert(conversation);
        }
        ResolvedPeer {
            conversation,
            customer,
        }
    }

    fn customer_of(&mut self, conversation: ConversationId) -> CustomerId {
        match self.conversations.get(&conversation) {
            Some(row) => row.customer,
            None => self.violate(format!(
                "a peer of conversation {conversation}, which is gone"
            )),
        }
    }

    fn create_conversation(
        &mut self,
        tenant: TenantId,
        query: &PeerQuery,
        address: &Alias,
    ) -> (ConversationId, CustomerId) {
        let known = query
            .peer
            .aliases
            .iter()
            .find_map(|a| self.customers.get(&(tenant, a.kind, a.key())).copied());
        let customer = known.unwrap_or_else(|| CustomerId(self.id()));
        let id = ConversationId(self.id());
        self.insert_conversation(tenant, query.channel, id, customer, address.clone());
        (id, customer)
    }

    fn insert_conversation(
        &mut self,
        tenant: TenantId,
        channel: ChannelId,
        id: ConversationId,
        customer: CustomerId,
        address: Alias,
    ) {
        let state = State::new(id);
        let payload = match encode(&state) {
            Ok(payload) => payload,
            Err(fault) => self.violate(format!("a new state cannot be written: {fault}")),
        };
        let row = ConversationRow {
            tenant,
            channel,
            customer,
            address,
            version: 0,
            epoch: state.epoch,
            audience: Audience::of(&state),
            wake_at: None,
            payload,
            listing: Listing::of(&state),
            messages: Vec::new(),
            transfers: Vec::new(),
            handoffs: Vec::new(),
        };
        self.conversations.insert(id, row);
    }
}
