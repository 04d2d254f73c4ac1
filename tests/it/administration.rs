//! What administrators set up: tenants, numbers with their secrets, flows; and what supervisors
//! can mend.

use crate::app::TestApp;
use crate::stage::{PASSWORD, text};
use anyhow::Result;
use papo_test_support::wait::{PATIENCE, eventually};
use papo_test_support::webhook::deliver_signed;
use serde_json::{Value, json};

#[actix_web::test]
async fn a_tenant_is_made_with_a_password_that_is_shown_once() -> Result<()> {
    let app = TestApp::start().await?;
    let root = app.root().await?;
    let wanted = json!({
        "name": "Hotel", "slug": "hotel",
        "admin_name": "Gerência", "admin_email": "gerencia@example.com",
    });
    let made = root
        .post("/api/v1/tenants", wanted.clone())
        .await?
        .expect(201)?;
    assert_eq!(made["status"], "trial");
    let password = text(&made, "temporary_password")?;
    let admin = app
        .api
        .log_in(Some("hotel"), "gerencia@example.com", &password)
        .await?;
    let me = admin.get("/api/v1/auth/me").await?;
    assert_eq!(
        (&me["role"], &me["must_change_password"]),
        (&json!("tenant_admin"), &json!(true))
    );
    assert_eq!(me["tenant_id"], made["id"]);
    let again = root.post("/api/v1/tenants", wanted).await?;
    assert_eq!((again.status, again.code()), (409, "taken"));
    assert_eq!(again.body["details"]["fields"][0]["field"], "slug");

    // A tenant's administrator neither makes tenants nor sees others.
    let other = json!({
        "name": "Outro", "slug": "outro", "admin_name": "X y", "admin_email": "x@example.com",
    });
    assert_eq!(admin.post("/api/v1/tenants", other).await?.status, 403);
    let tenant = app.tenant().await?;
    let path = format!("/api/v1/tenants/{}", tenant.id);
    assert_eq!(
        admin.patch(&path, json!({ "name": "Meu" })).await?.status,
        404
    );
    // A super admin acts in the tenant that the request names, and in none otherwise.
    let conversations = "/api/v1/conversations";
    let nowhere = root
        .call(reqwest::Method::GET, conversations, &[], None)
        .await?;
    assert_eq!((nowhere.status, nowhere.code()), (400, "tenant_required"));
    root.acting_for("hotel").get(conversations).await?;
    // For everybody else the header is of no consequence.
    let users = admin.acting_for(&tenant.slug).get("/api/v1/users").await?;
    assert_eq!(users["data"][0]["email"], "gerencia@example.com");
    app.stop().await;
    Ok(())
}

#[actix_web::test]
async fn nobody_becomes_a_super_admin_or_ceases_to_be_one() -> Result<()> {
    let app = TestApp::start().await?;
    let root = app.root().await?;
    let other = json!({
        "email": "other@example.com", "full_name": "Outra", "role": "super_admin",
        "password": PASSWORD,
    });
    let other = root.post("/api/v1/users", other).await?.expect(201)?;
    let path = format!("/api/v1/users/{}", text(&other, "id")?);
    for role in ["attendant", "super_admin"] {
        let answer = root.patch(&path, json!({ "role": role })).await?;
        assert_eq!((answer.status, answer.code()), (403, "forbidden"), "{role}");
    }
    let tenant = app.tenant().await?;
    let attendant = tenant.attendant("ana").await?;
    let path = format!("/api/v1/users/{}", attendant.id);
    let root = root.acting_for(&tenant.slug);
    let answer = root.patch(&path, json!({ "role": "super_admin" })).await?;
    assert_eq!((answer.status, answer.code()), (403, "forbidden"));
    app.stop().await;
    Ok(())
}

#[actix_web::test]
async fn nothing_secret_ever_comes_out() -> Result<()> {
    let app = TestApp::start().await?;
    let tenant = app.tenant().await?;
    tenant.attendant("ana").await?;
    let secrets = [
        tenant.line.access_token.as_str(),
        &tenant.line.app_secret,
        &tenant.line.verify_token,
        PASSWORD,
        "$2",
    ];
    let channel = format!("/api/v1/channels/{}", tenant.channel);
    let renamed = tenant
        .admin
        .patch(&channel, json!({ "name": "Loja" }))
        .await?;
    let mut shown = renamed.expect(200)?.to_string();
    for path in [
        "/api/v1/channels",
        &channel,
        "/api/v1/users",
        "/api/v1/auth/me",
    ] {
        shown.push_str(&tenant.admin.get(path).await?.to_string());
    }
    let metrics = app
        .api
        .call(reqwest::Method::GET, "/metrics", &[], None)
        .await?;
    shown.push_str(&metrics.text);
    for secret in secrets {
        assert!(!shown.contains(secret), "{secret} in {shown}");
    }
    // Nor does it lie open in the database.
    let row = app
        .rows
        .query_one(
            "SELECT channels::text FROM channels WHERE tenant_id = $1",
            &[&tenant.uuid()],
        )
        .await?;
    let stored: String = row.try_get(0)?;
    for secret in &secrets[..3] {
        let hex: String = secret.bytes().map(|byte| format!("{byte:02x}")).collect();
        assert!(
            !stored.contains(secret) && !stored.contains(&hex),
            "{secret}"
        );
    }
    app.stop().await;
    Ok(())
}

#[actix_web::test]
async fn a_new_app_secret_counts_from_the_next_delivery_on() -> Result<()> {
    let app = TestApp::start().await?;
    let tenant = app.tenant().await?;
    let delivery = |n: u32| {
        json!({ "object": "whatsapp_business_account", "entry": [{
            "id": tenant.line.waba_id,
            "changes": [{ "field": "account_update", "value": { "n": n } }],
        }] })
    };
    let old = tenant.line.app_secret.as_str();
    assert_eq!(
        deliver_signed(&app.api, old, &delivery(1)).await?.status,
        200
    );
    let path = format!("/api/v1/channels/{}", tenant.channel);
    let change = json!({ "app_secret": "another-secret" });
    tenant.admin.patch(&path, change).await?.expect(200)?;
    assert_eq!(
        deliver_signed(&app.api, old, &delivery(2)).await?.status,
        401
    );
    let new = "another-secret";
    assert_eq!(
        deliver_signed(&app.api, new, &delivery(3)).await?.status,
        200
    );
    // A channel out of use speaks for nobody any more.
    let gone = tenant
        .admin
        .call(reqwest::Method::DELETE, &path, &[], None)
        .await?;
    assert_eq!(gone.status, 204);
    assert_eq!(
        deliver_signed(&app.api, new, &delivery(4)).await?.status,
        401
    );
    let stored = "SELECT count(*) FROM inbox_keys WHERE tenant_id = $1";
    assert_eq!(app.count(stored, &[&tenant.uuid()]).await?, 2);
    app.stop().await;
    Ok(())
}

#[actix_web::test]
async fn a_faulty_flow_is_refused_with_all_its_faults() -> Result<()> {
    let app = TestApp::start().await?;
    let tenant = app.tenant().await?;
    let flow = json!({ "start": "a", "nodes": {
        "b": { "type": "message", "text": "", "next": "zzz" },
    } });
    let wanted = json!({ "name": "Meu", "is_active": true, "flow": flow });
    let refused = tenant.admin.post("/api/v1/bot/flows", wanted).await?;
    assert_eq!(refused.status, 422);
    let fields = refused.body["details"]["fields"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    let mut fields: Vec<&str> = fields.iter().filter_map(|f| f["field"].as_str()).collect();
    fields.sort_unstable();
    assert_eq!(
        fields,
        ["flow.nodes.b.next", "flow.nodes.b.text", "flow.start"]
    );

    // A good one serves the next customer.
    let flow = json!({ "start": "a", "nodes": {
        "a": { "type": "message", "text": "Bem-vindo à loja nova", "next": "b" },
        "b": { "type": "handoff" },
    } });
    let wanted = json!({ "name": "Meu", "is_active": true, "flow": flow });
    let made = tenant
        .admin
        .post("/api/v1/bot/flows", wanted.clone())
        .await?
        .expect(201)?;
    let mut phone = tenant.customer(1)?;
    phone.writes("Oi")?;
    phone.receives_words("Bem-vindo à loja nova").await?;

    let path = format!("/api/v1/bot/flows/{}", text(&made, "id")?);
    let mut edit = wanted;
    edit["version"] = made["version"].clone();
    tenant.admin.put(&path, edit.clone()).await?.expect(200)?;
    let late = tenant.admin.put(&path, edit).await?;
    assert_eq!((late.status, late.code()), (409, "stale"));
    app.stop().await;
    Ok(())
}

#[actix_web::test]
async fn a_dead_letter_is_tried_again_when_a_supervisor_says_so() -> Result<()> {
    let app = TestApp::start().await?;
    let tenant = app.tenant().await?;
    let supervisor = tenant.supervisor().await?;
    let phone = tenant.customer(1)?;
    // As the pump leaves an item that it could not decide.
    let item = json!({
        "item": "message",
        "peer": { "aliases": [{ "kind": "wa_id", "value": phone.wa_id }] },
        "name": "Cliente 1",
        "inbound": {
            "external_id": "wamid.dead", "sent_at": "2026-01-01T00:00:00Z",
            "content": { "type": "text", "body": "socorro" }, "quote": null,
        },
    });
    app.rows
        .execute(
            "INSERT INTO inbox (tenant_id, channel_id, external_id, item, state, attempts, reason)
             VALUES ($1, $2::text::uuid, 'wamid.dead', $3::text::json, 'dead', 3, 'panic')",
            &[&tenant.uuid(), &tenant.channel, &item.to_string()],
        )
        .await?;
    let letters = supervisor.get("/api/v1/engine/dead-letters").await?;
    let letter = &letters["data"][0];
    assert_eq!(
        (&letter["reason"], &letter["item"]),
        (&json!("panic"), &json!("message"))
    );
    assert!(!letters.to_string().contains("socorro"));
    let retry = format!("/api/v1/engine/dead-letters/{}/retry", letter["id"]);
    let ana = tenant.attendant("ana").await?;
    assert_eq!(ana.post(&retry, json!(null)).await?.status, 403);
    supervisor.post(&retry, json!(null)).await?.expect(202)?;
    let told = "/api/v1/audit/events?action=dead_letter_retried";
    let told = tenant.admin.get(told).await?;
    assert_eq!(told["data"][0]["actor_id"], json!(supervisor.id));
    let found = tenant.conversation(&phone.wa_id, |_| true).await?;
    let id = text(&found, "id")?;
    eventually("its message", PATIENCE, async || {
        let messages = tenant.messages(&id).await?;
        Ok(messages
            .iter()
            .any(|m| m["text"] == "socorro")
            .then_some(()))
    })
    .await?;
    assert_eq!(supervisor.post(&retry, json!(null)).await?.status, 404);
    app.stop().await;
    Ok(())
}

#[actix_web::test]
async fn a_repetition_has_the_first_answer_even_when_things_moved_on() -> Result<()> {
    let app = TestApp::start().await?;
    let tenant = app.tenant().await?;
    let (ana, bruno) = (
        tenant.attendant("ana").await?,
        tenant.attendant("bruno").await?,
    );
    let phone = tenant.customer(1)?;
    phone.writes("Oi")?;
    let conversation = tenant.conversation(&phone.wa_id, |_| true).await?;
    let path = |what: &str| -> Result<String> {
        Ok(format!(
            "/api/v1/conversations/{}/{what}",
            text(&conversation, "id")?
        ))
    };
    ana.post_once(&path("takeover")?, "k1", Value::Null)
        .await?
        .expect(200)?;
    let words = json!({ "type": "text", "body": "Olá" });
    let sent = ana
        .post_once(&path("messages")?, "k2", words.clone())
        .await?
        .expect(201)?;
    let to_bruno = json!({ "to_user_id": bruno.id });
    let moved = ana
        .post_once(&path("transfer")?, "k3", to_bruno.clone())
        .await?
        .expect(200)?;

    // The conversation is Bruno's: for Ana it does not exist, but what she did is done.
    assert_eq!(
        ana.post(&path("messages")?, words.clone()).await?.status,
        404
    );
    for (what, key, body, first, status) in [
        ("messages", "k2", words, &sent, 201),
        ("transfer", "k3", to_bruno, &moved, 200),
    ] {
        let again = ana.post_once(&path(what)?, key, body).await?;
        assert_eq!(again.header("idempotent-replayed"), Some("true"), "{what}");
        assert_eq!(&again.expect(status)?, first, "{what}");
    }
    let other = json!({ "type": "text", "body": "Outra coisa" });
    let reused = ana.post_once(&path("messages")?, "k2", other).await?;
    assert_eq!(
        (reused.status, reused.code()),
        (422, "idempotency_key_reused")
    );
    let count = "SELECT count(*) FROM messages WHERE tenant_id = $1 AND text = 'Olá'";
    assert_eq!(app.count(count, &[&tenant.uuid()]).await?, 1);
    app.stop().await;
    Ok(())
}
