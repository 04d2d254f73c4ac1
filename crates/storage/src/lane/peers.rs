//! Whose conversation is this? Finds, or creates in the running transaction, the customer, the
//! names and the conversation of a peer. A conversation belongs to one channel and one peer;
//! names that come later are added to it and never move it. One of its names is its address, to
//! which everything is sent: that of the first message, until another takes its place.

use crate::engine::columns::{from_word, text};
use crate::engine::fault::Fault;
use crate::engine::link::Link;
use crate::engine::statement::{Params, Row};
use papo_domain::conversation::{SnapshotError, State, encode};
use papo_domain::ids::{ChannelId, ConversationId, CustomerId, TenantId};
use papo_domain::ports::{Alias, AliasKind, PeerQuery, ResolvedPeer};
use std::borrow::Cow;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap};
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

/// Bytes of a key that are stored as they are.
const LONGEST_KEY: usize = 256;

/// A query with its tenant.
pub(crate) type Asked<'a> = (TenantId, &'a PeerQuery);

/// What an alias is looked up by.
type Name = (AliasKind, String);
type AliasKey = (TenantId, Name);
type PeerKey = (TenantId, ChannelId, Name);

/// What is stored, and what this call adds to it.
#[derive(Default)]
struct Known {
    customers: HashMap<AliasKey, CustomerId>,
    conversations: HashMap<PeerKey, ResolvedPeer>,
    /// Where each conversation is sent to.
    addresses: HashMap<ConversationId, Name>,
    nameless: BTreeSet<CustomerId>,
}

/// Rows to be made.
#[derive(Default)]
struct Missing<'a> {
    customers: Vec<(TenantId, CustomerId, Option<&'a str>, Option<&'a str>)>,
    names: Vec<(TenantId, CustomerId, &'a str)>,
    aliases: Vec<(TenantId, &'a Alias, CustomerId)>,
    conversations: Vec<(TenantId, ResolvedPeer, &'a PeerQuery, &'a Alias)>,
    peers: Vec<(TenantId, ChannelId, &'a Alias, ConversationId)>,
    /// One of each conversation, in the order of the rows.
    addresses: BTreeMap<(TenantId, ConversationId), &'a Alias>,
}

/// Answers from what is stored, or `None` if something would have to be created.
pub(crate) async fn find(
    link: &Link,
    asked: &[Asked<'_>],
) -> Result<Option<Vec<ResolvedPeer>>, Fault> {
    let mut known = lookup(link, asked).await?;
    let (answers, missing) = plan(asked, &mut known)?;
    Ok(missing.is_empty().then_some(answers))
}

/// Finds or creates; answers in the same order.
pub(crate) async fn resolve(link: &Link, asked: &[Asked<'_>]) -> Result<Vec<ResolvedPeer>, Fault> {
    if asked.is_empty() {
        return Ok(Vec::new());
    }
    let mut known = lookup(link, asked).await?;
    let (answers, missing) = plan(asked, &mut known)?;
    missing.store(link).await?;
    Ok(answers)
}

async fn lookup(link: &Link, asked: &[Asked<'_>]) -> Result<Known, Fault> {
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

fn name(alias: &Alias) -> Name {
    (alias.kind, key(alias))
}

/// A name longer than [`LONGEST_KEY`] is found by a digest: providers set no bound to their ids,
/// and an index does.
fn key(alias: &Alias) -> String {
    let key = text(&alias.key()).into_owned();
    if key.len() <= LONGEST_KEY {
        return key;
    }
    format!("#{}", Uuid::new_v5(&Uuid::NAMESPACE_OID, key.as_bytes()))
}

/// Decides one after the other, so that two of one peer share what the first creates, and those
/// with the most names first: they tell that two names are one peer's, however a page of the inbox
/// is ordered.
fn plan<'a>(
    asked: &[Asked<'a>],
    known: &mut Known,
) -> Result<(Vec<ResolvedPeer>, Missing<'a>), Fault> {
    let mut missing = Missing::default();
    let mut answers = Vec::with_capacity(asked.len());
    let mut order: Vec<(usize, Asked<'a>)> = asked.iter().copied().enumerate().collect();
    order.sort_by_key(|(_, (_, query))| Reverse(query.peer.aliases.len()));
    for (place, (tenant, query)) in order {
        let peer_key = |alias: &Alias| (tenant, query.channel, name(alias));
        let aliases = &query.peer.aliases;
        let Some(first) = aliases.first() else {
            return Err(Fault::Data("a peer without a name".to_owned()));
        };
        let found = aliases
            .iter()
            .find_map(|alias| known.conversations.get(&peer_key(alias)).cloned());
        let peer = found.unwrap_or_else(|| {
            let customer = aliases
                .iter()
                .find_map(|a| known.customers.get(&(tenant, name(a))).copied())
                .unwrap_or_else(|| missing.customer(tenant, query));
            let peer = ResolvedPeer {
                conversation: ConversationId(Uuid::now_v7()),
                customer,
            };
            missing
                .conversations
                .push((tenant, peer.clone(), query, first));
            known.addresses.insert(peer.conversation, name(first));
            peer
        });
        let is_new = !known.conversations.contains_key(&peer_key(first));
        if known.readdress(peer.conversation, aliases, is_new) {
            missing.addresses.insert((tenant, peer.conversation), first);
        }
        for alias in aliases {
            let owner = known.customers.entry((tenant, name(alias)));
            owner.or_insert_with(|| {
                missing.aliases.push((tenant, alias, peer.customer));
                peer.customer
            });
            let conversation = known.conversations.entry(peer_key(alias));
            conversation.or_insert_with(|| {
                let row = (tenant, query.channel, alias, peer.conversation);
                missing.peers.push(row);
                peer.clone()
            });
        }
        if let Some(name) = query.name.as_deref()
            && known.nameless.remove(&peer.customer)
        {
            missing.names.push((tenant, peer.customer, name));
        }
        answers.push((place, peer));
    }
    answers.sort_by_key(|(place, _)| *place);
    let answers = answers.into_iter().map(|(_, peer)| peer).collect();
    Ok((answers, missing))
}

impl Known {
    /// Whether these names of a message move a conversation to the first of them. `is_new`: the
    /// conversation did not know the first.
    ///
    /// What a customer is newly called is where they are, and so is what they call themselves
    /// beside the present address. Any other old name says nothing: the message may be late, it
    /// may be the owner's to an old entry in the phone's contacts, it may be of one who has the
    /// number now. And where only the user id is told and it is the old one, so is the number.
    fn readdress(&mut self, of: ConversationId, names: &[Alias], is_new: bool) -> bool {
        let Some((address, first)) = self.addresses.get_mut(&of).zip(names.first()) else {
            return false;
        };
        let is_address = |alias: &Alias| name(alias) == *address;
        let moves = !is_address(first) && (is_new || names.iter().any(is_address));
        if moves {
            *address = name(first);
        }
        moves
    }
}

impl<'a> Missing<'a> {
    fn is_empty(&self) -> bool {
        self.names.is_empty()
            && self.aliases.is_empty()
            && self.conversations.is_empty()
            && self.peers.is_empty()
            && self.addresses.is_empty()
    }

    fn customer(&mut self, tenant: TenantId, query: &'a PeerQuery) -> CustomerId {
        let id = CustomerId(Uuid::now_v7());
        let phone = query
            .peer
            .aliases
            .iter()
            .find(|alias| alias.kind == AliasKind::WaId)
            .map(|alias| alias.value.as_str());
        self.customers
            .push((tenant, id, query.name.as_deref(), phone));
        id
    }

    async fn store(&self, link: &Link) -> Result<(), Fault> {
        self.store_customers(link).await?;
        self.store_conversations(link).await?;
        self.store_addresses(link).await
    }

    async fn store_customers(&self, link: &Link) -> Result<(), Fault> {
        if !self.customers.is_empty() {
            let rows = &self.customers;
            let tenants: Vec<Uuid> = rows.iter().map(|r| r.0.0).collect();
            let ids: Vec<Uuid> = rows.iter().map(|r| r.1.0).collect();
            let names: Vec<Option<Cow<'_, str>>> = rows.iter().map(|r| r.2.map(text)).collect();
            let phones: Vec<Option<Cow<'_, str>>> = rows.iter().map(|r| r.3.map(text)).collect();
            link.execute(NEW_CUSTOMERS, &[&tenants, &ids, &names, &phones])
                .await?;
        }
        if !self.names.is_empty() {
            let tenants: Vec<Uuid> = self.names.iter().map(|r| r.0.0).collect();
            let ids: Vec<Uuid> = self.names.iter().map(|r| r.1.0).collect();
            let names: Vec<Cow<'_, str>> = self.names.iter().map(|r| text(r.2)).collect();
            link.execute(NAME_CUSTOMERS, &[&tenants, &ids, &names])
                .await?;
        }
        if !self.aliases.is_empty() {
            let rows = &self.aliases;
            let tenants: Vec<Uuid> = rows.iter().map(|r| r.0.0).collect();
            let kinds: Vec<&str> = rows.iter().map(|r| r.1.kind.name()).collect();
            let keys: Vec<String> = rows.iter().map(|r| key(r.1)).collect();
            let values: Vec<Cow<'_, str>> = rows.iter().map(|r| text(&r.1.value)).collect();
            let customers: Vec<Uuid> = rows.iter().map(|r| r.2.0).collect();
            let params: Params<'_> = &[&tenants, &kinds, &keys, &values, &customers];
            all_new(link.execute(NEW_ALIASES, params).await?, rows.len())?;
        }
        Ok(())
    }

    async fn store_conversations(&self, link: &Link) -> Result<(), Fault> {
        if !self.conversations.is_empty() {
            let rows = &self.conversations;
            let tenants: Vec<Uuid> = rows.iter().map(|r| r.0.0).collect();
            let ids: Vec<Uuid> = rows.iter().map(|r| r.1.conversation.0).collect();
            let channels: Vec<Uuid> = rows.iter().map(|r| r.2.channel.0).collect();
            let customers: Vec<Uuid> = rows.iter().map(|r| r.1.customer.0).collect();
            let kinds: Vec<&str> = rows.iter().map(|r| r.3.kind.name()).collect();
            let keys: Vec<String> = rows.iter().map(|r| key(r.3)).collect();
            let values: Vec<Cow<'_, str>> = rows.iter().map(|r| text(&r.3.value)).collect();
            let groups: Vec<bool> = rows.iter().map(|r| r.2.peer.group).collect();
            let params: Params<'_> = &[
                &tenants, &ids, &channels, &customers, &kinds, &keys, &values, &groups,
            ];
            link.execute(NEW_CONVERSATIONS, params).await?;
            let payloads: Vec<String> = rows
                .iter()
                .map(|r| encode(&State::new(r.1.conversation)))
                .collect::<Result<_, SnapshotError>>()
                .map_err(|e| Fault::Data(e.to_string()))?;
            link.execute(NEW_STATES, &[&tenants, &ids, &payloads])
                .await?;
        }
        if !self.peers.is_empty() {
            let rows = &self.peers;
            let tenants: Vec<Uuid> = rows.iter().map(|r| r.0.0).collect();
            let channels: Vec<Uuid> = rows.iter().map(|r| r.1.0).collect();
            let kinds: Vec<&str> = rows.iter().map(|r| r.2.kind.name()).collect();
            let keys: Vec<String> = rows.iter().map(|r| key(r.2)).collect();
            let conversations: Vec<Uuid> = rows.iter().map(|r| r.3.0).collect();
            let params: Params<'_> = &[&tenants, &channels, &kinds, &keys, &conversations];
            all_new(link.execute(NEW_PEERS, params).await?, rows.len())?;
        }
        Ok(())
    }

    async fn store_addresses(&self, link: &Link) -> Result<(), Fault> {
        if !self.addresses.is_empty() {
            let rows = &self.addresses;
            let tenants: Vec<Uuid> = rows.keys().map(|r| r.0.0).collect();
            let ids: Vec<Uuid> = rows.keys().map(|r| r.1.0).collect();
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
