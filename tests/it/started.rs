//! Writing to a customer first, by phone number and template.

use crate::app::TestApp;
use crate::stage::{Tenant, text};
use anyhow::{Context, Result};
use papo_test_support::api::User;
use papo_test_support::webhook::deliver_signed;
use serde_json::{Value, json};

const PATH: &str = "/api/v1/conversations";

/// A template that is approved.
async fn approved(tenant: &Tenant) -> Result<()> {
    tenant
        .template("lembrete", "Olá, {{1}}! Lembra de nós?")
        .await
}

fn to(tenant: &Tenant, phone: &str) -> Value {
    json!({
        "channel_id": tenant.channel,
        "phone": phone,
        "name": "Carla",
        "template": { "name": "lembrete", "language": "pt_BR", "body": ["Carla"] },
    })
}

async fn leads(tenant: &Tenant, id: &str, user: &User) -> Result<()> {
    let shown = tenant.admin.get(&format!("{PATH}/{id}")).await?;
    assert_eq!(
        shown.pointer("/assigned_user/id"),
        Some(&json!(user.id)),
        "{shown}"
    );
    Ok(())
}

#[actix_web::test]
async fn who_writes_first_leads_and_the_answer_comes_to_them() -> Result<()> {
    let app = TestApp::start().await?;
    let tenant = app.tenant().await?;
    approved(&tenant).await?;
    let ana = tenant.attendant("ana").await?;
    let mut phone = tenant.customer(1)?;
    let written = format!("+{}", phone.wa_id);
    let sent = ana
        .post_once(PATH, "um", to(&tenant, &written))
        .await?
        .expect(201)?;
    phone.receives_words("Olá, Carla! Lembra de nós?").await?;
    let id = text(&sent, "conversation_id")?;
    leads(&tenant, &id, &ana).await?;
    let again = ana.post_once(PATH, "um", to(&tenant, &written)).await?;
    assert_eq!(again.expect(201)?, sent);

    // The customer's answer comes into the same conversation, and opens the window.
    phone.writes("Claro!")?;
    app.settled().await?;
    let words = json!({ "type": "text", "body": "Que bom" });
    let messages = format!("{PATH}/{id}/messages");
    ana.post(&messages, words).await?.expect(201)?;
    phone.receives_words("Que bom").await?;
    let all = tenant.messages(&id).await?;
    assert_eq!(all.len(), 3, "{all:?}");

    // It is hers: nobody else writes first there, and she is named.
    let bia = tenant.attendant("bia").await?;
    for other in [&bia, &tenant.admin] {
        let refused = other.post(PATH, to(&tenant, &written)).await?;
        assert_eq!(
            (refused.status, refused.code()),
            (409, "assigned_to_another"),
            "{}",
            refused.text
        );
        assert_eq!(refused.body["details"]["by"], json!(ana.id));
    }
    // Once it has ended it is anybody's.
    let close = format!("{PATH}/{id}/close");
    ana.post(&close, Value::Null).await?.expect(200)?;
    bia.post(PATH, to(&tenant, &written)).await?.expect(201)?;
    leads(&tenant, &id, &bia).await?;
    app.stop().await;
    Ok(())
}

#[actix_web::test]
async fn a_known_customer_is_found_with_and_without_the_ninth_digit() -> Result<()> {
    let app = TestApp::start().await?;
    let tenant = app.tenant().await?;
    approved(&tenant).await?;
    let ana = tenant.attendant("ana").await?;
    let now: i64 = app
        .count("SELECT extract(epoch FROM now())::bigint", &[])
        .await?;
    // WhatsApp knows the number without its ninth digit.
    let old = tenant
        .line
        .text("551199990001", "wamid.old", now - 25 * 3600, "Oi");
    let secret = &tenant.line.app_secret;
    deliver_signed(&app.api, secret, &old).await?;
    let known = tenant.conversation("551199990001", |_| true).await?;
    let sent = ana
        .post(PATH, to(&tenant, "(11) 99999-0001"))
        .await?
        .expect(201)?;
    assert_eq!(text(&sent, "conversation_id")?, text(&known, "id")?);
    app.settled().await?;
    let count = "SELECT count(*) FROM customers";
    assert_eq!(app.count(count, &[]).await?, 1);
    app.stop().await;
    Ok(())
}

#[actix_web::test]
async fn nothing_is_made_for_what_cannot_be_sent() -> Result<()> {
    let app = TestApp::start().await?;
    let tenant = app.tenant().await?;
    approved(&tenant).await?;
    let other = app.tenant().await?;
    let ana = tenant.attendant("ana").await?;
    let body = |field: &str, value: Value| {
        let mut body = to(&tenant, "+55 11 99999-0001");
        body[field] = value;
        body
    };
    let template = |name: &str, values: Value| {
        let template = json!({ "name": name, "language": "pt_BR", "body": values });
        body("template", template)
    };
    for (asked, field) in [
        (body("phone", json!("123")), "phone"),
        (body("phone", json!("+999999999999999")), "phone"),
        (body("name", json!("")), "name"),
        (template("outro", json!([])), "template.name"),
        (template("lembrete", json!([])), "template.body"),
    ] {
        let refused = ana.post(PATH, asked).await?;
        assert_eq!(refused.status, 422, "{}", refused.text);
        let named = refused.body.pointer("/details/fields/0/field");
        assert_eq!(named, Some(&json!(field)), "{}", refused.text);
    }
    let foreign = body("channel_id", json!(other.channel));
    assert_eq!(ana.post(PATH, foreign).await?.status, 404);
    let member = tenant.hire("max", "member").await?;
    let refused = member.post(PATH, to(&tenant, "+55 11 99999-0001")).await?;
    assert_eq!(refused.status, 403);
    let retire = format!("/api/v1/channels/{}", tenant.channel);
    let inactive = json!({ "is_active": false });
    let retired = tenant.admin.patch(&retire, inactive).await?;
    retired.expect(200).context("the channel is retired")?;
    let refused = ana.post(PATH, to(&tenant, "+55 11 99999-0001")).await?;
    assert_eq!(refused.status, 422, "{}", refused.text);
    let made = "SELECT (SELECT count(*) FROM customers) + (SELECT count(*) FROM conversations)";
    assert_eq!(app.count(made, &[]).await?, 0);
    app.stop().await;
    Ok(())
}

/// Whoever may not have the conversation writes nothing into its customer's record.
#[actix_web::test]
async fn a_refused_start_names_nobody() -> Result<()> {
    let app = TestApp::start().await?;
    let tenant = app.tenant().await?;
    approved(&tenant).await?;
    let (ana, bia) = (
        tenant.attendant("ana").await?,
        tenant.attendant("bia").await?,
    );
    let named = to(&tenant, "+55 11 99999-0001");
    let mut nameless = named.clone();
    nameless["name"] = Value::Null;
    ana.post(PATH, nameless).await?.expect(201)?;
    assert_eq!(bia.post(PATH, named.clone()).await?.status, 409);
    let count = "SELECT count(*) FROM customers WHERE name IS NOT NULL";
    assert_eq!(app.count(count, &[]).await?, 0);
    ana.post(PATH, named).await?.expect(201)?;
    assert_eq!(app.count(count, &[]).await?, 1);
    app.stop().await;
    Ok(())
}
