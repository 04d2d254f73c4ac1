//! A repetition under an `Idempotency-Key` gets the first answer, whatever has become of the
//! conversation, of the people in it, and of what the request named.

use crate::app::TestApp;
use crate::stage::{Tenant, text};
use anyhow::Result;
use papo_test_support::api::{Answer, User};
use serde_json::{Value, json};

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
