//! An answer does not pass somebody's words that its writer had not seen.

use crate::app::TestApp;
use crate::stage::{Phone, Tenant, is, number, text};
use anyhow::{Context, Result};
use papo_test_support::api::{Answer, User};
use reqwest::Method;
use serde_json::{Value, json};

/// Writes with what was on the screen; `key` as a client that may repeat it.
async fn answers(user: &User, id: &str, words: &str, seen: u64, key: &str) -> Result<Answer> {
    let path = format!("/api/v1/conversations/{id}/messages");
    let body = json!({ "type": "text", "body": words, "expected_seq": seen });
    let headers = [("Idempotency-Key", key)];
    user.call(Method::POST, &path, &headers, Some(&body)).await
}

/// A conversation that `user` leads, and the newest message in it.
async fn led(tenant: &Tenant, user: &User) -> Result<(Phone, String, u64)> {
    let mut phone = tenant.customer(1)?;
    phone.writes("atendente")?;
    phone.receives().await?;
    let waiting = tenant
        .conversation(&phone.wa_id, |c| is(c, "status", "waiting"))
        .await?;
    let id = text(&waiting, "id")?;
    let path = format!("/api/v1/conversations/{id}/takeover");
    let taken = user.post(&path, Value::Null).await?.expect(200)?;
    Ok((phone, id, number(&taken, "seq")?))
}

#[actix_web::test]
async fn an_answer_does_not_pass_the_customer_s_words() -> Result<()> {
    let app = TestApp::start().await?;
    let tenant = app.tenant().await?;
    let ana = tenant.attendant("ana").await?;
    let (phone, id, seen) = led(&tenant, &ana).await?;
    answers(&ana, &id, "Pois não?", seen, "a")
        .await?
        .expect(201)?;
    phone.writes("na verdade, cancela")?;
    let came = tenant
        .message(&id, |m| is(m, "text", "na verdade, cancela"))
        .await?;
    let came_at = number(&came, "seq")?;

    let refused = answers(&ana, &id, "Enviado!", seen + 1, "b").await?;
    assert_eq!(
        (refused.status, refused.code()),
        (409, "conversation_moved"),
        "{}",
        refused.text
    );
    let details = &refused.body["details"];
    assert_eq!(number(details, "last_seq")?, came_at);
    let shown = details["messages"].as_array().context("no messages")?;
    assert_eq!(shown, &[came], "as the list of messages shows it");
    // The first one is not sent again, whatever was said meanwhile.
    let repeated = answers(&ana, &id, "Pois não?", seen, "a").await?;
    repeated.expect(201)?;
    answers(&ana, &id, "Certo, cancelei.", came_at, "b")
        .await?
        .expect(201)?;
    app.settled().await?;
    let told = phone.received()?;
    let ours = ["Pois não?", "Enviado!", "Certo, cancelei."];
    let told: Vec<_> = told.iter().map(crate::stage::words).collect();
    let told: Vec<_> = told.iter().filter(|w| ours.contains(w)).collect();
    assert_eq!(told, [&"Pois não?", &"Certo, cancelei."]);
    app.stop().await;
    Ok(())
}

/// However much was said, a refusal stays small.
#[actix_web::test]
async fn a_refusal_shows_the_first_twenty_messages() -> Result<()> {
    let app = TestApp::start().await?;
    let tenant = app.tenant().await?;
    let ana = tenant.attendant("ana").await?;
    let (phone, id, seen) = led(&tenant, &ana).await?;
    for n in 0..25 {
        phone.writes(&format!("mensagem {n}"))?;
    }
    tenant
        .message(&id, |m| is(m, "text", "mensagem 24"))
        .await?;
    app.settled().await?;
    let refused = answers(&ana, &id, "Oi", seen, "a").await?;
    assert_eq!(refused.status, 409, "{}", refused.text);
    let details = &refused.body["details"];
    assert_eq!(number(details, "last_seq")?, seen + 25);
    let shown = details["messages"].as_array().context("no messages")?;
    let places: Vec<u64> = shown
        .iter()
        .map(|m| number(m, "seq"))
        .collect::<Result<_>>()?;
    assert_eq!(places, (seen + 1..=seen + 20).collect::<Vec<_>>());
    app.stop().await;
    Ok(())
}
