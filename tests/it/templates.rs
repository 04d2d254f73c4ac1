//! Message templates: read from the provider, checked here before they are sent, and good for
//! customers who did not write for a day.

use crate::app::TestApp;
use crate::stage::{Tenant, add_number, at_the_emulator, text};
use anyhow::{Context, Result};
use papo_emulator::{Template, TokenState};
use papo_test_support::api::Answer;
use papo_test_support::wait::{PATIENCE, eventually};
use papo_test_support::webhook::Line;
use serde_json::{Value, json};

const LIST: &str = "/api/v1/templates";

fn approved(tenant: &Tenant, name: &str, body: &str) -> Template {
    Template::approved(&tenant.line.waba_id, name, "pt_BR", body)
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
    synced(&other, 1).await?;
    assert_eq!(names(&other, "").await?, ["alheio"]);

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

/// Tells that something about a template is otherwise.
fn told(tenant: &Tenant, event: &str) -> Result<()> {
    let news = json!({
        "event": event, "message_template_id": 1, "message_template_name": "pedido",
        "message_template_language": "pt_BR", "reason": "NONE",
    });
    let number = &tenant.line.phone_number_id;
    tenant
        .emulator
        .change(number, "message_template_status_update", news)?;
    Ok(())
}

/// The template `pedido` as it is known here, once it is in this state.
async fn becomes(tenant: &Tenant, status: &str) -> Result<Value> {
    eventually("the template is known otherwise", PATIENCE, async || {
        let page = tenant.admin.get(&format!("{LIST}?q=pedido")).await?;
        let row = page.pointer("/data/0").cloned();
        Ok(row.filter(|row| row["status"] == status))
    })
    .await
}

fn with_gaps(tenant: &Tenant, status: &str, reason: Option<&str>) -> Template {
    let buttons = json!([
        { "type": "QUICK_REPLY", "text": "Certo" },
        { "type": "URL", "text": "Ver", "url": "https://example.com/{{1}}" },
    ]);
    Template {
        status: status.to_owned(),
        reason: reason.map(str::to_owned),
        components: vec![
            json!({ "type": "HEADER", "format": "TEXT", "text": "Pedido {{pedido}}" }),
            json!({ "type": "BUTTONS", "buttons": buttons }),
        ],
        ..approved(tenant, "pedido", "Olá, {{nome}}!")
    }
}

#[actix_web::test]
async fn every_gap_is_filled_and_what_the_provider_says_counts() -> Result<()> {
    let app = TestApp::start().await?;
    let tenant = app.tenant().await?;
    let ana = tenant.attendant("ana").await?;
    tenant
        .provides(with_gaps(&tenant, "APPROVED", None))
        .await?;
    let (mut phone, id) = tenant.silent_customer(1, &ana).await?;
    let messages = format!("/api/v1/conversations/{id}/messages");
    let filled = |header: &str, buttons: Value| {
        let template = json!({
            "name": "pedido", "language": "pt_BR", "header": header,
            "body": { "nome": "Ana" }, "buttons": buttons,
        });
        json!({ "type": "template", "template": template })
    };
    let fine = || filled("42", json!({ "1": "42" }));
    for (message, field) in [
        (filled(" ", json!({ "1": "42" })), "template.header"),
        (filled("42", json!({})), "template.buttons.1"),
        (
            filled("42", json!({ "0": "x", "1": "42" })),
            "template.buttons.0",
        ),
    ] {
        faulty(&ana.post(&messages, message).await?, field);
    }
    ana.post(&messages, fine()).await?.expect(201)?;
    let came = phone.receives_words("Olá, Ana!").await?;
    let text = |text: &str, name: Option<&str>| match name {
        Some(name) => json!([{ "type": "text", "text": text, "parameter_name": name }]),
        None => json!([{ "type": "text", "text": text }]),
    };
    let expected = json!([
        { "type": "header", "parameters": text("42", Some("pedido")) },
        { "type": "body", "parameters": text("Ana", Some("nome")) },
        { "type": "button", "sub_type": "url", "index": "1", "parameters": text("42", None) },
    ]);
    assert_eq!(
        came.message.pointer("/template/components"),
        Some(&expected)
    );

    // Nobody says that it was paused: it is refused, and looked at again.
    let provider = &tenant.emulator;
    provider.add_template(with_gaps(&tenant, "PAUSED", None))?;
    ana.post(&messages, fine()).await?.expect(201)?;
    becomes(&tenant, "PAUSED").await?;
    faulty(&ana.post(&messages, fine()).await?, "template.name");
    let reason = Some("ABUSIVE_CONTENT");
    provider.add_template(with_gaps(&tenant, "REJECTED", reason))?;
    told(&tenant, "REJECTED")?;
    let shown = becomes(&tenant, "REJECTED").await?;
    assert_eq!(shown["reason"], "ABUSIVE_CONTENT");
    faulty(&ana.post(&messages, fine()).await?, "template.name");
    provider.remove_template(&tenant.line.waba_id, "pedido", "pt_BR");
    told(&tenant, "PENDING_DELETION")?;
    come_to(&tenant, 0).await?;
    app.stop().await;
    Ok(())
}

/// A number that lost its token keeps nothing from the account's others.
#[actix_web::test]
async fn any_number_of_an_account_will_do_and_a_new_one_is_asked_at_once() -> Result<()> {
    let app = TestApp::start().await?;
    let tenant = app.tenant().await?;
    let other = Line::numbered(77);
    tenant
        .emulator
        .add_template(Template::approved(&other.waba_id, "alheio", "pt_BR", "Oi"))?;
    let second = add_number(&app.emulator, &tenant.admin, &other).await?;
    come_to(&tenant, 1).await?;
    assert_eq!(names(&tenant, "").await?, ["alheio"]);

    // The number goes to the account of the first: its own one is nobody's any more.
    let mut moved = at_the_emulator(&other, &tenant.admin.api);
    moved.waba_id.clone_from(&tenant.line.waba_id);
    tenant.emulator.add_number(moved)?;
    let first = &tenant.line.phone_number_id;
    tenant.emulator.set_token(first, TokenState::Revoked)?;
    let pedido = approved(&tenant, "pedido", "Oi");
    tenant.emulator.add_template(pedido)?;
    let path = format!("/api/v1/channels/{second}");
    let change = json!({ "waba_id": tenant.line.waba_id });
    tenant.admin.patch(&path, change).await?.expect(200)?;
    becomes(&tenant, "APPROVED").await?;
    assert_eq!(names(&tenant, "").await?, ["pedido"]);
    app.stop().await;
    Ok(())
}
