//! The live stream over the whole product: what people are told, what they are not told, and
//! that they come back to where they left.

use crate::app::TestApp;
use crate::stage::{Phone, Tenant, is, number, text};
use anyhow::{Context, Result, ensure};
use papo_test_support::api::User;
use papo_test_support::wait::{PATIENCE, eventually};
use papo_test_support::ws_client::{Handshake, WsClient};
use serde_json::{Value, json};

async fn follow(user: &User) -> Result<WsClient> {
    WsClient::connect(&user.api.socket_url(), &user.access_token, None).await
}

async fn act(user: &User, conversation: &str, what: &str, body: Value) -> Result<Value> {
    let path = format!("/api/v1/conversations/{conversation}/{what}");
    let answer = user.post(&path, body).await?;
    ensure!(answer.status < 300, "{what}: {}", answer.text);
    Ok(answer.body)
}

/// A customer who wrote and is with the bot.
async fn begun(tenant: &Tenant, n: u32) -> Result<(Phone, String)> {
    let phone = tenant.customer(n)?;
    phone.writes("Oi")?;
    let greeted = |c: &Value| number(c, "last_seq").is_ok_and(|seq| seq >= 2);
    let conversation = tenant.conversation(&phone.wa_id, greeted).await?;
    Ok((phone, text(&conversation, "id")?))
}

fn about<'a>(frame: &'a Value, field: &str) -> &'a Value {
    frame
        .get("payload")
        .and_then(|p| p.get(field))
        .unwrap_or(&Value::Null)
}

/// The newest event of a tenant.
async fn head(app: &TestApp, tenant: &Tenant) -> Result<u64> {
    let newest = "SELECT coalesce(max(seq), 0) FROM events WHERE tenant_id = $1";
    Ok(app.count(newest, &[&tenant.uuid()]).await?.try_into()?)
}

/// Names of the numbered frames that came.
fn story(client: &WsClient) -> Vec<String> {
    let numbered = |frame: &Value| frame.get("seq").is_some();
    let frames = client.frames().into_iter().filter(numbered);
    frames
        .filter_map(|frame| text(&frame, "event").ok())
        .collect()
}

#[actix_web::test]
async fn everybody_is_told_what_they_may_see() -> Result<()> {
    let app = TestApp::start().await?;
    let tenant = app.tenant().await?;
    let (ana, bruno) = (
        tenant.attendant("ana").await?,
        tenant.attendant("bruno").await?,
    );
    let (mut at_ana, mut at_bruno) = (follow(&ana).await?, follow(&bruno).await?);
    let (phone, id) = begun(&tenant, 1).await?;

    let first = at_ana.next_event("message:new", PATIENCE).await?;
    assert_eq!(about(&first, "conversation_id"), &json!(id));
    assert_eq!(about(&first, "text"), "Oi");
    assert_eq!(about(&first, "unread"), "raise");
    phone.writes("atendente")?;
    let asked = at_ana.next_event("handoff:new", PATIENCE).await?;
    assert_eq!(about(&asked, "reason"), "keyword");

    act(&ana, &id, "takeover", Value::Null).await?;
    let taken = at_ana.next_event("conversation:updated", PATIENCE).await?;
    assert_eq!(taken["payload"]["set"]["assigned_user_id"], json!(ana.id));
    let assigned = at_ana.next_event("handoff:assigned", PATIENCE).await?;
    assert_eq!(about(&assigned, "handoff_id"), about(&asked, "handoff_id"));
    // It is hers now: Bruno is told that it went, and nothing after.
    let gone = at_bruno
        .next_event("conversation:revoked", PATIENCE)
        .await?;
    assert_eq!(about(&gone, "id"), &json!(id));

    let reply = json!({ "type": "text", "body": "Boa tarde" });
    let sent = act(&ana, &id, "messages", reply).await?;
    loop {
        let status = at_ana.next_event("message:status", PATIENCE).await?;
        let ours = about(&status, "message_id") == &sent["id"];
        if ours && about(&status, "status") == "delivered" {
            break;
        }
    }
    act(
        &ana,
        &id,
        "transfer",
        json!({ "to_user_id": bruno.id, "reason": "férias" }),
    )
    .await?;
    let granted = at_bruno
        .next_event("conversation:granted", PATIENCE)
        .await?;
    let moved = at_bruno
        .next_event("conversation:transferred", PATIENCE)
        .await?;
    assert_eq!(granted["seq"], moved["seq"]);
    assert_eq!(about(&moved, "from_user_id"), &json!(ana.id));
    at_ana.next_event("conversation:revoked", PATIENCE).await?;
    act(&bruno, &id, "close", Value::Null).await?;
    at_bruno.next_event("handoff:completed", PATIENCE).await?;

    app.settled().await?;
    let newest = head(&app, &tenant).await?;
    at_bruno.caught_up(newest, PATIENCE).await?;
    let told = story(&at_bruno);
    let gap = told
        .iter()
        .position(|e| e == "conversation:revoked")
        .context("never gone")?;
    assert_eq!(
        told.get(gap + 1).map(String::as_str),
        Some("conversation:granted"),
        "{told:?}"
    );
    assert_eq!((at_ana.faults(), at_bruno.faults()), (vec![], vec![]));
    app.stop().await;
    Ok(())
}

#[actix_web::test]
async fn a_client_comes_back_to_where_it_left() -> Result<()> {
    let app = TestApp::start_with(|config| config.realtime.replay_max_rows = 200).await?;
    let tenant = app.tenant().await?;
    let boss = tenant.supervisor().await?;
    let (phone, id) = begun(&tenant, 1).await?;
    app.settled().await?;
    // What is stored is told a moment later; from then on both begin at the same event.
    let told = head(&app, &tenant).await?;
    follow(&boss).await?.caught_up(told, PATIENCE).await?;
    let mut before = follow(&boss).await?;
    // A second one stays all the time: the measure.
    let mut always = follow(&boss).await?;
    let cursor = before.cursor();
    act(&boss, &id, "takeover", Value::Null).await?;
    before.next_event("conversation:updated", PATIENCE).await?;
    drop(before);
    for n in 0..10 {
        act(&boss, &id, "notes", json!({ "note": format!("nota {n}") })).await?;
    }
    phone.writes("alô?")?;
    app.settled().await?;
    let newest = head(&app, &tenant).await?;
    always.caught_up(newest, PATIENCE).await?;

    let url = boss.api.socket_url();
    let mut after = WsClient::connect(&url, &boss.access_token, cursor).await?;
    after.caught_up(newest, PATIENCE).await?;
    // The same events in the same frames; a message told late shows its status as of now.
    let numbered = |client: &WsClient| -> Vec<Value> {
        let mut frames = client.frames();
        frames.retain(|frame| frame.get("seq").is_some());
        for frame in &mut frames {
            if let Some(payload) = frame["payload"].as_object_mut() {
                payload.remove("status");
                payload.remove("external_id");
            }
        }
        frames
    };
    assert_eq!(numbered(&after), numbered(&always));
    assert_eq!(after.faults(), Vec::<String>::new());

    // Away for too long, or from elsewhere: it must load anew, and follows from now on.
    for n in 0..250 {
        act(&boss, &id, "notes", json!({ "note": format!("nota {n}") })).await?;
    }
    let newest = head(&app, &tenant).await?;
    always.caught_up(newest, PATIENCE).await?;
    for cursor in [cursor, Some(newest + 1_000_000)] {
        let mut late = WsClient::open(&Handshake::to(&url)).await?;
        let greeting = late.hello(Some(&boss.access_token), cursor).await?;
        assert_eq!(greeting["resync"], true);
        assert_eq!(late.cursor(), Some(newest));
    }
    app.stop().await;
    Ok(())
}

#[actix_web::test]
async fn tenants_hear_nothing_of_each_other() -> Result<()> {
    let app = TestApp::start().await?;
    let (tenant, other) = (app.tenant().await?, app.tenant().await?);
    let (ours, theirs) = (tenant.supervisor().await?, other.supervisor().await?);
    let (mut at_ours, mut at_theirs) = (follow(&ours).await?, follow(&theirs).await?);
    let (_, id) = begun(&tenant, 1).await?;
    app.settled().await?;
    at_ours.next_event("message:new", PATIENCE).await?;
    let refused = at_theirs.join(&id).await.err().context("joined")?;
    assert!(refused.to_string().contains("not_found"), "{refused}");
    // With a cursor of ours, too.
    let cursor = at_ours.cursor();
    let url = theirs.api.socket_url();
    let mut again = WsClient::connect(&url, &theirs.access_token, cursor).await?;
    for client in [&mut at_theirs, &mut again] {
        client.ping().await?;
        let told = client
            .frames()
            .into_iter()
            .filter(|f| !is(f, "event", "reply"));
        assert_eq!(told.collect::<Vec<_>>(), Vec::<Value>::new());
    }
    app.stop().await;
    Ok(())
}

#[actix_web::test]
async fn whoever_loses_rights_loses_the_socket() -> Result<()> {
    let app = TestApp::start().await?;
    let tenant = app.tenant().await?;
    let revoked = (4001, "revoked".to_owned());
    let bruno = tenant.supervisor().await?;
    let path = format!("/api/v1/users/{}", bruno.id);
    for change in [
        json!({ "role": "attendant" }),
        json!({ "is_active": false }),
    ] {
        let client = follow(&bruno).await?;
        tenant.admin.patch(&path, change).await?.expect(200)?;
        assert_eq!(client.closed(PATIENCE).await?, revoked);
    }
    let refused = follow(&bruno).await.err().context("came back")?;
    assert!(
        refused.to_string().contains("not_authenticated"),
        "{refused}"
    );

    let ana = tenant.attendant("ana").await?;
    let client = follow(&ana).await?;
    ana.post("/api/v1/auth/logout", Value::Null)
        .await?
        .expect(204)?;
    assert_eq!(client.closed(PATIENCE).await?, revoked);
    app.stop().await;
    Ok(())
}

/// A super admin's account is nowhere near the tenant whose stream is followed.
#[actix_web::test]
async fn a_super_admin_who_logs_out_is_cut_where_they_act() -> Result<()> {
    let app = TestApp::start().await?;
    let (tenant, other) = (app.tenant().await?, app.tenant().await?);
    let root = app.root().await?;
    let mut clients = Vec::new();
    for tenant in [&tenant, &other] {
        let url = format!("{}?tenant={}", root.api.socket_url(), tenant.slug);
        clients.push(WsClient::connect(&url, &root.access_token, None).await?);
    }
    root.post("/api/v1/auth/logout", Value::Null)
        .await?
        .expect(204)?;
    for client in &clients {
        assert_eq!(client.closed(PATIENCE).await?, (4001, "revoked".to_owned()));
    }
    app.stop().await;
    Ok(())
}

#[actix_web::test]
async fn nobody_of_a_suspended_tenant_hears_anything_more() -> Result<()> {
    let app = TestApp::start().await?;
    let tenant = app.tenant().await?;
    let (ana, root) = (tenant.attendant("ana").await?, app.root().await?);
    let client = follow(&ana).await?;
    let path = format!("/api/v1/tenants/{}", tenant.id);
    let suspended = json!({ "status": "suspended" });
    root.patch(&path, suspended).await?.expect(200)?;
    // What was looked up for her a moment ago does not let her back in.
    let refused = follow(&ana).await.err().context("came back")?;
    assert!(
        refused.to_string().contains("not_authenticated"),
        "{refused}"
    );
    assert_eq!(client.closed(PATIENCE).await?, (4001, "revoked".to_owned()));
    app.stop().await;
    Ok(())
}

#[actix_web::test]
async fn when_the_server_goes_everybody_is_told() -> Result<()> {
    let app = TestApp::start().await?;
    let tenant = app.tenant().await?;
    let follows = follow(&tenant.admin).await?;
    let silent = WsClient::open(&Handshake::to(tenant.admin.api.socket_url())).await?;
    app.stop().await;
    for client in [follows, silent] {
        assert_eq!(client.closed(PATIENCE).await?, (1012, "away".to_owned()));
    }
    Ok(())
}

#[actix_web::test]
async fn colleagues_see_who_looks_at_what() -> Result<()> {
    let app = TestApp::start().await?;
    let tenant = app.tenant().await?;
    let (ana, bruno) = (
        tenant.attendant("ana").await?,
        tenant.attendant("bruno").await?,
    );
    let (_, id) = begun(&tenant, 1).await?;
    let (_, other) = begun(&tenant, 2).await?;
    let (mut at_ana, mut at_bruno) = (follow(&ana).await?, follow(&bruno).await?);
    let alone = at_ana.join(&id).await?;
    assert_eq!(alone["viewers"], json!([]));
    at_bruno.join(&other).await?;
    let joined = at_bruno.join(&id).await?;
    assert_eq!(joined["viewers"], json!([ana.id]));

    // What was known already may be told again.
    let told = async |client: &mut WsClient, expected: Value| -> Result<()> {
        loop {
            let told = client.next_event("user:viewing", PATIENCE).await?;
            ensure!(told.get("seq").is_none(), "{told}");
            if told.get("payload") == Some(&expected) {
                return Ok(());
            }
        }
    };
    let looks = |user: &User, viewing: bool| json!({ "user_id": user.id, "conversation_id": id, "viewing": viewing });
    told(&mut at_ana, looks(&bruno, true)).await?;
    at_ana
        .ask(json!({ "op": "leave", "conversation": id }))
        .await?;
    told(&mut at_bruno, looks(&ana, false)).await?;
    at_ana.join(&id).await?;
    told(&mut at_bruno, looks(&ana, true)).await?;

    // Who leads alone is watched by nobody else who attends.
    act(&ana, &id, "takeover", Value::Null).await?;
    told(&mut at_ana, looks(&bruno, false)).await?;
    act(&ana, &id, "return-to-bot", Value::Null).await?;
    at_bruno
        .next_event("conversation:granted", PATIENCE)
        .await?;
    at_bruno.join(&id).await?;
    told(&mut at_ana, looks(&bruno, true)).await?;
    drop(at_bruno);
    told(&mut at_ana, looks(&bruno, false)).await?;
    app.stop().await;
    Ok(())
}

#[actix_web::test]
async fn colleagues_see_who_is_there_and_who_types() -> Result<()> {
    let app = TestApp::start().await?;
    let tenant = app.tenant().await?;
    let (ana, bruno) = (
        tenant.attendant("ana").await?,
        tenant.attendant("bruno").await?,
    );
    let (_, id) = begun(&tenant, 1).await?;
    let mut at_ana = follow(&ana).await?;
    let mut at_bruno = follow(&bruno).await?;
    let came = at_ana.next_event("user:online", PATIENCE).await?;
    assert_eq!(about(&came, "user_id"), &json!(bruno.id));

    at_ana.join(&id).await?;
    at_bruno.join(&id).await?;
    // The joins are told to the engine, not awaited: the ping goes the same way.
    at_ana.ping().await?;
    at_bruno.typing(&id).await?;
    let typing = at_ana.next_event("user:typing", PATIENCE).await?;
    assert_eq!(about(&typing, "user_id"), &json!(bruno.id));
    assert_eq!(about(&typing, "conversation_id"), &json!(id));

    // Who leads alone is seen by nobody else who attends.
    ana.post(&format!("/api/v1/conversations/{id}/takeover"), json!({}))
        .await?
        .expect(200)?;
    at_bruno
        .next_event("conversation:revoked", PATIENCE)
        .await?;
    let refused = at_bruno.typing(&id).await.map_err(|e| e.to_string());
    assert!(refused.is_err_and(|text| text.contains("not_joined")));

    drop(at_bruno);
    let went = at_ana.next_event("user:offline", PATIENCE).await?;
    assert_eq!(about(&went, "user_id"), &json!(bruno.id));
    let online = eventually("Bruno is gone", PATIENCE, async || {
        let online = ana.get("/api/v1/users/online").await?;
        Ok((online["data"].as_array().map(Vec::len) == Some(1)).then_some(online))
    });
    assert_eq!(online.await?["data"][0]["id"], json!(ana.id));
    app.stop().await;
    Ok(())
}
