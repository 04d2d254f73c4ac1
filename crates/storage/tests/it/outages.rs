//! The HTTP side's database goes away in the middle of something. What a caller is told follows
//! from what is stored: nothing, or nobody knows.

use crate::people::user;
use crate::proxy::Proxy;
use papo_domain::{Role, TenantId};
use papo_storage::app::{NewUser, UserChange};
use papo_storage::{Database, DbError, PoolSettings, SessionLimits};
use papo_test_support::database::TestDatabase;
use papo_test_support::wait::{PATIENCE, eventually};
use std::time::Duration;
use tokio::runtime::Handle;
use tokio_postgres::Client;

const PLATFORM: TenantId = TenantId::PLATFORM;

fn database(url: String, lock: Duration) -> Database {
    let settings = PoolSettings {
        limits: SessionLimits {
            lock,
            ..SessionLimits::default()
        },
        ..PoolSettings::default()
    };
    Database::new(&url.into(), settings, Handle::current()).unwrap()
}

/// A change of somebody whose row is held by another transaction.
fn held_up(app: &Database, who: &NewUser) -> tokio::task::JoinHandle<Result<(), DbError>> {
    let (app, id) = (app.clone(), who.id);
    tokio::spawn(async move {
        let change = UserChange {
            full_name: Some("Outro".to_owned()),
            ..UserChange::default()
        };
        app.update_user(PLATFORM, id, &change).await.map(drop)
    })
}

/// Returns when a session of the HTTP side waits for a lock.
async fn waits(admin: &Client) {
    let waiting = "SELECT count(*) FROM pg_stat_activity
                   WHERE datname = current_database() AND usename = 'papo_app'
                     AND wait_event_type = 'Lock'";
    eventually("somebody waits for a lock", PATIENCE, async || {
        let count: i64 = admin.query_one(waiting, &[]).await?.get(0);
        Ok((count > 0).then_some(()))
    })
    .await
    .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_is_ended_or_waits_too_long_stores_nothing_and_says_so() {
    let db = TestDatabase::create().await.unwrap();
    let (admin, holder) = (db.admin().await.unwrap(), db.admin().await.unwrap());
    let who = user("chefe@example.com", Role::SuperAdmin);
    let patient = database(db.app_url(), Duration::from_secs(60));
    patient.create_user(PLATFORM, &who).await.unwrap();
    holder
        .batch_execute("BEGIN; SELECT FROM users FOR UPDATE")
        .await
        .unwrap();

    let change = held_up(&patient, &who);
    waits(&admin).await;
    let end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
               WHERE datname = current_database() AND usename = 'papo_app'";
    admin.execute(end, &[]).await.unwrap();
    let ended = change.await.unwrap();
    assert!(matches!(ended, Err(DbError::Unavailable(_))), "{ended:?}");

    let hasty = database(db.app_url(), Duration::from_millis(50));
    let late = held_up(&hasty, &who).await.unwrap();
    assert!(matches!(late, Err(DbError::Unavailable(_))), "{late:?}");

    // The pool goes on with new sessions.
    holder.batch_execute("ROLLBACK").await.unwrap();
    let found = patient.find_user(PLATFORM, who.id).await.unwrap();
    assert_eq!(found.full_name, who.full_name);
    held_up(&patient, &who).await.unwrap().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn two_that_wait_for_each_other_are_told_to_come_back() {
    let db = TestDatabase::create().await.unwrap();
    let (admin, other) = (db.admin().await.unwrap(), db.admin().await.unwrap());
    // The other one never finds the circle: its own check comes too late.
    let patience = "SET deadlock_timeout = '1h'; BEGIN; SELECT FROM tenants FOR UPDATE";
    let app = database(db.app_url(), Duration::from_secs(60));
    let who = user("chefe@example.com", Role::SuperAdmin);
    app.create_user(PLATFORM, &who).await.unwrap();
    other.batch_execute(patience).await.unwrap();
    let (found_it, _) = tokio::join!(
        app.scoped(PLATFORM, async |conn| {
            use diesel_async::SimpleAsyncConnection;
            conn.batch_execute("UPDATE users SET full_name = 'Outro'")
                .await?;
            conn.batch_execute("UPDATE tenants SET name = name").await?;
            Ok(())
        }),
        async {
            waits(&admin).await;
            // Ends when the first one gives up.
            other.batch_execute("SELECT FROM users FOR UPDATE").await
        }
    );
    assert!(
        matches!(found_it, Err(DbError::Unavailable(_))),
        "{found_it:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_that_nobody_heard_of_is_neither_success_nor_failure() {
    let db = TestDatabase::create().await.unwrap();
    let (proxy, url) = Proxy::before(&db.app_url()).await;
    let wired = database(url, Duration::from_secs(3));
    let who = user("chefe@example.com", Role::SuperAdmin);
    proxy.swallow_next_commit();
    let outcome = wired.create_user(PLATFORM, &who).await.map(drop);
    assert!(proxy.has_swallowed());
    assert!(matches!(outcome, Err(DbError::Unknown(_))), "{outcome:?}");
    // It is there.
    assert!(wired.find_user(PLATFORM, who.id).await.is_ok());
}

/// The server's words are understood because they are English, whatever the cluster speaks.
#[tokio::test(flavor = "multi_thread")]
async fn sessions_of_the_server_speak_english() {
    let db = TestDatabase::create().await.unwrap();
    let admin = db.admin().await.unwrap();
    let roles = "SELECT count(*) FROM pg_db_role_setting s JOIN pg_roles r ON r.oid = s.setrole
                 WHERE r.rolname IN ('papo_app', 'papo_engine') AND s.setdatabase = 0
                   AND 'lc_messages=C' = ANY (s.setconfig)";
    papo_storage::roles::ensure(&admin, None).await.unwrap();
    let count: i64 = admin.query_one(roles, &[]).await.unwrap().get(0);
    assert_eq!(count, 2);
}
