//! Status webhooks of one message in every order, with a copy of each at every place, against the
//! statements themselves.

use crate::bench::{Bench, Draft, Tenant, query, status};
use futures_util::future::join_all;
use papo_domain::ports::{
    Claimed, DeliveryStatus, EngineStore, EventBody, ProviderError, SendOutcome, SendReport,
    StatusOutcome, StatusUpdate,
};
use papo_domain::{ConversationId, MessageId};
use std::collections::{BTreeMap, BTreeSet};

/// What WhatsApp tells of a message, lowest first.
const LATTICE: [DeliveryStatus; 4] = [
    DeliveryStatus::Sent,
    DeliveryStatus::Failed,
    DeliveryStatus::Delivered,
    DeliveryStatus::Read,
];

/// Every order of the four and a copy of one of them.
fn orders() -> Vec<Vec<usize>> {
    fn go_on(order: &[usize], left: &[usize], all: &mut BTreeSet<Vec<usize>>) {
        if left.is_empty() {
            all.insert(order.to_vec());
        }
        for place in 0..left.len() {
            let (mut order, mut left) = (order.to_vec(), left.to_vec());
            order.push(left.remove(place));
            go_on(&order, &left, all);
        }
    }
    let mut all = BTreeSet::new();
    for copy in 0..LATTICE.len() {
        go_on(&[], &[0, 1, 2, 3, copy], &mut all);
    }
    all.into_iter().collect()
}

/// A message whose outcome nobody knows, in a conversation for each order.
async fn unknown(bench: &Bench, one: &Tenant, count: usize) -> BTreeMap<ConversationId, Draft> {
    let queries = (0..count).map(|n| query(one, &format!("55119999{n:05}")));
    let queries = queries.collect();
    let peers = bench.store.resolve_peers(one.lease, one.id, queries).await;
    let drafts: BTreeMap<_, _> = peers
        .unwrap()
        .into_iter()
        .map(|peer| peer.conversation)
        .map(|id| (id, Draft::first(one, id).bot(one, "olá")))
        .collect();
    let commits = drafts
        .values()
        .map(|draft| bench.commit(one, draft.clone()));
    for committed in join_all(commits).await {
        committed.unwrap();
    }
    let mut claimed: Vec<Claimed> = Vec::new();
    while claimed.len() < count {
        let more = bench.claim(one).await;
        assert!(!more.is_empty(), "{} of {count} claimed", claimed.len());
        claimed.extend(more);
    }
    let report = |message: &Claimed| SendReport {
        id: message.id,
        conversation: message.conversation,
        claim: message.claim,
        outcome: SendOutcome::Unknown,
    };
    let reports = claimed.iter().map(report).collect();
    let settled = bench.store.settle_sends(one.lease, one.id, reports).await;
    assert_eq!(settled, Ok(()));
    drafts
}

fn webhook(conversation: ConversationId, step: DeliveryStatus) -> StatusUpdate {
    let failed = step == DeliveryStatus::Failed;
    StatusUpdate {
        tracking: Some(MessageId::of(conversation, 1)),
        error: failed.then(|| ProviderError {
            code: 131_026,
            title: "Message undeliverable".to_owned(),
            detail: None,
        }),
        ..status(&format!("wamid.{conversation}"), step)
    }
}

/// Items as a delivery would leave them; their ids.
async fn items(bench: &Bench, one: &Tenant, round: usize, count: usize) -> Vec<i64> {
    let count = i64::try_from(count).unwrap();
    let insert = "INSERT INTO inbox (tenant_id, channel_id, external_id)
                  SELECT $1, $2, $3::text || n FROM generate_series(1, $4::bigint) n RETURNING id";
    let prefix = format!("round {round}, status ");
    let params: &[&(dyn tokio_postgres::types::ToSql + Sync)] =
        &[&one.id.0, &one.channel.0, &prefix, &count];
    bench.column(insert, params).await
}

/// What stands for each conversation's message.
async fn standing(bench: &Bench) -> BTreeMap<ConversationId, DeliveryStatus> {
    let rows = "SELECT conversation_id, delivery FROM messages";
    let rows = bench.admin.query(rows, &[]).await.unwrap();
    rows.iter()
        .map(|row| {
            let rank: i16 = row.get(1);
            let id = ConversationId(row.get(0));
            (id, DeliveryStatus::from_rank(rank).unwrap())
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_order_with_every_copy_only_rises() {
    let bench = Bench::new().await;
    let one = bench.tenant("one", 1).await;
    let orders = orders();
    assert_eq!(orders.len(), 4 * 60, "five places, one of four twice");
    let drafts = unknown(&bench, &one, orders.len()).await;
    let mut rises: BTreeMap<ConversationId, Vec<DeliveryStatus>> = BTreeMap::new();

    for round in 0..=LATTICE.len() {
        let ids = items(&bench, &one, round, orders.len()).await;
        let mut rows = Vec::new();
        for ((conversation, order), id) in drafts.keys().zip(&orders).zip(ids) {
            let step = LATTICE[order[round]];
            rows.push((id, one.channel, webhook(*conversation, step)));
            let risen = rises.entry(*conversation).or_default();
            let place = |of: &DeliveryStatus| LATTICE.iter().position(|l| l == of);
            if risen.last().is_none_or(|last| place(last) < place(&step)) {
                risen.push(step);
            }
        }
        let outcomes = bench.store.apply_statuses(one.lease, one.id, rows).await;
        // A refusal is a command to the conversation.
        let failures = outcomes
            .unwrap()
            .into_iter()
            .filter_map(|outcome| match outcome {
                StatusOutcome::Failed {
                    inbox,
                    conversation,
                    seq,
                    code,
                } => Some(drafts[&conversation].then(&one).with(|commit| {
                    commit.failed.push((seq, code));
                    commit.inbox_done.push(inbox);
                })),
                other => {
                    assert_eq!(other, StatusOutcome::Applied);
                    None
                }
            });
        for committed in join_all(failures.map(|draft| bench.commit(&one, draft))).await {
            committed.unwrap();
        }
        let standing = standing(&bench).await;
        for ((conversation, risen), order) in rises.iter().zip(&orders) {
            let expected = risen.last();
            let stands = standing.get(conversation);
            assert_eq!(stands, expected, "round {round} of {order:?}");
        }
    }
    let left: i64 = bench.one("SELECT count(*) FROM inbox", &[]).await;
    assert_eq!(left, 0, "everything is worked off");

    // Whoever follows the stream was told each rise once, and nothing else.
    let mut told: BTreeMap<ConversationId, Vec<DeliveryStatus>> = BTreeMap::new();
    let events = bench.store.events_after(one.id, 0, 10_000).await.unwrap();
    assert_eq!(
        events.len(),
        usize::try_from(bench.store.head(one.id).await.unwrap()).unwrap()
    );
    for event in events {
        if let EventBody::Delivery { status, .. } = event.body
            && status != DeliveryStatus::Unknown
        {
            told.entry(event.conversation).or_default().push(status);
        }
    }
    assert_eq!(told, rises);
}
