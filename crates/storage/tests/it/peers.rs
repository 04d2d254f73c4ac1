//! Identity: who writes, and in which conversation.

use crate::bench::{Bench, Tenant, person, query, settings, store_on};
use papo_domain::ports::{Alias, AliasKind, EngineStore, Peer, PeerQuery};
use std::collections::BTreeSet;

fn alias(kind: AliasKind, value: &str) -> Alias {
    Alias {
        kind,
        value: value.to_owned(),
    }
}

fn known_as(tenant: &Tenant, aliases: &[Alias]) -> PeerQuery {
    PeerQuery {
        channel: tenant.channel,
        peer: Peer {
            aliases: aliases.to_vec(),
            group: false,
        },
        name: None,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_is_found_under_every_name() {
    let bench = Bench::new().await;
    let one = bench.tenant("one", 1).await;
    let resolve = async |queries: Vec<PeerQuery>| {
        bench
            .store
            .resolve_peers(one.lease, one.id, queries)
            .await
            .unwrap()
    };
    let phone = alias(AliasKind::WaId, "5511999990001");
    let without_ninth = alias(AliasKind::WaId, "551199990001");
    let scoped = alias(AliasKind::Bsuid, "BR.1");
    let first = resolve(vec![known_as(&one, std::slice::from_ref(&phone))]).await;
    let both = resolve(vec![known_as(&one, &[scoped.clone(), phone.clone()])]).await;
    let rest = resolve(vec![
        known_as(&one, &[scoped]),
        known_as(&one, &[without_ninth]),
        known_as(&one, &[alias(AliasKind::WaId, "5511999990002")]),
    ])
    .await;
    assert_eq!(first, both);
    assert_eq!(first, rest[..1]);
    assert_eq!(first, rest[1..2]);
    assert_ne!(first[0].customer, rest[2].customer);
    // Sent to as the provider spelled it first.
    let to: String = bench
        .one(
            "SELECT peer_value FROM conversations WHERE id = $1",
            &[&first[0].conversation.0],
        )
        .await;
    assert_eq!(to, "5511999990001");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_person_on_two_channels_has_two_conversations() {
    let bench = Bench::new().await;
    let one = bench.tenant("one", 1).await;
    let second = uuid::Uuid::now_v7();
    bench
        .run(
            "INSERT INTO channels (tenant_id, id, name) VALUES ($1, $2, 'second')",
            &[&one.id.0, &second],
        )
        .await;
    let mut elsewhere = query(&one, "5511999990001");
    elsewhere.channel = papo_domain::ChannelId(second);
    let queries = vec![query(&one, "5511999990001"), elsewhere];
    let found = bench
        .store
        .resolve_peers(one.lease, one.id, queries)
        .await
        .unwrap();
    assert_eq!(found[0].customer, found[1].customer);
    assert_ne!(found[0].conversation, found[1].conversation);
}

#[tokio::test(flavor = "multi_thread")]
async fn tenants_share_no_customers() {
    let bench = Bench::new().await;
    let (one, two) = (bench.tenant("one", 1).await, bench.tenant("two", 1).await);
    let a = bench.conversation(&one, "5511999990001").await;
    let b = bench.conversation(&two, "5511999990001").await;
    assert_ne!(a, b);
    let customers: i64 = bench.one("SELECT count(*) FROM customers", &[]).await;
    assert_eq!(customers, 2);
}

/// Copies in one call, in calls at once, and from two connections of one lease.
#[tokio::test(flavor = "multi_thread")]
async fn simultaneous_strangers_are_created_once() {
    let bench = Bench::new().await;
    let one = bench.tenant("one", 1).await;
    let (second, _) = store_on(&bench.db, &settings());
    for round in 0..20 {
        let numbers: Vec<String> = (0..5).map(|n| format!("5511{round:04}0000{n}")).collect();
        let calls = (0..12).map(|call| {
            let mut queries: Vec<_> = numbers.iter().map(|n| query(&one, n)).collect();
            queries.rotate_left(call % 5);
            queries.extend(numbers.iter().map(|n| query(&one, n)));
            let store = if call % 2 == 0 { &bench.store } else { &second };
            store.resolve_peers(one.lease, one.id, queries)
        });
        let mut seen = BTreeSet::new();
        for outcome in futures_util::future::join_all(calls).await {
            seen.extend(outcome.unwrap().into_iter().map(|peer| peer.conversation));
        }
        assert_eq!(seen.len(), 5, "round {round}");
    }
    for table in [
        "customers",
        "conversations",
        "conversation_state",
        "customer_aliases",
    ] {
        let rows: i64 = bench
            .one(&format!("SELECT count(*) FROM {table}"), &[])
            .await;
        assert_eq!(rows, 100, "{table}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_is_learned_once() {
    let bench = Bench::new().await;
    let one = bench.tenant("one", 1).await;
    let name = async || -> Option<String> { bench.one("SELECT name FROM customers", &[]).await };
    let mut nameless = query(&one, "5511999990001");
    nameless.name = None;
    let ask = |query| bench.store.resolve_peers(one.lease, one.id, vec![query]);
    ask(nameless).await.unwrap();
    assert_eq!(name().await, None);
    ask(query(&one, "5511999990001")).await.unwrap();
    assert_eq!(name().await.as_deref(), Some("Ana Exemplo"));
    let mut renamed = query(&one, "5511999990001");
    renamed.name = Some("Outra".to_owned());
    ask(renamed).await.unwrap();
    assert_eq!(name().await.as_deref(), Some("Ana Exemplo"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_peer_without_a_name_is_refused() {
    let bench = Bench::new().await;
    let one = bench.tenant("one", 1).await;
    let mut nobody = query(&one, "");
    nobody.peer = Peer {
        aliases: vec![],
        ..person("")
    };
    let asked = bench
        .store
        .resolve_peers(one.lease, one.id, vec![nobody])
        .await;
    assert!(asked.is_err());
}
