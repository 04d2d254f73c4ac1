//! What a tenant may have, for how long, and what becomes of it when that is over.

use crate::app::TestApp;
use crate::stage::{PASSWORD, secure, text};
use anyhow::Result;
use chrono::{DateTime, TimeDelta, Utc};
use papo_test_support::api::{Answer, User};
use papo_test_support::wait::{PATIENCE, eventually};
use papo_test_support::webhook::Line;
use papo_test_support::ws_client::WsClient;
use reqwest::Method;
use serde_json::{Value, json};
use std::time::SystemTime;

const USAGE: &str = "/api/v1/tenants/current/usage";
const LONG_AGO: &str = "2020-01-01T00:00:00Z";
/// What was said to customers.
const SAID: &str = "SELECT count(*) FROM messages WHERE tenant_id = $1
                    AND sender NOT IN ('customer', 'phone') AND kind <> 'note'";

async fn hire(admin: &User, n: u32) -> Result<Answer> {
    let email = format!("p{n}@example.com");
    let person = json!({ "email": email, "full_name": "Pessoa", "password": PASSWORD });
    admin.post("/api/v1/users", person).await
}

#[actix_web::test]
async fn a_plan_gives_so_much_and_no_more() -> Result<()> {
    let app = TestApp::start().await?;
    let tenant = app.tenant().await?;
    let root = app.root().await?;
    let account = format!("/api/v1/tenants/{}", tenant.id);
    let before = tenant.admin.get(USAGE).await?;
    assert_eq!(
        (&before["plan"], &before["status"]),
        (&json!("pro"), &json!("trial"))
    );
    // Administrators do not choose what they pay for.
    for change in [
        json!({ "plan": "enterprise" }),
        json!({ "trial_ends_at": LONG_AGO }),
    ] {
        assert_eq!(tenant.admin.patch(&account, change).await?.status, 403);
    }
    let free = json!({ "plan": "free" });
    let changed = root.patch(&account, free).await?.expect(200)?;
    assert_eq!(changed["plan"], "free");
    let second = hire(&tenant.admin, 1).await?.expect(201)?;
    let third = hire(&tenant.admin, 2).await?;
    assert_eq!((third.status, third.code()), (409, "quota_exceeded"));
    assert_eq!(third.body["details"]["quota"], "users");
    let invited = json!({ "email": "x@example.com", "full_name": "Xis" });
    let invited = tenant.admin.post("/api/v1/users", invited).await?;
    assert_eq!(invited.code(), "quota_exceeded");
    // Who leaves makes room, and may come back when there is some.
    let path = format!("/api/v1/users/{}", text(&second, "id")?);
    let (inactive, active) = (json!({ "is_active": false }), json!({ "is_active": true }));
    tenant.admin.patch(&path, inactive).await?.expect(200)?;
    hire(&tenant.admin, 2).await?.expect(201)?;
    let back = tenant.admin.patch(&path, active.clone()).await?;
    assert_eq!((back.status, back.code()), (409, "quota_exceeded"));
    let line = Line::numbered(77);
    let channel = json!({
        "name": "Outro", "phone_number_id": line.phone_number_id, "waba_id": line.waba_id,
        "access_token": "access-token", "app_secret": "app-secret", "verify_token": "verify-token",
    });
    let another = tenant
        .admin
        .post("/api/v1/channels", channel.clone())
        .await?;
    assert_eq!((another.status, another.code()), (409, "quota_exceeded"));
    assert_eq!(another.body["details"]["quota"], "channels");

    // Customers are served all the same.
    for n in 1..=3 {
        let mut phone = tenant.customer(n)?;
        phone.writes("Oi")?;
        phone.receives().await?;
    }
    app.settled().await?;
    let usage = tenant.admin.get(USAGE).await?;
    for (what, used, limit, exceeded) in [
        ("users", 2, 2, false),
        ("channels", 1, 1, false),
        ("conversations", 3, 2, true),
    ] {
        let amount = json!({ "used": used, "limit": limit, "exceeded": exceeded });
        assert_eq!(usage[what], amount, "{what}");
    }
    let messages = json!({ "used": 6, "limit": null, "exceeded": false });
    assert_eq!(usage["messages"], messages);
    let whole = json!({ "plan": "enterprise" });
    root.patch(&account, whole).await?.expect(200)?;
    tenant.admin.patch(&path, active).await?.expect(200)?;
    tenant
        .admin
        .post("/api/v1/channels", channel)
        .await?
        .expect(201)?;
    let usage = tenant.admin.get(USAGE).await?;
    assert_eq!(
        usage["users"],
        json!({ "used": 3, "limit": null, "exceeded": false })
    );
    app.stop().await;
    Ok(())
}

#[actix_web::test]
async fn who_comes_back_counts_again() -> Result<()> {
    let app = TestApp::start().await?;
    let tenant = app.tenant().await?;
    let mut phone = tenant.customer(1)?;
    for times in 1..=2 {
        phone.writes("Oi")?;
        phone.receives().await?;
        let open = |c: &Value| c["mode"] == "bot";
        let conversation = tenant.conversation(&phone.wa_id, open).await?;
        app.settled().await?;
        let usage = tenant.admin.get(USAGE).await?;
        assert_eq!(usage["conversations"]["used"], times);
        let close = format!("/api/v1/conversations/{}/close", text(&conversation, "id")?);
        tenant.admin.post(&close, json!({})).await?.expect(200)?;
    }
    app.stop().await;
    Ok(())
}

#[actix_web::test]
async fn a_trial_ends_and_says_so() -> Result<()> {
    let app = TestApp::start().await?;
    let tenant = app.tenant().await?;
    let ana = tenant.attendant("ana").await?;
    let bia = tenant.attendant("bia").await?;
    secure(&bia).await?;
    let root = app.root().await?;
    let account = format!("/api/v1/tenants/{}", tenant.id);
    let socket = WsClient::connect(&ana.api.socket_url(), &ana.access_token, None).await?;
    let over = json!({ "trial_ends_at": LONG_AGO });
    root.patch(&account, over).await?.expect(200)?;
    assert_eq!(socket.closed(PATIENCE).await?, (4001, "revoked".to_owned()));
    let refused = ana.call(Method::GET, "/api/v1/auth/me", &[], None).await?;
    assert_eq!(refused.status, 401);
    let slug = Some(tenant.slug.as_str());
    for email in ["ana@example.com", "bia@example.com"] {
        let refused = app.api.try_log_in(slug, email, PASSWORD).await?;
        assert_eq!(
            (refused.status, refused.code()),
            (403, "trial_ended"),
            "{email}"
        );
        // Only who belongs there learns it.
        let wrong = app.api.try_log_in(slug, email, "another password").await?;
        assert_eq!((wrong.status, wrong.code()), (401, "invalid_credentials"));
    }
    let body = json!({ "refresh_token": ana.refresh_token });
    let path = "/api/v1/auth/refresh-token";
    let renewed = app.api.call(Method::POST, path, &[], Some(&body)).await?;
    assert_eq!(renewed.status, 401);
    // What customers write is kept, and is there when somebody pays.
    let mut phone = tenant.customer(1)?;
    phone.writes("Oi")?;
    app.settled().await?;
    assert_eq!(app.count(SAID, &[&tenant.uuid()]).await?, 0);
    let paid = json!({ "status": "active" });
    root.patch(&account, paid).await?.expect(200)?;
    phone.writes("Alguém?")?;
    phone.receives().await?;
    let ana = app.api.log_in(slug, "ana@example.com", PASSWORD).await?;
    let page = ana.get("/api/v1/conversations").await?;
    assert_eq!(page["data"].as_array().map(Vec::len), Some(1));
    app.stop().await;
    Ok(())
}

#[actix_web::test]
async fn nothing_is_said_for_a_tenant_that_is_suspended_until_it_is_served_again() -> Result<()> {
    let app = TestApp::start().await?;
    let tenant = app.tenant().await?;
    let ana = tenant.attendant("ana").await?;
    let policy = json!({ "routing": { "strategy": "round_robin", "offer_seconds": 600 } });
    let path = "/api/v1/tenants/current/policy";
    tenant.admin.patch(path, policy).await?.expect(200)?;
    // One is with the bot, one is led, with a message for later.
    let (mut bot, mut led) = (tenant.customer(1)?, tenant.customer(2)?);
    for phone in [&mut bot, &mut led] {
        phone.writes("Oi")?;
        phone.receives().await?;
    }
    let shown = tenant.conversation(&led.wa_id, |_| true).await?;
    let id = text(&shown, "id")?;
    let takeover = format!("/api/v1/conversations/{id}/takeover");
    ana.post(&takeover, json!(null)).await?.expect(200)?;
    led.receives().await?;
    let path = format!("/api/v1/conversations/{id}/scheduled-messages");
    let tomorrow = DateTime::<Utc>::from(SystemTime::now()) + TimeDelta::days(1);
    let message = json!({ "type": "text", "body": "Lembrete" });
    let later = json!({ "send_at": tomorrow, "message": message });
    ana.post(&path, later).await?.expect(201)?;

    let root = app.root().await?;
    let account = format!("/api/v1/tenants/{}", tenant.id);
    let standing = async |status: &str| {
        let change = json!({ "status": status });
        root.patch(&account, change).await?.expect(200)
    };
    standing("suspended").await?;
    let before = app.count(SAID, &[&tenant.uuid()]).await?;
    let mut new = tenant.customer(3)?;
    new.writes("Oi")?;
    bot.writes("atendente")?;
    led.writes("Alguém aí?")?;
    for sql in [
        "UPDATE scheduled_messages SET send_at = now()",
        "UPDATE jobs SET next_at = now() WHERE kind = 'send_scheduled'",
    ] {
        app.rows.execute(sql, &[]).await?;
    }
    let waits = "SELECT count(*) FROM jobs WHERE kind = 'send_scheduled' AND state = 'pending'
                 AND next_at > now() AND last_error = 'the tenant is not served'";
    eventually("the message waits", PATIENCE, async || {
        Ok((app.count(waits, &[]).await? == 1).then_some(()))
    })
    .await?;
    app.settled().await?;
    let heard = "SELECT count(*) FROM messages WHERE tenant_id = $1 AND sender = 'customer'";
    assert_eq!(app.count(heard, &[&tenant.uuid()]).await?, 5, "all is kept");
    assert_eq!(app.count(SAID, &[&tenant.uuid()]).await?, before);

    standing("active").await?;
    new.writes("Oi")?;
    new.receives().await?;
    let due = "UPDATE jobs SET next_at = now() WHERE kind = 'send_scheduled'";
    app.rows.execute(due, &[]).await?;
    led.receives_words("Lembrete").await?;
    // Who asked for a person meanwhile waits for one.
    let slug = Some(tenant.slug.as_str());
    let ana = app.api.log_in(slug, "ana@example.com", PASSWORD).await?;
    let url = ana.api.socket_url();
    let _screen = WsClient::connect(&url, &ana.access_token, None).await?;
    eventually("the desk asks her", PATIENCE, async || {
        let offers = ana.get("/api/v1/handoffs/offers").await?;
        let asked = offers.pointer("/data/0/phone_number").cloned();
        Ok(asked.filter(|phone| *phone == *bot.wa_id))
    })
    .await?;
    app.stop().await;
    Ok(())
}

/// What there is too much of stays as it is, and can be spoken of.
#[actix_web::test]
async fn only_more_of_it_exceeds_a_quota() -> Result<()> {
    let app = TestApp::start().await?;
    let tenant = app.tenant().await?;
    let root = app.root().await?;
    let mut people = Vec::new();
    for n in 1..=4 {
        let made = hire(&tenant.admin, n).await?.expect(201)?;
        people.push(format!("/api/v1/users/{}", text(&made, "id")?));
    }
    let line = Line::numbered(78);
    crate::stage::add_number(&app.emulator, &tenant.admin, &line).await?;
    let account = format!("/api/v1/tenants/{}", tenant.id);
    let free = json!({ "plan": "free" });
    root.patch(&account, free).await?.expect(200)?;
    let promoted = json!({ "is_active": true, "role": "supervisor" });
    let changed = tenant.admin.patch(&people[0], promoted).await?;
    assert_eq!(changed.expect(200)?["role"], "supervisor");
    let channel = format!("/api/v1/channels/{}", tenant.channel);
    let named = json!({ "is_active": true, "name": "Balcão" });
    tenant.admin.patch(&channel, named).await?.expect(200)?;
    // Fewer than there were, and still too many.
    let (inactive, active) = (json!({ "is_active": false }), json!({ "is_active": true }));
    tenant
        .admin
        .patch(&people[1], inactive.clone())
        .await?
        .expect(200)?;
    let back = tenant.admin.patch(&people[1], active.clone()).await?;
    assert_eq!((back.status, back.code()), (409, "quota_exceeded"));
    tenant.admin.patch(&channel, inactive).await?.expect(200)?;
    let back = tenant.admin.patch(&channel, active).await?;
    assert_eq!((back.status, back.code()), (409, "quota_exceeded"));
    app.stop().await;
    Ok(())
}
