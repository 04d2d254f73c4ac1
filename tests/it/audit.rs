//! Who did what, and that nobody can say otherwise.

use crate::app::TestApp;
use crate::stage::{PASSWORD, secure, text};
use anyhow::{Context, Result};
use papo_test_support::api::User;
use reqwest::Method;
use serde_json::{Value, json};

const EVENTS: &str = "/api/v1/audit/events";

async fn events(user: &User, query: &str) -> Result<Vec<Value>> {
    let page = user.get(&format!("{EVENTS}?limit=100{query}")).await?;
    let data = page.get("data").and_then(Value::as_array);
    data.cloned().context("no list")
}

async fn actions(user: &User, query: &str) -> Result<Vec<String>> {
    let events = events(user, query).await?;
    events.iter().map(|event| text(event, "action")).collect()
}

#[actix_web::test]
async fn what_people_do_is_told_with_who_and_from_where() -> Result<()> {
    let app = TestApp::start().await?;
    let tenant = app.tenant().await?;
    let other = app.tenant().await?;
    let ana = tenant.attendant("ana").await?;
    let headers = [("User-Agent", "Navegador/1.0"), ("X-Request-Id", "abc-1")];
    let path = format!("/api/v1/users/{}", ana.id);
    let change = json!({ "role": "supervisor", "full_name": "Ana Maria", "is_active": true });
    let changed = tenant
        .admin
        .call(Method::PATCH, &path, &headers, Some(&change));
    changed.await?.expect(200)?;
    let found = events(&tenant.admin, "&action=user_updated").await?;
    let event = found.first().context("no entry")?;
    for (field, value) in [
        ("category", json!("admin_action")),
        ("actor_id", json!(tenant.admin.id)),
        ("actor_name", json!("Administração")),
        ("actor_role", json!("tenant_admin")),
        ("object_kind", json!("user")),
        ("object_id", json!(ana.id)),
        ("before", json!({ "role": "attendant" })),
        ("after", json!({ "role": "supervisor" })),
        ("address", json!("127.0.0.1")),
        ("user_agent", json!("Navegador/1.0")),
        ("request_id", json!("abc-1")),
    ] {
        assert_eq!(event[field], value, "{field}: {event}");
    }
    // Ana's own login, with her name although she had not shown who she is.
    let query = format!("&actor_id={}", ana.id);
    let found = events(&tenant.admin, &query).await?;
    assert_eq!(found.len(), 1);
    assert_eq!(
        (&found[0]["action"], &found[0]["actor_name"]),
        (&json!("login"), &json!("Ana Maria"))
    );
    // A super admin's deeds stand where they were done.
    let root = app.root().await?.acting_for(&tenant.slug);
    let policy = "/api/v1/tenants/current/policy";
    let mut rules = tenant.admin.get(policy).await?;
    rules["max_misses"] = json!(5);
    root.put(policy, rules).await?.expect(200)?;
    let found = events(&tenant.admin, "&action=policy_replaced").await?;
    assert_eq!(found[0]["actor_role"], "super_admin");
    assert_eq!(found[0]["after"], json!({ "max_misses": 5 }));
    assert!(
        !actions(&other.admin, "")
            .await?
            .contains(&"user_updated".to_owned())
    );
    let mine = actions(&app.root().await?, "").await?;
    assert!(mine.contains(&"tenant_created".to_owned()), "{mine:?}");
    app.stop().await;
    Ok(())
}

#[actix_web::test]
async fn logins_and_secrets_are_told_and_never_shown() -> Result<()> {
    let app = TestApp::start().await?;
    let tenant = app.tenant().await?;
    let ana = tenant.attendant("ana").await?;
    let slug = Some(tenant.slug.as_str());
    for email in ["ana@example.com", "nobody@example.com"] {
        app.api.try_log_in(slug, email, "a wrong password").await?;
    }
    let failed = events(&tenant.admin, "&action=login_failed").await?;
    let meant: Vec<&Value> = failed.iter().map(|event| &event["object_id"]).collect();
    assert_eq!(meant, [&Value::Null, &json!(ana.id)]);
    assert!(failed.iter().all(|event| event["actor_id"].is_null()));
    let (_, recovery) = secure(&ana).await?;
    let new = "uma senha bem melhor";
    let body = json!({ "current_password": PASSWORD, "new_password": new });
    ana.post("/api/v1/auth/change-password", body)
        .await?
        .expect(204)?;
    let path = format!("/api/v1/users/{}", ana.id);
    let link = tenant
        .admin
        .post(&format!("{path}/password-reset-link"), Value::Null)
        .await?;
    let link = text(&link.expect(201)?, "url")?;
    ana.post("/api/v1/auth/logout", Value::Null)
        .await?
        .expect(204)?;
    let reset = tenant
        .admin
        .call(Method::DELETE, &format!("{path}/2fa"), &[], None)
        .await?;
    reset.expect(204)?;
    let channel = format!("/api/v1/channels/{}", tenant.channel);
    let token = "a-new-access-token";
    let change = json!({ "access_token": token });
    tenant.admin.patch(&channel, change).await?.expect(200)?;
    let told = actions(&tenant.admin, "").await?;
    let expected = [
        "channel_updated",
        "two_factor_reset",
        "logout",
        "password_link_made",
        "password_changed",
        "two_factor_enabled",
    ];
    assert_eq!(told.get(..6).context("too few")?, expected, "{told:?}");
    let rows = app
        .rows
        .query("SELECT a::text FROM audit_events a", &[])
        .await?;
    let all: String = rows.iter().map(|row| row.get::<_, String>(0)).collect();
    let secret = link
        .split_once('#')
        .map(|(_, token)| token)
        .unwrap_or_default();
    for secret in [
        PASSWORD,
        new,
        "a wrong password",
        token,
        secret,
        &recovery[0],
    ] {
        assert!(!secret.is_empty() && !all.contains(secret), "{secret}");
    }
    app.stop().await;
    Ok(())
}

#[actix_web::test]
async fn what_did_not_happen_is_not_told_and_what_did_cannot_be_untold() -> Result<()> {
    let app = TestApp::start().await?;
    let tenant = app.tenant().await?;
    let ana = tenant.attendant("ana").await?;
    let before = actions(&tenant.admin, "").await?;
    let again = json!({ "email": "ana@example.com", "full_name": "Ana", "password": PASSWORD });
    assert_eq!(tenant.admin.post("/api/v1/users", again).await?.status, 409);
    let path = format!("/api/v1/users/{}/2fa", ana.id);
    let off = tenant.admin.call(Method::DELETE, &path, &[], None).await?;
    assert_eq!(off.status, 409);
    assert_eq!(actions(&tenant.admin, "").await?, before);

    let supervisor = tenant.supervisor().await?;
    for user in [&ana, &supervisor] {
        let refused = user.call(Method::GET, EVENTS, &[], None).await?;
        assert_eq!((refused.status, refused.code()), (403, "forbidden"));
    }
    // Page by page it is the same.
    let whole = events(&tenant.admin, "").await?;
    let mut paged = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = tenant
            .admin
            .get(&format!("{EVENTS}?limit=2{cursor}"))
            .await?;
        paged.extend(page["data"].as_array().cloned().unwrap_or_default());
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(paged, whole);
    let newest = text(&whole[0], "at")?.replace('+', "%2B");
    assert_eq!(
        events(&tenant.admin, &format!("&from={newest}"))
            .await?
            .len(),
        1
    );
    let older = events(&tenant.admin, &format!("&to={newest}")).await?;
    assert_eq!(older.len(), whole.len() - 1);
    for query in ["&category=admin_action", "&object_kind=user"] {
        let found = events(&tenant.admin, query).await?;
        assert!(!found.is_empty() && found.len() < whole.len(), "{query}");
    }
    let sql = "SELECT has_table_privilege('papo_app', 'audit_events', 'UPDATE, DELETE, TRUNCATE')";
    let may: bool = app.rows.query_one(sql, &[]).await?.get(0);
    assert!(!may);
    app.stop().await;
    Ok(())
}

/// What a change of something leaves in the trail, the newest entry of that action.
async fn told(user: &User, action: &str) -> Result<(Value, Value)> {
    let found = events(user, &format!("&action={action}")).await?;
    let event = found.first().with_context(|| format!("no {action}"))?;
    Ok((event["before"].clone(), event["after"].clone()))
}

#[actix_web::test]
async fn what_the_desk_is_set_up_with_is_told_with_what_was_before() -> Result<()> {
    let app = TestApp::start().await?;
    let tenant = app.tenant().await?;
    let (boss, ana) = (&tenant.admin, tenant.attendant("ana").await?);
    let serves = format!("/api/v1/users/{}/attendance", ana.id);
    let change = json!({ "capacity": 0 });
    boss.patch(&serves, change).await?.expect(200)?;
    let (before, after) = told(boss, "attendance_updated").await?;
    assert_eq!(
        (before, after),
        (json!({ "capacity": 5 }), json!({ "capacity": 0 }))
    );

    let label = json!({ "name": "Troca", "colour": "#e03131" });
    let made = boss
        .post("/api/v1/labels", label.clone())
        .await?
        .expect(201)?;
    let path = format!("/api/v1/labels/{}", text(&made, "id")?);
    let renamed = json!({ "name": "Trocas" });
    boss.patch(&path, renamed).await?.expect(200)?;
    let (before, after) = told(boss, "label_updated").await?;
    assert_eq!(
        (before, after),
        (json!({ "name": "Troca" }), json!({ "name": "Trocas" }))
    );
    boss.call(Method::DELETE, &path, &[], None)
        .await?
        .expect(204)?;
    let (before, _) = told(boss, "label_deleted").await?;
    assert_eq!(before["name"], "Trocas");

    let shared = json!({ "scope": "tenant", "shortcut": "oi", "title": "Oi", "text": "Olá!" });
    let made = boss
        .post("/api/v1/canned-replies", shared)
        .await?
        .expect(201)?;
    let path = format!("/api/v1/canned-replies/{}", text(&made, "id")?);
    boss.patch(&path, json!({ "text": "Oi!" }))
        .await?
        .expect(200)?;
    let (before, after) = told(boss, "canned_reply_updated").await?;
    assert_eq!(
        (before, after),
        (json!({ "text": "Olá!" }), json!({ "text": "Oi!" }))
    );
    boss.call(Method::DELETE, &path, &[], None)
        .await?
        .expect(204)?;
    assert_eq!(told(boss, "canned_reply_deleted").await?.0["text"], "Oi!");
    let own = json!({ "scope": "personal", "shortcut": "oi", "title": "Oi", "text": "Olá!" });
    ana.post("/api/v1/canned-replies", own).await?.expect(201)?;
    let query = format!("&action=canned_reply_created&actor_id={}", ana.id);
    assert!(events(boss, &query).await?.is_empty(), "one's own business");

    let sales = json!({ "name": "Vendas" });
    let made = boss.post("/api/v1/departments", sales).await?.expect(201)?;
    let path = format!("/api/v1/departments/{}", text(&made, "id")?);
    let change = json!({ "strategy": "round_robin" });
    boss.patch(&path, change).await?.expect(200)?;
    let (before, after) = told(boss, "department_updated").await?;
    assert_eq!(before, json!({ "strategy": "pull" }));
    assert_eq!(after, json!({ "strategy": "round_robin" }));
    let channel = format!("/api/v1/channels/{}", tenant.channel);
    boss.patch(&channel, json!({ "throughput_per_second": 3 }))
        .await?
        .expect(200)?;
    let (before, after) = told(boss, "channel_updated").await?;
    assert_eq!(after, json!({ "throughput_per_second": 3 }));
    assert_eq!(
        before.as_object().map(serde_json::Map::len),
        Some(1),
        "{before}"
    );
    let words = json!({ "value": ["gerente"] });
    boss.put("/api/v1/bot/config/handoff_keywords", words)
        .await?
        .expect(200)?;
    let (before, _) = told(boss, "policy_replaced").await?;
    assert_eq!(before, json!({ "handoff_keywords": [] }));
    app.stop().await;
    Ok(())
}

#[actix_web::test]
async fn what_is_done_to_customers_and_requests_is_told_without_their_words() -> Result<()> {
    let app = TestApp::start().await?;
    let tenant = app.tenant().await?;
    let (boss, ana) = (&tenant.admin, tenant.attendant("ana").await?);
    let mut customers = Vec::new();
    for n in 1..=2 {
        let phone = tenant.customer(n)?;
        phone.writes("atendente")?;
        let waits = |c: &Value| c["mode"] == "waiting";
        let conversation = tenant.conversation(&phone.wa_id, waits).await?;
        customers.push(text(&conversation["customer"], "id")?);
    }
    let attribute = json!({ "key": "plano", "label": "Plano", "kind": "text" });
    boss.post("/api/v1/customer-attributes", attribute)
        .await?
        .expect(201)?;
    let path = format!("/api/v1/customers/{}", customers[0]);
    let secret = "Maria das Dores";
    let change = json!({ "name": secret, "attributes": { "plano": secret } });
    boss.patch(&path, change).await?.expect(200)?;
    let (before, after) = told(boss, "customer_updated").await?;
    assert_eq!(after, json!({ "fields": ["name", "attributes.plano"] }));
    assert_eq!(before, Value::Null);
    let other = json!({ "source_id": customers[1] });
    let merged = boss
        .post(&format!("{path}/merge"), other)
        .await?
        .expect(200)?;
    let (_, after) = told(boss, "customers_merged").await?;
    assert_eq!(after, json!({ "merged": customers[1] }));
    let merge = merged["merges"].as_array().context("no merges")?;
    let undo = format!("/api/v1/customers/merges/{}/undo", text(&merge[0], "id")?);
    boss.post(&undo, Value::Null).await?.expect(200)?;
    told(boss, "merge_undone").await?;
    let gone = "/api/v1/customer-attributes/plano";
    boss.call(Method::DELETE, gone, &[], None)
        .await?
        .expect(204)?;
    told(boss, "attribute_deleted").await?;

    let queue = boss.get("/api/v1/handoffs/pending").await?;
    let request = |n: usize| text(&queue["data"][n], "id");
    let assign = |id: &str| format!("/api/v1/handoffs/{id}/assign");
    let to = json!({ "user_id": ana.id });
    boss.post(&assign(&request(0)?), to).await?.expect(200)?;
    let (_, after) = told(boss, "handoff_assigned").await?;
    assert_eq!(after["user_id"], json!(ana.id));
    ana.post(&assign(&request(1)?), Value::Null)
        .await?
        .expect(200)?;
    let all = events(boss, "&action=handoff_assigned").await?;
    assert_eq!(
        all.len(),
        1,
        "who takes something takes nothing from anybody"
    );
    let rows = app
        .rows
        .query("SELECT a::text FROM audit_events a", &[])
        .await?;
    assert!(
        rows.iter()
            .all(|row| !row.get::<_, String>(0).contains(secret))
    );
    app.stop().await;
    Ok(())
}

#[actix_web::test]
async fn what_is_taken_from_a_colleague_is_told_and_what_is_one_s_own_is_not() -> Result<()> {
    let app = TestApp::start().await?;
    let tenant = app.tenant().await?;
    let (boss, ana) = (&tenant.admin, tenant.attendant("ana").await?);
    let phone = tenant.customer(1)?;
    phone.writes("Oi")?;
    let conversation = tenant.conversation(&phone.wa_id, |_| true).await?;
    let id = text(&conversation, "id")?;
    let at = |what: &str| format!("/api/v1/conversations/{id}/{what}");
    for (deed, body, action) in [
        ("takeover", json!({}), "conversation_taken_over"),
        (
            "transfer",
            json!({ "to_user_id": boss.id }),
            "conversation_transferred",
        ),
        ("return-to-bot", json!({}), "conversation_returned"),
        ("close", json!({}), "conversation_closed"),
    ] {
        ana.post(&at("takeover"), json!({})).await?.expect(200)?;
        let key = [("Idempotency-Key", deed)];
        for _ in 0..2 {
            boss.call(Method::POST, &at(deed), &key, Some(&body))
                .await?
                .expect(200)?;
        }
        let found = events(boss, &format!("&action={action}")).await?;
        assert_eq!(found.len(), 1, "{action}");
        assert_eq!(
            (&found[0]["object_id"], &found[0]["before"]),
            (&json!(id), &json!({ "user_id": ana.id })),
            "{action}"
        );
        // By who leads, or of what nobody leads, it is their work.
        if deed != "close" {
            boss.post(&at("takeover"), json!({})).await?.expect(200)?;
            boss.post(&at("return-to-bot"), json!({}))
                .await?
                .expect(200)?;
        }
        let newest = actions(boss, "&category=desk").await?;
        assert_eq!(newest.first().map(String::as_str), Some(action));
    }
    app.stop().await;
    Ok(())
}

/// The trail is the tenant's: strangers must not bury it.
#[actix_web::test]
async fn invented_addresses_do_not_fill_the_trail() -> Result<()> {
    let app = TestApp::start().await?;
    let tenant = app.tenant().await?;
    let ana = tenant.attendant("ana").await?;
    let slug = Some(tenant.slug.as_str());
    for n in 0..30 {
        let email = format!("nobody-{n}@example.com");
        let refused = app.api.try_log_in(slug, &email, "a wrong password").await?;
        assert_eq!(refused.code(), "invalid_credentials");
    }
    for _ in 0..2 {
        app.api
            .try_log_in(slug, "ana@example.com", "a wrong password")
            .await?;
    }
    let failed = events(&tenant.admin, "&action=login_failed").await?;
    let meant: Vec<&Value> = failed.iter().map(|event| &event["object_id"]).collect();
    assert_eq!(meant, [&json!(ana.id), &json!(ana.id), &Value::Null]);
    app.stop().await;
    Ok(())
}
