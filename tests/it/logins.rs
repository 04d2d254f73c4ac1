//! Who may log in, for how long, and what ends a login.

use crate::app::TestApp;
use crate::stage::PASSWORD;
use anyhow::Result;
use papo_test_support::api::User;
use serde_json::json;

const ME: &str = "/api/v1/auth/me";
const REFRESH: &str = "/api/v1/auth/refresh-token";

async fn status_and_code(user: &User, path: &str) -> Result<(u16, String)> {
    let answer = user.call(reqwest::Method::GET, path, &[], None).await?;
    Ok((answer.status, answer.code().to_owned()))
}

#[actix_web::test]
async fn whatever_is_wrong_with_a_login_the_answer_is_the_same() -> Result<()> {
    let app = TestApp::start().await?;
    let tenant = app.tenant().await?;
    let ana = tenant.attendant("ana").await?;
    let bruno = tenant.attendant("bruno").await?;
    let path = format!("/api/v1/users/{}", bruno.id);
    tenant
        .admin
        .patch(&path, json!({ "is_active": false }))
        .await?
        .expect(200)?;

    let slug = Some(tenant.slug.as_str());
    let mut answers = Vec::new();
    for (slug, email, password) in [
        (slug, "nobody@example.com", PASSWORD),
        (slug, "ana@example.com", "another password"),
        (slug, "bruno@example.com", PASSWORD),
        // A user of a tenant is nobody on the platform, and the other way round.
        (None, "ana@example.com", PASSWORD),
        (slug, "root@example.com", PASSWORD),
    ] {
        let answer = app.api.try_log_in(slug, email, password).await?;
        let message = answer.body["message"].clone();
        answers.push((answer.status, answer.code().to_owned(), message));
    }
    let root = app.root().await?;
    let suspended = json!({ "status": "suspended" });
    let path = format!("/api/v1/tenants/{}", tenant.id);
    root.patch(&path, suspended).await?.expect(200)?;
    let answer = app
        .api
        .try_log_in(slug, "ana@example.com", PASSWORD)
        .await?;
    answers.push((
        answer.status,
        answer.code().to_owned(),
        answer.body["message"].clone(),
    ));
    for answer in &answers {
        assert_eq!(
            (answer.0, answer.1.as_str()),
            (401, "invalid_credentials"),
            "{answers:?}"
        );
        assert_eq!(answer.2, "Credenciais inválidas");
    }
    // Who was in is out.
    let (status, _) = eventually_status(&ana, 401).await?;
    assert_eq!(status, 401);
    let unknown = app
        .api
        .try_log_in(Some("nowhere"), "ana@example.com", PASSWORD)
        .await?;
    assert_eq!((unknown.status, unknown.code()), (404, "tenant_not_found"));
    app.stop().await;
    Ok(())
}

/// The status of a call, once it is `wanted`: a look-up is believed for some seconds.
async fn eventually_status(user: &User, wanted: u16) -> Result<(u16, String)> {
    use papo_test_support::wait::{PATIENCE, eventually};
    eventually("a status", PATIENCE, async || {
        let found = status_and_code(user, ME).await?;
        Ok((found.0 == wanted).then_some(found))
    })
    .await
}

#[actix_web::test]
async fn the_sixth_attempt_is_one_too_many() -> Result<()> {
    let app = TestApp::start().await?;
    let tenant = app.tenant().await?;
    tenant.attendant("ana").await?;
    tenant.attendant("bruno").await?;
    let slug = Some(tenant.slug.as_str());
    for _ in 0..5 {
        let answer = app.api.try_log_in(slug, "ana@example.com", "wrong").await?;
        assert_eq!(answer.status, 401);
    }
    // Even with the right password, in whatever case the address is written.
    let sixth = app
        .api
        .try_log_in(slug, "Ana@example.com", PASSWORD)
        .await?;
    assert_eq!((sixth.status, sixth.code()), (429, "rate_limited"));
    let wait: u64 = sixth.header("retry-after").unwrap_or_default().parse()?;
    assert!((1..=900).contains(&wait), "{wait}");
    // A colleague is not kept out, and a success starts the count again.
    for _ in 0..2 {
        for _ in 0..4 {
            app.api
                .try_log_in(slug, "bruno@example.com", "wrong")
                .await?;
        }
        app.api.log_in(slug, "bruno@example.com", PASSWORD).await?;
    }
    app.stop().await;
    Ok(())
}

#[actix_web::test]
async fn a_refresh_token_that_is_used_twice_ends_its_login() -> Result<()> {
    let app = TestApp::start().await?;
    let tenant = app.tenant().await?;
    let ana = tenant.attendant("ana").await?;
    let other = app
        .api
        .log_in(Some(&tenant.slug), "ana@example.com", PASSWORD)
        .await?;
    let renew = async |token: &str| {
        let body = json!({ "refresh_token": token });
        app.api
            .call(reqwest::Method::POST, REFRESH, &[], Some(&body))
            .await
    };
    let renewed = renew(&ana.refresh_token).await?.expect(200)?;
    let newer = User {
        access_token: crate::stage::text(&renewed, "access_token")?,
        refresh_token: crate::stage::text(&renewed, "refresh_token")?,
        ..ana.clone()
    };
    assert_ne!(newer.refresh_token, ana.refresh_token);
    newer.get(ME).await?;

    let thief = renew(&ana.refresh_token).await?;
    assert_eq!((thief.status, thief.code()), (401, "refresh_token_invalid"));
    assert_eq!(thief.body["message"], "Token inválido ou expirado");
    for user in [&ana, &newer] {
        assert_eq!(
            status_and_code(user, ME).await?,
            (401, "not_authenticated".to_owned())
        );
    }
    assert_eq!(renew(&newer.refresh_token).await?.status, 401);
    // Another login of the same person is another login.
    other.get(ME).await?;
    for junk in ["", "x", &ana.access_token] {
        assert_eq!(renew(junk).await?.status, 401, "{junk}");
    }
    app.stop().await;
    Ok(())
}

#[actix_web::test]
async fn after_logout_the_token_is_refused_at_once() -> Result<()> {
    let app = TestApp::start().await?;
    let tenant = app.tenant().await?;
    let ana = tenant.attendant("ana").await?;
    let other = app
        .api
        .log_in(Some(&tenant.slug), "ana@example.com", PASSWORD)
        .await?;
    // What was looked up a moment ago must not outlive the login.
    ana.get(ME).await?;
    ana.post("/api/v1/auth/logout", json!(null))
        .await?
        .expect(204)?;
    assert_eq!(
        status_and_code(&ana, ME).await?,
        (401, "not_authenticated".to_owned())
    );
    other.get(ME).await?;

    let new = "uma senha bem melhor";
    let wanted = json!({ "current_password": "wrong", "new_password": new });
    let refused = other.post("/api/v1/auth/change-password", wanted).await?;
    assert_eq!(
        refused.body["details"]["fields"][0]["field"],
        "current_password"
    );
    let third = app
        .api
        .log_in(Some(&tenant.slug), "ana@example.com", PASSWORD)
        .await?;
    let wanted = json!({ "current_password": PASSWORD, "new_password": new });
    other
        .post("/api/v1/auth/change-password", wanted)
        .await?
        .expect(204)?;
    // The login that changed it goes on, the others end.
    other.get(ME).await?;
    assert_eq!(status_and_code(&third, ME).await?.0, 401);
    let old = app
        .api
        .try_log_in(Some(&tenant.slug), "ana@example.com", PASSWORD)
        .await?;
    assert_eq!(old.status, 401);
    app.api
        .log_in(Some(&tenant.slug), "ana@example.com", new)
        .await?;
    app.stop().await;
    Ok(())
}

#[actix_web::test]
async fn a_narrowed_role_and_a_closed_account_count_at_once() -> Result<()> {
    let app = TestApp::start().await?;
    let tenant = app.tenant().await?;
    let supervisor = tenant.supervisor().await?;
    supervisor.get("/api/v1/users").await?;
    let path = format!("/api/v1/users/{}", supervisor.id);
    let attendant = json!({ "role": "attendant" });
    tenant.admin.patch(&path, attendant).await?.expect(200)?;
    // The token still says supervisor; nobody believes it.
    assert_eq!(
        status_and_code(&supervisor, "/api/v1/users").await?,
        (403, "forbidden".to_owned())
    );
    let closed = json!({ "is_active": false });
    tenant.admin.patch(&path, closed).await?.expect(200)?;
    assert_eq!(status_and_code(&supervisor, ME).await?.0, 401);
    // Nobody raises or closes themselves.
    let own = format!("/api/v1/users/{}", tenant.admin.id);
    for change in [
        json!({ "is_active": false }),
        json!({ "role": "attendant" }),
    ] {
        assert_eq!(tenant.admin.patch(&own, change).await?.status, 422);
    }
    app.stop().await;
    Ok(())
}

#[actix_web::test]
async fn tokens_are_told_apart_by_what_is_wrong_with_them() -> Result<()> {
    let app = TestApp::start_with(|config| {
        config.auth.access_ttl = std::time::Duration::from_secs(1);
    })
    .await?;
    let root = app.root().await?;
    let asks = async |header: Option<&str>| {
        let headers: Vec<_> = header
            .map(|value| ("Authorization", value))
            .into_iter()
            .collect();
        let answer = app
            .api
            .call(reqwest::Method::GET, ME, &headers, None)
            .await?;
        let message = answer.body["message"]
            .as_str()
            .unwrap_or_default()
            .to_owned();
        anyhow::Ok((answer.status, answer.code().to_owned(), message))
    };
    let told = |code: &str, message: &str| (401, code.to_owned(), message.to_owned());
    assert_eq!(
        asks(None).await?,
        told("token_missing", "Token não fornecido")
    );
    let invalid = told("token_invalid", "Token inválido");
    for header in ["Bearer x", "Bearer a.b.c", "Basic YTpi", "Bearer"] {
        assert_eq!(asks(Some(header)).await?, invalid, "{header}");
    }
    let own = format!("Bearer {}", root.access_token);
    let expired = papo_test_support::wait::eventually(
        "the token is too old",
        papo_test_support::wait::PATIENCE,
        async || {
            let answer = asks(Some(&own)).await?;
            Ok((answer.0 != 200).then_some(answer))
        },
    );
    assert_eq!(expired.await?, told("token_expired", "Token expirado"));
    app.stop().await;
    Ok(())
}
