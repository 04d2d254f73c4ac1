//! Where somebody is logged in, and ending that from elsewhere.

use crate::app::TestApp;
use crate::stage::{PASSWORD, text};
use anyhow::{Context, Result};
use papo_test_support::api::User;
use papo_test_support::wait::PATIENCE;
use papo_test_support::ws_client::WsClient;
use reqwest::Method;
use serde_json::{Value, json};

const SESSIONS: &str = "/api/v1/auth/sessions";

async fn sessions(user: &User) -> Result<Vec<Value>> {
    let page = user.get(SESSIONS).await?;
    let data = page.get("data").and_then(Value::as_array);
    data.cloned().context("no list")
}

async fn end(user: &User, path: &str) -> Result<u16> {
    Ok(user.call(Method::DELETE, path, &[], None).await?.status)
}

#[actix_web::test]
async fn a_login_shows_where_it_is_and_can_be_ended_from_elsewhere() -> Result<()> {
    let app = TestApp::start().await?;
    let tenant = app.tenant().await?;
    let ana = tenant.attendant("ana").await?;
    let bruno = tenant.attendant("bruno").await?;
    let headers = [
        ("X-Tenant-Slug", tenant.slug.as_str()),
        ("User-Agent", "Navegador/1.0"),
    ];
    let body = json!({ "email": "ana@example.com", "password": PASSWORD });
    let login = app
        .api
        .call(Method::POST, "/api/v1/auth/login", &headers, Some(&body));
    let login = login.await?.expect(200)?;
    let phone = User {
        access_token: text(&login, "access_token")?,
        refresh_token: text(&login, "refresh_token")?,
        ..ana.clone()
    };
    let found = sessions(&ana).await?;
    assert_eq!(found.len(), 2);
    assert_eq!(found[0]["user_agent"], "Navegador/1.0");
    assert_eq!(found[0]["address"], "127.0.0.1");
    assert_eq!(
        (&found[0]["current"], &found[1]["current"]),
        (&json!(false), &json!(true))
    );
    // A renewal is the same login, wherever it comes from.
    let headers = [("User-Agent", "Navegador/1.1")];
    let body = json!({ "refresh_token": phone.refresh_token });
    let path = "/api/v1/auth/refresh-token";
    app.api
        .call(Method::POST, path, &headers, Some(&body))
        .await?
        .expect(200)?;
    let after = sessions(&phone).await?;
    assert_eq!(after.len(), 2);
    assert_eq!(after[0]["id"], found[0]["id"]);
    assert_eq!(after[0]["created_at"], found[0]["created_at"]);
    assert_ne!(after[0]["last_used_at"], found[0]["last_used_at"]);
    assert_eq!(after[0]["user_agent"], "Navegador/1.1");

    let id = text(&found[0], "id")?;
    let path = format!("{SESSIONS}/{id}");
    assert_eq!(end(&bruno, &path).await?, 404);
    assert_eq!(end(&tenant.admin, &path).await?, 404);
    phone.get(SESSIONS).await?;
    let socket = WsClient::connect(&phone.api.socket_url(), &phone.access_token, None).await?;
    assert_eq!(end(&ana, &path).await?, 204);
    assert_eq!(socket.closed(PATIENCE).await?, (4001, "revoked".to_owned()));
    assert_eq!(end(&phone, SESSIONS).await?, 401);
    assert_eq!(end(&ana, &path).await?, 404);
    assert_eq!(sessions(&ana).await?.len(), 1);
    assert_eq!(end(&ana, &format!("{SESSIONS}/x")).await?, 400);
    app.stop().await;
    Ok(())
}

#[actix_web::test]
async fn all_but_the_present_login_can_be_ended() -> Result<()> {
    let app = TestApp::start().await?;
    let tenant = app.tenant().await?;
    let ana = tenant.attendant("ana").await?;
    let bruno = tenant.attendant("bruno").await?;
    let slug = Some(tenant.slug.as_str());
    let mut others = Vec::new();
    for _ in 0..3 {
        others.push(app.api.log_in(slug, "ana@example.com", PASSWORD).await?);
    }
    assert_eq!(sessions(&ana).await?.len(), 4);
    assert_eq!(end(&ana, SESSIONS).await?, 204);
    for other in &others {
        assert_eq!(end(other, SESSIONS).await?, 401);
    }
    let left = sessions(&ana).await?;
    assert_eq!((left.len(), &left[0]["current"]), (1, &json!(true)));
    assert_eq!(sessions(&bruno).await?.len(), 1);
    app.stop().await;
    Ok(())
}
