//! The database goes away while a request is at work: the client is told what it may do.

use crate::app::TestApp;
use crate::stage::{Stage, Tenant};
use anyhow::{Result, ensure};
use papo_test_support::chaos_proxy::ChaosProxy;
use papo_test_support::wait::{PATIENCE, eventually};
use papo_test_support::webhook::deliver_signed;
use serde_json::json;
use std::time::Duration;

/// A server that waits long for locks, with a wire to its database that can be cut.
async fn behind_a_wire() -> Result<(TestApp, ChaosProxy)> {
    let stage = Stage::set().await?;
    let wire = ChaosProxy::to_postgres(&stage.database.app_url()).await?;
    let mut config = stage.config();
    config.database.app_url = wire.instead_of(&stage.database.app_url()).into();
    config.database.lock_timeout = Duration::from_secs(60);
    config.database.statement_timeout = Duration::from_secs(60);
    Ok((TestApp::start_on(stage, config).await?, wire))
}

/// Returns when the HTTP side waits for a lock.
async fn waits(app: &TestApp) -> Result<()> {
    let waiting = "SELECT count(*) FROM pg_stat_activity
                   WHERE datname = current_database() AND usename = 'papo_app'
                     AND wait_event_type = 'Lock'";
    eventually("a request waits for a lock", PATIENCE, async || {
        Ok((app.count(waiting, &[]).await? > 0).then_some(()))
    })
    .await
}

async fn end_sessions(app: &TestApp) -> Result<()> {
    let end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
               WHERE datname = current_database() AND usename = 'papo_app'";
    app.rows.execute(end, &[]).await?;
    Ok(())
}

#[actix_web::test]
async fn a_request_that_is_cut_off_is_told_to_come_back() -> Result<()> {
    let (app, wire) = behind_a_wire().await?;
    let tenant = app.tenant().await?;
    let holder = app.database.admin().await?;
    for way in ["cut", "ended"] {
        holder
            .batch_execute("BEGIN; SELECT FROM departments; LOCK TABLE departments")
            .await?;
        let rename = tenant
            .admin
            .post("/api/v1/departments", json!({ "name": way }));
        let meanwhile = async {
            waits(&app).await?;
            if way == "cut" {
                wire.cut();
            } else {
                end_sessions(&app).await?;
            }
            anyhow::Ok(())
        };
        let (answer, done) = futures_util::join!(rename, meanwhile);
        done?;
        let answer = answer?;
        let seen = (answer.status, answer.code());
        assert_eq!(seen, (503, "unavailable"), "{way}: {}", answer.text);
        assert!(answer.header("retry-after").is_some(), "{way}");
        wire.mend();
        holder.batch_execute("ROLLBACK").await?;
    }
    let stored = "SELECT count(*) FROM departments WHERE name IN ('cut', 'ended')";
    assert_eq!(app.count(stored, &[]).await?, 0);
    app.stop().await;
    Ok(())
}

#[actix_web::test]
async fn a_delivery_that_is_cut_off_is_asked_for_again() -> Result<()> {
    let (app, _wire) = behind_a_wire().await?;
    let tenant = app.tenant().await?;
    let holder = app.database.admin().await?;
    holder
        .batch_execute("BEGIN; LOCK TABLE channels IN ACCESS EXCLUSIVE MODE")
        .await?;
    let delivered = delivery(&app, &tenant);
    let meanwhile = async {
        waits(&app).await?;
        end_sessions(&app).await
    };
    let (receipt, done) = futures_util::join!(delivered, meanwhile);
    done?;
    let (status, retry_after) = receipt?;
    assert_eq!(status, 503);
    assert!(retry_after.is_some());
    holder.batch_execute("ROLLBACK").await?;
    // A session that was idle when it ended is noticed by whoever uses it next.
    eventually("it is taken", PATIENCE, async || {
        let (status, _) = delivery(&app, &tenant).await?;
        ensure!(matches!(status, 200 | 503), "it was answered {status}");
        Ok((status == 200).then_some(()))
    })
    .await?;
    app.stop().await;
    Ok(())
}

async fn delivery(app: &TestApp, tenant: &Tenant) -> Result<(u16, Option<String>)> {
    let body = tenant
        .line
        .text("5511900000001", "wamid.cut", 1_767_225_600, "Oi");
    let receipt = deliver_signed(&app.api, &tenant.line.app_secret, &body).await?;
    Ok((receipt.status, receipt.retry_after))
}
