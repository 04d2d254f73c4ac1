//! Message templates: read from the provider, checked here before they are sent, and good for
//! customers who did not write for a day.

use crate::app::TestApp;
use crate::stage::{Tenant, text};
use anyhow::{Context, Result};
use papo_emulator::Template;
use papo_test_support::api::Answer;
use papo_test_support::wait::{PATIENCE, eventually};
use serde_json::{Value, json};

const LIST: &str = "/api/v1/templates";

fn approved(tenant: &Tenant, name: &str, body: &str) -> Template {
    Template {
        waba_id: tenant.line.waba_id.clone(),
        name: name.to_owned(),
        language: "pt_BR".to_owned(),
        body: body.to_owned(),
    }
}

async fn names(tenant: &Tenant, query: &str) -> Result<Vec<String>> {
    let page = tenant.admin.get(&format!("{LIST}?{query}")).await?;
    let rows = page.get("data").and_then(Value::as_array);
    rows.context("no data")?
        .iter()
        .map(|row| text(row, "name"))
        .collect()
}

/// Has the templates read, until there are so many.
async fn synced(tenant: &Tenant, count: usize) -> Result<()> {
    let body = json!({ "channel_id": tenant.channel });
    let asked = tenant.admin.post("/api/v1/templates/sync", body).await?;
    asked.expect(202)?;
    come_to(tenant, count).await
}

async fn come_to(tenant: &Tenant, count: usize) -> Result<()> {
    eventually("the templates are read", PATIENCE, async || {
        Ok((names(tenant, "limit=100").await?.len() == count).then_some(()))
    })
    .await
}

/// Insists on a fault of one field.
fn faulty(answer: &Answer, field: &str) {
    assert_eq!(answer.status, 422, "{}", answer.text);
    let named = answer.body.pointer("/details/fields/0/field");
    assert_eq!(named, Some(&json!(field)), "{}", answer.text);
}

#[actix_web::test]
async fn templates_are_read_page_by_page_and_again_when_they_change() -> Result<()> {
    let app = TestApp::start().await?;
    let tenant = app.tenant().await?;
    let other = app.tenant().await?;
    for n in 0..70 {
        let name = format!("modelo_{n:02}");
        tenant
            .emulator
            .add_template(approved(&tenant, &name, "Oi"))?;
    }
    other
        .emulator
        .add_template(approved(&other, "alheio", "Oi"))?;
    let ana = tenant.attendant("ana").await?;
    let body = json!({ "channel_id": tenant.channel });
    let refused = ana.post("/api/v1/templates/sync", body.clone()).await?;
    assert_eq!(refused.status, 403);
    assert_eq!(
        other
            .admin
            .post("/api/v1/templates/sync", body)
            .await?
            .status,
        404
    );
    synced(&tenant, 70).await?;
    assert_eq!(names(&tenant, "q=modelo_07").await?, ["modelo_07"]);
    assert_eq!(
        names(&tenant, "status=REJECTED").await?,
        Vec::<String>::new()
    );
    let query = format!("channel={}&limit=1", tenant.channel);
    assert_eq!(names(&tenant, &query).await?, ["modelo_00"]);
    assert_eq!(names(&other, "").await?, Vec::<String>::new());

    // The provider says that something changed.
    tenant
        .emulator
        .add_template(approved(&tenant, "novo", "Olá"))?;
    let news = json!({
        "event": "APPROVED", "message_template_id": 1, "message_template_name": "novo",
        "message_template_language": "pt_BR", "reason": "NONE",
    });
    tenant.emulator.change(
        &tenant.line.phone_number_id,
        "message_template_status_update",
        news,
    )?;
    come_to(&tenant, 71).await?;
    app.stop().await;
    Ok(())
}

#[actix_web::test]
async fn a_template_reaches_whom_free_text_does_not() -> Result<()> {
    let app = TestApp::start().await?;
    let tenant = app.tenant().await?;
    let ana = tenant.attendant("ana").await?;
    let body = "Olá, {{1}}! Seu pedido {{2}} saiu.";
    tenant.template("pedido", body).await?;
    let (mut phone, id) = tenant.silent_customer(1, &ana).await?;
    let messages = format!("/api/v1/conversations/{id}/messages");
    let words = json!({ "type": "text", "body": "Olá, Ana!" });
    let refused = ana.post(&messages, words).await?;
    assert_eq!((refused.status, refused.code()), (422, "window_closed"));
    let available = refused.body.pointer("/details/templates_available");
    assert_eq!(available, Some(&json!(1)), "{}", refused.text);
    let template = |name: &str, values: Value| {
        let template = json!({ "name": name, "language": "pt_BR", "body": values });
        json!({ "type": "template", "template": template })
    };
    for (message, field) in [
        (template("outro", json!([])), "template.name"),
        (template("pedido", json!(["Ana"])), "template.body"),
        (template("pedido", json!(["Ana", " "])), "template.body[1]"),
        (
            template("pedido", json!({ "nome": "Ana" })),
            "template.body",
        ),
    ] {
        faulty(&ana.post(&messages, message).await?, field);
    }
    let sent = ana
        .post(&messages, template("pedido", json!(["Ana", "42"])))
        .await?;
    sent.expect(201)?;
    phone
        .receives_words("Olá, Ana! Seu pedido 42 saiu.")
        .await?;
    let shown = tenant.messages(&id).await?;
    let last = shown.last().context("no message")?;
    assert_eq!(
        (&last["message_type"], &last["text"]),
        (&json!("template"), &json!("Olá, Ana! Seu pedido 42 saiu."))
    );
    app.stop().await;
    Ok(())
}
