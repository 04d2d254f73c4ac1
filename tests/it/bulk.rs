//! Several conversations at once: each is asked by itself.

use crate::app::TestApp;
use crate::stage::{Tenant, text};
use anyhow::{Context, Result};
use papo_test_support::api::{Answer, User};
use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

const BULK: &str = "/api/v1/conversations/bulk";

/// Conversations that the bot leads.
async fn begun(tenant: &Tenant, count: u32) -> Result<Vec<String>> {
    let mut ids = Vec::new();
    for n in 1..=count {
        let mut phone = tenant.customer(n)?;
        phone.writes("Oi")?;
        phone.receives().await?;
        ids.push(text(
            &tenant.conversation(&phone.wa_id, |_| true).await?,
            "id",
        )?);
    }
    Ok(ids)
}

async fn does(user: &User, id: &str, what: &str) -> Result<()> {
    let path = format!("/api/v1/conversations/{id}/{what}");
    user.post(&path, Value::Null).await?.expect(200).map(drop)
}

/// What became of each, as `status code`.
fn outcomes(answer: &Value) -> Result<Vec<String>> {
    let results = answer.get("results").and_then(Value::as_array);
    let results = results.context("no results")?;
    let outcome = |one: &Value| {
        let code = one.pointer("/error/code").and_then(Value::as_str);
        let status = one.get("status").map(Value::to_string);
        let parts = [status.as_deref(), code].into_iter().flatten();
        parts.collect::<Vec<_>>().join(" ")
    };
    Ok(results.iter().map(outcome).collect())
}

#[actix_web::test]
async fn each_has_an_outcome_of_its_own() -> Result<()> {
    let app = TestApp::start().await?;
    let tenant = app.tenant().await?;
    let (ana, bruno) = (
        tenant.attendant("ana").await?,
        tenant.attendant("bruno").await?,
    );
    let ids = begun(&tenant, 4).await?;
    let [mine, bots, his, closed] = ids.as_slice() else {
        anyhow::bail!("{ids:?}")
    };
    does(&ana, mine, "takeover").await?;
    does(&bruno, his, "takeover").await?;
    does(&ana, closed, "close").await?;
    let nowhere = Uuid::nil().to_string();
    let body = json!({ "ids": [mine, bots, his, closed, nowhere, mine], "action": "close" });
    let answer = ana.post(BULK, body).await?.expect(200)?;
    let expected = [
        "200",
        "200",
        "404 not_found",
        "409 already_closed",
        "404 not_found",
    ];
    assert_eq!(outcomes(&answer)?, expected, "{answer}");
    assert_eq!(answer["done"], 2);
    assert_eq!(answer["results"][0]["id"], json!(mine));
    assert!(answer["results"][0]["outcome"]["version"].is_u64());
    assert!(answer["results"][3]["error"]["message"].is_string());
    app.stop().await;
    Ok(())
}

#[actix_web::test]
async fn a_repetition_does_only_what_was_not_done_yet() -> Result<()> {
    let app = TestApp::start().await?;
    let tenant = app.tenant().await?;
    let (ana, bruno) = (
        tenant.attendant("ana").await?,
        tenant.attendant("bruno").await?,
    );
    let ids = begun(&tenant, 2).await?;
    does(&ana, &ids[0], "takeover").await?;
    let body = json!({ "ids": ids, "action": "transfer", "user_id": bruno.id, "note": "férias" });
    let headers = [("Idempotency-Key", "k".repeat(255))];
    let headers: Vec<(&str, &str)> = headers.iter().map(|(k, v)| (*k, v.as_str())).collect();
    let ask =
        async || -> Result<Answer> { ana.call(Method::POST, BULK, &headers, Some(&body)).await };
    let first = ask().await?.expect(200)?;
    assert_eq!(
        outcomes(&first)?,
        ["200", "409 not_in_human_mode"],
        "{first}"
    );
    does(&ana, &ids[1], "takeover").await?;
    let second = ask().await?.expect(200)?;
    assert_eq!(outcomes(&second)?, ["200", "200"], "{second}");
    assert_eq!(
        first["results"][0]["outcome"]["version"],
        second["results"][0]["outcome"]["version"]
    );
    for id in &ids {
        let shown = bruno.get(&format!("/api/v1/conversations/{id}")).await?;
        assert_eq!(shown["assigned_user"]["id"], json!(bruno.id));
    }
    let other = json!({ "ids": ids, "action": "close" });
    let reused = ana.call(Method::POST, BULK, &headers, Some(&other)).await?;
    assert_eq!(
        (reused.status, reused.code()),
        (422, "idempotency_key_reused")
    );
    app.stop().await;
    Ok(())
}

#[actix_web::test]
async fn every_action_does_what_it_says() -> Result<()> {
    let app = TestApp::start().await?;
    let tenant = app.tenant().await?;
    let (boss, ana) = (tenant.supervisor().await?, tenant.attendant("ana").await?);
    let ids = begun(&tenant, 2).await?;
    let label = json!({ "name": "Venda", "colour": "#e03131" });
    let label = text(
        &boss.post("/api/v1/labels", label).await?.expect(201)?,
        "id",
    )?;
    let all = async |action: Value| -> Result<Vec<Value>> {
        let mut body = action.clone();
        body["ids"] = json!(ids);
        let answer = boss.post(BULK, body).await?.expect(200)?;
        assert_eq!(answer["done"], 2, "{action}: {answer}");
        let mut shown = Vec::new();
        for id in &ids {
            shown.push(boss.get(&format!("/api/v1/conversations/{id}")).await?);
        }
        Ok(shown)
    };
    let each = |shown: &[Value], pointer: &str, expected: &Value| {
        for one in shown {
            assert_eq!(one.pointer(pointer), Some(expected), "{one}");
        }
    };
    let shown = all(json!({ "action": "read" })).await?;
    each(&shown, "/unread_count", &json!(0));
    let shown = all(json!({ "action": "unread" })).await?;
    each(&shown, "/unread_count", &json!(1));
    let shown = all(json!({ "action": "priority", "priority": "urgent" })).await?;
    each(&shown, "/priority", &json!("urgent"));
    let shown = all(json!({ "action": "labels_add", "labels": [label] })).await?;
    each(&shown, "/labels/0/id", &json!(label));
    let shown = all(json!({ "action": "labels_remove", "labels": [label] })).await?;
    each(&shown, "/labels", &json!([]));
    // One waits, one is led: both are Ana's then.
    let asked = json!({ "conversation_id": ids[0] });
    boss.post("/api/v1/handoffs", asked).await?.expect(201)?;
    does(&boss, &ids[1], "takeover").await?;
    let shown = all(json!({ "action": "assign", "user_id": ana.id })).await?;
    each(&shown, "/assigned_user/id", &json!(ana.id));
    let later = crate::load::seconds_now()? + 3_600;
    let later = chrono::DateTime::from_timestamp(later, 0);
    let shown = all(json!({ "action": "snooze", "until": later })).await?;
    each(&shown, "/snoozed_until", &json!(later));
    let shown = all(json!({ "action": "transfer" })).await?;
    each(&shown, "/mode", &json!("bot"));
    all(json!({ "action": "close", "resolution": "resolvido" })).await?;
    let shown = all(json!({ "action": "archive" })).await?;
    each(&shown, "/status", &json!("archived"));
    app.stop().await;
    Ok(())
}

#[actix_web::test]
async fn what_makes_no_sense_is_refused_as_a_whole() -> Result<()> {
    let app = TestApp::start().await?;
    let tenant = app.tenant().await?;
    let (ana, bruno) = (
        tenant.attendant("ana").await?,
        tenant.attendant("bruno").await?,
    );
    let ids = begun(&tenant, 1).await?;
    let many: Vec<Uuid> = (0..101).map(Uuid::from_u128).collect();
    let nobody = Uuid::nil();
    for (body, status, field) in [
        (json!({ "ids": [], "action": "close" }), 422, "ids"),
        (json!({ "ids": many, "action": "close" }), 422, "ids"),
        (json!({ "ids": ids, "action": "explode" }), 400, "action"),
        (json!({ "ids": ids, "action": "snooze" }), 422, "until"),
        (json!({ "ids": ids, "action": "priority" }), 422, "priority"),
        (json!({ "ids": ids, "action": "assign" }), 422, "user_id"),
        (
            json!({ "ids": ids, "action": "assign", "user_id": nobody }),
            403,
            "",
        ),
        (
            json!({ "ids": ids, "action": "assign", "user_id": bruno.id }),
            403,
            "",
        ),
        (
            json!({ "ids": ids, "action": "transfer", "user_id": nobody }),
            422,
            "user_id",
        ),
        (
            json!({ "ids": ids, "action": "labels_add", "labels": [nobody] }),
            422,
            "labels",
        ),
        (
            json!({ "ids": ids, "action": "read", "labels": [nobody] }),
            422,
            "labels",
        ),
    ] {
        let refused = ana.post(BULK, body.clone()).await?;
        assert_eq!(refused.status, status, "{body}: {}", refused.text);
        let named = refused.body.pointer("/details/fields/0/field");
        assert_eq!(
            named.and_then(Value::as_str).unwrap_or_default(),
            field,
            "{body}"
        );
    }
    app.stop().await;
    Ok(())
}

/// A key that was another request's is wrong for all of them, also for those that it never named.
#[actix_web::test]
async fn a_key_of_another_request_does_half_of_nothing() -> Result<()> {
    let app = TestApp::start().await?;
    let tenant = app.tenant().await?;
    let (ana, bruno) = (
        tenant.attendant("ana").await?,
        tenant.attendant("bruno").await?,
    );
    let ids = begun(&tenant, 2).await?;
    let [first, second] = ids.as_slice() else {
        anyhow::bail!("{ids:?}")
    };
    let unread = json!({ "ids": [first], "action": "unread" });
    ana.post_once(BULK, "k", unread).await?.expect(200)?;
    for named in [vec![first, second], vec![second]] {
        let close = json!({ "ids": named, "action": "close" });
        let refused = ana.post_once(BULK, "k", close).await?;
        assert_eq!(
            (refused.status, refused.code()),
            (422, "idempotency_key_reused"),
            "{}",
            refused.text
        );
        let shown = ana.get(&format!("/api/v1/conversations/{second}")).await?;
        assert_eq!(shown["status"], "open");
    }
    // It is somebody else's key as well.
    let close = json!({ "ids": [second], "action": "close" });
    let closed = bruno.post_once(BULK, "k", close).await?.expect(200)?;
    assert_eq!(closed["done"], 1);
    app.stop().await;
    Ok(())
}
