//! A person takes over from the bot: at once, whatever is under way, and until it ends.

use crate::app::TestApp;
use crate::stage::{Phone, Tenant, gap_free, is, number, text, words};
use anyhow::{Context, Result};
use futures_util::future::try_join_all;
use papo_emulator::{Fault, Faults};
use papo_test_support::api::User;
use papo_test_support::webhook::deliver_signed;
use reqwest::Method;
use serde_json::{Value, json};

const MENU: &str = "Como podemos ajudar";

/// What of the bot's arrived on a phone.
fn automatic(phone: &Phone) -> Result<u64> {
    let received = phone.received()?;
    Ok(received
        .iter()
        .map(|entry| u64::from(words(entry).contains(MENU)))
        .sum())
}

async fn says(user: &User, conversation: &str, words: &str) -> Result<Value> {
    let path = format!("/api/v1/conversations/{conversation}/messages");
    let body = json!({ "type": "text", "body": words });
    user.post(&path, body).await?.expect(201)
}

async fn does(user: &User, conversation: &str, what: &str) -> Result<Value> {
    let path = format!("/api/v1/conversations/{conversation}/{what}");
    user.post(&path, Value::Null).await?.expect(200)
}

/// A conversation that was begun and greeted.
async fn greeted(tenant: &Tenant, n: u32) -> Result<(Phone, String)> {
    let mut phone = tenant.customer(n)?;
    phone.writes("Oi")?;
    phone.receives_words(MENU).await?;
    let conversation = tenant.conversation(&phone.wa_id, |_| true).await?;
    Ok((phone, text(&conversation, "id")?))
}

/// Takes over while the bot's answers are queued, claimed, on the wire and put back, in many
/// conversations at once. After the takeover's answer no more of the bot's messages arrive than
/// it announced.
async fn raced(faults: Faults) -> Result<()> {
    const CONVERSATIONS: u32 = 24;
    let app = TestApp::start().await?;
    let tenant = app.tenant().await?;
    let boss = tenant.supervisor().await?;
    let begun = (0..CONVERSATIONS).map(|n| greeted(&tenant, n));
    let begun = try_join_all(begun).await?;
    app.emulator.set_faults(faults);

    let races = begun.iter().zip(0..).map(|((phone, conversation), n)| {
        let (tenant, boss) = (&tenant, &boss);
        async move {
            for _ in 0..3 {
                phone.writes("menu")?;
            }
            // Some takeovers meet the bot before it answers, some after.
            if n % 3 > 0 {
                let answers = n % 3 * 2 + 1;
                let answering = |c: &Value| number(c, "last_seq").is_ok_and(|seq| seq > answers);
                tenant.conversation(&phone.wa_id, answering).await?;
            }
            let taken = does(boss, conversation, "takeover").await?;
            let at_the_answer = automatic(phone)?;
            anyhow::Ok((taken, at_the_answer))
        }
    });
    let races = try_join_all(races).await?;
    app.emulator.set_faults(Faults::default());
    app.settled().await?;
    let mut withdrawn = 0;
    for ((phone, conversation), (taken, at_the_answer)) in begun.iter().zip(races) {
        let on_the_wire = number(&taken, "on_the_wire")?;
        let after = automatic(phone)? - at_the_answer;
        assert!(
            after <= on_the_wire,
            "{after} came after the answer {taken}"
        );
        withdrawn += number(&taken, "cancelled")?;
        gap_free(&tenant.messages(conversation).await?)?;
        let told = phone.received()?;
        let told = told
            .iter()
            .filter(|e| words(e).contains("falando com supervisao"));
        assert_eq!(told.count(), 1, "the customer is told once");
    }
    assert!(
        withdrawn > 0,
        "the race was none: nothing was ever withdrawn"
    );
    let unknown = "SELECT count(*) FROM outbox WHERE epoch IS NOT NULL
                   AND state NOT IN ('sent', 'cancelled', 'failed')";
    assert_eq!(app.count(unknown, &[]).await?, 0);
    app.stop().await;
    Ok(())
}

#[actix_web::test]
async fn no_bot_message_follows_a_takeover_raced_against_claims() -> Result<()> {
    let slow_answer = Fault::often(100).lasting_ms(400);
    raced(Faults {
        slow_answer,
        ..Faults::default()
    })
    .await
}

#[actix_web::test]
async fn no_bot_message_follows_a_takeover_raced_against_requeues() -> Result<()> {
    let server_error = Fault::often(80);
    raced(Faults {
        server_error,
        ..Faults::default()
    })
    .await
}

#[actix_web::test]
async fn a_person_talks_with_a_customer_and_ends_it() -> Result<()> {
    let app = TestApp::start().await?;
    let tenant = app.tenant().await?;
    let (ana, bruno) = (
        tenant.attendant("ana").await?,
        tenant.attendant("bruno").await?,
    );
    let (mut phone, id) = greeted(&tenant, 1).await?;

    let refused = format!("/api/v1/conversations/{id}/messages");
    let early = ana
        .post(&refused, json!({ "type": "text", "body": "Oi" }))
        .await?;
    assert_eq!((early.status, early.code()), (409, "not_in_human_mode"));

    let taken = does(&ana, &id, "takeover").await?;
    phone
        .receives_words("Agora você está falando com ana")
        .await?;
    let again = does(&ana, &id, "takeover").await?;
    assert_eq!(again["epoch"], taken["epoch"], "she leads already");
    let late = bruno
        .post(&format!("/api/v1/conversations/{id}/takeover"), Value::Null)
        .await?;
    assert_eq!((late.status, late.code()), (409, "assigned_to_another"));
    let seen = format!("/api/v1/conversations/{id}");
    assert_eq!(
        late.body["details"]["name"], "ana",
        "he is told who was faster"
    );
    assert_eq!(
        bruno.call(Method::GET, &seen, &[], None).await?.status,
        404,
        "an attendant does not see a colleague's conversation"
    );

    says(&ana, &id, "Bom dia! Em que posso ajudar?").await?;
    phone.receives_words("Em que posso ajudar?").await?;
    let question = phone.writes("Quanto custa?")?;
    tenant
        .message(&id, |m| is(m, "external_id", &question))
        .await?;
    says(&ana, &id, "Custa dez.").await?;
    phone.receives_words("Custa dez.").await?;
    app.settled().await?;
    assert_eq!(automatic(&phone)?, 1, "the bot spoke while a person led");

    does(&ana, &id, "close").await?;
    let closed = tenant
        .conversation(&phone.wa_id, |c| is(c, "mode", "closed"))
        .await?;
    assert!(closed["ended_at"].is_string(), "{closed}");
    phone.writes("Mais uma coisa")?;
    phone.receives_words(MENU).await?;
    let reopened = tenant
        .conversation(&phone.wa_id, |c| is(c, "mode", "bot"))
        .await?;
    assert_eq!(
        reopened["id"],
        id.as_str(),
        "a new session of the same conversation"
    );

    let transfers = tenant
        .admin
        .get(&format!("/api/v1/conversations/{id}/transfers"))
        .await?;
    let kinds: Vec<_> = transfers["data"]
        .as_array()
        .context("no list")?
        .iter()
        .collect();
    assert!(
        kinds.iter().any(|t| is(t, "kind", "takeover")),
        "{kinds:#?}"
    );
    gap_free(&tenant.messages(&id).await?)?;
    app.stop().await;
    Ok(())
}

/// Why somebody gave a conversation back to the bot is there to be read.
#[actix_web::test]
async fn the_reason_of_a_transfer_to_the_bot_is_kept() -> Result<()> {
    let app = TestApp::start().await?;
    let tenant = app.tenant().await?;
    let ana = tenant.attendant("ana").await?;
    let (mut phone, id) = greeted(&tenant, 1).await?;
    does(&ana, &id, "takeover").await?;
    let path = format!("/api/v1/conversations/{id}");
    let reason = json!({ "reason": "Só queria o menu" });
    ana.post(&format!("{path}/transfer"), reason)
        .await?
        .expect(200)?;
    phone.receives_words(MENU).await?;
    let shown = tenant.admin.get(&path).await?;
    assert!(is(&shown, "mode", "bot"), "{shown}");
    let transfers = tenant.admin.get(&format!("{path}/transfers")).await?;
    let newest = &transfers["data"][0];
    assert!(
        is(newest, "kind", "release") && newest["reason"] == "Só queria o menu",
        "{transfers}"
    );
    let said = tenant.messages(&id).await?;
    let note = said.iter().find(|m| m["text"] == "Só queria o menu");
    assert!(is(note.context("no note")?, "message_type", "note"));
    app.stop().await;
    Ok(())
}

/// Two people at the same moment: one leads, the other is told who.
#[actix_web::test]
async fn one_of_two_takes_over() -> Result<()> {
    let app = TestApp::start().await?;
    let tenant = app.tenant().await?;
    let (ana, bruno) = (
        tenant.attendant("ana").await?,
        tenant.attendant("bruno").await?,
    );
    for n in 0..10 {
        let (_, id) = greeted(&tenant, n).await?;
        let path = format!("/api/v1/conversations/{id}/takeover");
        let (first, second) =
            futures_util::join!(ana.post(&path, Value::Null), bruno.post(&path, Value::Null));
        let answers = [(&ana, first?), (&bruno, second?)];
        let won: Vec<_> = answers
            .iter()
            .filter(|(_, answer)| answer.status == 200)
            .collect();
        assert_eq!(won.len(), 1, "{answers:#?}");
        for (_, lost) in answers.iter().filter(|(_, answer)| answer.status != 200) {
            assert_eq!(lost.status, 409, "{lost:?}");
            assert_eq!(lost.body["details"]["by"], won[0].0.id.as_str(), "{lost:?}");
        }
    }
    app.stop().await;
    Ok(())
}

/// The owner answers on the phone app: the bot falls silent as if somebody had taken over here.
#[actix_web::test]
async fn the_owners_phone_takes_over_too() -> Result<()> {
    let app = TestApp::start().await?;
    let tenant = app.tenant().await?;
    let (phone, id) = greeted(&tenant, 1).await?;
    app.emulator
        .echo(&tenant.line.phone_number_id, &phone.wa_id, "Aqui é o dono")?;
    tenant
        .conversation(&phone.wa_id, |c| is(c, "mode", "human"))
        .await?;
    tenant
        .message(&id, |m| is(m, "sender_type", "phone"))
        .await?;
    let word = phone.writes("menu")?;
    tenant.message(&id, |m| is(m, "external_id", &word)).await?;
    app.settled().await?;
    assert_eq!(automatic(&phone)?, 1);
    app.stop().await;
    Ok(())
}

/// More than 24 hours after the customer's last message no free text goes out; with the next one
/// it does again.
#[actix_web::test]
async fn a_closed_window_refuses_words() -> Result<()> {
    let app = TestApp::start().await?;
    let tenant = app.tenant().await?;
    let ana = tenant.attendant("ana").await?;
    let phone = tenant.customer(1)?;
    let now: i64 = app
        .count("SELECT extract(epoch FROM now())::bigint", &[])
        .await?;
    // WhatsApp delivers late, up to eight days.
    let old = tenant
        .line
        .text(&phone.wa_id, "wamid.old", now - 25 * 3600, "Oi");
    assert_eq!(
        deliver_signed(&app.api, &tenant.line.app_secret, &old)
            .await?
            .status,
        200
    );
    let conversation = tenant.conversation(&phone.wa_id, |_| true).await?;
    let id = text(&conversation, "id")?;
    does(&ana, &id, "takeover").await?;
    let path = format!("/api/v1/conversations/{id}/messages");
    let refused = ana
        .post(&path, json!({ "type": "text", "body": "Oi" }))
        .await?;
    assert_eq!(
        (refused.status, refused.code()),
        (422, "window_closed"),
        "{}",
        refused.text
    );
    assert!(
        refused.body["details"]["since"].is_string(),
        "{}",
        refused.text
    );
    app.settled().await?;
    assert!(
        phone.received()?.is_empty(),
        "something was sent outside the window"
    );

    let mut phone = phone;
    phone.writes("Estou aqui")?;
    tenant.message(&id, |m| is(m, "text", "Estou aqui")).await?;
    says(&ana, &id, "Oi de novo").await?;
    phone.receives_words("Oi de novo").await?;
    app.stop().await;
    Ok(())
}

/// A request that is repeated under its key, at once and later, has one effect and one answer.
#[actix_web::test]
async fn a_repeated_request_has_one_effect() -> Result<()> {
    let app = TestApp::start().await?;
    let tenant = app.tenant().await?;
    let ana = tenant.attendant("ana").await?;
    let (mut phone, id) = greeted(&tenant, 1).await?;
    does(&ana, &id, "takeover").await?;
    let path = format!("/api/v1/conversations/{id}/messages");
    let body = json!({ "type": "text", "body": "Uma vez" });
    let repeated = (0..20).map(|_| ana.post_once(&path, "chave-1", body.clone()));
    let answers = try_join_all(repeated).await?;
    let mut bodies: Vec<_> = answers.iter().map(|a| a.body.to_string()).collect();
    assert!(answers.iter().all(|a| a.status == 201), "{answers:#?}");
    let first = answers
        .iter()
        .filter(|a| a.header("idempotent-replayed").is_none());
    assert_eq!(first.count(), 1);
    bodies.dedup();
    assert_eq!(bodies.len(), 1, "{bodies:#?}");
    let other = json!({ "type": "text", "body": "Outra coisa" });
    let reused = ana.post_once(&path, "chave-1", other).await?;
    assert_eq!(
        (reused.status, reused.code()),
        (422, "idempotency_key_reused")
    );
    phone.receives_words("Uma vez").await?;

    // Whoever handed it on sees it no more, and still gets the answer to what they repeat.
    let close = format!("/api/v1/conversations/{id}/return-to-bot");
    let once = ana
        .post_once(&close, "chave-2", Value::Null)
        .await?
        .expect(200)?;
    let twice = ana
        .post_once(&close, "chave-2", Value::Null)
        .await?
        .expect(200)?;
    assert_eq!(once, twice);
    app.settled().await?;
    let sent = phone.received()?;
    assert_eq!(sent.iter().filter(|e| words(e) == "Uma vez").count(), 1);
    app.stop().await;
    Ok(())
}
