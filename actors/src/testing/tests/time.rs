//! Virtual time, gates and the boom hook, also in an actix system.

use super::{Bench, PHONE};
use crate::ports::DecideStep;
use crate::testing::{Point, Site, World};
use papo_domain::conversation::Command;
use papo_domain::ports::{Clock, EngineStore, InboxItem};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use tokio::time::sleep;

#[actix::test]
async fn settling_runs_all_that_can_run_and_hardly_moves_the_clock() {
    tokio::time::pause();
    let world = World::new();
    let start = world.clock().now();
    let turns = Arc::new(AtomicU32::new(0));
    let counter = Arc::clone(&turns);
    actix::spawn(async move {
        for _ in 0..10_000 {
            tokio::task::yield_now().await;
            counter.fetch_add(1, Ordering::Relaxed);
        }
        sleep(Duration::from_secs(3600)).await;
        counter.fetch_add(1, Ordering::Relaxed);
    });
    world.settle().await;
    assert_eq!(turns.load(Ordering::Relaxed), 10_000);
    assert!(world.clock().now() - start <= chrono::TimeDelta::milliseconds(2));
    world.run_for(Duration::from_secs(3600)).await;
    assert_eq!(turns.load(Ordering::Relaxed), 10_001);
}

#[tokio::test(start_paused = true)]
async fn the_clock_follows_virtual_time() {
    let clock = crate::testing::ManualClock::new();
    let start = clock.now();
    assert_eq!(start.to_rfc3339(), "2026-01-05T12:00:00+00:00");
    assert_eq!(clock.now(), start);
    tokio::time::advance(Duration::from_secs(90)).await;
    assert_eq!(clock.now() - start, chrono::TimeDelta::seconds(90));
}

#[tokio::test]
#[should_panic(expected = "time is not frozen")]
async fn real_time_is_refused() {
    World::new().settle().await;
}

#[tokio::test(start_paused = true)]
async fn a_gate_stops_calls_and_lets_them_go_one_by_one() {
    let bench = Bench::new().await;
    let gate = bench.store.faults().hold(Site::Head, Point::Before);
    let calls: Vec<_> = (0..3)
        .map(|_| tokio::spawn(bench.store.head(bench.tenant.id)))
        .collect();
    gate.reached(3).await;
    let finished = || calls.iter().filter(|call| call.is_finished()).count();
    assert_eq!(finished(), 0);
    gate.let_one_go();
    bench.world.settle().await;
    assert_eq!(finished(), 1);
    gate.release();
    bench.world.settle().await;
    assert_eq!(finished(), 3);
    assert_eq!(bench.store.head(bench.tenant.id).await, Ok(0));
}

#[tokio::test(start_paused = true)]
async fn latency_is_virtual_and_a_commit_held_after_it_is_stored_already() {
    let bench = Bench::new().await;
    bench
        .store
        .faults()
        .latency(Site::Commit, Duration::from_secs(1));
    let gate = bench.store.faults().hold(Site::Commit, Point::After);
    let commit = bench.draft().inbound(None, "oi").done();
    let call = tokio::spawn(bench.store.commit(bench.lease, commit));
    bench.world.run_for(Duration::from_millis(900)).await;
    assert_eq!(bench.world.version(bench.conversation), 0);
    gate.reached(1).await;
    assert_eq!(bench.world.version(bench.conversation), 1);
    assert_eq!(bench.sink.events(bench.tenant.id).len(), 1);
    assert!(!call.is_finished());
    gate.release();
    assert!(call.await.unwrap().is_ok());
}

#[tokio::test(start_paused = true)]
async fn boom_counts_the_attempts_of_its_row() {
    let bench = Bench::new().await;
    let hook = bench.world.boom_hook();
    let rows = ["boom:2", "boom", "boomerang"]
        .map(|text| bench.world.inbound_text(&bench.tenant, PHONE, text));
    let explodes = async |id: i64| {
        let due = bench
            .store
            .due_inbox(bench.tenant.id, id - 1, 1)
            .await
            .unwrap();
        let Some(InboxItem::Message { inbound, .. }) = due[0].item.clone() else {
            panic!("a message was expected");
        };
        let command = Command::ReceiveInbound(inbound);
        catch_unwind(AssertUnwindSafe(|| hook(DecideStep::Decide, &command))).is_err()
    };
    let mut seen = Vec::new();
    for _ in 0..3 {
        seen.push([
            explodes(rows[0]).await,
            explodes(rows[1]).await,
            explodes(rows[2]).await,
        ]);
        let ids = rows.to_vec();
        bench
            .store
            .count_attempts(bench.lease, bench.tenant.id, ids)
            .await
            .unwrap();
    }
    assert_eq!(
        seen,
        [
            [true, true, false],
            [true, true, false],
            [false, true, false]
        ]
    );
    assert_eq!(bench.world.booms(), 5);
}
