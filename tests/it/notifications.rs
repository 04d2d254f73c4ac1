//! Colleagues who are mentioned are told, and nobody else is.

use crate::app::TestApp;
use crate::stage::text;
use anyhow::{Context, Result};
use papo_test_support::api::Answer;
use papo_test_support::wait::PATIENCE;
use papo_test_support::ws_client::WsClient;
use serde_json::{Value, json};

const LIST: &str = "/api/v1/notifications";
const READ: &str = "/api/v1/notifications/read";

/// Insists on a fault of one field.
fn faulty(answer: &Answer, field: &str) {
    assert_eq!(answer.status, 422, "{}", answer.text);
    let named = answer.body.pointer("/details/fields/0/field");
    assert_eq!(named, Some(&json!(field)), "{}", answer.text);
}

#[actix_web::test]
async fn who_is_mentioned_is_told_and_nobody_else() -> Result<()> {
    let app = TestApp::start().await?;
    let tenant = app.tenant().await?;
    let (ana, bruno) = (
        tenant.attendant("ana").await?,
        tenant.attendant("bruno").await?,
    );
    let supervisor = tenant.supervisor().await?;
    let phone = tenant.customer(1)?;
    phone.writes("Oi")?;
    let conversation = tenant.conversation(&phone.wa_id, |_| true).await?;
    let id = text(&conversation, "id")?;
    app.settled().await?;
    let head = app.head(&tenant).await?;
    let url = app.api.socket_url();
    let mut sockets = Vec::new();
    for user in [&bruno, &supervisor, &ana] {
        let mut socket = WsClient::connect(&url, &user.access_token, None).await?;
        socket.caught_up(head, PATIENCE).await?;
        sockets.push(socket);
    }
    let notes = format!("/api/v1/conversations/{id}/notes");
    // Twice the same, and oneself: once, and not at all.
    let note = json!({
        "note": "@bruno pode ver isto?", "mentions": [bruno.id, bruno.id, ana.id],
    });
    let first = ana
        .post_once(&notes, "n1", note.clone())
        .await?
        .expect(201)?;
    ana.post_once(&notes, "n1", note).await?.expect(201)?;
    let head = app.head(&tenant).await?;
    let (mine, others) = sockets.split_first_mut().context("no socket")?;
    let frame = mine.next_event("notification:new", PATIENCE).await?;
    let payload = &frame["payload"];
    assert_eq!(
        (
            &payload["kind"],
            &payload["conversation_id"],
            &payload["message_seq"]
        ),
        (&json!("mention"), &json!(id), &first["seq"])
    );
    assert_eq!(payload["by_user_id"], json!(ana.id));
    for socket in others {
        socket.caught_up(head, PATIENCE).await?;
        let frames = socket.frames();
        assert!(frames.iter().all(|f| f["event"] != "notification:new"));
    }

    let list = bruno.get(LIST).await?;
    assert_eq!(list["unread"], 1);
    let told = &list["data"][0];
    assert_eq!(told["id"], payload["id"]);
    assert_eq!(
        (
            &told["text"],
            &told["customer_name"],
            &told["by_user"]["name"]
        ),
        (
            &json!("@bruno pode ver isto?"),
            &json!("Cliente 1"),
            &json!("ana")
        )
    );
    for user in [&ana, &supervisor] {
        assert_eq!(user.get(LIST).await?["data"], json!([]));
    }
    let shown = tenant.messages(&id).await?;
    let note = shown.last().context("no message")?;
    assert_eq!(note["content"]["mentions"], json!([bruno.id]));

    // Of a conversation that is somebody else's by now, only that there was something.
    let takeover = format!("/api/v1/conversations/{id}/takeover");
    ana.post(&takeover, Value::Null).await?.expect(200)?;
    let told = bruno.get(LIST).await?["data"][0].clone();
    assert_eq!(
        (&told["text"], &told["customer_name"]),
        (&Value::Null, &Value::Null)
    );

    // Another person's cannot be read away.
    let one = json!({ "ids": [told["id"]] });
    assert_eq!(ana.post(READ, one.clone()).await?.expect(200)?["unread"], 0);
    assert_eq!(bruno.get(LIST).await?["unread"], 1);
    assert_eq!(bruno.post(READ, one).await?.expect(200)?["unread"], 0);
    let list = bruno.get(&format!("{LIST}?unread=true")).await?;
    assert_eq!(list["data"], json!([]));
    assert!(bruno.get(LIST).await?["data"][0]["read_at"].is_string());
    app.stop().await;
    Ok(())
}

#[actix_web::test]
async fn nobody_is_mentioned_who_could_not_look() -> Result<()> {
    let app = TestApp::start().await?;
    let tenant = app.tenant().await?;
    let (ana, bruno) = (
        tenant.attendant("ana").await?,
        tenant.attendant("bruno").await?,
    );
    let member = tenant.hire("membro", "member").await?;
    let stranger = app.tenant().await?.attendant("estranha").await?;
    let phone = tenant.customer(1)?;
    phone.writes("Oi")?;
    let conversation = tenant.conversation(&phone.wa_id, |_| true).await?;
    let id = text(&conversation, "id")?;
    let takeover = format!("/api/v1/conversations/{id}/takeover");
    ana.post(&takeover, Value::Null).await?.expect(200)?;
    let notes = format!("/api/v1/conversations/{id}/notes");
    for user in [&bruno, &member, &stranger] {
        let note = json!({ "note": "veja", "mentions": [tenant.admin.id, user.id] });
        faulty(&ana.post(&notes, note).await?, "mentions[1]");
    }
    let many: Vec<String> = (0..21).map(|_| uuid::Uuid::new_v4().to_string()).collect();
    let note = json!({ "note": "todos", "mentions": many });
    faulty(&ana.post(&notes, note).await?, "mentions");
    // Nothing was written or told.
    assert!(
        tenant
            .messages(&id)
            .await?
            .iter()
            .all(|m| m["message_type"] != "note")
    );
    assert_eq!(tenant.admin.get(LIST).await?["unread"], 0);
    // A supervisor sees every conversation.
    let note = json!({ "note": "veja", "mentions": [tenant.admin.id] });
    ana.post(&notes, note).await?.expect(201)?;
    assert_eq!(tenant.admin.get(LIST).await?["unread"], 1);
    app.stop().await;
    Ok(())
}
