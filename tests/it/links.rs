//! Invitations and password resets: links that an administrator passes on.

use crate::app::TestApp;
use crate::stage::{PASSWORD, secure, text};
use anyhow::{Context, Result};
use papo_test_support::api::{Answer, User};
use reqwest::Method;
use serde_json::{Value, json};

const CHOSEN: &str = "minha própria senha";

fn token(url: &str) -> Result<String> {
    let (page, token) = url.split_once('#').context("no token")?;
    assert_eq!(page, "http://127.0.0.1:8080/invite");
    Ok(token.to_owned())
}

async fn look(app: &TestApp, token: &str) -> Result<Answer> {
    let (path, body) = ("/api/v1/auth/links/show", json!({ "token": token }));
    app.api.call(Method::POST, path, &[], Some(&body)).await
}

async fn choose(app: &TestApp, token: &str, mut body: Value) -> Result<Answer> {
    let path = "/api/v1/auth/links/use";
    let fields = body.as_object_mut().context("no object")?;
    fields.insert("token".to_owned(), json!(token));
    app.api.call(Method::POST, path, &[], Some(&body)).await
}

async fn reset(admin: &User, user: &str) -> Result<String> {
    let path = format!("/api/v1/users/{user}/password-reset-link");
    let made = admin.post(&path, Value::Null).await?.expect(201)?;
    token(&text(&made, "url")?)
}

#[actix_web::test]
async fn an_invited_person_chooses_the_password() -> Result<()> {
    let app = TestApp::start().await?;
    let tenant = app.tenant().await?;
    let person = json!({ "email": "Bia@example.com", "full_name": "Bia" });
    let made = tenant
        .admin
        .post("/api/v1/users", person)
        .await?
        .expect(201)?;
    let invited = token(&text(&made["invitation"], "url")?)?;
    let shown = look(&app, &invited).await?.expect(200)?;
    assert_eq!(shown["kind"], "invitation");
    assert_eq!(shown["email"], "bia@example.com");
    assert_eq!(shown["tenant_slug"], tenant.slug);
    let expiry: chrono::DateTime<chrono::Utc> = text(&shown, "expires_at")?.parse()?;
    let begun: chrono::DateTime<chrono::Utc> = text(&made, "created_at")?.parse()?;
    assert_eq!((expiry - begun).num_days(), 7);
    // The token stands nowhere in the database.
    let rows = app
        .rows
        .query("SELECT l::text FROM account_links l", &[])
        .await?;
    assert!(
        !rows
            .iter()
            .any(|row| row.get::<_, String>(0).contains(&invited))
    );

    let short = choose(&app, &invited, json!({ "password": "curta" })).await?;
    assert_eq!(short.status, 422);
    let chosen = json!({ "password": CHOSEN, "full_name": " Beatriz " });
    choose(&app, &invited, chosen.clone()).await?.expect(204)?;
    let slug = Some(tenant.slug.as_str());
    let bia = app.api.log_in(slug, "bia@example.com", CHOSEN).await?;
    assert_eq!(bia.name, "Beatriz");
    let me = bia.get("/api/v1/auth/me").await?;
    assert_eq!(me["must_change_password"], false);
    for answer in [
        choose(&app, &invited, chosen).await?,
        look(&app, &invited).await?,
        look(&app, "x").await?,
        look(&app, &bia.refresh_token).await?,
    ] {
        assert_eq!((answer.status, answer.code()), (404, "link_invalid"));
    }
    // With a password there is nothing to invite to.
    let person = json!({ "email": "c@example.com", "full_name": "Caio", "password": PASSWORD });
    let made = tenant
        .admin
        .post("/api/v1/users", person)
        .await?
        .expect(201)?;
    assert_eq!(made.get("invitation"), None);
    app.stop().await;
    Ok(())
}

#[actix_web::test]
async fn a_reset_ends_logins_and_opens_none() -> Result<()> {
    let app = TestApp::start().await?;
    let tenant = app.tenant().await?;
    let ana = tenant.attendant("ana").await?;
    secure(&ana).await?;
    let path = format!("/api/v1/users/{}/password-reset-link", ana.id);
    let supervisor = tenant.supervisor().await?;
    for (user, status) in [(&ana, 403), (&supervisor, 403)] {
        assert_eq!(user.post(&path, Value::Null).await?.status, status);
    }
    // Whoever finds an open browser gets no new password without the old one.
    let own = format!("/api/v1/users/{}/password-reset-link", tenant.admin.id);
    let refused = tenant.admin.post(&own, Value::Null).await?;
    assert_eq!((refused.status, refused.code()), (422, "invalid_input"));
    let first = reset(&tenant.admin, &ana.id).await?;
    let second = reset(&tenant.admin, &ana.id).await?;
    assert_eq!(look(&app, &first).await?.code(), "link_invalid");
    let shown = look(&app, &second).await?.expect(200)?;
    assert_eq!(shown["kind"], "password_reset");
    // Until it is used nothing changes.
    ana.get("/api/v1/auth/me").await?;
    let body = json!({ "password": CHOSEN });
    choose(&app, &second, body.clone()).await?.expect(204)?;
    let gone = ana.call(Method::GET, "/api/v1/auth/me", &[], None).await?;
    assert_eq!(gone.status, 401);
    let slug = Some(tenant.slug.as_str());
    let old = app
        .api
        .try_log_in(slug, "ana@example.com", PASSWORD)
        .await?;
    assert_eq!(old.code(), "invalid_credentials");
    let new = app.api.try_log_in(slug, "ana@example.com", CHOSEN).await?;
    assert_eq!(new.code(), "mfa_required");

    let late = reset(&tenant.admin, &ana.id).await?;
    let expire = "UPDATE account_links SET expires_at = now() - interval '1 second'";
    app.rows.execute(expire, &[]).await?;
    assert_eq!(
        choose(&app, &late, body.clone()).await?.code(),
        "link_invalid"
    );
    let closed = reset(&tenant.admin, &ana.id).await?;
    let account = format!("/api/v1/users/{}", ana.id);
    let inactive = json!({ "is_active": false });
    tenant.admin.patch(&account, inactive).await?.expect(200)?;
    assert_eq!(choose(&app, &closed, body).await?.code(), "link_invalid");
    assert_eq!(tenant.admin.post(&path, Value::Null).await?.status, 422);
    app.stop().await;
    Ok(())
}

#[actix_web::test]
async fn a_new_tenant_s_administrator_can_be_invited() -> Result<()> {
    let app = TestApp::start().await?;
    let root = app.root().await?;
    let wanted = json!({
        "name": "Padaria", "slug": "padaria", "invite": true,
        "admin_name": "Dona", "admin_email": "dona@example.com",
    });
    let mut both = wanted.clone();
    both["admin_password"] = json!(PASSWORD);
    assert_eq!(root.post("/api/v1/tenants", both).await?.status, 422);
    let made = root.post("/api/v1/tenants", wanted).await?.expect(201)?;
    assert_eq!(made.get("temporary_password"), None);
    let invited = token(&text(&made["invitation"], "url")?)?;
    let body = json!({ "password": CHOSEN });
    choose(&app, &invited, body).await?.expect(204)?;
    let admin = app
        .api
        .log_in(Some("padaria"), "dona@example.com", CHOSEN)
        .await?;
    assert_eq!(admin.get("/api/v1/auth/me").await?["role"], "tenant_admin");
    app.stop().await;
    Ok(())
}

#[actix_web::test]
async fn a_changed_password_voids_what_could_set_or_use_another() -> Result<()> {
    let app = TestApp::start().await?;
    let tenant = app.tenant().await?;
    let ana = tenant.attendant("ana").await?;
    let link = reset(&tenant.admin, &ana.id).await?;
    let (_, codes) = secure(&ana).await?;
    let slug = Some(tenant.slug.as_str());
    let owed = app
        .api
        .try_log_in(slug, "ana@example.com", PASSWORD)
        .await?;
    assert_eq!(owed.code(), "mfa_required");
    let change = json!({ "current_password": PASSWORD, "new_password": CHOSEN });
    ana.post("/api/v1/auth/change-password", change)
        .await?
        .expect(204)?;
    let other = json!({ "password": "a thief's own password" });
    let used = choose(&app, &link, other).await?;
    assert_eq!((used.status, used.code()), (404, "link_invalid"));
    let details = owed.body.get("details").context("no details")?;
    let body = json!({ "challenge": details["challenge"], "recovery_code": codes[0] });
    let path = "/api/v1/auth/2fa/verify";
    let verified = app.api.call(Method::POST, path, &[], Some(&body)).await?;
    assert_eq!(
        (verified.status, verified.code()),
        (401, "challenge_invalid")
    );
    app.stop().await;
    Ok(())
}
