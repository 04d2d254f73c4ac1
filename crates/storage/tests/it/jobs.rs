//! Jobs: written with the commit they follow from, taken by who holds the shard, ended once.

use crate::bench::{Bench, Draft, Tenant, settings, store_on};
use papo_domain::ports::{EngineStore, JobDraft};
use papo_storage::{
    ClaimedJob, Database, EngineSettings, JobEnd, JobsWanted, PgEngineStore, PoolSettings,
    Retention,
};
use serde_json::json;
use std::time::Duration;
use tokio::runtime::Handle;

const LEASE: Duration = Duration::from_secs(600);

fn job(key: &str) -> JobDraft {
    JobDraft {
        kind: "fetch",
        key: key.to_owned(),
        payload: json!({ "of": key }),
        due: None,
    }
}

fn wanted() -> JobsWanted {
    JobsWanted {
        kinds: vec!["fetch"],
        except: vec![],
        limit: 10,
        per_tenant: 10,
        lease: LEASE,
    }
}

async fn keys(store: &PgEngineStore, wanted: &JobsWanted) -> Vec<String> {
    let mut keys: Vec<String> = store
        .claim_jobs(wanted)
        .await
        .unwrap()
        .into_iter()
        .map(|job| job.key)
        .collect();
    keys.sort();
    keys
}

async fn commit(bench: &Bench, tenant: &Tenant, wa_id: &str, jobs: Vec<JobDraft>) {
    let conversation = bench.conversation(tenant, wa_id).await;
    let draft = Draft::first(tenant, conversation).with(|commit| commit.jobs = jobs);
    bench.commit(tenant, draft).await.unwrap();
}

async fn take(bench: &Bench) -> ClaimedJob {
    let mut taken = bench.store.claim_jobs(&wanted()).await.unwrap();
    assert_eq!(taken.len(), 1, "{taken:?}");
    taken.pop().unwrap()
}

async fn state(bench: &Bench, key: &str) -> (String, i32) {
    let sql = "SELECT state, attempts FROM jobs WHERE key = $1";
    let row = bench.admin.query_one(sql, &[&key]).await.unwrap();
    (row.get(0), row.get(1))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_is_there_with_its_commit_and_not_without_it() {
    let bench = Bench::new().await;
    let one = bench.tenant("one", 1).await;
    let conversation = bench.conversation(&one, "5511999990001").await;
    let draft = Draft::first(&one, conversation).with(|commit| commit.jobs = vec![job("a")]);
    let again = draft.clone().with(|commit| commit.jobs = vec![job("b")]);
    bench.commit(&one, draft).await.unwrap();
    // Decided on a version that is gone: nothing of it happens.
    bench.commit(&one, again).await.unwrap_err();
    let taken = take(&bench).await;
    assert_eq!(taken.tenant, one.id);
    assert_eq!((taken.kind.as_str(), taken.key.as_str()), ("fetch", "a"));
    assert_eq!((taken.payload, taken.attempt), (json!({ "of": "a" }), 1));
    assert_eq!(keys(&bench.store, &wanted()).await, [""; 0]);
}

/// Whoever wants it last says what it is about.
#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_is_wanted_twice_at_once_is_one() {
    let bench = Bench::new().await;
    let one = bench.tenant("one", 1).await;
    let last = JobDraft {
        payload: json!({ "of": "the last" }),
        ..job("a")
    };
    commit(&bench, &one, "5511999990001", vec![job("a"), last]).await;
    assert_eq!(take(&bench).await.payload, json!({ "of": "the last" }));
    assert_eq!(keys(&bench.store, &wanted()).await, [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_holder_of_the_shard_takes_a_job() {
    let bench = Bench::new().await;
    let one = bench.tenant("one", 1).await;
    commit(&bench, &one, "5511999990001", vec![job("a")]).await;
    let other = EngineSettings {
        node: "b".to_owned(),
        ..settings()
    };
    let (other, _) = store_on(&bench.db, &other);
    assert_eq!(keys(&other, &wanted()).await, [""; 0]);
    let theirs = JobsWanted {
        kinds: vec!["export"],
        ..wanted()
    };
    assert_eq!(keys(&bench.store, &theirs).await, [""; 0]);
    let busy = JobsWanted {
        except: vec![one.id],
        ..wanted()
    };
    assert_eq!(keys(&bench.store, &busy).await, [""; 0]);
    assert_eq!(keys(&bench.store, &wanted()).await, ["a"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_much_to_do_leaves_room_for_others() {
    let bench = Bench::new().await;
    let (one, two) = (bench.tenant("one", 1).await, bench.tenant("two", 2).await);
    let many = (0..5).map(|n| job(&format!("one-{n}"))).collect();
    commit(&bench, &one, "5511999990001", many).await;
    commit(&bench, &two, "5511999990002", vec![job("two")]).await;
    let few = JobsWanted {
        per_tenant: 2,
        limit: 3,
        ..wanted()
    };
    assert_eq!(keys(&bench.store, &few).await, ["one-0", "one-1", "two"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_comes_back_when_it_is_due_and_its_ends_are_for_its_own_try() {
    let bench = Bench::new().await;
    let one = bench.tenant("one", 1).await;
    commit(&bench, &one, "5511999990001", vec![job("a")]).await;
    let first = take(&bench).await;
    let again = |after, counted| JobEnd::Again {
        after,
        error: "not yet".to_owned(),
        counted,
    };
    let later = again(Duration::from_secs(60), true);
    bench.store.end_job(&first, &later).await.unwrap();
    assert_eq!(keys(&bench.store, &wanted()).await, [""; 0]);
    let due = "UPDATE jobs SET next_at = now()";
    bench.run(due, &[]).await;
    let second = take(&bench).await;
    assert_eq!(second.attempt, 2);
    // A late word of the first try.
    bench.store.end_job(&first, &JobEnd::Done).await.unwrap();
    assert_eq!(state(&bench, "a").await, ("running".to_owned(), 2));
    let not_a_try = again(Duration::ZERO, false);
    bench.store.end_job(&second, &not_a_try).await.unwrap();
    let third = take(&bench).await;
    assert_eq!(third.attempt, 2);
    let error = "gone".to_owned();
    let dead = JobEnd::Dead { error };
    bench.store.end_job(&third, &dead).await.unwrap();
    assert_eq!(state(&bench, "a").await, ("dead".to_owned(), 2));
    assert_eq!(keys(&bench.store, &wanted()).await, [""; 0]);
}

/// G9: what a process had in hand when it died is taken by its next life at once, and the try
/// stays counted: it may have been what it died of.
#[tokio::test(flavor = "multi_thread")]
async fn jobs_of_an_earlier_life_are_taken_again() {
    let bench = Bench::new().await;
    let one = bench.tenant("one", 1).await;
    commit(&bench, &one, "5511999990001", vec![job("a")]).await;
    take(&bench).await;
    assert_eq!(keys(&bench.store, &wanted()).await, [""; 0]);
    let (next_life, _) = store_on(&bench.db, &settings());
    next_life.take_leases().await.unwrap();
    let taken = next_life.claim_jobs(&wanted()).await.unwrap();
    assert_eq!(taken.first().map(|job| job.attempt), Some(2));
    // One that takes longer than anybody believes.
    bench.run("UPDATE jobs SET next_at = now()", &[]).await;
    let taken = next_life.claim_jobs(&wanted()).await.unwrap();
    assert_eq!(taken.first().map(|job| job.attempt), Some(3));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_ended_begins_anew_and_one_that_waits_stays() {
    let bench = Bench::new().await;
    let one = bench.tenant("one", 1).await;
    commit(&bench, &one, "5511999990001", vec![job("a")]).await;
    commit(&bench, &one, "5511999990002", vec![job("a")]).await;
    let first = take(&bench).await;
    bench.store.end_job(&first, &JobEnd::Done).await.unwrap();
    assert_eq!(keys(&bench.store, &wanted()).await, [""; 0]);
    commit(&bench, &one, "5511999990003", vec![job("a")]).await;
    assert_eq!(take(&bench).await.attempt, 1);
}

/// It may have looked already before what they speak of: whoever asks for it, through a commit or
/// by themselves, and whatever becomes of the try that runs.
#[tokio::test(flavor = "multi_thread")]
async fn one_that_is_asked_for_while_it_runs_runs_once_more() {
    let bench = Bench::new().await;
    let one = bench.tenant("one", 1).await;
    commit(&bench, &one, "5511999990001", vec![job("a")]).await;
    let first = take(&bench).await;
    commit(&bench, &one, "5511999990002", vec![job("a")]).await;
    assert_eq!(state(&bench, "a").await, ("running".to_owned(), 1));
    assert_eq!(keys(&bench.store, &wanted()).await, [""; 0]);
    bench.store.end_job(&first, &JobEnd::Done).await.unwrap();
    let second = take(&bench).await;
    assert_eq!(second.attempt, 1, "it begins anew");
    let url = bench.db.app_url().into();
    let app = Database::new(&url, PoolSettings::default(), Handle::current()).unwrap();
    for _ in 0..2 {
        app.add_job(one.id, &job("a")).await.unwrap();
    }
    let error = "gone".to_owned();
    let dead = JobEnd::Dead { error };
    bench.store.end_job(&second, &dead).await.unwrap();
    let third = take(&bench).await;
    bench.store.end_job(&third, &JobEnd::Done).await.unwrap();
    assert_eq!(state(&bench, "a").await, ("done".to_owned(), 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn ended_jobs_go_after_a_month_and_open_ones_stay() {
    let bench = Bench::new().await;
    let one = bench.tenant("one", 1).await;
    for state in ["pending", "running", "done", "dead"] {
        for age in [31, 29] {
            bench
                .run(
                    "INSERT INTO jobs (tenant_id, kind, key, payload, state, created_at, next_at)
                     VALUES ($1, 'k', $2, '{}', $3, now() - interval '90 days',
                             now() - $4 * interval '1 day')",
                    &[
                        &one.id.0,
                        &format!("{state}-{age}"),
                        &state,
                        &f64::from(age),
                    ],
                )
                .await;
        }
    }
    bench.store.maintain(Retention::default()).await.unwrap();
    let left: Vec<String> = bench.column("SELECT key FROM jobs ORDER BY 1", &[]).await;
    assert_eq!(
        left,
        [
            "dead-29",
            "done-29",
            "pending-29",
            "pending-31",
            "running-29",
            "running-31"
        ]
    );
}
