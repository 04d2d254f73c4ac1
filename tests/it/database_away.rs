//! PostgreSQL goes away and comes back: nothing is promised meanwhile, nothing is lost, and nobody
//! has to restart anything.

use crate::app::TestApp;
use crate::load::{Load, phones};
use crate::restart::{nothing_lost_nothing_doubled, nothing_overtaken};
use crate::stage::Stage;
use anyhow::{Context, Result, ensure};
use papo_test_support::chaos_proxy::ChaosProxy;
use papo_test_support::wait::{PATIENCE, eventually};
use papo_test_support::webhook::deliver_signed;
use reqwest::Method;

/// A server whose way to the database can be cut.
async fn behind_a_wire() -> Result<(TestApp, ChaosProxy)> {
    let stage = Stage::set().await?;
    let database = &stage.database;
    let wire = ChaosProxy::to_postgres(&database.app_url()).await?;
    let mut config = stage.config();
    config.database.app_url = wire.instead_of(&database.app_url()).into();
    config.database.engine_url = wire.instead_of(&database.engine_url()).into();
    Ok((TestApp::start_on(stage, config).await?, wire))
}

#[actix_web::test]
async fn it_says_so_and_recovers_by_itself() -> Result<()> {
    let (app, wire) = behind_a_wire().await?;
    let tenant = app.tenant().await?;
    let mut phone = tenant.customer(1)?;
    phone.writes("Oi")?;
    phone.receives().await?;

    wire.cut();
    let body = tenant
        .line
        .text(&phone.wa_id, "wamid.away", 1_767_225_600, "menu");
    let receipt = deliver_signed(&app.api, &tenant.line.app_secret, &body).await?;
    assert_eq!(receipt.status, 503, "{}", receipt.text);
    assert!(receipt.retry_after.is_some());
    for path in ["/api/v1/conversations", "/api/v1/users"] {
        let answer = tenant.admin.call(Method::GET, path, &[], None).await?;
        assert_eq!(
            (answer.status, answer.code()),
            (503, "unavailable"),
            "{}",
            answer.text
        );
        assert!(answer.header("retry-after").is_some());
        assert!(
            !answer.text.contains("postgres"),
            "inner words: {}",
            answer.text
        );
    }
    let live = app.api.call(Method::GET, "/health/live", &[], None).await?;
    assert_eq!(live.status, 200, "the process lives");
    let ready = app.api.call(Method::GET, "/health", &[], None).await?;
    assert_eq!(ready.status, 503);

    wire.mend();
    eventually("the delivery is taken", PATIENCE, async || {
        let receipt = deliver_signed(&app.api, &tenant.line.app_secret, &body).await?;
        let status = receipt.status;
        ensure!(matches!(status, 200 | 503), "{status}: {}", receipt.text);
        Ok((status == 200).then_some(()))
    })
    .await?;
    phone.receives().await.context("the bot answers again")?;
    eventually("the API is back", PATIENCE, async || {
        let answer = tenant
            .admin
            .call(Method::GET, "/api/v1/conversations", &[], None)
            .await?;
        let status = answer.status;
        ensure!(matches!(status, 200 | 503), "{status}: {}", answer.text);
        Ok((status == 200).then_some(()))
    })
    .await?;
    let ready = app.api.call(Method::GET, "/health", &[], None).await?;
    assert_eq!(ready.status, 200, "{}", ready.text);
    app.stop().await;
    Ok(())
}

#[actix_web::test]
async fn cut_under_load_it_loses_and_doubles_nothing() -> Result<()> {
    let (app, wire) = behind_a_wire().await?;
    let tenant = app.tenant().await?;
    let phones = phones(&app, &tenant, 40)?;
    let mut load = Load::begin("load", &app.api, &tenant.line, &phones, 8);
    for _ in 0..6 {
        load.acknowledged(30).await?;
        wire.cut();
        load.refused(8).await?;
        wire.mend();
    }
    load.acknowledged(30).await?;
    let acknowledged = load.end().await?;
    nothing_lost_nothing_doubled(&app, &acknowledged).await?;
    nothing_overtaken(&app, &acknowledged).await?;
    app.stop().await;
    Ok(())
}
