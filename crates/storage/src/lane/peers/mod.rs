//! Whose conversation is this? Finds, or creates in the running transaction, the customer, the
//! names and the conversation of a peer. A conversation belongs to one channel and one peer;
//! names that come later are added to it and never move it. One of its names is its address, to
//! which everything is sent: that of the first message, until another takes its place.

mod store;

#[cfg(test)]
pub(crate) use store::{LOOKUP_SQL, SQL};

use crate::engine::columns::text;
use crate::engine::fault::Fault;
use crate::engine::link::Link;
use papo_domain::ids::{ChannelId, ConversationId, CustomerId, TenantId};
use papo_domain::ports::{Alias, AliasKind, PeerQuery, ResolvedPeer};
use std::cmp::Reverse;
use std::collections::{BTreeSet, HashMap};
use store::{Missing, NewAlias, NewConversation, NewCustomer, NewName, NewPeer};
use uuid::Uuid;

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

/// Answers from what is stored, or `None` if something would have to be created.
pub(crate) async fn find(
    link: &Link,
    asked: &[Asked<'_>],
) -> Result<Option<Vec<ResolvedPeer>>, Fault> {
    let mut known = store::lookup(link, asked).await?;
    let (answers, missing) = plan(asked, &mut known)?;
    Ok(missing.is_empty().then_some(answers))
}

/// Finds or creates; answers in the same order.
pub(crate) async fn resolve(link: &Link, asked: &[Asked<'_>]) -> Result<Vec<ResolvedPeer>, Fault> {
    if asked.is_empty() {
        return Ok(Vec::new());
    }
    let mut known = store::lookup(link, asked).await?;
    let (answers, missing) = plan(asked, &mut known)?;
    missing.store(link).await?;
    Ok(answers)
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
                .unwrap_or_else(|| {
                    let customer = NewCustomer::of(tenant, query);
                    let id = customer.id;
                    missing.customers.push(customer);
                    id
                });
            let peer = ResolvedPeer {
                conversation: ConversationId(Uuid::now_v7()),
                customer,
            };
            missing.conversations.push(NewConversation {
                tenant,
                peer: peer.clone(),
                query,
                address: first,
            });
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
                missing.aliases.push(NewAlias {
                    tenant,
                    alias,
                    customer: peer.customer,
                });
                peer.customer
            });
            let conversation = known.conversations.entry(peer_key(alias));
            conversation.or_insert_with(|| {
                missing.peers.push(NewPeer {
                    tenant,
                    channel: query.channel,
                    alias,
                    conversation: peer.conversation,
                });
                peer.clone()
            });
        }
        if let Some(name) = query.name.as_deref()
            && known.nameless.remove(&peer.customer)
        {
            missing.names.push(NewName {
                tenant,
                customer: peer.customer,
                name,
            });
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
