//! Identity: who writes, and in which conversation.

use crate::bench::{Bench, Draft, Tenant, person, query, settings, store_on};
use papo_domain::ids::ConversationId;
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
    let both = resolve(vec![known_as(&one, &[phone.clone(), scoped.clone()])]).await;
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

/// A customer by short names: `A`, `B` are phones, `x`, `y` user ids.
fn named(tenant: &Tenant, names: &str) -> PeerQuery {
    let aliases: Vec<Alias> = names
        .chars()
        .map(|name| match name {
            'A'..='Z' => alias(AliasKind::WaId, &format!("55119{}", u32::from(name))),
            _ => alias(AliasKind::Bsuid, &format!("BR.{name}")),
        })
        .collect();
    known_as(tenant, &aliases)
}

/// Where messages of a conversation go to, as its kind, key and value.
async fn address(bench: &Bench, conversation: ConversationId) -> [String; 3] {
    let address: Vec<String> = bench
        .one(
            "SELECT ARRAY[peer_kind, peer_key, peer_value] FROM conversations WHERE id = $1",
            &[&conversation.0],
        )
        .await;
    address.try_into().unwrap()
}

fn address_of(tenant: &Tenant, name: &str) -> [String; 3] {
    let alias = named(tenant, name).peer.aliases.remove(0);
    [
        alias.kind.name().to_owned(),
        alias.value.clone(),
        alias.value,
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_conversation_goes_where_its_customer_has_moved() {
    let bench = Bench::new().await;
    let cases: &[(&str, &[(&str, &str)])] = &[
        // Each message by its names, and where an answer goes after it. A late one of the old
        // number changes nothing; going back to it does.
        (
            "numbers",
            &[
                ("A", "A"),
                ("BA", "B"),
                ("B", "B"),
                ("A", "B"),
                ("AB", "A"),
                ("A", "A"),
            ],
        ),
        // A user id that is known says that the number is what it was.
        (
            "user-ids",
            &[
                ("Ax", "A"),
                ("x", "A"),
                ("yx", "y"),
                ("y", "y"),
                ("Ax", "y"),
                ("Ay", "A"),
            ],
        ),
        (
            "both",
            &[("Ax", "A"), ("ByAx", "B"), ("By", "B"), ("y", "B")],
        ),
        ("hidden", &[("Ax", "A"), ("yAx", "y"), ("By", "B")]),
        // Nothing announced it, but the user id is the same.
        ("unannounced", &[("Ax", "A"), ("Bx", "B"), ("Ax", "B")]),
        ("late-phone", &[("x", "x"), ("Ax", "A"), ("x", "A")]),
    ];
    for (slug, messages) in cases {
        let one = bench.tenant(slug, 1).await;
        let mut conversations = BTreeSet::new();
        for (place, (names, to)) in messages.iter().enumerate() {
            let found = bench
                .store
                .resolve_peers(one.lease, one.id, vec![named(&one, names)])
                .await
                .unwrap();
            let conversation = found[0].conversation;
            conversations.insert(conversation);
            let stored = address(&bench, conversation).await;
            assert_eq!(stored, address_of(&one, to), "{slug}: {place}");
        }
        assert_eq!(conversations.len(), 1, "{slug}");
    }
}

/// A page of the inbox is not asked about in its order.
#[tokio::test(flavor = "multi_thread")]
async fn a_move_is_seen_in_any_order_of_one_page() {
    let bench = Bench::new().await;
    let pages = [
        ["A", "BA", "B"],
        ["A", "B", "BA"],
        ["B", "A", "BA"],
        ["B", "BA", "A"],
        ["BA", "A", "B"],
        ["BA", "B", "A"],
    ];
    for known in [false, true] {
        for page in pages {
            let slug = format!("{}-{known}", page.join("-").to_lowercase());
            let one = bench.tenant(&slug, 1).await;
            let resolve = |names: &[&str]| {
                let queries = names.iter().map(|names| named(&one, names)).collect();
                bench.store.resolve_peers(one.lease, one.id, queries)
            };
            if known {
                resolve(&["A"]).await.unwrap();
            }
            let found = resolve(&page).await.unwrap();
            assert!(found.iter().all(|peer| *peer == found[0]), "{slug}");
            let stored = address(&bench, found[0].conversation).await;
            assert_eq!(stored, address_of(&one, "B"), "{slug}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_to_be_sent_goes_to_the_new_address() {
    let bench = Bench::new().await;
    let one = bench.tenant("one", 1).await;
    let resolve = |names| {
        let queries = vec![named(&one, names)];
        bench.store.resolve_peers(one.lease, one.id, queries)
    };
    let conversation = resolve("A").await.unwrap()[0].conversation;
    let said = Draft::first(&one, conversation)
        .inbound("wamid.1", "oi")
        .bot(&one, "Olá!");
    bench.commit(&one, said).await.unwrap();
    resolve("BA").await.unwrap();
    let claimed = bench.claim(&one).await;
    assert_eq!(claimed[0].to, named(&one, "B").peer.aliases[0]);
}

/// Everybody's row is left alone while nothing moves.
#[tokio::test(flavor = "multi_thread")]
async fn a_customer_who_stays_costs_no_write() {
    let bench = Bench::new().await;
    let one = bench.tenant("one", 1).await;
    let resolve = |phone| {
        let names = [
            alias(AliasKind::WaId, phone),
            alias(AliasKind::Bsuid, "BR.1"),
        ];
        let queries = vec![known_as(&one, &names)];
        bench.store.resolve_peers(one.lease, one.id, queries)
    };
    let conversation = resolve("5511999990001").await.unwrap()[0].conversation;
    let version = async || -> String {
        let sql = "SELECT xmin::text || ' ' || peer_value FROM conversations WHERE id = $1";
        bench.one(sql, &[&conversation.0]).await
    };
    let before = version().await;
    // The ninth digit makes no other address.
    for phone in ["551199990001", "5511999990001", "551199990001"] {
        resolve(phone).await.unwrap();
        assert_eq!(version().await, before);
    }
}
