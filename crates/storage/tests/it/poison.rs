//! A value that cannot be stored: it fails alone.

use crate::bench::{Bench, Draft, Tenant, query, status};
use papo_domain::conversation::{BotState, Mode};
use papo_domain::ports::{
    Claimed, CommitError, DeliveryStatus, EngineStore, InboxItem, SendOutcome, SendReport,
    StatusOutcome,
};
use uuid::Uuid;

/// Longer than an index takes, and not to be compressed.
fn endless() -> String {
    let part = |_| Uuid::new_v4().simple().to_string();
    (0..500).map(part).collect()
}

/// A message of each of `count` conversations, on its way.
async fn sending(bench: &Bench, tenant: &Tenant, count: u32) -> Vec<Claimed> {
    for n in 0..count {
        let conversation = bench.conversation(tenant, &format!("55119999{n:05}")).await;
        let draft = Draft::first(tenant, conversation).bot(tenant, "olá");
        bench.commit(tenant, draft).await.unwrap();
    }
    let claimed = bench.claim(tenant).await;
    assert_eq!(claimed.len(), usize::try_from(count).unwrap());
    claimed
}

/// Reports in one job that the provider took the messages under these names.
async fn sent(bench: &Bench, tenant: &Tenant, claimed: &[Claimed], names: &[&str]) {
    let report = |(message, name): (&Claimed, &&str)| SendReport {
        id: message.id,
        conversation: message.conversation,
        claim: message.claim,
        outcome: SendOutcome::Sent {
            external_id: (*name).to_owned(),
        },
    };
    let reports = claimed.iter().zip(names).map(report).collect();
    let settled = bench.store.settle_sends(tenant.lease, tenant.id, reports);
    assert_eq!(settled.await, Ok(()));
}

/// A snapshot larger than its column takes, in the middle of everybody else's commits.
#[tokio::test(flavor = "multi_thread")]
async fn one_poisoned_commit_fails_alone() {
    let bench = Bench::new().await;
    // One shard, so that they meet in one writer's batches.
    let tenants = [
        bench.tenant("one", 3).await,
        bench.tenant("two", 3).await,
        bench.tenant("three", 3).await,
    ];
    let mut drafts = Vec::new();
    for (t, tenant) in tenants.iter().enumerate() {
        for c in 0..30 {
            let conversation = bench.conversation(tenant, &format!("55119999{c:05}")).await;
            let poisoned = t == 1 && c % 13 == 5;
            let draft = Draft::first(tenant, conversation)
                .bot(tenant, "oi")
                .with(|c| {
                    if poisoned {
                        c.state.mode = Mode::Bot(BotState {
                            node: Some("x".repeat(1100)),
                            ..BotState::default()
                        });
                    }
                });
            drafts.push((tenant, draft, poisoned));
        }
    }
    let calls = drafts
        .iter()
        .map(|(tenant, draft, _)| bench.store.commit(tenant.lease, draft.clone().done()));
    let outcomes = futures_util::future::join_all(calls).await;
    for ((_, _, poisoned), outcome) in drafts.iter().zip(outcomes) {
        match outcome {
            Ok(_) => assert!(!poisoned),
            Err(CommitError::Poison(why)) => {
                assert!(*poisoned, "{why}");
                assert!(why.contains("conversation_state_payload_size"), "{why}");
                assert!(!why.contains("xxx"), "an error shows no values: {why}");
            }
            Err(other) => panic!("{other:?}"),
        }
    }
    for tenant in &tenants {
        let events: Vec<i64> = bench
            .column(
                "SELECT seq FROM events WHERE tenant_id = $1 ORDER BY seq",
                &[&tenant.id.0],
            )
            .await;
        let poisoned = if tenant.id == tenants[1].id { 2 } else { 0 };
        assert_eq!(events, (1..=30 - poisoned).collect::<Vec<i64>>());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nul_in_an_attendants_words_is_no_poison() {
    let bench = Bench::new().await;
    let one = bench.tenant("one", 1).await;
    let conversation = bench.conversation(&one, "5511999990001").await;
    let draft = Draft::first(&one, conversation)
        .inbound("wamid.\0", "a\0b")
        .bot(&one, "c\0d");
    bench.commit(&one, draft).await.unwrap();
    let texts: Vec<String> = bench
        .column("SELECT text FROM messages ORDER BY seq", &[])
        .await;
    assert_eq!(texts, ["a\u{FFFD}b", "c\u{FFFD}d"]);
    let activation = bench.store.activate(one.id, conversation).await.unwrap();
    assert_eq!(activation.recent[1].text, "c\u{FFFD}d");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_id_that_no_index_takes_leaves_one_send_unknown() {
    let bench = Bench::new().await;
    let one = bench.tenant("one", 1).await;
    let claimed = sending(&bench, &one, 4).await;
    let long = endless();
    sent(
        &bench,
        &one,
        &claimed,
        &["wamid.1", "wamid.2", &long, "wamid.4"],
    )
    .await;
    for (place, expected) in ["sent", "sent", "unknown", "sent"].into_iter().enumerate() {
        let state = bench.send_state(&one, claimed[place].id).await;
        assert_eq!(state, expected, "report {place}");
    }
    let stands = bench.delivery(&one, claimed[2].conversation, 1).await;
    assert_eq!(stands, Some(DeliveryStatus::Unknown));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_id_given_twice_in_one_report_names_the_first() {
    let bench = Bench::new().await;
    let one = bench.tenant("one", 1).await;
    let claimed = sending(&bench, &one, 3).await;
    sent(
        &bench,
        &one,
        &claimed,
        &["wamid.a", "wamid.twice", "wamid.twice"],
    )
    .await;
    let named: Vec<Option<String>> = bench
        .column("SELECT external_id FROM outbox ORDER BY external_id", &[])
        .await;
    let name = |name: &str| Some(name.to_owned());
    assert_eq!(named, [name("wamid.a"), name("wamid.twice"), None]);
    for message in &claimed {
        assert_eq!(bench.send_state(&one, message.id).await, "sent");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_status_that_cannot_be_stored_is_dead_and_the_others_are_applied() {
    let bench = Bench::new().await;
    let one = bench.tenant("one", 1).await;
    let claimed = sending(&bench, &one, 2).await;
    sent(&bench, &one, &claimed, &["wamid.1", "wamid.2"]).await;
    let long = endless();
    let mut rows = Vec::new();
    for (n, name) in ["wamid.1", &long, "wamid.unheard", "wamid.2"]
        .into_iter()
        .enumerate()
    {
        let update = status(name, DeliveryStatus::Delivered);
        let item = InboxItem::Status(update.clone());
        let id = bench.item(&one, &format!("status {n}"), item).await;
        rows.push((id, one.channel, update));
    }
    let bad = rows[1].0;
    let outcomes = bench.store.apply_statuses(one.lease, one.id, rows).await;
    let (applied, parked) = (StatusOutcome::Applied, StatusOutcome::Parked);
    let expected = vec![applied.clone(), applied.clone(), parked, applied];
    assert_eq!(outcomes, Ok(expected));
    for message in &claimed {
        let stands = bench.delivery(&one, message.conversation, 1).await;
        assert_eq!(stands, Some(DeliveryStatus::Delivered));
    }
    let reason: String = bench
        .one(
            "SELECT reason FROM inbox WHERE id = $1 AND state = 'dead'",
            &[&bad],
        )
        .await;
    assert!(
        reason.contains("inbox_wake_idx") || reason.contains("54000"),
        "{reason}"
    );
    assert!(!reason.contains(&long[..32]), "a reason shows no values");
    let states: Vec<String> = bench
        .column("SELECT state FROM inbox ORDER BY 1", &[])
        .await;
    assert_eq!(states, ["dead", "parked"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_of_endless_name_is_a_customer() {
    let bench = Bench::new().await;
    let one = bench.tenant("one", 1).await;
    let long = endless();
    let queries = || ["5511999990001", &long, "5511999990002"].map(|name| query(&one, name));
    let resolve = || {
        bench
            .store
            .resolve_peers(one.lease, one.id, queries().to_vec())
    };
    let first = resolve().await.unwrap();
    assert_ne!(first[1].conversation, first[0].conversation);
    assert_eq!(
        resolve().await.unwrap(),
        first,
        "and the same one next time"
    );
    let other = bench.conversation(&one, &endless()).await;
    assert_ne!(other, first[1].conversation);
}
