use super::{Bench, PHONE};
use crate::testing::{Fault, InboxState, Point, Site};
use papo_domain::UserId;
use papo_domain::conversation::{Mode, encode};
use papo_domain::ports::{CommitError, Committed, EngineStore, StoreError};
use std::time::Duration;
use uuid::Uuid;

#[tokio::test(start_paused = true)]
async fn a_commit_is_whole_and_raises_the_version() {
    let bench = Bench::new().await;
    let row = bench.world.inbound_text(&bench.tenant, PHONE, "oi");
    let done = bench
        .commit(bench.draft().inbound(Some(row), "oi").bot("olá").done())
        .await;
    assert_eq!(
        done,
        Committed {
            first_event: 1,
            cancelled: 0,
            on_the_wire: 0
        }
    );
    assert_eq!(bench.world.version(bench.conversation), 1);
    let entry = bench.world.inbox_row(row);
    assert_eq!((entry.state, entry.item), (InboxState::Done, None));
    let events = bench.world.events(bench.tenant.id);
    assert_eq!(events.len(), 2);
    let words = events[1]
        .message
        .as_ref()
        .and_then(|m| m.body.as_ref())
        .unwrap();
    assert_eq!(words.text(), "olá");
    let heard: Vec<_> = bench
        .sink
        .events(bench.tenant.id)
        .iter()
        .map(|e| e.seq)
        .collect();
    assert_eq!(heard, [1, 2]);
    assert_eq!(bench.sink.rings(bench.tenant.id), 1);
}

#[tokio::test(start_paused = true)]
async fn the_second_of_two_commits_on_one_version_leaves_no_trace() {
    let bench = Bench::new().await;
    let stale = bench.draft().inbound(None, "tarde").done();
    bench
        .commit(bench.draft().inbound(None, "cedo").done())
        .await;
    assert_eq!(
        bench.store.commit(bench.lease, stale).await,
        Err(CommitError::Conflict)
    );
    let done = bench
        .commit(bench.draft().inbound(None, "depois").done())
        .await;
    // The survivor's place in the stream follows at once.
    assert_eq!(done.first_event, 2);
    assert_eq!(bench.world.texts(bench.conversation).len(), 2);
}

#[tokio::test(start_paused = true)]
async fn another_tenants_conversation_is_never_hit() {
    let bench = Bench::new().await;
    let foreign = bench.world.tenant("other");
    let lease = super::lease_of(&bench.world.node("a"), &foreign).await;
    let mut commit = bench.draft().inbound(None, "oi").done();
    commit.tenant = foreign.id;
    assert_eq!(
        bench.store.commit(lease, commit).await,
        Err(CommitError::Conflict)
    );
    let loaded = bench.store.activate(foreign.id, bench.conversation).await;
    assert_eq!(loaded.unwrap_err(), StoreError::NotFound);
}

#[tokio::test(start_paused = true)]
async fn a_repeated_key_answers_as_the_first_time() {
    let bench = Bench::new().await;
    let commit = |request| bench.draft().notice("olá").key("k", request).done();
    let first = commit(1);
    bench.commit(first.clone()).await;
    let answer = serde_json::json!({ "version": 1 });
    // The key decides before the version does.
    assert_eq!(
        bench.store.commit(bench.lease, first).await,
        Err(CommitError::Replayed(answer.clone()))
    );
    assert_eq!(
        bench.store.commit(bench.lease, commit(1)).await,
        Err(CommitError::Replayed(answer))
    );
    assert_eq!(
        bench.store.commit(bench.lease, commit(2)).await,
        Err(CommitError::KeyReused)
    );
    assert_eq!(bench.world.messages(bench.conversation).len(), 1);
}

#[tokio::test(start_paused = true)]
async fn an_activation_is_made_of_stored_rows_only() {
    let bench = Bench::new().await;
    bench
        .commit(bench.draft().inbound(None, "meu nome").done())
        .await;
    for _ in 0..20 {
        bench.commit(bench.draft().bot("mais").done()).await;
    }
    let draft = bench
        .draft()
        .inbound(None, "fim")
        .collected("nome".to_owned(), "name", 1);
    bench.commit(draft.done()).await;
    let loaded = bench
        .store
        .activate(bench.tenant.id, bench.conversation)
        .await
        .unwrap();
    assert_eq!(loaded.version, 22);
    assert_eq!(loaded.state, bench.world.state(bench.conversation));
    assert_eq!(loaded.name.as_deref(), Some("Cliente"));
    let newest: Vec<_> = loaded.recent.iter().map(|m| m.seq).collect();
    assert_eq!(newest, (3..=22).collect::<Vec<_>>());
    let answers: Vec<_> = loaded.answers.iter().map(|m| m.text.as_str()).collect();
    assert_eq!(answers, ["meu nome"]);
    assert!(matches!(loaded.state.mode, Mode::Bot(_)));

    bench
        .world
        .overwrite_snapshot(bench.conversation, "{\"v\":99}");
    let loaded = bench
        .store
        .activate(bench.tenant.id, bench.conversation)
        .await;
    assert_eq!(loaded.unwrap_err(), StoreError::TooNew);
    bench.world.overwrite_snapshot(bench.conversation, "{");
    let loaded = bench
        .store
        .activate(bench.tenant.id, bench.conversation)
        .await;
    assert!(matches!(loaded, Err(StoreError::Corrupt(_))));
}

#[tokio::test(start_paused = true)]
async fn faults_refuse_before_or_hide_what_happened() {
    let bench = Bench::new().await;
    let (faults, lease) = (bench.store.faults(), bench.lease);
    faults.fail(Site::Commit, Fault::Unavailable, 1);
    faults.fail(Site::Commit, Fault::Busy, 1);
    faults.fail(Site::Commit, Fault::Conflict, 1);
    faults.fail(Site::Commit, Fault::AnswerLost, 1);
    let commit = bench.draft().inbound(None, "oi").done();
    let mut answers = Vec::new();
    for _ in 0..4 {
        answers.push((
            bench.store.commit(lease, commit.clone()).await.unwrap_err(),
            bench.world.version(bench.conversation),
        ));
    }
    assert!(matches!(answers[0], (CommitError::Unavailable(_), 0)));
    assert_eq!(answers[1], (CommitError::Busy, 0));
    assert_eq!(answers[2], (CommitError::Conflict, 0));
    assert!(matches!(answers[3], (CommitError::Unknown(_), 1)));
    assert!(bench.sink.events(bench.tenant.id).is_empty());
    assert_eq!(bench.world.events(bench.tenant.id).len(), 1);

    faults.poison(bench.conversation);
    let commit = bench.draft().inbound(None, "de novo").done();
    let refused = bench.store.commit(lease, commit.clone()).await;
    assert!(matches!(refused, Err(CommitError::Poison(_))));
    faults.heal(bench.conversation);
    faults.drop_handoffs(true);
    bench.commit(commit).await;
    assert!(bench.sink.events(bench.tenant.id).is_empty());

    faults.database_away(true);
    let head = bench.store.head(bench.tenant.id).await;
    assert!(matches!(head, Err(StoreError::Unavailable(_))));
    faults.database_away(false);
    assert_eq!(bench.store.head(bench.tenant.id).await, Ok(2));
    assert_eq!(
        bench
            .store
            .events_after(bench.tenant.id, 1, 10)
            .await
            .unwrap()
            .len(),
        1
    );
}

#[tokio::test(start_paused = true)]
async fn a_snapshot_beyond_its_bound_cannot_be_stored() {
    let bench = Bench::new().await;
    let node = "x".repeat(1024);
    let commit = bench.draft().collected(node, "name", 1).done();
    assert!(encode(&commit.state).unwrap().len() > 1024);
    let refused = bench.store.commit(bench.lease, commit).await;
    assert!(matches!(refused, Err(CommitError::Poison(_))));
}

#[tokio::test(start_paused = true)]
async fn a_commit_goes_on_without_its_caller_unless_the_process_dies() {
    let bench = Bench::new().await;
    let gate = bench.store.faults().hold(Site::Commit, Point::Before);
    let commit = bench.draft().inbound(None, "oi").done();
    let call = tokio::spawn(bench.store.commit(bench.lease, commit));
    gate.reached(1).await;
    call.abort();
    bench.world.settle().await;
    assert_eq!(bench.world.version(bench.conversation), 0);
    gate.let_one_go();
    bench.world.settle().await;
    assert_eq!(bench.world.version(bench.conversation), 1);

    let again = tokio::spawn(
        bench
            .store
            .commit(bench.lease, bench.draft().inbound(None, "ei").done()),
    );
    gate.reached(2).await;
    bench.store.kill();
    gate.release();
    bench.world.run_for(Duration::from_secs(60)).await;
    assert!(!again.is_finished());
    assert_eq!(bench.world.version(bench.conversation), 1);
    again.abort();
}

#[tokio::test(start_paused = true)]
#[should_panic(expected = "has two commits under way")]
async fn two_commits_under_way_are_a_bug() {
    let bench = Bench::new().await;
    let commit = bench.draft().inbound(None, "oi").done();
    let first = bench.store.commit(bench.lease, commit.clone());
    let second = bench.store.commit(bench.lease, commit);
    let (first, second) = tokio::join!(first, second);
    drop((first, second));
}

#[tokio::test(start_paused = true)]
#[should_panic(expected = "message 2 comes after message 0")]
async fn a_gap_in_the_order_is_a_bug() {
    let bench = Bench::new().await;
    let mut draft = bench.draft();
    draft.commit.state.seq += 1;
    bench.commit(draft.inbound(None, "oi").done()).await;
}

#[tokio::test(start_paused = true)]
async fn an_item_has_no_second_effect() {
    let bench = Bench::new().await;
    let row = bench.world.inbound_text(&bench.tenant, PHONE, "oi");
    bench
        .commit(bench.draft().inbound(Some(row), "oi").done())
        .await;
    // Decided anew by somebody who read the row before it was done.
    let again = bench.draft().inbound(Some(row), "oi").done();
    let refused = bench.store.commit(bench.lease, again).await;
    assert_eq!(refused, Err(CommitError::Replayed(serde_json::Value::Null)));
    assert_eq!(bench.world.messages(bench.conversation).len(), 1);
}

#[tokio::test(start_paused = true)]
#[should_panic(expected = "survives its epoch")]
async fn a_takeover_that_leaves_the_bots_sends_queued_is_a_bug() {
    let bench = Bench::new().await;
    bench.commit(bench.draft().bot("olá").done()).await;
    let mut draft = bench.draft().takeover(UserId(Uuid::from_u128(1)));
    draft.commit.cancel_automatic = false;
    bench.commit(draft.done()).await;
}

#[tokio::test(start_paused = true)]
#[should_panic(expected = "its line in lists is stale")]
async fn a_stale_listing_is_a_bug() {
    let bench = Bench::new().await;
    let mut commit = bench.draft().inbound(None, "oi").done();
    commit.listing = None;
    bench.commit(commit).await;
}

#[tokio::test(start_paused = true)]
#[should_panic(expected = "invariants broken")]
async fn a_swallowed_violation_comes_up_when_the_test_settles() {
    let bench = Bench::new().await;
    let mut draft = bench.draft();
    draft.commit.state.seq += 1;
    let call = tokio::spawn(
        bench
            .store
            .commit(bench.lease, draft.inbound(None, "oi").done()),
    );
    assert!(call.await.is_err());
    bench.world.settle().await;
}

#[tokio::test(start_paused = true)]
async fn a_wake_is_a_lower_bound() {
    use papo_domain::conversation::{Deadline, DeadlineKind};
    let bench = Bench::new().await;
    let start = bench.world.clock().now();
    let at = |seconds| start + Duration::from_secs(seconds);
    let wakes = async |before| {
        let due = bench.store.due_wakes(bench.tenant.id, at(before), 10).await;
        let due = due.unwrap();
        due.first().map(|wake| (wake.at - start).num_seconds())
    };
    let busy = async || {
        let tenants = bench.store.busy_tenants(vec![bench.tenant.shard]).await;
        !tenants.unwrap().is_empty()
    };
    let arm = async |seconds: Option<u64>| {
        let mut draft = bench.draft();
        let deadline = |seconds| Deadline {
            kind: DeadlineKind::BotIdle,
            at: at(seconds),
            generation: 1,
        };
        draft.commit.state.deadlines = seconds.map(deadline).into_iter().collect();
        bench.commit(draft.done()).await;
    };
    arm(Some(60)).await;
    assert_eq!((wakes(60).await, wakes(61).await), (None, Some(60)));
    arm(Some(30)).await;
    assert_eq!(wakes(100).await, Some(30));
    // A later deadline leaves the bound where it is, until it is looked at.
    arm(Some(90)).await;
    bench.world.run_for(Duration::from_secs(31)).await;
    assert!(busy().await);
    assert_eq!(wakes(90).await, None);
    assert!(!busy().await);
    assert_eq!(wakes(91).await, Some(90));
    // What has come is written anew.
    bench.world.run_for(Duration::from_secs(60)).await;
    arm(None).await;
    assert!(!busy().await);
}
