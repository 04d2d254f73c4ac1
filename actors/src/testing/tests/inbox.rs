use super::{Bench, PHONE};
use crate::testing::{Fault, InboxState, Site};
use papo_domain::content::Content;
use papo_domain::ports::{
    Alias, AliasKind, EngineStore, InboxError, InboxVerdict, InboxWriter, IncidentKind, Peer,
    PeerQuery, Unrouted,
};
use std::time::Duration;

#[tokio::test(start_paused = true)]
async fn copies_of_an_update_are_one_row_and_ring_once() {
    let bench = Bench::new().await;
    let update = bench.world.message(
        &bench.tenant,
        PHONE,
        Content::Text {
            body: "oi".to_owned(),
        },
    );
    let unrouted = Unrouted {
        route: "999".to_owned(),
        body: vec![2],
    };
    let twice = vec![update.clone(), update.clone()];
    bench
        .store
        .accept(twice, vec![unrouted], vec![1])
        .await
        .unwrap();
    bench
        .store
        .accept(vec![update], vec![], vec![1])
        .await
        .unwrap();
    let rows = bench.world.inbox(bench.tenant.id);
    assert_eq!(rows.len(), 1);
    assert_eq!(bench.sink.rings(bench.tenant.id), 1);
    assert_eq!(
        (bench.world.unrouted().len(), bench.world.deliveries().len()),
        (1, 2)
    );

    // The key outlives the item.
    bench
        .commit(bench.draft().inbound(Some(rows[0].id), "oi").done())
        .await;
    let copy = bench.world.inbox_row(rows[0].id);
    assert_eq!(copy.item, None);
    assert!(
        bench
            .store
            .due_inbox(bench.tenant.id, 0, 10)
            .await
            .unwrap()
            .is_empty()
    );
}

#[tokio::test(start_paused = true)]
async fn a_lost_answer_is_stored_and_a_full_lane_is_not() {
    let bench = Bench::new().await;
    let update = bench.world.message(
        &bench.tenant,
        PHONE,
        Content::Text {
            body: "oi".to_owned(),
        },
    );
    let accept = || bench.store.accept(vec![update.clone()], vec![], vec![]);
    bench.store.faults().fail(Site::Accept, Fault::Busy, 1);
    bench
        .store
        .faults()
        .fail(Site::Accept, Fault::AnswerLost, 1);
    assert_eq!(accept().await, Err(InboxError::Full));
    assert!(bench.world.inbox(bench.tenant.id).is_empty());
    assert_eq!(accept().await, Err(InboxError::Unavailable));
    assert_eq!(bench.world.inbox(bench.tenant.id).len(), 1);
    assert_eq!(accept().await, Ok(()));
    assert_eq!(bench.world.inbox(bench.tenant.id).len(), 1);
}

#[tokio::test(start_paused = true)]
async fn rows_are_due_in_order_until_they_are_settled() {
    let bench = Bench::new().await;
    let text = |words: &str| bench.world.inbound_text(&bench.tenant, PHONE, words);
    let ids = [
        text("um"),
        text("dois"),
        bench.world.unreadable(&bench.tenant),
        text("quatro"),
    ];
    let due = async |after, limit| {
        let rows = bench
            .store
            .due_inbox(bench.tenant.id, after, limit)
            .await
            .unwrap();
        rows.into_iter()
            .map(|row| (row.id, row.item.is_some()))
            .collect::<Vec<_>>()
    };
    assert_eq!(due(0, 2).await, [(ids[0], true), (ids[1], true)]);
    assert_eq!(due(ids[1], 9).await, [(ids[2], false), (ids[3], true)]);

    let count = |ids: Vec<i64>| {
        bench
            .store
            .count_attempts(bench.lease, bench.tenant.id, ids)
    };
    assert_eq!(count(vec![ids[1]]).await, Ok(vec![1]));
    assert_eq!(count(vec![ids[3], ids[1]]).await, Ok(vec![1, 2]));
    assert_eq!(bench.world.attempts(ids[1]), 2);

    let at = bench.world.clock().now() + Duration::from_secs(3);
    let verdicts = vec![
        InboxVerdict::Done { id: ids[0] },
        InboxVerdict::Retry { id: ids[1], at },
        InboxVerdict::Dead {
            id: ids[2],
            reason: "unreadable".to_owned(),
        },
    ];
    bench
        .store
        .settle_inbox(bench.lease, bench.tenant.id, verdicts)
        .await
        .unwrap();
    assert_eq!(due(0, 9).await, [(ids[3], true)]);
    // Only what is pending counts.
    assert_eq!(count(vec![ids[0], ids[1], ids[3]]).await, Ok(vec![0, 0, 2]));
    let dead = bench.world.incidents(bench.tenant.id);
    assert_eq!((dead.len(), dead[0].kind), (1, IncidentKind::DeadLetter));
    assert_eq!(
        bench.world.inbox_in(bench.tenant.id, InboxState::Dead),
        [ids[2]]
    );
    bench.world.run_for(Duration::from_secs(3)).await;
    assert_eq!(due(0, 9).await, [(ids[1], true), (ids[3], true)]);
}

#[tokio::test(start_paused = true)]
async fn a_peer_is_found_by_any_of_its_names() {
    let bench = Bench::new().await;
    let alias = |kind, value: &str| Alias {
        kind,
        value: value.to_owned(),
    };
    let query = |channel, aliases| PeerQuery {
        channel,
        peer: Peer {
            aliases,
            group: false,
        },
        name: Some("Maria".to_owned()),
    };
    let resolve = async |query| {
        let resolved = bench
            .store
            .resolve_peers(bench.lease, bench.tenant.id, vec![query])
            .await
            .unwrap();
        resolved[0].clone()
    };
    let channel = bench.tenant.channel;
    let wa_id = alias(AliasKind::WaId, PHONE);
    // Without the ninth digit, and with a name that is new.
    let short = alias(AliasKind::WaId, "551188887777");
    let user = alias(AliasKind::Bsuid, "BR.1");
    let known = resolve(query(channel, vec![wa_id])).await;
    assert_eq!(known.conversation, bench.conversation);
    assert_eq!(
        resolve(query(channel, vec![user.clone(), short])).await,
        known
    );
    assert_eq!(resolve(query(channel, vec![user.clone()])).await, known);

    let second = bench.world.channel(&bench.tenant);
    let elsewhere = resolve(query(second.channel, vec![user])).await;
    assert_eq!(elsewhere.customer, known.customer);
    assert_ne!(elsewhere.conversation, known.conversation);
    let loaded = bench
        .store
        .activate(bench.tenant.id, elsewhere.conversation)
        .await
        .unwrap();
    assert_eq!((loaded.version, loaded.channel), (0, second.channel));
    assert_eq!(loaded.name.as_deref(), Some("Cliente"));
}
