//! Logins that need a code besides the password.

use crate::app::TestApp;
use crate::stage::{Authenticator, PASSWORD, Tenant, secure, text};
use anyhow::{Context, Result};
use papo_test_support::api::Answer;
use papo_test_support::wait::PATIENCE;
use papo_test_support::ws_client::WsClient;
use reqwest::Method;
use serde_json::{Value, json};

const ME: &str = "/api/v1/auth/me";
const VERIFY: &str = "/api/v1/auth/2fa/verify";

/// Shows Ana's password; the challenge that comes back.
async fn challenge(app: &TestApp, tenant: &Tenant) -> Result<String> {
    let slug = Some(tenant.slug.as_str());
    let answer = app
        .api
        .try_log_in(slug, "ana@example.com", PASSWORD)
        .await?;
    assert_eq!(
        (answer.status, answer.code()),
        (401, "mfa_required"),
        "{}",
        answer.text
    );
    assert!(!answer.text.contains("access_token"));
    let details = answer.body.get("details").context("no details")?;
    text(details, "challenge")
}

async fn answer(app: &TestApp, challenge: &str, proof: Value) -> Result<Answer> {
    let mut body = proof;
    if let Some(fields) = body.as_object_mut() {
        let named = fields.entry("challenge");
        named.or_insert_with(|| json!(challenge));
    }
    app.api.call(Method::POST, VERIFY, &[], Some(&body)).await
}

/// How a socket is closed whose user may not stay.
fn revoked() -> (u16, String) {
    (4001, "revoked".to_owned())
}

fn told(answer: &Answer) -> (u16, &str) {
    (answer.status, answer.code())
}

#[actix_web::test]
async fn a_password_alone_opens_nothing() -> Result<()> {
    let app = TestApp::start().await?;
    let tenant = app.tenant().await?;
    let ana = tenant.attendant("ana").await?;
    let (mut phone, recovery) = secure(&ana).await?;
    assert_eq!(recovery.len(), 10);
    assert!(ana.get(ME).await?["two_factor_at"].is_string());
    // A code is good once: the one that enabled it is spent.
    let first = challenge(&app, &tenant).await?;
    let code = phone.code()?;
    let wrong = answer(&app, &first, json!({ "code": "000000" })).await?;
    assert_eq!(told(&wrong), (401, "code_invalid"));
    let login = answer(&app, &first, json!({ "code": code }))
        .await?
        .expect(200)?;
    assert_eq!(text(&login["user"], "id")?, ana.id);
    // Neither the challenge nor the code is good again.
    let again = answer(&app, &first, json!({ "code": code })).await?;
    assert_eq!(told(&again), (401, "challenge_invalid"));
    let second = challenge(&app, &tenant).await?;
    let replayed = answer(&app, &second, json!({ "code": code })).await?;
    assert_eq!(told(&replayed), (401, "code_invalid"));
    // A recovery code is, however it is typed, and once.
    let typed = recovery[0].to_uppercase().replace('-', " ");
    let login = answer(&app, &second, json!({ "recovery_code": typed })).await?;
    login.expect(200)?;
    let third = challenge(&app, &tenant).await?;
    let spent = answer(&app, &third, json!({ "recovery_code": recovery[0] })).await?;
    assert_eq!(told(&spent), (401, "code_invalid"));
    // A later password voids the challenge of an earlier one.
    let fourth = challenge(&app, &tenant).await?;
    let old = answer(&app, &third, json!({ "recovery_code": recovery[1] })).await?;
    assert_eq!(told(&old), (401, "challenge_invalid"));
    for (proof, status) in [
        (json!({}), 422),
        (json!({ "code": "1", "recovery_code": "2" }), 422),
        (json!({ "challenge": ana.refresh_token, "code": "1" }), 401),
        (json!({ "challenge": "x", "code": "1" }), 401),
    ] {
        assert_eq!(answer(&app, &fourth, proof).await?.status, status);
    }
    app.stop().await;
    Ok(())
}

#[actix_web::test]
async fn codes_cannot_be_guessed() -> Result<()> {
    let app = TestApp::start().await?;
    let tenant = app.tenant().await?;
    let ana = tenant.attendant("ana").await?;
    let (mut phone, recovery) = secure(&ana).await?;
    let first = challenge(&app, &tenant).await?;
    for _ in 0..5 {
        let wrong = answer(&app, &first, json!({ "code": "000000" })).await?;
        assert_eq!(told(&wrong), (401, "code_invalid"));
    }
    let sixth = answer(&app, &first, json!({ "code": phone.code()? })).await?;
    assert_eq!(told(&sixth), (401, "challenge_invalid"));
    // Passwords are counted, too, as long as no code came: this is the last but three.
    let second = challenge(&app, &tenant).await?;
    let login = answer(&app, &second, json!({ "recovery_code": recovery[0] })).await?;
    login.expect(200)?;
    // Guessing where one is logged in is no better.
    for _ in 0..20 {
        let body = json!({ "code": "000000" });
        let wrong = ana.post("/api/v1/auth/2fa/recovery-codes", body).await?;
        assert_eq!(told(&wrong), (422, "invalid_input"));
    }
    let body = json!({ "code": recovery[1] });
    let many = ana.post("/api/v1/auth/2fa/recovery-codes", body).await?;
    assert_eq!(told(&many), (429, "rate_limited"));
    app.stop().await;
    Ok(())
}

#[actix_web::test]
async fn a_challenge_does_not_outlive_its_minutes_or_its_account() -> Result<()> {
    let app = TestApp::start().await?;
    let tenant = app.tenant().await?;
    let ana = tenant.attendant("ana").await?;
    let (_, recovery) = secure(&ana).await?;
    let good = json!({ "recovery_code": recovery[0] });
    let late = challenge(&app, &tenant).await?;
    let sql = "UPDATE second_factors SET challenge_expires_at = now() - interval '1 second'";
    app.rows.execute(sql, &[]).await?;
    let over = answer(&app, &late, good.clone()).await?;
    assert_eq!(told(&over), (401, "challenge_invalid"));
    let closed = challenge(&app, &tenant).await?;
    let path = format!("/api/v1/users/{}", ana.id);
    let inactive = json!({ "is_active": false });
    tenant.admin.patch(&path, inactive).await?.expect(200)?;
    let over = answer(&app, &closed, good.clone()).await?;
    assert_eq!(told(&over), (401, "challenge_invalid"));
    let active = json!({ "is_active": true });
    tenant.admin.patch(&path, active).await?.expect(200)?;
    let open = challenge(&app, &tenant).await?;
    let root = app.root().await?;
    let suspended = json!({ "status": "suspended" });
    let path = format!("/api/v1/tenants/{}", tenant.id);
    root.patch(&path, suspended).await?.expect(200)?;
    let over = answer(&app, &open, good).await?;
    assert_eq!(told(&over), (401, "invalid_credentials"));
    let slug = Some(tenant.slug.as_str());
    let hidden = app
        .api
        .try_log_in(slug, "ana@example.com", PASSWORD)
        .await?;
    assert_eq!(told(&hidden), (401, "invalid_credentials"));
    app.stop().await;
    Ok(())
}

#[actix_web::test]
async fn only_its_owner_or_an_administrator_takes_it_away() -> Result<()> {
    let app = TestApp::start().await?;
    let tenant = app.tenant().await?;
    let ana = tenant.attendant("ana").await?;
    for path in ["enable", "recovery-codes"] {
        let path = format!("/api/v1/auth/2fa/{path}");
        let none = ana.post(&path, json!({ "code": "000000" })).await?;
        assert_eq!(told(&none), (409, "two_factor_off"), "{path}");
    }
    let password = json!({ "password": PASSWORD });
    let setup = ana.post("/api/v1/auth/2fa/setup", password.clone()).await?;
    let old = Authenticator::scan(&setup.expect(200)?)?.code()?;
    let (mut phone, recovery) = secure(&ana).await?;
    for (path, body) in [("setup", password), ("enable", json!({ "code": old }))] {
        let path = format!("/api/v1/auth/2fa/{path}");
        assert_eq!(told(&ana.post(&path, body).await?), (409, "two_factor_on"));
    }
    let disable = "/api/v1/auth/2fa/disable";
    let code = phone.code()?;
    for (password, code, field) in [
        ("another password", code.as_str(), "password"),
        (PASSWORD, "000000", "code"),
        (PASSWORD, &old, "code"),
    ] {
        let body = json!({ "password": password, "code": code });
        let refused = ana.post(disable, body).await?;
        assert_eq!(refused.status, 422, "{}", refused.text);
        assert_eq!(refused.body["details"]["fields"][0]["field"], field);
    }
    // New recovery codes void the old ones.
    let renewed = ana
        .post("/api/v1/auth/2fa/recovery-codes", json!({ "code": code }))
        .await?
        .expect(200)?;
    let fresh = renewed["recovery_codes"][0].as_str().unwrap_or_default();
    let body = json!({ "password": PASSWORD, "code": recovery[0] });
    assert_eq!(ana.post(disable, body).await?.status, 422);
    let body = json!({ "password": PASSWORD, "code": fresh });
    ana.post(disable, body).await?.expect(204)?;
    app.api
        .log_in(Some(&tenant.slug), "ana@example.com", PASSWORD)
        .await?;

    secure(&ana).await?;
    let path = format!("/api/v1/users/{}/2fa", ana.id);
    let supervisor = tenant.supervisor().await?;
    for (user, status) in [(&ana, 403), (&supervisor, 403), (&tenant.admin, 204)] {
        let answer = user.call(Method::DELETE, &path, &[], None).await?;
        assert_eq!(answer.status, status, "{}", answer.text);
    }
    let out = ana.call(Method::GET, "/api/v1/auth/me", &[], None).await?;
    assert_eq!(out.status, 401, "whoever was in is out");
    let off = tenant.admin.call(Method::DELETE, &path, &[], None).await?;
    assert_eq!(told(&off), (409, "two_factor_off"));
    secure(&tenant.admin).await?;
    let own = format!("/api/v1/users/{}/2fa", tenant.admin.id);
    let own = tenant.admin.call(Method::DELETE, &own, &[], None).await?;
    assert_eq!(own.status, 422);
    app.api
        .log_in(Some(&tenant.slug), "ana@example.com", PASSWORD)
        .await?;
    app.stop().await;
    Ok(())
}

#[actix_web::test]
async fn who_must_have_one_can_do_nothing_else_first() -> Result<()> {
    let app = TestApp::start().await?;
    let tenant = app.tenant().await?;
    let ana = tenant.attendant("ana").await?;
    let bruno = tenant.hire("bruno", "supervisor").await?;
    let policy = "/api/v1/tenants/current/policy";
    let mut rules = tenant.admin.get(policy).await?;
    rules["require_two_factor"] = json!(["attendant"]);
    let socket = WsClient::connect(&ana.api.socket_url(), &ana.access_token, None).await?;
    tenant.admin.put(policy, rules).await?.expect(200)?;
    // What is open already tells nothing more either.
    assert_eq!(socket.closed(PATIENCE).await?, revoked());
    let refused = ana
        .call(Method::GET, "/api/v1/conversations", &[], None)
        .await?;
    assert_eq!(told(&refused), (403, "two_factor_setup_required"));
    let socket = WsClient::connect(&ana.api.socket_url(), &ana.access_token, None).await;
    let refused = socket
        .err()
        .map(|error| error.to_string())
        .unwrap_or_default();
    assert!(refused.contains("two_factor_setup_required"), "{refused}");
    assert_eq!(ana.get(ME).await?["must_set_up_two_factor"], true);
    bruno.get("/api/v1/conversations").await?;

    let (mut phone, _) = secure(&ana).await?;
    assert_eq!(ana.get(ME).await?["must_set_up_two_factor"], false);
    ana.get("/api/v1/conversations").await?;
    let socket = WsClient::connect(&ana.api.socket_url(), &ana.access_token, None).await?;
    let body = json!({ "password": PASSWORD, "code": phone.code()? });
    let kept = ana.post("/api/v1/auth/2fa/disable", body).await?;
    assert_eq!(told(&kept), (409, "two_factor_required"));
    let path = format!("/api/v1/users/{}/2fa", ana.id);
    let reset = tenant.admin.call(Method::DELETE, &path, &[], None).await?;
    reset.expect(204)?;
    assert_eq!(socket.closed(PATIENCE).await?, revoked());
    app.stop().await;
    Ok(())
}

#[actix_web::test]
async fn an_administrator_without_one_makes_no_users_either() -> Result<()> {
    let app = TestApp::start().await?;
    let tenant = app.tenant().await?;
    let dora = tenant.hire("dora", "tenant_admin").await?;
    let policy = "/api/v1/tenants/current/policy";
    let mut rules = tenant.admin.get(policy).await?;
    rules["require_two_factor"] = json!(["tenant_admin"]);
    tenant.admin.put(policy, rules).await?.expect(200)?;
    let person = json!({
        "email": "x@example.com", "full_name": "Xis", "role": "tenant_admin", "password": PASSWORD,
    });
    for path in [
        "/api/v1/users",
        "/api/v1/auth/register",
        "/api/v1/auth/%72egister",
    ] {
        let refused = dora.post(path, person.clone()).await?;
        assert_eq!(told(&refused), (403, "two_factor_setup_required"), "{path}");
    }
    // What everybody may do about their own login.
    dora.get(ME).await?;
    dora.get("/api/v1/auth/sessions").await?;
    secure(&dora).await?;
    dora.post("/api/v1/auth/register", person)
        .await?
        .expect(201)?;
    app.stop().await;
    Ok(())
}

#[actix_web::test]
async fn a_login_with_a_code_is_no_failed_one() -> Result<()> {
    let app = TestApp::start().await?;
    let tenant = app.tenant().await?;
    let ana = tenant.attendant("ana").await?;
    let (_, recovery) = secure(&ana).await?;
    // More than may fail.
    for code in recovery.iter().take(8) {
        let owed = challenge(&app, &tenant).await?;
        let login = answer(&app, &owed, json!({ "recovery_code": code })).await?;
        login.expect(200)?;
    }
    app.stop().await;
    Ok(())
}

#[actix_web::test]
async fn an_open_browser_does_not_lock_its_owner_out() -> Result<()> {
    let app = TestApp::start().await?;
    let tenant = app.tenant().await?;
    let ana = tenant.attendant("ana").await?;
    let setup = "/api/v1/auth/2fa/setup";
    let none = ana.post(setup, json!({})).await?;
    assert_eq!(none.status, 400, "{}", none.text);
    let wrong = json!({ "password": "another password" });
    for _ in 0..5 {
        let refused = ana.post(setup, wrong.clone()).await?;
        assert_eq!(told(&refused), (422, "invalid_input"));
        assert_eq!(refused.body["details"]["fields"][0]["field"], "password");
    }
    // It is the same guess as where the password is changed.
    let right = json!({ "password": PASSWORD });
    let many = ana.post(setup, right).await?;
    assert_eq!(told(&many), (429, "rate_limited"));
    let change = json!({ "current_password": PASSWORD, "new_password": "uma nova senha" });
    let many = ana.post("/api/v1/auth/change-password", change).await?;
    assert_eq!(told(&many), (429, "rate_limited"));
    let kept = "SELECT count(*) FROM second_factors";
    assert_eq!(app.count(kept, &[]).await?, 0);
    app.stop().await;
    Ok(())
}

#[actix_web::test]
async fn a_code_is_taken_as_it_is_shown() -> Result<()> {
    let app = TestApp::start().await?;
    let tenant = app.tenant().await?;
    let ana = tenant.attendant("ana").await?;
    let body = json!({ "password": PASSWORD });
    let answer = ana.post("/api/v1/auth/2fa/setup", body).await?;
    let code = Authenticator::scan(&answer.expect(200)?)?.code()?;
    let (first, second) = code.split_at(3);
    let body = json!({ "code": format!(" {first} {second} ") });
    ana.post("/api/v1/auth/2fa/enable", body)
        .await?
        .expect(200)?;
    app.stop().await;
    Ok(())
}
