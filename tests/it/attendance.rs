//! Requests for a person, from the queue to the end, and what is told about it.

use crate::app::TestApp;
use crate::stage::{Phone, Tenant, text};
use anyhow::{Context, Result};
use serde_json::{Value, json};

/// The customer asks for a person; the conversation and the request.
async fn asked(tenant: &Tenant, phone: &Phone) -> Result<(String, String)> {
    phone.writes("atendente")?;
    let waiting = |c: &Value| c["status"] == "waiting";
    let conversation = tenant.conversation(&phone.wa_id, waiting).await?;
    let queue = tenant.admin.get("/api/v1/handoffs/pending").await?;
    let request = queue.pointer("/data/0").context("nobody waits")?;
    assert_eq!(request.get("conversation_id"), conversation.get("id"));
    Ok((text(&conversation, "id")?, text(request, "id")?))
}

#[actix_web::test]
async fn an_old_request_does_not_stand_for_a_new_one() -> Result<()> {
    let app = TestApp::start().await?;
    let tenant = app.tenant().await?;
    let ana = tenant.attendant("ana").await?;
    let phone = tenant.customer(1)?;
    let (_, first) = asked(&tenant, &phone).await?;

    // Nobody has taken it, and yet what came of it is kept.
    let told = json!({ "resolution": "resolvido por telefone", "customer_satisfaction": 5 });
    let complete = format!("/api/v1/handoffs/{first}/complete");
    let done = ana.post(&complete, told).await?.expect(200)?;
    assert_eq!(done["status"], "completed");
    assert_eq!(done["resolution"], "resolvido por telefone");
    assert_eq!(done["customer_satisfaction"], 5);

    let (conversation, second) = asked(&tenant, &phone).await?;
    assert_ne!(first, second);
    let assign = |request: &str| format!("/api/v1/handoffs/{request}/assign");
    let late = ana.post(&assign(&first), Value::Null).await?;
    assert_eq!(
        (late.status, late.code()),
        (409, "not_waiting"),
        "{}",
        late.text
    );
    let path = format!("/api/v1/conversations/{conversation}");
    assert_eq!(tenant.admin.get(&path).await?["status"], "waiting");
    let taken = ana.post(&assign(&second), Value::Null).await?.expect(200)?;
    assert_eq!(
        (&taken["status"], &taken["assigned_user_id"]),
        (&json!("assigned"), &json!(ana.id))
    );
    app.stop().await;
    Ok(())
}

#[actix_web::test]
async fn what_came_of_it_is_a_note_where_nobody_was_asked_for() -> Result<()> {
    let app = TestApp::start().await?;
    let tenant = app.tenant().await?;
    let ana = tenant.attendant("ana").await?;
    let phone = tenant.customer(1)?;
    phone.writes("Oi")?;
    let conversation = tenant.conversation(&phone.wa_id, |_| true).await?;
    let id = text(&conversation, "id")?;
    let path = |what: &str| format!("/api/v1/conversations/{id}/{what}");
    ana.post(&path("takeover"), Value::Null)
        .await?
        .expect(200)?;
    let told = json!({ "resolution": "produto trocado", "customer_satisfaction": 4 });
    ana.post(&path("close"), told).await?.expect(200)?;
    let note = tenant
        .message(&id, |message| message["message_type"] == "note")
        .await?;
    assert_eq!(
        note["text"],
        "produto trocado\nAvaliação do cliente: 4 de 5"
    );
    assert_eq!(
        (&note["direction"], &note["sender_user_id"]),
        (&json!("internal"), &json!(ana.id))
    );
    app.stop().await;
    Ok(())
}
