use super::{Bench, lease_of};
use crate::testing::SendState;
use papo_domain::UserId;
use papo_domain::ports::{
    CommitError, DeliveryStatus, EngineStore, InboxVerdict, SendOutcome, SendReport, StoreError,
};
use std::time::Duration;
use uuid::Uuid;

#[tokio::test(start_paused = true)]
async fn a_living_lease_is_not_taken_and_a_dead_one_is() {
    let bench = Bench::new().await;
    let other = bench.world.node("b");
    assert_eq!(other.take_leases().await, Ok(vec![]));
    // What a process holds keeps its epoch.
    let held = bench.store.take_leases().await.unwrap();
    assert_eq!((held.len(), held.contains(&bench.lease)), (256, true));

    bench.world.run_for(Duration::from_secs(10)).await;
    assert_eq!(
        bench.store.renew_leases(vec![bench.lease]).await,
        Ok(vec![bench.lease])
    );
    bench.world.run_for(Duration::from_secs(10)).await;
    // The other 255 shards have run out, the renewed one has not.
    let taken = other.take_expired(vec![]).await.unwrap();
    assert_eq!(taken.len(), 255);
    assert!(!taken.iter().any(|lease| lease.shard == bench.lease.shard));
    assert_eq!(
        bench.world.lease(bench.lease.shard),
        Some(("a".to_owned(), 1))
    );

    bench.store.release_leases(vec![bench.lease]).await.unwrap();
    assert_eq!(bench.world.lease(bench.lease.shard), None);
    let except = vec![bench.lease.shard];
    assert_eq!(other.take_expired(except).await, Ok(vec![]));
    assert_eq!(other.take_expired(vec![]).await.unwrap().len(), 1);
    assert_eq!(
        bench.world.lease(bench.lease.shard),
        Some(("b".to_owned(), 2))
    );
}

#[tokio::test(start_paused = true)]
async fn every_write_of_an_older_lease_is_refused() {
    let bench = Bench::new().await;
    let (tenant, channel) = (bench.tenant.id, bench.tenant.channel);
    let row = bench.world.inbound_text(&bench.tenant, super::PHONE, "oi");
    let late = bench.draft().inbound(Some(row), "oi").done();
    let (store, lease) = (&bench.store, bench.lease);

    // The same node, restarted.
    let restarted = bench.world.node("a");
    let newer = lease_of(&restarted, &bench.tenant).await;
    assert_eq!(newer.epoch, lease.epoch + 1);

    assert_eq!(
        store.commit(lease, late.clone()).await,
        Err(CommitError::Fenced)
    );
    assert_eq!(
        store.claim(lease, tenant, channel, 1).await.unwrap_err(),
        StoreError::Fenced
    );
    let counted = store.count_attempts(lease, tenant, vec![row]).await;
    assert_eq!(counted, Err(StoreError::Fenced));
    let verdicts = vec![InboxVerdict::Done { id: row }];
    assert_eq!(
        store.settle_inbox(lease, tenant, verdicts).await,
        Err(StoreError::Fenced)
    );
    assert_eq!(
        store.resolve_peers(lease, tenant, vec![]).await,
        Err(StoreError::Fenced)
    );
    assert_eq!(
        store.apply_statuses(lease, tenant, vec![]).await,
        Err(StoreError::Fenced)
    );
    assert_eq!(
        store.settle_sends(lease, tenant, vec![]).await,
        Err(StoreError::Fenced)
    );
    assert_eq!(
        store.expire_unknown(lease, tenant).await,
        Err(StoreError::Fenced)
    );
    assert_eq!(store.renew_leases(vec![lease]).await, Ok(vec![]));
    store.release_leases(vec![lease]).await.unwrap();

    assert_eq!(bench.world.version(bench.conversation), 0);
    assert_eq!(bench.world.attempts(row), 0);
    restarted.commit(newer, late).await.unwrap();
    assert_eq!(bench.world.version(bench.conversation), 1);
}

#[tokio::test(start_paused = true)]
async fn a_send_of_an_older_lease_is_unknown_until_it_is_given_up() {
    let bench = Bench::new().await;
    let user = UserId(Uuid::from_u128(1));
    bench.commit(bench.draft().bot("um").done()).await;
    bench
        .commit(bench.draft().takeover(user).notice("dois").done())
        .await;
    assert_eq!(
        bench.world.outbox(bench.conversation)[0].state,
        SendState::Cancelled
    );
    let claimed = bench.claim(10).await;
    assert_eq!(claimed.len(), 1);
    bench.commit(bench.draft().notice("três").done()).await;

    let restarted = bench.world.node("a");
    let lease = lease_of(&restarted, &bench.tenant).await;
    let states = || -> Vec<_> {
        bench
            .world
            .outbox(bench.conversation)
            .iter()
            .map(|row| row.state)
            .collect()
    };
    assert_eq!(
        states(),
        [SendState::Cancelled, SendState::Unknown, SendState::Queued]
    );
    let (tenant, channel) = (bench.tenant.id, bench.tenant.channel);
    // It may have arrived, so nothing may overtake it, and its own late answer is fenced.
    assert!(
        restarted
            .claim(lease, tenant, channel, 10)
            .await
            .unwrap()
            .is_empty()
    );
    let report = SendReport {
        id: claimed[0].id,
        conversation: bench.conversation,
        claim: claimed[0].claim,
        outcome: SendOutcome::Requeue {
            at: bench.world.clock().now(),
            counted: true,
        },
    };
    let late = bench
        .store
        .settle_sends(bench.lease, tenant, vec![report])
        .await;
    assert_eq!(late, Err(StoreError::Fenced));

    bench.world.run_for(Duration::from_secs(119)).await;
    restarted.expire_unknown(lease, tenant).await.unwrap();
    assert_eq!(states()[1], SendState::Unknown);
    bench.world.run_for(Duration::from_secs(1)).await;
    restarted.expire_unknown(lease, tenant).await.unwrap();
    assert_eq!(states()[1], SendState::Unconfirmed);
    let shown = bench.world.messages(bench.conversation)[1].status;
    assert_eq!(shown, Some(DeliveryStatus::Unconfirmed));
    let next = restarted.claim(lease, tenant, channel, 10).await.unwrap();
    assert_eq!(next.iter().map(|c| c.seq).collect::<Vec<_>>(), [3]);
}

#[tokio::test(start_paused = true)]
#[should_panic(expected = "used for tenant")]
async fn a_lease_of_another_shard_is_a_bug() {
    let bench = Bench::new().await;
    let foreign = bench.world.tenant("other");
    assert_ne!(foreign.shard, bench.tenant.shard);
    let result = bench
        .store
        .claim(bench.lease, foreign.id, foreign.channel, 1)
        .await;
    drop(result);
}
