//! A value that cannot be stored: it fails alone.

use crate::bench::{Bench, Draft};
use papo_domain::conversation::{BotState, Mode};
use papo_domain::ports::{CommitError, EngineStore};

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
