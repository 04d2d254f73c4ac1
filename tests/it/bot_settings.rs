//! The bot's settings one by one, and drafts that are published.

use crate::app::TestApp;
use crate::stage::{Phone, Tenant, text, words};
use anyhow::{Context, Result, ensure};
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

/// A flow that says `greeting` at its start.
async fn draft(tenant: &Tenant, greeting: &str) -> Result<String> {
    let active = tenant.admin.get("/api/v1/bot/flows/active").await?;
    let mut flow = active.get("flow").cloned().context("no flow")?;
    let said = flow.pointer_mut("/nodes/main/text");
    *said.context("no text")? = json!(greeting);
    let draft = json!({ "name": greeting, "flow": flow });
    let made = tenant.admin.post("/api/v1/bot/flows", draft).await?;
    text(&made.expect(201)?, "id")
}

async fn hears(phone: &mut Phone, said: &str, wanted: &str) -> Result<()> {
    phone.writes(said)?;
    let heard = phone.receives().await?;
    ensure!(words(&heard).contains(wanted), "{said}: {heard:?}");
    Ok(())
}

#[actix_web::test]
async fn a_draft_is_tried_on_one_phone() -> Result<()> {
    let app = TestApp::start().await?;
    let tenant = app.tenant().await?;
    let admin = &tenant.admin;
    let draft = draft(&tenant, "Olá do rascunho").await?;
    let path = format!("/api/v1/bot/flows/{draft}/try");
    let (mut ours, mut theirs) = (tenant.customer(1)?, tenant.customer(2)?);
    let phone = json!({ "phone": ours.wa_id });
    let end = async |path: &str| -> Result<u16> {
        let ended = admin.call(Method::DELETE, path, &[], None).await?;
        Ok(ended.status)
    };

    let unknown = admin.post(&path, phone.clone()).await?;
    assert_eq!(unknown.status, 422, "{}", unknown.text);
    assert_eq!(unknown.body["details"]["fields"][0]["field"], "phone");
    hears(&mut ours, "oi", "Como podemos ajudar").await?;
    hears(&mut theirs, "oi", "Como podemos ajudar").await?;
    // As it is said at home.
    let id = &ours.wa_id;
    let spelt = format!("({}) {}-{}", &id[2..4], &id[4..9], &id[9..]);
    let begun = admin
        .post(&path, json!({ "phone": spelt }))
        .await?
        .expect(200)?;
    assert_eq!(begun["phone"], json!(ours.wa_id));
    let trials = admin.get("/api/v1/bot/trials").await?;
    assert_eq!(trials["data"], json!([begun]));

    // An answer to what was asked before is none to the draft.
    hears(&mut ours, "Encerrar", "Olá do rascunho").await?;
    hears(&mut theirs, "menu", "Como podemos ajudar").await?;
    // An edit is tried at once.
    let mut edited = admin.get(&format!("/api/v1/bot/flows/{draft}")).await?["flow"].clone();
    edited["nodes"]["main"]["text"] = json!("Olá outra vez");
    let edit = json!({ "name": "Rascunho", "flow": edited });
    let put = admin
        .put(&format!("/api/v1/bot/flows/{draft}"), edit)
        .await?;
    put.expect(200)?;
    hears(&mut ours, "menu", "Olá outra vez").await?;

    assert_eq!(end(&path).await?, 204);
    assert_eq!(admin.get("/api/v1/bot/trials").await?["data"], json!([]));
    hears(&mut ours, "Encerrar", "Como podemos ajudar").await?;
    assert_eq!(end(&path).await?, 204, "once more");

    let told = admin
        .get("/api/v1/audit/events?action=flow_tried&limit=1")
        .await?;
    assert_eq!(told["data"][0]["object_id"], json!(draft), "{told}");
    let gone = format!("/api/v1/bot/flows/{}/try", uuid::Uuid::new_v4());
    assert_eq!(admin.post(&gone, phone.clone()).await?.status, 404);
    assert_eq!(end(&gone).await?, 404);
    let bad = admin.post(&path, json!({ "phone": "a phone" })).await?;
    assert_eq!(bad.status, 422);
    let ana = tenant.attendant("ana").await?;
    assert_eq!(ana.post(&path, phone).await?.status, 403);
    app.stop().await;
    Ok(())
}

#[actix_web::test]
async fn a_flow_is_played_to_nobody() -> Result<()> {
    let app = TestApp::start().await?;
    let tenant = app.tenant().await?;
    let path = "/api/v1/bot/flows/dry-run";
    let active = tenant.admin.get("/api/v1/bot/flows/active").await?;
    let said = json!([
        { "text": "oi" }, { "text": "Encerrar", "choice": "close" }, { "text": "oi" },
        { "text": "atendente" },
    ]);
    let body = json!({ "flow": active["flow"], "said": said, "customer_name": "Maria" });
    let played = tenant.admin.post(path, body.clone()).await?.expect(200)?;
    let turn = |n: usize| &played["turns"][n];
    let first = turn(0)["told"][0]["text"].as_str().unwrap_or_default();
    assert!(first.contains("Olá, Maria!"), "{played}");
    assert_eq!(turn(0)["told"][0]["content"]["type"], "buttons");
    assert_eq!(
        (&turn(0)["mode"], &turn(0)["node"]),
        (&json!("bot"), &json!("main"))
    );
    assert_eq!(turn(1)["mode"], "closed");
    assert_eq!(turn(2)["node"], "main");
    assert_eq!(turn(3)["mode"], "waiting");
    assert_eq!(
        app.count("SELECT count(*) FROM conversations", &[]).await?,
        0
    );

    let mut broken = body.clone();
    broken["flow"]["start"] = json!("nowhere");
    let refused = tenant.admin.post(path, broken).await?;
    assert_eq!(refused.status, 422, "{}", refused.text);
    let ana = tenant.attendant("ana").await?;
    assert_eq!(ana.post(path, body).await?.status, 403);
    app.stop().await;
    Ok(())
}

/// Whoever sets one thing with a script must not open the door by that.
#[actix_web::test]
async fn a_policy_that_does_not_speak_of_second_factors_leaves_them_asked_for() -> Result<()> {
    let app = TestApp::start().await?;
    let tenant = app.tenant().await?;
    let policy = "/api/v1/tenants/current/policy";
    let asked = json!({ "require_two_factor": ["supervisor"], "max_misses": 5 });
    tenant.admin.put(policy, asked).await?.expect(200)?;
    let other = json!({ "coalesce_quiet_ms": 0 });
    let now = tenant.admin.put(policy, other).await?.expect(200)?;
    assert_eq!(now["require_two_factor"], json!(["supervisor"]));
    // Of everything else what is left out has its default.
    assert_eq!(now["max_misses"], 2);
    assert_eq!(tenant.admin.get(policy).await?, now);
    let said = json!({ "require_two_factor": [] });
    let now = tenant.admin.put(policy, said).await?.expect(200)?;
    assert_eq!(now["require_two_factor"], json!([]));
    // A fault is named where it stands.
    let wrong = json!({ "routing": { "strategy": "best" } });
    let refused = tenant.admin.put(policy, wrong).await?;
    assert_eq!(refused.status, 400, "{}", refused.text);
    assert_eq!(
        refused.body["details"]["fields"][0]["field"],
        "routing.strategy"
    );
    app.stop().await;
    Ok(())
}

#[actix_web::test]
async fn a_part_of_the_policy_changes_and_the_rest_stays() -> Result<()> {
    let app = TestApp::start().await?;
    let tenant = app.tenant().await?;
    let policy = "/api/v1/tenants/current/policy";
    let whole = json!({
        "require_two_factor": ["supervisor"], "texts": { "closed": "Tchau!" }, "aging": 60,
    });
    let before = tenant.admin.put(policy, whole).await?.expect(200)?;
    let part = json!({ "max_misses": 5, "texts": { "requeued": "Um momento." } });
    let now = tenant.admin.patch(policy, part).await?.expect(200)?;
    let mut expected = before;
    expected["max_misses"] = json!(5);
    expected["texts"]["requeued"] = json!("Um momento.");
    assert_eq!(now, expected);
    for (part, status, field) in [
        (json!({ "max_misses": 0 }), 422, "max_misses"),
        (
            json!({ "texts": { "goodbye": "Tchau" } }),
            400,
            "texts.goodbye",
        ),
        (json!({ "colour": 1 }), 400, "colour"),
        (json!({ "texts": 1 }), 400, "texts"),
    ] {
        let refused = tenant.admin.patch(policy, part).await?;
        assert_eq!(refused.status, status, "{}", refused.text);
        assert_eq!(refused.body["details"]["fields"][0]["field"], field);
    }
    assert_eq!(tenant.admin.get(policy).await?, expected);
    let told = tenant
        .admin
        .get("/api/v1/audit/events?action=policy_replaced&limit=1")
        .await?;
    assert_eq!(told["data"][0]["after"]["max_misses"], 5);
    let boss = tenant.supervisor().await?;
    let part = json!({ "max_misses": 3 });
    assert_eq!(boss.patch(policy, part).await?.status, 403);
    app.stop().await;
    Ok(())
}

#[actix_web::test]
async fn what_was_looked_at_is_published_and_what_serves_is_not_deleted() -> Result<()> {
    let app = TestApp::start().await?;
    let tenant = app.tenant().await?;
    let admin = &tenant.admin;
    let id = draft(&tenant, "Olá do rascunho").await?;
    let path = format!("/api/v1/bot/flows/{id}");
    let publish = async |version: i32| {
        let path = format!("{path}/publish?version={version}");
        admin.post(&path, Value::Null).await
    };
    let delete = async |user: &User| {
        let answer = user.call(Method::DELETE, &path, &[], None).await?;
        anyhow::Ok((answer.status, answer.code().to_owned()))
    };
    let stale = publish(7).await?;
    assert_eq!((stale.status, stale.code()), (409, "stale"));
    let served = publish(1).await?.expect(200)?;
    assert_eq!(served["is_active"], true);
    let active = admin.get("/api/v1/bot/flows/active").await?;
    assert_eq!(active["id"], json!(id));
    let ana = tenant.attendant("ana").await?;
    assert_eq!(delete(&ana).await?.0, 403);
    assert_eq!(delete(admin).await?, (409, "flow_serves".to_owned()));

    let many = "INSERT INTO bot_flows (tenant_id, id, name, is_active, definition)
                SELECT tenant_id, gen_random_uuid(), 'Fluxo ' || n, false, definition
                FROM bot_flows, generate_series(1, 99) n";
    app.rows.execute(many, &[]).await?;
    let flow = &active["flow"];
    let more = |active| json!({ "name": "Mais um", "is_active": active, "flow": flow });
    let refused = admin.post("/api/v1/bot/flows", more(true)).await?;
    assert_eq!(refused.status, 422, "{}", refused.text);
    assert_eq!(refused.body["details"]["fields"][0]["field"], "name");
    let other = "UPDATE bot_flows SET is_active = false";
    app.rows.execute(other, &[]).await?;
    assert_eq!(delete(admin).await?.0, 204);
    assert_eq!(delete(admin).await?.0, 404);
    admin
        .post("/api/v1/bot/flows", more(true))
        .await?
        .expect(201)?;
    app.stop().await;
    Ok(())
}
