//! Rows of a page whose peers do not all fit.

use super::{PEERS_MAX, Peers, peer_of};
use papo_domain::Content;
use papo_domain::conversation::Inbound;
use papo_domain::ports::{Alias, AliasKind, InboxItem, InboxRow, Peer, PeerQuery, ResolvedPeer};
use papo_domain::{ChannelId, ConversationId, CustomerId, Timestamp};
use uuid::Uuid;

fn row(phone: usize) -> InboxRow {
    let alias = Alias {
        kind: AliasKind::WaId,
        value: format!("55119{phone:08}"),
    };
    InboxRow {
        id: 1,
        channel: ChannelId(Uuid::from_u128(1)),
        external_id: "wamid.1".to_owned(),
        item: Some(InboxItem::Message {
            peer: Peer {
                aliases: vec![alias],
                group: false,
            },
            name: None,
            inbound: Inbound {
                external_id: "wamid.1".to_owned(),
                sent_at: Timestamp::UNIX_EPOCH,
                content: Content::Text {
                    body: "oi".to_owned(),
                },
                quote: None,
                context: None,
            },
        }),
        attempts: 0,
    }
}

fn answers(queries: &[PeerQuery]) -> Vec<ResolvedPeer> {
    let answer = |_: &PeerQuery| ResolvedPeer {
        conversation: ConversationId(Uuid::from_u128(2)),
        customer: CustomerId(Uuid::from_u128(3)),
    };
    queries.iter().map(answer).collect()
}

fn read(peers: &mut Peers, page: &[InboxRow]) {
    let (keys, queries) = peers.unknown(page);
    peers.learn(keys, &answers(&queries));
}

#[test]
fn every_peer_of_a_page_is_known_when_it_is_handed_out() {
    let mut peers = Peers::default();
    let all: Vec<_> = (0..PEERS_MAX).map(row).collect();
    read(&mut peers, &all);
    // One that is known, and one there is no room for.
    let page = [row(0), row(PEERS_MAX)];
    read(&mut peers, &page);
    for row in &page {
        assert!(peers.conversation(row).is_some(), "{row:?}");
    }
}

#[test]
fn the_store_is_asked_once_for_each_peer_in_the_order_of_the_rows() {
    let page: Vec<_> = [5, 3, 5, 9, 1, 3].map(row).into();
    let (_, queries) = Peers::default().unknown(&page);
    let asked: Vec<_> = queries.iter().map(|query| &query.peer).collect();
    let rows = [5, 3, 9, 1].map(row);
    let wanted: Vec<_> = rows
        .iter()
        .filter_map(peer_of)
        .map(|(peer, _)| peer)
        .collect();
    assert_eq!(asked, wanted);
}

#[test]
fn a_change_of_name_is_asked_for_although_its_peer_is_known() {
    let mut peers = Peers::default();
    read(&mut peers, &[row(1), row(2)]);
    assert!(peers.unknown(&[row(1)]).1.is_empty());
    let mut change = row(2);
    if let Some(InboxItem::Message { inbound, .. }) = &mut change.item {
        inbound.content = Content::System {
            body: "mudou de número".to_owned(),
            event: Some("user_changed_number".to_owned()),
            detail: serde_json::Value::Null,
        };
    }
    assert_eq!(peers.unknown(&[row(1), change]).1.len(), 1);
}
