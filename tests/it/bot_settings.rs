//! The bot's settings one by one, and drafts that are published.

use crate::app::TestApp;
use crate::stage::{text, words};
use anyhow::{Context, Result};
use papo_test_support::api::User;
use reqwest::Method;
use serde_json::{Value, json};

const CONFIG: &str = "/api/v1/bot/config";

async fn setting(user: &User, key: &str) -> Result<Value> {
    let page = user.get(CONFIG).await?;
    let data = page.get("data").and_then(Value::as_array);
    let found = data
        .context("no list")?
        .iter()
        .find(|s| s.get("key") == Some(&json!(key)));
    found.cloned().with_context(|| format!("no {key}"))
}

#[actix_web::test]
async fn one_setting_changes_and_the_others_stay() -> Result<()> {
    let app = TestApp::start().await?;
    let tenant = app.tenant().await?;
    let policy = "/api/v1/tenants/current/policy";
    let before = tenant.admin.get(policy).await?;
    let path = |key: &str| format!("{CONFIG}/{key}");
    let put = async |key: &str, value: Value| {
        let body = json!({ "value": value });
        tenant.admin.put(&path(key), body).await
    };
    let changed = put("max_misses", json!(4)).await?.expect(200)?;
    assert_eq!(
        changed,
        json!({ "key": "max_misses", "value": 4, "default": 2 })
    );
    assert_eq!(setting(&tenant.admin, "max_misses").await?, changed);
    let mut expected = before.clone();
    expected["max_misses"] = json!(4);
    assert_eq!(tenant.admin.get(policy).await?, expected);
    let texts = json!({ "returned_to_bot": "Voltei!" });
    put("texts", texts).await?.expect(200)?;
    for (key, value, status, field) in [
        ("max_misses", json!(0), 422, "value"),
        ("max_misses", json!("many"), 400, "value"),
        (
            "texts",
            json!({ "closed": "x".repeat(2000) }),
            422,
            "value.closed",
        ),
        ("texts", json!({ "goodbye": "Tchau" }), 400, "value"),
        ("handoff_keywords", json!(["ok", ""]), 422, "value[1]"),
    ] {
        let refused = put(key, value).await?;
        assert_eq!(refused.status, status, "{}", refused.text);
        assert_eq!(
            refused.body["details"]["fields"][0]["field"], field,
            "{}",
            refused.text
        );
    }
    for key in ["require_two_factor", "step_limit", "colour"] {
        assert_eq!(put(key, json!(1)).await?.status, 404, "{key}");
    }
    let told = tenant
        .admin
        .get("/api/v1/audit/events?action=policy_replaced&limit=1")
        .await?;
    assert_eq!(
        told["data"][0]["after"],
        json!({ "texts": { "returned_to_bot": "Voltei!" } })
    );
    let supervisor = tenant.supervisor().await?;
    setting(&supervisor, "texts").await?;
    let refused = supervisor
        .put(&path("max_misses"), json!({ "value": 3 }))
        .await?;
    assert_eq!(refused.status, 403);
    let ana = tenant.attendant("ana").await?;
    let refused = ana.call(Method::GET, CONFIG, &[], None).await?;
    assert_eq!(refused.status, 403);
    app.stop().await;
    Ok(())
}

#[actix_web::test]
async fn a_draft_serves_once_it_is_published() -> Result<()> {
    let app = TestApp::start().await?;
    let tenant = app.tenant().await?;
    let active = tenant.admin.get("/api/v1/bot/flows/active").await?;
    let mut definition = active["flow"].clone();
    definition["nodes"]["main"]["text"] = json!("Olá do rascunho");
    let draft = json!({ "name": "Rascunho", "flow": definition });
    let made = tenant
        .admin
        .post("/api/v1/bot/flows", draft)
        .await?
        .expect(201)?;
    assert_eq!(made["is_active"], false);
    let mut phone = tenant.customer(1)?;
    phone.writes("Oi")?;
    let said = phone.receives().await?;
    assert!(!words(&said).contains("rascunho"));
    let path = format!("/api/v1/bot/flows/{}/publish", text(&made, "id")?);
    let published = tenant.admin.post(&path, Value::Null).await?.expect(200)?;
    assert_eq!(published["is_active"], true);
    let mut phone = tenant.customer(2)?;
    phone.writes("Oi")?;
    let said = phone.receives().await?;
    assert!(words(&said).contains("rascunho"), "{said:?}");
    let unknown = format!("/api/v1/bot/flows/{}/publish", uuid::Uuid::new_v4());
    assert_eq!(tenant.admin.post(&unknown, Value::Null).await?.status, 404);
    let now = tenant.admin.get("/api/v1/bot/flows/active").await?;
    assert_eq!(now["name"], "Rascunho");
    app.stop().await;
    Ok(())
}
