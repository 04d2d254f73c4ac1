//! What a login opens and what it does not.

use crate::app::TestApp;
use anyhow::Result;
use reqwest::Method;
use serde_json::{Value, json};

#[actix_web::test]
async fn every_error_has_a_name_and_the_requests_id() -> Result<()> {
    let app = TestApp::start().await?;
    let tenant = app.tenant().await?;
    let missing = format!("/api/v1/conversations/{}", uuid::Uuid::new_v4());
    for (path, status, code) in [
        ("/nowhere", 404, "not_found"),
        ("/api/v1/nowhere", 404, "not_found"),
        (missing.as_str(), 404, "not_found"),
        ("/api/v1/conversations/x", 400, "unreadable"),
        ("/api/v1/conversations?limit=0", 422, "invalid_input"),
        ("/api/v1/conversations?colour=red", 400, "unreadable"),
        ("/api/v1/conversations?cursor=x", 400, "unreadable"),
    ] {
        for (language, portuguese) in [("pt-BR", true), ("en", false)] {
            let headers = [("X-Request-Id", "abc-1"), ("Accept-Language", language)];
            let answer = tenant.admin.call(Method::GET, path, &headers, None).await?;
            assert_eq!(
                (answer.status, answer.code()),
                (status, code),
                "{path}: {}",
                answer.text
            );
            assert_eq!(answer.body["request_id"], "abc-1");
            assert_eq!(answer.header("x-request-id"), Some("abc-1"));
            let message = answer.body["message"].as_str().unwrap_or_default();
            let english = ["Not found", "Invalid request", "Invalid input data"];
            assert_eq!(!english.contains(&message), portuguese, "{message}");
        }
    }
    app.stop().await;
    Ok(())
}

#[actix_web::test]
async fn roles_open_what_is_theirs() -> Result<()> {
    let app = TestApp::start().await?;
    let tenant = app.tenant().await?;
    let member = tenant.hire("membro", "member").await?;
    let attendant = tenant.attendant("ana").await?;
    let supervisor = tenant.supervisor().await?;
    let root = app.root().await?.acting_for(&tenant.slug);
    // From which role on: member, attendant, supervisor, administrator, super admin.
    for (path, lowest) in [
        ("/api/v1/auth/me", 0),
        ("/api/v1/conversations", 1),
        ("/api/v1/handoffs/pending", 1),
        ("/api/v1/users/online", 1),
        ("/api/v1/departments", 1),
        ("/api/v1/users", 2),
        ("/api/v1/bot/flows", 2),
        ("/api/v1/engine/actors", 2),
        ("/api/v1/engine/dead-letters", 2),
        ("/api/v1/channels", 3),
        ("/api/v1/tenants/current", 3),
        ("/api/v1/tenants", 4),
    ] {
        let people = [&member, &attendant, &supervisor, &tenant.admin, &root];
        for (rank, user) in people.into_iter().enumerate() {
            let answer = user.call(Method::GET, path, &[], None).await?;
            let expected = if rank >= lowest { 200 } else { 403 };
            assert_eq!(
                answer.status, expected,
                "{path} as {}: {}",
                user.name, answer.text
            );
        }
    }
    let department = json!({ "name": "Vendas" });
    assert_eq!(
        supervisor
            .post("/api/v1/departments", department.clone())
            .await?
            .status,
        403
    );
    tenant
        .admin
        .post("/api/v1/departments", department)
        .await?
        .expect(201)?;
    app.stop().await;
    Ok(())
}

#[actix_web::test]
async fn a_tenant_is_shown_nothing_of_another() -> Result<()> {
    let app = TestApp::start().await?;
    let (ours, theirs) = (app.tenant().await?, app.tenant().await?);
    let phone = ours.customer(1)?;
    phone.writes("Oi")?;
    let conversation = ours.conversation(&phone.wa_id, |_| true).await?;
    let id = conversation["id"].as_str().unwrap_or_default();
    for path in [
        format!("/api/v1/conversations/{id}"),
        format!("/api/v1/conversations/{id}/messages"),
        format!("/api/v1/channels/{}", ours.channel),
        format!("/api/v1/users/{}", ours.admin.id),
        format!("/api/v1/tenants/{}", ours.id),
    ] {
        let answer = theirs.admin.call(Method::GET, &path, &[], None).await?;
        assert_eq!(answer.status, 404, "{path}: {}", answer.text);
    }
    let takeover = format!("/api/v1/conversations/{id}/takeover");
    assert_eq!(theirs.admin.post(&takeover, Value::Null).await?.status, 404);
    app.stop().await;
    Ok(())
}
