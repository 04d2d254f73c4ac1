//! Ids of another tenant's things, inside bodies and queries.

use super::owner::Owner;
use super::quick_to_forget;
use crate::app::TestApp;
use crate::stage::{PASSWORD, Tenant, text};
use anyhow::{Context, Result, ensure};
use reqwest::Method;
use serde_json::{Value, json};

/// What the stranger has of their own, to name the owner's things with.
struct Own {
    /// Led by the administrator.
    conversation: String,
    /// Led by the bot.
    begun: String,
    customer: String,
    reply: String,
}

impl Own {
    async fn of(stranger: &Tenant) -> Result<Self> {
        let found = Self::wrote(stranger, 900).await?;
        let begun = Self::wrote(stranger, 901).await?;
        let conversation = text(&found, "id")?;
        let takeover = format!("/api/v1/conversations/{conversation}/takeover");
        let admin = &stranger.admin;
        admin.post(&takeover, Value::Null).await?.expect(200)?;
        let reply = json!({ "scope": "tenant", "shortcut": "oi", "title": "Oi", "text": "Oi" });
        let made = admin.post("/api/v1/canned-replies", reply).await?;
        Ok(Self {
            conversation,
            customer: text(found.get("customer").context("no customer")?, "id")?,
            reply: text(&made.expect(201)?, "id")?,
            begun: text(&begun, "id")?,
        })
    }

    /// The conversation of a customer who wrote.
    async fn wrote(stranger: &Tenant, n: u32) -> Result<Value> {
        let mut phone = stranger.customer(n)?;
        phone.writes("Oi")?;
        phone.receives().await?;
        stranger.conversation(&phone.wa_id, |_| true).await
    }
}

/// They are as unknown as invented ones.
#[actix_web::test]
async fn a_body_cannot_name_another_tenants_things() -> Result<()> {
    let app = TestApp::start_with(quick_to_forget).await?;
    let stranger = app.tenant().await?;
    let mut owner = Owner::settle_in(app).await?;
    let (_, theirs) = owner.conversation().await?;
    let (customer, label) = (owner.customer().await?, owner.label().await?);
    let message = owner.tenant.messages(&theirs).await?[0]["id"].clone();
    let (ana, department) = (owner.ana.id.clone(), owner.department.clone());
    let before = owner.digest().await?;

    let own = Own::of(&stranger).await?;
    let at = |what: &str| format!("/api/v1/conversations/{}/{what}", own.conversation);
    let person = json!({
        "email": "x@example.com", "full_name": "Xis", "password": PASSWORD,
        "departments": [department],
    });
    let admin = &stranger.admin;
    let me = format!("/api/v1/users/{}", admin.id);
    let reply = json!({
        "scope": "department", "department_id": department, "shortcut": "ola", "title": "Olá",
        "text": "Olá",
    });
    let (post, put, patch) = (Method::POST, Method::PUT, Method::PATCH);
    for (method, path, body, field) in [
        (&post, "/api/v1/users".to_owned(), person, "departments"),
        (
            &patch,
            me,
            json!({ "departments": [department] }),
            "departments",
        ),
        (
            &post,
            at("transfer"),
            json!({ "to_user_id": ana }),
            "to_user_id",
        ),
        (
            &post,
            at("transfer"),
            json!({ "department_id": department }),
            "department_id",
        ),
        (
            &post,
            at("messages"),
            json!({ "type": "text", "body": "Oi", "reply_to": message }),
            "reply_to",
        ),
        (
            &post,
            at("notes"),
            json!({ "note": "veja", "mentions": [ana] }),
            "mentions[0]",
        ),
        (&put, at("labels"), json!({ "labels": [label] }), "labels"),
        (
            &post,
            format!("/api/v1/customers/{}/merge", own.customer),
            json!({ "source_id": customer }),
            "source_id",
        ),
        (
            &post,
            "/api/v1/canned-replies".to_owned(),
            reply,
            "department_id",
        ),
        (
            &post,
            format!("/api/v1/canned-replies/{}/render", own.reply),
            json!({ "conversation_id": theirs }),
            "conversation_id",
        ),
        (
            &post,
            "/api/v1/conversations/bulk".to_owned(),
            json!({ "ids": [own.conversation], "action": "labels_add", "labels": [label] }),
            "labels",
        ),
        (
            &post,
            "/api/v1/conversations/bulk".to_owned(),
            json!({ "ids": [own.conversation], "action": "assign", "user_id": ana }),
            "user_id",
        ),
    ] {
        let answer = admin.call(method.clone(), &path, &[], Some(&body)).await?;
        assert_eq!(answer.status, 422, "{path}: {}", answer.text);
        assert_eq!(
            answer.body["details"]["fields"][0]["field"], field,
            "{path}: {}",
            answer.text
        );
    }
    let handoff = json!({ "conversation_id": theirs });
    assert_eq!(admin.post("/api/v1/handoffs", handoff).await?.status, 404);
    let handoff = json!({ "conversation_id": own.begun, "department_id": department });
    assert_eq!(admin.post("/api/v1/handoffs", handoff).await?.status, 422);
    // Each by itself: what is not theirs is not there, and where it would go is nowhere.
    for body in [
        json!({ "ids": [theirs], "action": "close" }),
        json!({ "ids": [own.conversation], "action": "transfer", "department_id": department }),
    ] {
        let answer = admin.post("/api/v1/conversations/bulk", body.clone());
        let answer = answer.await?.expect(200)?;
        assert_eq!(answer["done"], 0, "{body}: {answer}");
    }
    assert_eq!(owner.digest().await?, before);
    owner.app.stop().await;
    Ok(())
}

/// Filters by them find nothing, and say nothing of what there is.
#[actix_web::test]
async fn a_filter_cannot_name_another_tenants_things() -> Result<()> {
    let app = TestApp::start_with(quick_to_forget).await?;
    let stranger = app.tenant().await?;
    let mut owner = Owner::settle_in(app).await?;
    owner.found().await?;
    let (conversation, customer) = (owner.led().await?, owner.customer().await?);
    let label = owner.label().await?;
    owner.app.settled().await?;
    Own::of(&stranger).await?;
    let (ana, department) = (owner.ana.id.clone(), owner.department.clone());
    let channel = owner.tenant.channel.clone();
    let lists = [
        (
            "conversations?",
            vec![
                ("assignee", &ana),
                ("assignee", &owner.tenant.admin.id),
                ("department", &department),
                ("channel", &channel),
                ("label", &label),
            ],
        ),
        (
            "search/messages?q=oi&",
            vec![
                ("assignee", &ana),
                ("assignee", &owner.tenant.admin.id),
                ("conversation", &conversation),
                ("customer", &customer),
                ("channel", &channel),
                ("department", &department),
            ],
        ),
        ("audit/events?", vec![("actor_id", &ana)]),
    ];
    let marks = owner.marks().await?;
    for (list, filters) in lists {
        for (filter, id) in filters {
            let path = format!("/api/v1/{list}{filter}={id}");
            let answer = stranger.admin.get(&path).await?;
            assert_eq!(answer["data"], json!([]), "{path}");
        }
    }
    for (filter, id) in [
        ("department_id", &department),
        ("channel_id", &channel),
        ("user_id", &ana),
    ] {
        let path = format!("/api/v1/metrics/overview?{filter}={id}");
        let theirs = stranger.admin.get(&path).await?.to_string();
        let nobodys = format!("/api/v1/metrics/overview?{filter}={}", uuid::Uuid::new_v4());
        let nobodys = stranger.admin.get(&nobodys).await?.to_string();
        assert_eq!(theirs, nobodys, "{path}");
        let leaked = marks.iter().find(|mark| theirs.contains(*mark));
        ensure!(leaked.is_none(), "{path}: {leaked:?} in {theirs}");
    }
    owner.app.stop().await;
    Ok(())
}
