//! The way to the Graph API when it goes wrong: what is sent arrives once, or nobody says it did.

use crate::app::TestApp;
use crate::stage::{Phone, Tenant, add_number, is, text, words};
use anyhow::{Context, Result};
use papo_emulator::{Fault, Faults, TokenState};
use papo_test_support::wait::{PATIENCE, eventually};
use papo_test_support::webhook::Line;
use serde_json::{Value, json};
use std::time::Duration;

const MENU: &str = "Como podemos ajudar";

/// A message of ours, once it is as expected.
async fn ours(tenant: &Tenant, phone: &Phone, status: &str) -> Result<Value> {
    let conversation = tenant.conversation(&phone.wa_id, |_| true).await?;
    let id = text(&conversation, "id")?;
    tenant
        .message(&id, |m| {
            is(m, "sender_type", "bot") && is(m, "status", status)
        })
        .await
}

/// With these faults one greeting is sent: it arrives once and is shown as read in the end.
async fn arrives_once(faults: Faults, patience: Duration) -> Result<()> {
    let app = TestApp::start_with(|config| config.whatsapp.timeout = patience).await?;
    let tenant = app.tenant().await?;
    app.emulator.set_faults(faults);
    let mut phone = tenant.customer(1)?;
    phone.writes("Oi")?;
    phone.receives_words(MENU).await?;
    ours(&tenant, &phone, "read").await?;
    app.settled().await?;
    assert_eq!(phone.received()?.len(), 1, "it was sent again");
    // The conversation goes on.
    app.emulator.set_faults(Faults::default());
    phone.writes("menu")?;
    phone.receives_words(MENU).await?;
    app.stop().await;
    Ok(())
}

const LONG: Duration = Duration::from_secs(5);

#[actix_web::test]
async fn a_lost_answer_is_made_up_for_by_the_status() -> Result<()> {
    let lost_answer = Fault::next(1);
    arrives_once(
        Faults {
            lost_answer,
            ..Faults::default()
        },
        LONG,
    )
    .await
}

#[actix_web::test]
async fn a_late_answer_is_made_up_for_by_the_status() -> Result<()> {
    let late_answer = Fault::next(1).lasting_ms(2_000);
    arrives_once(
        Faults {
            late_answer,
            ..Faults::default()
        },
        Duration::from_millis(300),
    )
    .await
}

#[actix_web::test]
async fn a_status_may_overtake_the_answer() -> Result<()> {
    let status_before_answer = Fault::next(1);
    arrives_once(
        Faults {
            status_before_answer,
            ..Faults::default()
        },
        LONG,
    )
    .await
}

#[actix_web::test]
async fn an_answer_that_is_none_is_not_taken_for_a_refusal() -> Result<()> {
    let bad_gateway = Fault::next(1);
    arrives_once(
        Faults {
            bad_gateway,
            ..Faults::default()
        },
        LONG,
    )
    .await
}

#[actix_web::test]
async fn what_whatsapp_refuses_for_now_is_sent_later() -> Result<()> {
    let server_error = Fault::next(3);
    arrives_once(
        Faults {
            server_error,
            ..Faults::default()
        },
        LONG,
    )
    .await
}

#[actix_web::test]
async fn statuses_in_a_storm_change_nothing() -> Result<()> {
    arrives_once(
        Faults {
            duplicate: Fault::often(100).lasting_ms(100),
            copies: 5,
            reorder: Fault::often(50).lasting_ms(100),
            overlap: true,
            ..Faults::default()
        },
        LONG,
    )
    .await
}

/// The request was lost and no status will ever come: it is never repeated by itself, blocks what
/// follows for two minutes, and is then shown as unconfirmed.
#[actix_web::test]
async fn what_nobody_confirms_is_never_repeated() -> Result<()> {
    let app = TestApp::start().await?;
    let tenant = app.tenant().await?;
    app.emulator.set_faults(Faults {
        lost_request: Fault::next(1),
        ..Faults::default()
    });
    let mut phone = tenant.customer(1)?;
    phone.writes("Oi")?;
    ours(&tenant, &phone, "unknown").await?;
    phone.writes("menu")?;
    ours(&tenant, &phone, "queued").await?;
    // Two minutes pass, as far as this row is concerned.
    let passed = "UPDATE outbox SET due_at = now() WHERE state = 'unknown'";
    assert_eq!(app.rows.execute(passed, &[]).await?, 1);
    // It is looked for every 30 seconds.
    let unconfirmed = "SELECT count(*) FROM outbox WHERE state = 'unconfirmed'";
    eventually("the message is unconfirmed", 3 * PATIENCE, async || {
        Ok((app.count(unconfirmed, &[]).await? == 1).then_some(()))
    })
    .await?;
    phone.receives_words(MENU).await?;
    ours(&tenant, &phone, "unconfirmed").await?;
    app.settled().await?;
    assert_eq!(phone.received()?.len(), 1);
    app.stop().await;
    Ok(())
}

/// It was accepted and fails afterwards: the reason is shown.
#[actix_web::test]
async fn a_late_failure_is_shown() -> Result<()> {
    let app = TestApp::start().await?;
    let tenant = app.tenant().await?;
    app.emulator.set_faults(Faults {
        late_failure: Fault::next(1),
        ..Faults::default()
    });
    let phone = tenant.customer(1)?;
    phone.writes("Oi")?;
    let failed = ours(&tenant, &phone, "failed").await?;
    assert_eq!(failed["error"]["code"], 131_000, "{failed}");
    app.stop().await;
    Ok(())
}

/// A revoked token: the channel turns red at once, nothing more is tried, and a new token sets
/// everything in motion that waited.
#[actix_web::test]
async fn a_revoked_token_stops_the_number_until_there_is_a_new_one() -> Result<()> {
    let app = TestApp::start().await?;
    let tenant = app.tenant().await?;
    let line = &tenant.line;
    app.emulator
        .set_token(&line.phone_number_id, TokenState::Revoked)?;
    let mut phones = Vec::new();
    for n in 0..5 {
        let phone = tenant.customer(n)?;
        phone.writes("Oi")?;
        phones.push(phone);
    }
    let path = format!("/api/v1/channels/{}/health", tenant.channel);
    let red = eventually("the channel is red", PATIENCE, async || {
        let health = tenant.admin.get(&path).await?;
        Ok(Some(health).filter(|health| is(health, "status", "red")))
    })
    .await?;
    assert_eq!(red["code"], 190, "{red}");
    let shown = format!("/api/v1/channels/{}", tenant.channel);
    eventually(
        "it is stored, for every node to see",
        PATIENCE,
        async || {
            let shown = tenant.admin.get(&shown).await?;
            Ok((shown["health"]["status"] == "red").then_some(()))
        },
    )
    .await?;
    for phone in &phones {
        tenant
            .conversation(&phone.wa_id, |c| c["last_seq"] == 2)
            .await?;
    }
    // What comes now is queued and nobody calls.
    let sends = || {
        let calls = app.emulator.calls(0, usize::MAX);
        calls
            .iter()
            .filter(|call| call.entry.body.get("to").is_some())
            .count()
    };
    app.emulator.idle(PATIENCE).await?;
    let tried = sends();
    let mut late = tenant.customer(9)?;
    late.writes("Oi")?;
    ours(&tenant, &late, "queued").await?;
    assert_eq!(sends(), tried, "a dead number was tried again");

    let renewed = Line {
        access_token: "access-token-renewed".to_owned(),
        ..line.clone()
    };
    register(&app, &renewed, &tenant)?;
    let path = format!("/api/v1/channels/{}", tenant.channel);
    let token = json!({ "access_token": renewed.access_token });
    tenant.admin.patch(&path, token).await?.expect(200)?;
    for phone in phones.iter_mut().chain([&mut late]) {
        phone.receives_words(MENU).await?;
    }
    let path = format!("/api/v1/channels/{}/health", tenant.channel);
    let health = tenant.admin.get(&path).await?;
    assert_eq!(health["status"], "green", "{health}");
    app.stop().await;
    Ok(())
}

/// The number with another token, at the emulator only.
fn register(app: &TestApp, line: &Line, tenant: &Tenant) -> Result<()> {
    app.emulator
        .add_number(crate::stage::at_the_emulator(line, &tenant.api))?;
    Ok(())
}

/// A second number of the same tenant goes on while the first one is down.
#[actix_web::test]
async fn one_dead_number_does_not_stop_another() -> Result<()> {
    let app = TestApp::start().await?;
    let tenant = app.tenant().await?;
    let second = Line::numbered(500);
    let channel = add_number(&app.emulator, &tenant.admin, &second).await?;
    app.emulator
        .set_token(&tenant.line.phone_number_id, TokenState::Revoked)?;
    let phone = tenant.customer(1)?;
    phone.writes("Oi")?;
    let other = Tenant {
        line: second,
        channel,
        ..tenant.clone()
    };
    let mut reached = other.customer(1)?;
    reached.writes("Oi")?;
    let greeting = reached.receives().await.context("the living number")?;
    assert!(words(&greeting).contains(MENU));
    assert!(phone.received()?.is_empty());
    app.stop().await;
    Ok(())
}
