//! What is refused before any handler is asked: by limits, by whose login it is, by where it comes
//! from. Each such answer says what it is, as all others do.

use crate::app::TestApp;
use crate::stage::Stage;
use anyhow::{Context, Result};
use papo_test_support::api::Answer;
use papo_test_support::chaos_proxy::ChaosProxy;
use reqwest::Method;
use serde_json::Value;
use std::time::Duration;

const ME: &str = "/api/v1/auth/me";

/// Insists on a whole error.
fn refused(answer: &Answer, status: u16, code: &str) {
    let seen = (answer.status, answer.code());
    assert_eq!(seen, (status, code), "{}", answer.text);
    let told = |field: &str| {
        let words = answer.body.get(field).and_then(Value::as_str);
        words.unwrap_or_default()
    };
    assert!(!told("message").is_empty(), "{}", answer.text);
    let id = answer.header("x-request-id");
    assert_eq!(Some(told("request_id")), id, "{}", answer.text);
}

#[actix_web::test]
async fn whoever_asks_too_much_is_told_until_when() -> Result<()> {
    const MOST: u32 = 20;
    let app = TestApp::start_with(|config| {
        config.limits.per_user = MOST;
        config.limits.per_ip = MOST;
    })
    .await?;
    let tenant = app.tenant().await?;
    let ana = tenant.attendant("ana").await?;
    for by_user in [true, false] {
        let mut refusal = None;
        for _ in 0..=MOST {
            let answer = if by_user {
                ana.call(Method::GET, ME, &[], None).await?
            } else {
                app.api.call(Method::GET, ME, &[], None).await?
            };
            if answer.status == 429 {
                refusal = Some(answer);
                break;
            }
        }
        let refusal = refusal.context("never refused")?;
        refused(&refusal, 429, "rate_limited");
        let wait = refusal.header("retry-after").context("no Retry-After")?;
        assert!(wait.parse::<u64>()? > 0);
    }
    app.stop().await;
    Ok(())
}

#[actix_web::test]
async fn a_login_that_cannot_be_looked_up_is_told_to_come_back() -> Result<()> {
    let stage = Stage::set().await?;
    let wire = ChaosProxy::to_postgres(&stage.database.app_url()).await?;
    let mut config = stage.config();
    config.database.app_url = wire.instead_of(&stage.database.app_url()).into();
    config.auth.session_cache = Duration::ZERO;
    let app = TestApp::start_on(stage, config).await?;
    let tenant = app.tenant().await?;
    let ana = tenant.attendant("ana").await?;
    wire.cut();
    let answer = ana.call(Method::GET, ME, &[], None).await?;
    refused(&answer, 503, "unavailable");
    assert!(answer.header("retry-after").is_some());
    wire.mend();
    app.stop().await;
    Ok(())
}

#[actix_web::test]
async fn a_tenant_that_does_not_exist_is_named_as_such() -> Result<()> {
    let app = TestApp::start().await?;
    let root = app.root().await?.acting_for("nowhere");
    let answer = root.call(Method::GET, ME, &[], None).await?;
    refused(&answer, 404, "tenant_not_found");
    app.stop().await;
    Ok(())
}

#[actix_web::test]
async fn other_pages_are_refused_in_words_and_ours_are_not() -> Result<()> {
    const OURS: &str = "http://dashboard.example.com";
    let app = TestApp::start().await?;
    let theirs = ("Origin", "https://evil.example.com");
    // A browser asks first, and heeds the answer.
    let wanted = ("Access-Control-Request-Method", "POST");
    let asked = async |method: Method, headers: &[(&str, &str)]| {
        app.api.call(method, ME, headers, None).await
    };
    let preflight = asked(Method::OPTIONS, &[theirs, wanted]).await?;
    refused(&preflight, 403, "forbidden");
    assert_eq!(preflight.header("access-control-allow-origin"), None);
    let ours = ("Origin", OURS);
    let trace = ("Access-Control-Request-Method", "TRACE");
    refused(
        &asked(Method::OPTIONS, &[ours, trace]).await?,
        403,
        "forbidden",
    );
    assert_eq!(asked(Method::OPTIONS, &[ours, wanted]).await?.status, 200);
    // Our pages may read also what was refused for another reason.
    let answer = asked(Method::GET, &[ours]).await?;
    refused(&answer, 401, "token_missing");
    assert_eq!(answer.header("access-control-allow-origin"), Some(OURS));
    app.stop().await;
    Ok(())
}

#[actix_web::test]
async fn a_made_up_method_is_not_remembered() -> Result<()> {
    let app = TestApp::start().await?;
    let made_up = "MADEUP".repeat(100);
    let method = Method::from_bytes(made_up.as_bytes())?;
    let answer = app.api.call(method, "/nowhere", &[], None).await?;
    refused(&answer, 404, "not_found");
    let metrics = app.api.call(Method::GET, "/metrics", &[], None).await?;
    assert!(metrics.text.contains("method=\"other\""));
    assert!(!metrics.text.contains("MADEUP"));
    app.stop().await;
    Ok(())
}
