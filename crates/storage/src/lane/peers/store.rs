//! The statements of [`super`]: what is stored of a batch's peers, and the rows that its plan
//! found missing. Nothing is decided here.

use super::{Asked, Known, Name, key};
use crate::engine::columns::{from_word, text};
use crate::engine::fault::Fault;
use crate::engine::link::Link;
use crate::engine::statement::{Params, Row};
use papo_domain::conversation::{SnapshotError, State, encode};
use papo_domain::ids::{ChannelId, ConversationId, CustomerId, TenantId};
use papo_domain::ports::{Alias, AliasKind, PeerQuery, ResolvedPeer};
use std::borrow::Cow;
use std::collections::BTreeMap;
use uuid::Uuid;

const ALIASES: &str = "
SELECT a.tenant_id, a.kind, a.key, a.customer_id
FROM unnest($1::uuid[], $2::text[], $3::text[]) AS u(tenant_id, kind, key)
JOIN customer_aliases a ON a.tenant_id = u.tenant_id AND a.kind = u.kind AND a.key = u.key";

const PEERS: &str = "
SELECT p.tenant_id, p.channel_id, p.kind, p.key, p.conversation_id, c.customer_id, k.name IS NULL,
       c.peer_kind, c.peer_key
FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[]) AS u(tenant_id, channel_id, kind, key)
JOIN conversation_peers p ON p.tenant_id = u.tenant_id AND p.channel_id = u.channel_id
                         AND p.kind = u.kind AND p.key = u.key
JOIN conversations c ON c.tenant_id = p.tenant_id AND c.id = p.conversation_id
JOIN customers k ON k.tenant_id = c.tenant_id AND k.id = c.customer_id";

const NEW_CUSTOMERS: &str = "
INSERT INTO customers (tenant_id, id, name, phone)
SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[])";

const NAME_CUSTOMERS: &str = "
UPDATE customers k SET name = u.name
FROM unnest($1::uuid[], $2::uuid[], $3::text[]) AS u(tenant_id, id, name)
WHERE k.tenant_id = u.tenant_id AND k.id = u.id AND k.name IS NULL";

const NEW_ALIASES: &str = "
INSERT INTO customer_aliases (tenant_id, kind, key, value, customer_id)
SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::uuid[])
ON CONFLICT DO NOTHING";

const NEW_CONVERSATIONS: &str = "
INSERT INTO conversations (tenant_id, id, channel_id, customer_id, peer_kind, peer_key, peer_value, is_group)
SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::text[], $6::text[], $7::text[],
                     $8::boolean[])";

const NEW_STATES: &str = "
INSERT INTO conversation_state (tenant_id, conversation_id, version, epoch, payload)
SELECT u.tenant_id, u.conversation_id, 0, 1, u.payload
FROM unnest($1::uuid[], $2::uuid[], $3::text[]) AS u(tenant_id, conversation_id, payload)";

const NEW_PEERS: &str = "
INSERT INTO conversation_peers (tenant_id, channel_id, kind, key, conversation_id)
SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::uuid[])
ON CONFLICT DO NOTHING";

const NEW_ADDRESSES: &str = "
UPDATE conversations c
SET peer_kind = u.kind, peer_key = u.key, peer_value = u.value, updated_at = now()
FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[])
     AS u(tenant_id, id, kind, key, value)
WHERE c.tenant_id = u.tenant_id AND c.id = u.id";

/// Statements of the lookup alone.
#[cfg(test)]
pub(crate) const LOOKUP_SQL: &[&str] = &[ALIASES, PEERS];

#[cfg(test)]
pub(crate) const SQL: &[&str] = &[
    ALIASES,
    PEERS,
    NEW_CUSTOMERS,
    NAME_CUSTOMERS,
    NEW_ALIASES,
    NEW_CONVERSATIONS,
    NEW_STATES,
    NEW_PEERS,
    NEW_ADDRESSES,
];

/// Rows to be made.
#[derive(Default)]
pub(super) struct Missing<'a> {
    pub(super) customers: Vec<NewCustomer<'a>>,
    pub(super) names: Vec<NewName<'a>>,
    pub(super) aliases: Vec<NewAlias<'a>>,
    pub(super) conversations: Vec<NewConversation<'a>>,
    pub(super) peers: Vec<NewPeer<'a>>,
    /// One of each conversation, in the order of the rows.
    pub(super) addresses: BTreeMap<(TenantId, ConversationId), &'a Alias>,
}

pub(super) struct NewCustomer<'a> {
    tenant: TenantId,
    pub(super) id: CustomerId,
    name: Option<&'a str>,
    phone: Option<&'a str>,
}

/// The name of a customer who has none yet.
pub(super) struct NewName<'a> {
    pub(super) tenant: TenantId,
    pub(super) customer: CustomerId,
    pub(super) name: &'a str,
}

pub(super) struct NewAlias<'a> {
    pub(super) tenant: TenantId,
    pub(super) alias: &'a Alias,
    pub(super) customer: CustomerId,
}

pub(super) struct NewConversation<'a> {
    pub(super) tenant: TenantId,
    pub(super) peer: ResolvedPeer,
    pub(super) query: &'a PeerQuery,
    pub(super) address: &'a Alias,
}

/// By which name a channel finds a conversation.
pub(super) struct NewPeer<'a> {
    pub(super) tenant: TenantId,
    pub(super) channel: ChannelId,
    pub(super) alias: &'a Alias,
    pub(super) conversation: ConversationId,
}

/// What is stored of the peers that are asked for.
pub(super) async fn lookup(link: &Link, asked: &[Asked<'_>]) -> Result<Known, Fault> {
    let mut columns: (Vec<Uuid>, Vec<Uuid>, Vec<&str>, Vec<String>) = Default::default();
    for (tenant, query) in asked {
        for alias in &query.peer.aliases {
            columns.0.push(tenant.0);
            columns.1.push(query.channel.0);
            columns.2.push(alias.kind.name());
            columns.3.push(key(alias));
        }
    }
    let (tenants, channels, kinds, keys) = columns;
    let by_alias: Params<'_> = &[&tenants, &kinds, &keys];
    let by_peer: Params<'_> = &[&tenants, &channels, &kinds, &keys];
    let (aliases, peers) = tokio::try_join!(
        biased;
        link.query(ALIASES, by_alias),
        link.query(PEERS, by_peer),
    )?;
    let mut known = Known::default();
    for row in aliases {
        let key = (TenantId(row.try_get(0)?), stored(&row, 1)?);
        known.customers.insert(key, CustomerId(row.try_get(3)?));
    }
    for row in peers {
        let (tenant, channel) = (TenantId(row.try_get(0)?), ChannelId(row.try_get(1)?));
        let customer = CustomerId(row.try_get(5)?);
        let peer = ResolvedPeer {
            conversation: ConversationId(row.try_get(4)?),
            customer,
        };
        known.addresses.insert(peer.conversation, stored(&row, 7)?);
        let key = (tenant, channel, stored(&row, 2)?);
        known.conversations.insert(key, peer);
        if row.try_get(6)? {
            known.nameless.insert(customer);
        }
    }
    Ok(known)
}

/// The name whose kind stands in the column `at`, and the key in the next one.
fn stored(row: &Row, at: usize) -> Result<Name, Fault> {
    let kind = from_word("customer_aliases.kind", &row.try_get::<String>(at)?)?;
    Ok((kind, row.try_get(at + 1)?))
}

impl<'a> NewCustomer<'a> {
    /// The customer behind a peer whom nobody knows. Their phone is their WhatsApp id, if it is
    /// told.
    pub(super) fn of(tenant: TenantId, query: &'a PeerQuery) -> Self {
        let phone = query
            .peer
            .aliases
            .iter()
            .find(|alias| alias.kind == AliasKind::WaId)
            .map(|alias| alias.value.as_str());
        Self {
            tenant,
            id: CustomerId(Uuid::now_v7()),
            name: query.name.as_deref(),
            phone,
        }
    }
}

impl Missing<'_> {
    pub(super) fn is_empty(&self) -> bool {
        self.names.is_empty()
            && self.aliases.is_empty()
            && self.conversations.is_empty()
            && self.peers.is_empty()
            && self.addresses.is_empty()
    }

    /// Stores the rows; those of one table together.
    pub(super) async fn store(&self, link: &Link) -> Result<(), Fault> {
        self.store_customers(link).await?;
        self.store_conversations(link).await?;
        self.store_addresses(link).await
    }

    async fn store_customers(&self, link: &Link) -> Result<(), Fault> {
        if !self.customers.is_empty() {
            let rows = &self.customers;
            let tenants: Vec<Uuid> = rows.iter().map(|r| r.tenant.0).collect();
            let ids: Vec<Uuid> = rows.iter().map(|r| r.id.0).collect();
            let names: Vec<Option<Cow<'_, str>>> = rows.iter().map(|r| r.name.map(text)).collect();
            let phones: Vec<Option<Cow<'_, str>>> =
                rows.iter().map(|r| r.phone.map(text)).collect();
            link.execute(NEW_CUSTOMERS, &[&tenants, &ids, &names, &phones])
                .await?;
        }
        if !self.names.is_empty() {
            let rows = &self.names;
            let tenants: Vec<Uuid> = rows.iter().map(|r| r.tenant.0).collect();
            let ids: Vec<Uuid> = rows.iter().map(|r| r.customer.0).collect();
            let names: Vec<Cow<'_, str>> = rows.iter().map(|r| text(r.name)).collect();
            link.execute(NAME_CUSTOMERS, &[&tenants, &ids, &names])
                .await?;
        }
        if !self.aliases.is_empty() {
            let rows = &self.aliases;
            let tenants: Vec<Uuid> = rows.iter().map(|r| r.tenant.0).collect();
            let kinds: Vec<&str> = rows.iter().map(|r| r.alias.kind.name()).collect();
            let keys: Vec<String> = rows.iter().map(|r| key(r.alias)).collect();
            let values: Vec<Cow<'_, str>> = rows.iter().map(|r| text(&r.alias.value)).collect();
            let customers: Vec<Uuid> = rows.iter().map(|r| r.customer.0).collect();
            let params: Params<'_> = &[&tenants, &kinds, &keys, &values, &customers];
            all_new(link.execute(NEW_ALIASES, params).await?, rows.len())?;
        }
        Ok(())
    }

    async fn store_conversations(&self, link: &Link) -> Result<(), Fault> {
        if !self.conversations.is_empty() {
            let rows = &self.conversations;
            let tenants: Vec<Uuid> = rows.iter().map(|r| r.tenant.0).collect();
            let ids: Vec<Uuid> = rows.iter().map(|r| r.peer.conversation.0).collect();
            let channels: Vec<Uuid> = rows.iter().map(|r| r.query.channel.0).collect();
            let customers: Vec<Uuid> = rows.iter().map(|r| r.peer.customer.0).collect();
            let kinds: Vec<&str> = rows.iter().map(|r| r.address.kind.name()).collect();
            let keys: Vec<String> = rows.iter().map(|r| key(r.address)).collect();
            let values: Vec<Cow<'_, str>> = rows.iter().map(|r| text(&r.address.value)).collect();
            let groups: Vec<bool> = rows.iter().map(|r| r.query.peer.group).collect();
            let params: Params<'_> = &[
                &tenants, &ids, &channels, &customers, &kinds, &keys, &values, &groups,
            ];
            link.execute(NEW_CONVERSATIONS, params).await?;
            let payloads: Vec<String> = rows
                .iter()
                .map(|r| encode(&State::new(r.peer.conversation)))
                .collect::<Result<_, SnapshotError>>()
                .map_err(|e| Fault::Data(e.to_string()))?;
            link.execute(NEW_STATES, &[&tenants, &ids, &payloads])
                .await?;
        }
        if !self.peers.is_empty() {
            let rows = &self.peers;
            let tenants: Vec<Uuid> = rows.iter().map(|r| r.tenant.0).collect();
            let channels: Vec<Uuid> = rows.iter().map(|r| r.channel.0).collect();
            let kinds: Vec<&str> = rows.iter().map(|r| r.alias.kind.name()).collect();
            let keys: Vec<String> = rows.iter().map(|r| key(r.alias)).collect();
            let conversations: Vec<Uuid> = rows.iter().map(|r| r.conversation.0).collect();
            let params: Params<'_> = &[&tenants, &channels, &kinds, &keys, &conversations];
            all_new(link.execute(NEW_PEERS, params).await?, rows.len())?;
        }
        Ok(())
    }

    async fn store_addresses(&self, link: &Link) -> Result<(), Fault> {
        if !self.addresses.is_empty() {
            let rows = &self.addresses;
            let tenants: Vec<Uuid> = rows.keys().map(|(tenant, _)| tenant.0).collect();
            let ids: Vec<Uuid> = rows.keys().map(|(_, id)| id.0).collect();
            let kinds: Vec<&str> = rows.values().map(|a| a.kind.name()).collect();
            let keys: Vec<String> = rows.values().map(|a| key(a)).collect();
            let values: Vec<Cow<'_, str>> = rows.values().map(|a| text(&a.value)).collect();
            let params: Params<'_> = &[&tenants, &ids, &kinds, &keys, &values];
            link.execute(NEW_ADDRESSES, params).await?;
        }
        Ok(())
    }
}

/// Somebody else created the same in between: the batch goes again and finds it.
fn all_new(stored: usize, planned: usize) -> Result<(), Fault> {
    if planned == stored {
        Ok(())
    } else {
        Err(Fault::Contention("the peer was created twice".to_owned()))
    }
}
