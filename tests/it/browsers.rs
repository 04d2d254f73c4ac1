//! Logins of browsers: the refresh token is a cookie that only our own pages can use.

use crate::app::TestApp;
use crate::stage::{PASSWORD, Tenant, text};
use anyhow::{Context, Result};
use papo_test_support::api::{Answer, User};
use reqwest::Method;
use serde_json::json;

const LOGIN: &str = "/api/v1/auth/login";
const REFRESH: &str = "/api/v1/auth/refresh-token";
const LOGOUT: &str = "/api/v1/auth/logout";

/// A login as a page at `origin` asks for it.
async fn log_in(app: &TestApp, tenant: &Tenant, origin: &str) -> Result<Answer> {
    let body = json!({ "email": "ana@example.com", "password": PASSWORD, "session": "cookie" });
    let headers = [("X-Tenant-Slug", tenant.slug.as_str()), ("Origin", origin)];
    app.api
        .call(Method::POST, LOGIN, &headers, Some(&body))
        .await
}

/// A POST without a body but with the cookie.
async fn with_cookie(app: &TestApp, path: &str, cookie: &str, origin: &str) -> Result<Answer> {
    let headers = [("Cookie", cookie), ("Origin", origin)];
    app.api.call(Method::POST, path, &headers, None).await
}

/// What the browser sends back.
fn cookie(answer: &Answer) -> Result<String> {
    let set = answer.header("set-cookie").context("no cookie")?;
    Ok(set.split(';').next().unwrap_or_default().to_owned())
}

async fn is_in(app: &TestApp, token: &str) -> Result<u16> {
    let bearer = format!("Bearer {token}");
    let headers = [("Authorization", bearer.as_str())];
    let me = app.api.call(Method::GET, "/api/v1/auth/me", &headers, None);
    Ok(me.await?.status)
}

#[actix_web::test]
async fn a_browser_s_refresh_token_is_never_in_a_body() -> Result<()> {
    let app = TestApp::start_with(|config| {
        config.server.public_url = "https://papo.example.com".to_owned();
    })
    .await?;
    let tenant = app.tenant().await?;
    tenant.attendant("ana").await?;
    let ours = "https://papo.example.com";
    let first = log_in(&app, &tenant, ours).await?;
    let set = first.header("set-cookie").context("no cookie")?.to_owned();
    let (kept, attributes) = set.split_once("; ").context("no attributes")?;
    assert_eq!(
        attributes,
        "Path=/api/v1/auth; Max-Age=604800; HttpOnly; SameSite=Strict; Secure"
    );
    let body = first.expect(200)?;
    assert_eq!(body.get("refresh_token"), None);
    assert!(
        !body
            .to_string()
            .contains(kept.trim_start_matches("papo_refresh="))
    );

    let second = with_cookie(&app, REFRESH, kept, ours).await?;
    let next = cookie(&second)?;
    assert_ne!(next, kept);
    let body = second.expect(200)?;
    assert_eq!(body.get("refresh_token"), None);
    assert_eq!(is_in(&app, &text(&body, "access_token")?).await?, 200);
    // Another tab asked at the same moment, with the same cookie.
    let tab = with_cookie(&app, REFRESH, kept, ours).await?.expect(200)?;
    assert_eq!(is_in(&app, &text(&tab, "access_token")?).await?, 200);

    let out = with_cookie(&app, LOGOUT, &next, ours).await?;
    let cleared = out
        .header("set-cookie")
        .context("the cookie stays")?
        .to_owned();
    assert!(cleared.starts_with("papo_refresh=; ") && cleared.contains("Max-Age=0"));
    out.expect(204)?;
    assert_eq!(is_in(&app, &text(&body, "access_token")?).await?, 401);
    let gone = with_cookie(&app, REFRESH, &next, ours).await?;
    assert_eq!((gone.status, gone.code()), (401, "refresh_token_invalid"));
    app.stop().await;
    Ok(())
}

#[actix_web::test]
async fn another_page_cannot_use_the_cookie() -> Result<()> {
    let app = TestApp::start().await?;
    let tenant = app.tenant().await?;
    tenant.attendant("ana").await?;
    // The address that is asked is ours, whatever the configuration calls it.
    let ours = app.api.base.clone();
    let foreign = "http://other.example.com";
    let refused = log_in(&app, &tenant, foreign).await?;
    assert_eq!((refused.status, refused.code()), (403, "foreign_origin"));
    assert_eq!(refused.header("set-cookie"), None);
    let login = log_in(&app, &tenant, &ours).await?;
    let kept = cookie(&login)?;
    assert!(
        !login
            .header("set-cookie")
            .unwrap_or_default()
            .contains("Secure")
    );
    let access = text(&login.body, "access_token")?;
    for path in [REFRESH, LOGOUT] {
        let refused = with_cookie(&app, path, &kept, foreign).await?;
        assert_eq!(
            (refused.status, refused.code()),
            (403, "foreign_origin"),
            "{path}"
        );
    }
    assert_eq!(is_in(&app, &access).await?, 200);
    // It was not exchanged by that.
    with_cookie(&app, REFRESH, &kept, &ours)
        .await?
        .expect(200)?;
    let nothing = app.api.call(Method::POST, REFRESH, &[], None).await?;
    assert_eq!(
        (nothing.status, nothing.code()),
        (401, "refresh_token_invalid")
    );
    app.stop().await;
    Ok(())
}

#[actix_web::test]
async fn a_program_that_moves_into_a_browser_keeps_its_login() -> Result<()> {
    let app = TestApp::start().await?;
    let tenant = app.tenant().await?;
    let ana = tenant.attendant("ana").await?;
    let body = json!({ "refresh_token": ana.refresh_token, "session": "cookie" });
    let moved = app
        .api
        .call(Method::POST, REFRESH, &[], Some(&body))
        .await?;
    let kept = cookie(&moved)?;
    moved.expect(200)?;
    // Whoever has the refresh token alone can end the login.
    let ours = app.api.base.clone();
    let out = with_cookie(&app, LOGOUT, &kept, &ours).await?;
    out.expect(204)?;
    assert_eq!(is_in(&app, &ana.access_token).await?, 401);
    let bruno: User = tenant.attendant("bruno").await?;
    let body = json!({ "refresh_token": bruno.refresh_token });
    let out = app.api.call(Method::POST, LOGOUT, &[], Some(&body)).await?;
    assert_eq!((out.status, out.header("set-cookie")), (204, None));
    assert_eq!(is_in(&app, &bruno.access_token).await?, 401);
    let nobody = app.api.call(Method::POST, LOGOUT, &[], None).await?;
    assert_eq!((nobody.status, nobody.code()), (401, "token_missing"));
    app.stop().await;
    Ok(())
}

/// Grace is for cookies, whatever a thief calls what a program kept.
#[actix_web::test]
async fn a_program_s_token_is_good_once_also_as_a_cookie() -> Result<()> {
    let app = TestApp::start().await?;
    let tenant = app.tenant().await?;
    let ana = tenant.attendant("ana").await?;
    let body = json!({ "refresh_token": ana.refresh_token });
    let next = app
        .api
        .call(Method::POST, REFRESH, &[], Some(&body))
        .await?;
    let next = text(&next.expect(200)?, "access_token")?;
    let stolen = format!("papo_refresh={}", ana.refresh_token);
    let headers = [("Cookie", stolen.as_str())];
    let thief = app.api.call(Method::POST, REFRESH, &headers, None).await?;
    assert_eq!((thief.status, thief.code()), (401, "refresh_token_invalid"));
    assert_eq!(thief.header("set-cookie"), None);
    assert_eq!(is_in(&app, &next).await?, 401);
    app.stop().await;
    Ok(())
}
