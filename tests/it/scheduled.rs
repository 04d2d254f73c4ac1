//! Messages that are written now and sent later: at their time, once, as their author; or never,
//! and the author is told.

use crate::app::TestApp;
use crate::stage::{Phone, Tenant, text};
use anyhow::{Context, Result};
use chrono::{DateTime, TimeDelta, Utc};
use papo_test_support::api::User;
use papo_test_support::wait::{PATIENCE, eventually};
use papo_test_support::ws_client::WsClient;
use reqwest::Method;
use serde_json::{Value, json};
use std::time::SystemTime;

const OWN: &str = "/api/v1/scheduled-messages";

/// A conversation that `user` leads.
async fn led(tenant: &Tenant, user: &User, n: u32) -> Result<(Phone, String)> {
    let mut phone = tenant.customer(n)?;
    phone.writes("Oi")?;
    phone.receives().await?;
    let shown = tenant.conversation(&phone.wa_id, |_| true).await?;
    let id = text(&shown, "id")?;
    let takeover = format!("/api/v1/conversations/{id}/takeover");
    user.post(&takeover, Value::Null).await?.expect(200)?;
    phone.receives().await?;
    Ok((phone, id))
}

fn of(conversation: &str) -> String {
    format!("/api/v1/conversations/{conversation}/scheduled-messages")
}

/// The server's clock is this machine's.
fn now() -> DateTime<Utc> {
    SystemTime::now().into()
}

fn tomorrow(words: &str) -> Value {
    let at = now() + TimeDelta::days(1);
    json!({ "send_at": at, "message": { "type": "text", "body": words } })
}

/// Has everything that is scheduled sent now.
async fn time_comes(app: &TestApp) -> Result<()> {
    for sql in [
        "UPDATE scheduled_messages SET send_at = now() WHERE state = 'scheduled'",
        "UPDATE jobs SET next_at = now() WHERE kind = 'send_scheduled' AND state = 'pending'",
    ] {
        app.rows.execute(sql, &[]).await?;
    }
    Ok(())
}

/// A scheduled message of `user`, once it is in this state.
async fn becomes(user: &User, id: &str, state: &str) -> Result<Value> {
    eventually("the scheduled message goes on", PATIENCE, async || {
        let page = user.get(&format!("{OWN}?state={state}")).await?;
        let rows = page.get("data").and_then(Value::as_array);
        let rows = rows.context("no data")?;
        Ok(rows
            .iter()
            .find(|row| row.get("id").and_then(Value::as_str) == Some(id))
            .cloned())
    })
    .await
}

#[actix_web::test]
async fn it_is_sent_at_its_time_once_as_its_author() -> Result<()> {
    let app = TestApp::start().await?;
    let tenant = app.tenant().await?;
    let ana = tenant.attendant("ana").await?;
    let (mut phone, conversation) = led(&tenant, &ana, 1).await?;
    let soon = now() + TimeDelta::seconds(2);
    let message = json!({ "type": "text", "body": "Lembrete" });
    let asked = json!({ "send_at": soon, "message": message });
    let kept = ana.post(&of(&conversation), asked).await?.expect(201)?;
    assert_eq!(
        (&kept["state"], &kept["text"]),
        (&json!("scheduled"), &json!("Lembrete"))
    );
    let body = "SELECT body FROM scheduled_messages";
    let body: String = app.rows.query_one(body, &[]).await?.get(0);
    phone.receives_words("Lembrete").await?;
    assert!(now() >= soon, "it was sent too early");
    let id = text(&kept, "id")?;
    let sent = becomes(&ana, &id, "sent").await?;
    assert_eq!(sent["text"], Value::Null);
    let last = tenant.messages(&conversation).await?;
    let last = last.last().context("no message")?;
    assert_eq!(last["seq"], sent["message_seq"]);
    assert_eq!(last["sender_user_id"], json!(ana.id));

    // A process that died before it could say so has it sent again: nothing more is said, and it
    // was not refused by what has happened since.
    for then in ["", "close"] {
        if !then.is_empty() {
            let path = format!("/api/v1/conversations/{conversation}/{then}");
            ana.post(&path, Value::Null).await?.expect(200)?;
        }
        app.settled().await?;
        let unsaid = "UPDATE scheduled_messages SET state = 'sending', body = $1";
        app.rows.execute(unsaid, &[&body]).await?;
        let again =
            "UPDATE jobs SET state = 'pending', next_at = now() WHERE kind = 'send_scheduled'";
        app.rows.execute(again, &[]).await?;
        app.settled().await?;
        assert_eq!(becomes(&ana, &id, "sent").await?, sent);
    }
    let told = "SELECT count(*) FROM notifications";
    assert_eq!(app.count(told, &[]).await?, 0);
    let said = tenant.messages(&conversation).await?;
    let times = said.iter().filter(|m| m["text"] == "Lembrete").count();
    assert_eq!(times, 1);
    app.stop().await;
    Ok(())
}

#[actix_web::test]
async fn what_cannot_be_sent_is_told_to_its_author_alone() -> Result<()> {
    let app = TestApp::start().await?;
    let tenant = app.tenant().await?;
    let ana = tenant.attendant("ana").await?;
    let bia = tenant.attendant("bia").await?;
    let (_phone, conversation) = led(&tenant, &ana, 1).await?;
    let kept = ana
        .post(&of(&conversation), tomorrow("Lembrete"))
        .await?
        .expect(201)?;
    let id = text(&kept, "id")?;
    let transfer = format!("/api/v1/conversations/{conversation}/transfer");
    let to_bia = json!({ "to_user_id": bia.id });
    ana.post(&transfer, to_bia).await?.expect(200)?;
    let mut client = WsClient::connect(&ana.api.socket_url(), &ana.access_token, None).await?;
    time_comes(&app).await?;
    let told = client.next_event("notification:new", PATIENCE).await?;
    assert_eq!(told["payload"]["kind"], "scheduled_failed");
    let failed = becomes(&ana, &id, "failed").await?;
    assert_eq!(
        (&failed["failure"], &failed["text"]),
        (&json!("assigned_to_another"), &json!("Lembrete"))
    );
    let list = ana.get("/api/v1/notifications").await?;
    assert_eq!(list["data"][0]["id"], json!(id));
    assert_eq!(list["data"][0]["conversation_id"], json!(conversation));
    let list = bia.get("/api/v1/notifications").await?;
    assert_eq!(list["data"], json!([]));
    // Told once, however often it is tried.
    let again = "UPDATE jobs SET state = 'pending', next_at = now() WHERE kind = 'send_scheduled'";
    app.rows.execute(again, &[]).await?;
    app.settled().await?;
    let count = "SELECT count(*) FROM notifications";
    assert_eq!(app.count(count, &[]).await?, 1);

    // Who leads counts as of then.
    let (_phone, other) = led(&tenant, &bia, 2).await?;
    let kept = bia.post(&of(&other), tomorrow("Oi")).await?.expect(201)?;
    let close = format!("/api/v1/conversations/{other}/close");
    bia.post(&close, Value::Null).await?.expect(200)?;
    time_comes(&app).await?;
    let failed = becomes(&bia, &text(&kept, "id")?, "failed").await?;
    assert_eq!(failed["failure"], "not_in_human_mode");
    app.stop().await;
    Ok(())
}

/// The customer wrote when it was scheduled, maybe; what counts is when it goes out.
#[actix_web::test]
async fn the_window_counts_as_of_its_time() -> Result<()> {
    let app = TestApp::start().await?;
    let tenant = app.tenant().await?;
    let ana = tenant.attendant("ana").await?;
    tenant.template("lembrete", "Amanhã às {{1}}.").await?;
    let (mut phone, conversation) = tenant.silent_customer(1, &ana).await?;
    let path = of(&conversation);
    let free = ana.post(&path, tomorrow("Lembrete")).await?.expect(201)?;
    let template = json!({ "name": "lembrete", "language": "pt_BR", "body": ["9h"] });
    let asked = json!({
        "send_at": now() + TimeDelta::days(1),
        "message": { "type": "template", "template": template },
    });
    let template = ana.post(&path, asked).await?.expect(201)?;
    time_comes(&app).await?;
    let failed = becomes(&ana, &text(&free, "id")?, "failed").await?;
    assert_eq!(failed["failure"], "window_closed");
    becomes(&ana, &text(&template, "id")?, "sent").await?;
    phone.receives_words("Amanhã às 9h.").await?;
    app.stop().await;
    Ok(())
}

#[actix_web::test]
async fn its_author_changes_it_until_it_is_sent() -> Result<()> {
    let app = TestApp::start().await?;
    let tenant = app.tenant().await?;
    let ana = tenant.attendant("ana").await?;
    let bia = tenant.attendant("bia").await?;
    let (mut phone, conversation) = led(&tenant, &ana, 1).await?;
    let path = of(&conversation);
    let mut ids = Vec::new();
    for words in ["um", "dois"] {
        let kept = ana.post(&path, tomorrow(words)).await?.expect(201)?;
        ids.push(text(&kept, "id")?);
    }
    let at = |id: &str| format!("{OWN}/{id}");
    let words = |body: &str| json!({ "message": { "type": "text", "body": body } });
    let edited = ana.patch(&at(&ids[0]), words("outro")).await?.expect(200)?;
    assert_eq!(edited["text"], "outro");
    // Others see neither it nor a reason; a supervisor may cancel, not speak for her.
    assert_eq!(bia.patch(&at(&ids[0]), words("x")).await?.status, 404);
    let open = "SELECT count(*) FROM jobs WHERE kind = 'send_scheduled' AND state = 'pending'";
    assert_eq!(app.count(open, &[]).await?, 2, "one for each");
    let boss = tenant.supervisor().await?;
    assert_eq!(boss.patch(&at(&ids[0]), words("x")).await?.status, 403);
    for _ in 0..2 {
        let cancelled = boss.call(Method::DELETE, &at(&ids[1]), &[], None).await?;
        assert_eq!(cancelled.status, 204, "{}", cancelled.text);
    }
    assert_eq!(app.count(open, &[]).await?, 1);
    // She learns of it, once, and so does whoever looks back.
    let told = ana.get("/api/v1/notifications").await?;
    let (first, second) = (&told["data"][0], &told["data"][1]);
    assert_eq!(first["kind"], "scheduled_cancelled", "{told}");
    assert_eq!(
        (&first["id"], &first["by_user"]["id"], second),
        (&json!(ids[1]), &json!(boss.id), &Value::Null)
    );
    let path = "/api/v1/audit/events?action=scheduled_cancelled";
    let kept = tenant.admin.get(path).await?;
    assert_eq!(kept["data"].as_array().map(Vec::len), Some(1), "{kept}");
    let path = of(&conversation);
    let refused = ana.patch(&at(&ids[1]), words("x")).await?;
    assert_eq!((refused.status, refused.code()), (409, "schedule_ended"));
    let listed = ana.get(&format!("{path}?limit=1")).await?;
    assert_eq!(listed["data"][0]["id"], json!(ids[0]));
    assert!(listed["next_cursor"].is_string(), "{listed}");

    time_comes(&app).await?;
    phone.receives_words("outro").await?;
    becomes(&ana, &ids[0], "sent").await?;
    let late = ana.call(Method::DELETE, &at(&ids[0]), &[], None).await?;
    assert_eq!((late.status, late.code()), (409, "schedule_ended"));
    app.settled().await?;
    let said = tenant.messages(&conversation).await?;
    assert!(
        said.iter()
            .all(|m| m["text"] != "um" && m["text"] != "dois")
    );
    app.stop().await;
    Ok(())
}

#[actix_web::test]
async fn what_makes_no_sense_is_refused_at_once() -> Result<()> {
    let app = TestApp::start().await?;
    let tenant = app.tenant().await?;
    let ana = tenant.attendant("ana").await?;
    let bia = tenant.attendant("bia").await?;
    let (_phone, conversation) = led(&tenant, &ana, 1).await?;
    let path = of(&conversation);
    let now = now();
    for (at, message, field) in [
        (now, json!({ "type": "text", "body": "x" }), "send_at"),
        (
            now + TimeDelta::days(91),
            json!({ "type": "text", "body": "x" }),
            "send_at",
        ),
        (
            now + TimeDelta::days(1),
            json!({ "type": "text", "body": "x", "expected_seq": 1 }),
            "message.expected_seq",
        ),
    ] {
        let asked = json!({ "send_at": at, "message": message });
        let refused = ana.post(&path, asked).await?;
        assert_eq!(refused.status, 422, "{}", refused.text);
        let named = refused.body.pointer("/details/fields/0/field");
        assert_eq!(named, Some(&json!(field)), "{}", refused.text);
    }
    let refused = ana.post(&path, tomorrow("")).await?;
    assert_eq!((refused.status, refused.code()), (422, "content_limit"));
    assert_eq!(bia.post(&path, tomorrow("x")).await?.status, 404);
    let jobs = "SELECT count(*) FROM jobs WHERE kind = 'send_scheduled'";
    assert_eq!(app.count(jobs, &[]).await?, 0);
    for _ in 0..50 {
        ana.post(&path, tomorrow("x")).await?.expect(201)?;
    }
    let refused = ana.post(&path, tomorrow("x")).await?;
    assert_eq!(refused.status, 422, "{}", refused.text);
    app.stop().await;
    Ok(())
}

#[actix_web::test]
async fn a_repetition_keeps_it_once_and_says_what_it_answers() -> Result<()> {
    let app = TestApp::start().await?;
    let tenant = app.tenant().await?;
    let ana = tenant.attendant("ana").await?;
    let (mut phone, conversation) = led(&tenant, &ana, 1).await?;
    let path = of(&conversation);
    let asked = tenant.messages(&conversation).await?;
    let asked = text(asked.first().context("no message")?, "id")?;
    let mut wanted = tomorrow("Até amanhã");
    wanted["message"]["reply_to"] = json!(asked);
    let kept = ana.post_once(&path, "k", wanted.clone()).await?;
    let kept = kept.expect(201)?;
    assert_eq!(kept["reply_to"], json!(asked));
    let other = ana.post_once(&path, "k", tomorrow("Outra")).await?;
    assert_eq!(
        (other.status, other.code()),
        (422, "idempotency_key_reused")
    );

    time_comes(&app).await?;
    phone.receives_words("Até amanhã").await?;
    let id = text(&kept, "id")?;
    becomes(&ana, &id, "sent").await?;
    let again = ana.post_once(&path, "k", wanted).await?.expect(201)?;
    assert_eq!(
        (&again["id"], &again["state"]),
        (&json!(id), &json!("sent"))
    );
    assert_eq!(
        app.count("SELECT count(*) FROM scheduled_messages", &[])
            .await?,
        1
    );
    app.stop().await;
    Ok(())
}

/// After an outage: what is about a moment that is long over is not said, and the rest in its order.
#[actix_web::test]
async fn what_is_late_goes_out_in_order_or_not_at_all() -> Result<()> {
    let app = TestApp::start().await?;
    let tenant = app.tenant().await?;
    let ana = tenant.attendant("ana").await?;
    let (mut phone, conversation) = led(&tenant, &ana, 1).await?;
    let mut ids = Vec::new();
    for words in ["tarde demais", "primeiro", "segundo"] {
        let kept = ana.post(&of(&conversation), tomorrow(words)).await?;
        ids.push(text(&kept.expect(201)?, "id")?);
    }
    let sent_at = "UPDATE scheduled_messages SET send_at = now() - $2::bigint * interval '1 minute'
                   WHERE id::text = $1";
    for (id, minutes) in ids.iter().zip([61_i64, 20, 10]) {
        app.rows.execute(sent_at, &[id, &minutes]).await?;
    }
    let begin = "UPDATE jobs SET next_at = now() WHERE key LIKE $1 || ':%'";
    app.rows.execute(begin, &[&ids[2]]).await?;
    let waits = "SELECT count(*) FROM jobs WHERE key LIKE $1 || ':%' AND last_error IS NOT NULL";
    eventually("the second one waits", PATIENCE, async || {
        let waits = app.count(waits, &[&ids[2]]).await?;
        Ok((waits == 1).then_some(()))
    })
    .await?;
    for id in &ids[..2] {
        app.rows.execute(begin, &[id]).await?;
    }
    phone.receives_words("primeiro").await?;
    phone.receives_words("segundo").await?;
    let failed = becomes(&ana, &ids[0], "failed").await?;
    assert_eq!(failed["failure"], "too_late");
    app.stop().await;
    Ok(())
}
