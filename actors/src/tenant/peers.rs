//! Which conversation a peer has, remembered so that the store is not asked again for each row.

use papo_domain::ports::{InboxItem, InboxRow, Peer, PeerQuery, ResolvedPeer};
use papo_domain::{ChannelId, ConversationId, MessageKind};
use std::collections::{HashMap, HashSet};

/// Peers remembered per tenant; forgotten all at once when full, since looking one up is cheap.
const PEERS_MAX: usize = 50_000;

/// The peers of one tenant.
#[derive(Default)]
pub(super) struct Peers {
    known: HashMap<PeerKey, ConversationId>,
}

#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) struct PeerKey(ChannelId, String);

impl PeerKey {
    fn of(channel: ChannelId, peer: &Peer) -> Self {
        let names: Vec<String> = peer
            .aliases
            .iter()
            .map(|a| format!("{}={}", a.kind.name(), a.key()))
            .collect();
        Self(channel, names.join(","))
    }
}

impl Peers {
    /// The conversation that a row belongs to, as far as it is known.
    pub(super) fn conversation(&self, row: &InboxRow) -> Option<ConversationId> {
        let (peer, _) = peer_of(row)?;
        self.known.get(&PeerKey::of(row.channel, peer)).copied()
    }

    /// What to ask the store before these rows can be handed out. Whatever has to be forgotten to
    /// make room is forgotten first: a peer forgotten later would leave its row behind, for others
    /// to overtake.
    pub(super) fn unknown(&mut self, rows: &[InboxRow]) -> (Vec<PeerKey>, Vec<PeerQuery>) {
        if self.known.len() + rows.len() > PEERS_MAX {
            self.known.clear();
        }
        // In the rows' order, in which one name leads to the next.
        let (mut keys, mut queries) = (Vec::new(), Vec::new());
        let mut asked = HashSet::new();
        for row in rows {
            let Some((peer, name)) = peer_of(row) else {
                continue;
            };
            let key = PeerKey::of(row.channel, peer);
            let known = self.known.contains_key(&key) && !tells_of_a_change(row);
            if !known && asked.insert(key.clone()) {
                keys.push(key);
                queries.push(PeerQuery {
                    channel: row.channel,
                    peer: peer.clone(),
                    name: name.cloned(),
                });
            }
        }
        (keys, queries)
    }

    /// Remembers what the store answered, in the order of the question.
    pub(super) fn learn(&mut self, keys: Vec<PeerKey>, found: &[ResolvedPeer]) {
        let conversations = found.iter().map(|peer| peer.conversation);
        self.known.extend(keys.into_iter().zip(conversations));
    }
}

fn peer_of(row: &InboxRow) -> Option<(&Peer, Option<&String>)> {
    match &row.item {
        Some(InboxItem::Message { peer, name, .. }) => Some((peer, name.as_ref())),
        Some(InboxItem::Echo { peer, .. }) => Some((peer, None)),
        _ => None,
    }
}

/// Whether a peer says to be called otherwise from now on: the store moves their address, also
/// back to one that we know.
fn tells_of_a_change(row: &InboxRow) -> bool {
    match &row.item {
        Some(InboxItem::Message { inbound, .. }) => inbound.content.kind() == MessageKind::System,
        _ => false,
    }
}

#[cfg(test)]
mod tests;
