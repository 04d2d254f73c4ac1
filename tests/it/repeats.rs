//! A repetition under an `Idempotency-Key` gets the first answer, whatever has become of the
//! conversation, of the people in it, and of what the request named.

use crate::app::TestApp;
use crate::stage::{Tenant, text};
use anyhow::Result;
use papo_test_support::api::{Answer, User};
use papo_test_support::wait::{PATIENCE, eventually};
use papo_test_support::ws_client::WsClient;
use serde_json::{Value, json};
use std::time::Duration;

/// A customer's conversation, in the queue.
async fn waiting(tenant: &Tenant, n: u32) -> Result<String> {
    let mut phone = tenant.customer(n)?;
    phone.writes("atendente")?;
    phone.receives().await?;
    let waits = |c: &Value| c["status"] == "waiting";
    text(&tenant.conversation(&phone.wa_id, waits).await?, "id")
}

fn replayed(first: &Answer, again: &Answer) {
    assert_eq!(again.status, first.status, "{}", again.text);
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
    assert_eq!(first.header("idempotent-replayed"), None);
}

async fn dismiss(tenant: &Tenant, user: &User) -> Result<()> {
    let path = format!("/api/v1/users/{}", user.id);
    let change = json!({ "is_active": false });
    tenant.admin.patch(&path, change).await?.expect(200)?;
    Ok(())
}

#[actix_web::test]
async fn a_colleague_who_has_left_is_no_reason_to_refuse() -> Result<()> {
    let app = TestApp::start().await?;
    let tenant = app.tenant().await?;
    let boss = tenant.supervisor().await?;
    let bruno = tenant.attendant("bruno").await?;
    let given = waiting(&tenant, 1).await?;
    let assigned = waiting(&tenant, 2).await?;
    let pending = boss.get("/api/v1/handoffs/pending").await?;
    let rows = pending["data"].as_array().cloned().unwrap_or_default();
    let handoff = rows.iter().find(|row| row["conversation_id"] == *assigned);
    let handoff = text(handoff.unwrap_or(&Value::Null), "id")?;

    boss.post(
        &format!("/api/v1/conversations/{given}/takeover"),
        Value::Null,
    )
    .await?
    .expect(200)?;
    let transfer = format!("/api/v1/conversations/{given}/transfer");
    let to = json!({ "to_user_id": bruno.id });
    let assign = format!("/api/v1/handoffs/{handoff}/assign");
    let whom = json!({ "user_id": bruno.id });
    let first = [
        boss.post_once(&transfer, "t", to.clone()).await?,
        boss.post_once(&assign, "a", whom.clone()).await?,
    ];
    for answer in &first {
        assert_eq!(answer.status, 200, "{}", answer.text);
    }
    dismiss(&tenant, &bruno).await?;
    let again = [
        boss.post_once(&transfer, "t", to).await?,
        boss.post_once(&assign, "a", whom).await?,
    ];
    replayed(&first[0], &again[0]);
    assert_eq!(first[0].body, again[0].body);
    replayed(&first[1], &again[1]);
    // Without the key it is a new request, and there is nobody to give it to.
    let whom = json!({ "user_id": bruno.id });
    assert_eq!(boss.post(&assign, whom).await?.status, 422);
    app.stop().await;
    Ok(())
}

#[actix_web::test]
async fn what_was_read_is_read_although_more_has_come() -> Result<()> {
    let app = TestApp::start().await?;
    let tenant = app.tenant().await?;
    let ana = tenant.attendant("ana").await?;
    let id = waiting(&tenant, 1).await?;
    let path = format!("/api/v1/conversations/{id}/read");
    let first = ana.post_once(&path, "r", Value::Null).await?;
    assert_eq!(first.status, 200, "{}", first.text);
    // It is somebody else's now, and out of sight.
    let boss = tenant.supervisor().await?;
    boss.post(&format!("/api/v1/conversations/{id}/takeover"), Value::Null)
        .await?
        .expect(200)?;
    let again = ana.post_once(&path, "r", Value::Null).await?;
    replayed(&first, &again);
    assert_eq!(first.body, again.body);
    app.stop().await;
    Ok(())
}

#[actix_web::test]
async fn the_request_that_was_made_is_shown_and_not_a_later_one() -> Result<()> {
    let app = TestApp::start().await?;
    let tenant = app.tenant().await?;
    let boss = tenant.supervisor().await?;
    let mut phone = tenant.customer(1)?;
    phone.writes("Oi")?;
    phone.receives().await?;
    let id = text(&tenant.conversation(&phone.wa_id, |_| true).await?, "id")?;
    let wanted = json!({ "conversation_id": id, "priority": "high" });
    let ask = "/api/v1/handoffs";
    let first = boss.post_once(ask, "h", wanted.clone()).await?;
    assert_eq!(first.status, 201, "{}", first.text);
    assert_eq!(first.body["priority"], "high");

    let close = format!("/api/v1/conversations/{id}/close");
    boss.post(&close, Value::Null).await?.expect(200)?;
    phone.writes("atendente")?;
    tenant
        .conversation(&phone.wa_id, |c| c["status"] == "waiting")
        .await?;
    let again = boss.post_once(ask, "h", wanted).await?;
    replayed(&first, &again);
    assert_eq!(again.body["id"], first.body["id"]);
    assert_eq!(again.body["priority"], "high");
    app.stop().await;
    Ok(())
}

/// The client did not wait for the answer and asked again, and what it would have been given first
/// is being offered to somebody else by then.
#[actix_web::test]
async fn the_next_request_that_is_asked_for_twice_at_once_is_one() -> Result<()> {
    let app = TestApp::start_with(|config| {
        config.database.lock_timeout = Duration::from_secs(60);
        config.database.statement_timeout = Duration::from_secs(60);
    })
    .await?;
    let tenant = app.tenant().await?;
    let policy = json!({ "routing": { "strategy": "round_robin", "offer_seconds": 600 } });
    let path = "/api/v1/tenants/current/policy";
    tenant.admin.patch(path, policy).await?.expect(200)?;
    let ana = tenant.attendant("ana").await?;
    let bia = tenant.attendant("bia").await?;
    let path = format!("/api/v1/users/{}/attendance", bia.id);
    let one = json!({ "capacity": 1 });
    tenant.admin.patch(&path, one).await?.expect(200)?;
    for n in [1, 2] {
        waiting(&tenant, n).await?;
    }

    let holder = app.database.admin().await?;
    holder
        .batch_execute("BEGIN; LOCK TABLE labels IN ACCESS EXCLUSIVE MODE")
        .await?;
    // What stands between the choice and the assignment is whether the caller may see it.
    let stopped = async |wanted: i64| {
        let waits = "SELECT count(*) FROM pg_stat_activity
                     WHERE datname = current_database() AND usename = 'papo_app'
                       AND wait_event_type = 'Lock'";
        eventually("a request waits for a lock", PATIENCE, async || {
            Ok((app.count(waits, &[]).await? == wanted).then_some(()))
        })
        .await
    };
    let next = || ana.post_once("/api/v1/handoffs/next", "n", Value::Null);
    let again = async {
        stopped(1).await?;
        let url = bia.api.socket_url();
        let _screen = WsClient::connect(&url, &bia.access_token, None).await?;
        let offered = "SELECT count(*) FROM conversations WHERE offered_user_id IS NOT NULL";
        eventually("the first one is offered", PATIENCE, async || {
            Ok((app.count(offered, &[]).await? == 1).then_some(()))
        })
        .await?;
        let release = async {
            stopped(2).await?;
            Ok::<_, anyhow::Error>(holder.batch_execute("ROLLBACK").await?)
        };
        let (answer, released) = futures_util::join!(next(), release);
        released?;
        answer
    };
    let (first, again) = futures_util::join!(next(), again);
    let (first, again) = (first?, again?);
    for answer in [&first, &again] {
        assert_eq!(answer.status, 200, "{}", answer.text);
        assert_eq!(answer.body["assigned_user_id"], *ana.id);
    }
    assert_eq!(first.body["id"], again.body["id"]);
    let assigned = "SELECT count(*) FROM handoffs WHERE status = 'assigned'";
    assert_eq!(app.count(assigned, &[]).await?, 1);
    app.stop().await;
    Ok(())
}
