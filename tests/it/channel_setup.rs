//! Setting a number up: credentials are tried before they are stored.

use crate::app::TestApp;
use crate::stage::{Tenant, text, words};
use anyhow::{Context, Result};
use papo_emulator::TokenState;
use papo_test_support::webhook::Line;
use serde_json::{Value, json};

const CHECK: &str = "/api/v1/channels/check";

/// What is wrong with each field, if anything.
async fn check(tenant: &Tenant, line: &Line) -> Result<(Value, Vec<(String, String)>)> {
    let wanted = json!({
        "phone_number_id": line.phone_number_id,
        "waba_id": line.waba_id,
        "access_token": line.access_token,
    });
    let answer = tenant.admin.post(CHECK, wanted).await?.expect(200)?;
    let checks = answer.get("checks").and_then(Value::as_array);
    let faults = checks.context("no checks")?.iter().filter_map(|check| {
        let code = text(check, "code").ok()?;
        Some((text(check, "field").ok()?, code))
    });
    let faults = faults.collect();
    Ok((answer, faults))
}

fn fault(field: &str, code: &str) -> (String, String) {
    (field.to_owned(), code.to_owned())
}

#[actix_web::test]
async fn graph_says_what_is_wrong_with_each_credential() -> Result<()> {
    let app = TestApp::start().await?;
    let (tenant, other) = (app.tenant().await?, app.tenant().await?);
    let (answer, faults) = check(&tenant, &tenant.line).await?;
    assert_eq!((&answer["ok"], faults), (&json!(true), vec![]));
    assert_eq!(answer["number"]["display_phone"], tenant.line.display_phone);
    assert_eq!(answer["number"]["quality"], "GREEN");

    let mixed = Line {
        waba_id: other.line.waba_id.clone(),
        ..tenant.line.clone()
    };
    let (answer, faults) = check(&tenant, &mixed).await?;
    assert_eq!(
        (&answer["ok"], faults),
        (&json!(false), vec![fault("waba_id", "not_found")])
    );
    let mixed = Line {
        phone_number_id: other.line.phone_number_id.clone(),
        ..tenant.line.clone()
    };
    let (answer, faults) = check(&tenant, &mixed).await?;
    let expected = [
        fault("phone_number_id", "not_permitted"),
        fault("waba_id", "other_account"),
    ];
    assert_eq!(faults, expected);
    assert_eq!(answer["number"], Value::Null);
    let wrong = Line {
        access_token: "not-a-token".to_owned(),
        ..tenant.line.clone()
    };
    let (answer, faults) = check(&tenant, &wrong).await?;
    let expected = ["access_token", "phone_number_id", "waba_id", "scopes"];
    assert_eq!(faults, expected.map(|field| fault(field, "token_invalid")));
    assert!(!answer.to_string().contains("not-a-token"));
    tenant
        .emulator
        .set_token(&tenant.line.phone_number_id, TokenState::Revoked)?;
    let (_, faults) = check(&tenant, &tenant.line).await?;
    assert_eq!(faults[0], fault("access_token", "token_invalid"));
    // Nothing of it was stored.
    let channels = tenant.admin.get("/api/v1/channels").await?;
    assert_eq!(channels["data"].as_array().map(Vec::len), Some(1));
    let supervisor = tenant.supervisor().await?;
    let wanted = json!({
        "phone_number_id": tenant.line.phone_number_id,
        "waba_id": tenant.line.waba_id,
        "access_token": tenant.line.access_token,
    });
    let refused = supervisor.post(CHECK, wanted).await?;
    assert_eq!(refused.status, 403, "{}", refused.text);
    app.stop().await;
    Ok(())
}

#[actix_web::test]
async fn a_verify_token_that_nobody_chose_is_made_and_works() -> Result<()> {
    let app = TestApp::start().await?;
    let tenant = app.tenant().await?;
    let line = Line::numbered(78);
    let channel = json!({
        "name": "Outro", "phone_number_id": line.phone_number_id, "waba_id": line.waba_id,
        "access_token": "access-token", "app_secret": "app-secret",
    });
    let made = tenant
        .admin
        .post("/api/v1/channels", channel)
        .await?
        .expect(201)?;
    let url = text(&made, "webhook_url")?;
    let path = url
        .strip_prefix("http://127.0.0.1:8080")
        .context("elsewhere")?;
    let token = text(&made, "verify_token")?;
    let query = format!("hub.mode=subscribe&hub.challenge=7&hub.verify_token={token}");
    let answer = app
        .api
        .call(reqwest::Method::GET, &format!("{path}?{query}"), &[], None)
        .await?;
    assert_eq!((answer.status, answer.text.as_str()), (200, "7"));
    let id = text(&made, "id")?;
    let shown = tenant.admin.get(&format!("/api/v1/channels/{id}")).await?;
    assert_eq!(shown.get("verify_token"), None);
    app.stop().await;
    Ok(())
}

#[actix_web::test]
async fn a_test_message_goes_out_at_once_and_says_what_became_of_it() -> Result<()> {
    let app = TestApp::start().await?;
    let tenant = app.tenant().await?;
    let admin = &tenant.admin;
    let path = format!("/api/v1/channels/{}/test-message", tenant.channel);
    let mut phone = tenant.customer(1)?;
    // As it is said at home.
    let test = json!({ "phone": phone.wa_id[2..], "text": "Teste do número" });

    let never = admin.post(&path, test.clone()).await?;
    assert_eq!(
        (never.status, &never.body["code"]),
        (422, &json!("window_closed"))
    );
    phone.writes("oi")?;
    phone.receives().await?;
    let conversation = tenant
        .conversation(&phone.wa_id, |c| c["last_seq"] == 2)
        .await?;
    let sent = admin.post(&path, test.clone()).await?.expect(200)?;
    assert_eq!(sent["accepted"], true);
    let heard = phone.receives().await?;
    assert_eq!(words(&heard), "Teste do número");
    assert!(sent["external_id"].is_string(), "{sent}");
    // It is no part of the conversation, nor is what becomes of it.
    app.settled().await?;
    let shown = format!("/api/v1/conversations/{}", text(&conversation, "id")?);
    assert_eq!(admin.get(&shown).await?["last_seq"], 2);

    let day = "UPDATE conversations SET last_inbound_at = last_inbound_at - interval '25 hours'";
    app.rows.execute(day, &[]).await?;
    assert_eq!(admin.post(&path, test.clone()).await?.status, 422);
    let back = "UPDATE conversations SET last_inbound_at = last_inbound_at + interval '25 hours'";
    app.rows.execute(back, &[]).await?;
    tenant
        .emulator
        .set_token(&tenant.line.phone_number_id, TokenState::Revoked)?;
    let failed = admin.post(&path, test.clone()).await?.expect(200)?;
    assert_eq!(failed["accepted"], false);
    assert_eq!(
        (&failed["problem"], &failed["code"]),
        (&json!("channel_down"), &json!(190))
    );

    let told = admin
        .get("/api/v1/audit/events?action=channel_tested")
        .await?;
    assert_eq!(told["data"].as_array().map(Vec::len), Some(2), "{told}");
    assert!(!told.to_string().contains(&phone.wa_id));
    let supervisor = tenant.supervisor().await?;
    assert_eq!(supervisor.post(&path, test).await?.status, 403);
    app.stop().await;
    Ok(())
}

#[actix_web::test]
async fn whoever_sets_a_number_up_sees_whether_its_webhook_is() -> Result<()> {
    let app = TestApp::start().await?;
    let tenant = app.tenant().await?;
    let path = format!("/api/v1/channels/{}/health", tenant.channel);
    let before = tenant.admin.get(&path).await?;
    assert_eq!(
        before["webhook"]["last_delivery_at"],
        Value::Null,
        "{before}"
    );
    let mut phone = tenant.customer(1)?;
    phone.writes("oi")?;
    phone.receives().await?;
    let after = tenant.admin.get(&path).await?;
    assert!(after["webhook"]["last_delivery_at"].is_string(), "{after}");

    let query = format!(
        "/api/v1/webhooks/whatsapp?hub.mode=subscribe&hub.challenge=7&hub.verify_token={}",
        tenant.line.verify_token
    );
    let asked = app
        .api
        .call(reqwest::Method::GET, &query, &[], None)
        .await?;
    assert_eq!(asked.status, 200);
    let verified = tenant.admin.get(&path).await?;
    assert!(verified["webhook"]["verified_at"].is_string(), "{verified}");
    app.stop().await;
    Ok(())
}
