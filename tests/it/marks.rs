//! How attendants keep order among their conversations: unread, put away, urgent, later.

use crate::app::TestApp;
use crate::load::seconds_now;
use crate::stage::{Phone, Tenant, is, text};
use anyhow::{Context, Result};
use chrono::DateTime;
use papo_test_support::api::User;
use papo_test_support::wait::PATIENCE;
use papo_test_support::ws_client::WsClient;
use reqwest::Method;
use serde_json::{Value, json};

fn at(id: &str, what: &str) -> String {
    format!("/api/v1/conversations/{id}/{what}")
}

/// A conversation that `user` leads.
async fn led(tenant: &Tenant, user: &User, n: u32) -> Result<(Phone, String)> {
    let mut phone = tenant.customer(n)?;
    phone.writes("Oi")?;
    phone.receives().await?;
    let id = text(&tenant.conversation(&phone.wa_id, |_| true).await?, "id")?;
    user.post(&at(&id, "takeover"), Value::Null)
        .await?
        .expect(200)?;
    Ok((phone, id))
}

/// Ids that a list shows.
async fn list(user: &User, filter: &str) -> Result<Vec<String>> {
    let page = user.get(&format!("/api/v1/conversations?{filter}")).await?;
    let rows = page.get("data").and_then(Value::as_array);
    rows.context("no list")?
        .iter()
        .map(|row| text(row, "id"))
        .collect()
}

async fn shows(user: &User, id: &str) -> Result<Value> {
    user.get(&format!("/api/v1/conversations/{id}")).await
}

#[actix_web::test]
async fn what_is_marked_is_found_by_it_and_told_at_once() -> Result<()> {
    let app = TestApp::start().await?;
    let tenant = app.tenant().await?;
    let ana = tenant.attendant("ana").await?;
    let (_, id) = led(&tenant, &ana, 1).await?;
    ana.post(&at(&id, "read"), Value::Null).await?.expect(200)?;
    let url = ana.api.socket_url();
    let mut client = WsClient::connect(&url, &ana.access_token, None).await?;

    assert_eq!(list(&ana, "unread=true").await?, [""; 0]);
    let marked = ana.post(&at(&id, "unread"), Value::Null).await?;
    marked.expect(200)?;
    assert_eq!(
        list(&ana, "unread=true&assignee=me").await?,
        std::slice::from_ref(&id)
    );
    let told = client.next_event("conversation:updated", PATIENCE).await?;
    assert_eq!(told["payload"]["change"], "marked_unread");
    assert_eq!(told["payload"]["by_user_id"], json!(ana.id));

    let urgent = json!({ "priority": "urgent" });
    let set = ana.put(&at(&id, "priority"), urgent).await?;
    set.expect(200)?;
    assert_eq!(
        list(&ana, "priority=urgent").await?,
        std::slice::from_ref(&id)
    );
    let told = client.next_event("conversation:updated", PATIENCE).await?;
    assert_eq!(told["payload"]["set"], json!({ "priority": "urgent" }));

    let early = ana.post(&at(&id, "archive"), Value::Null).await?;
    assert_eq!((early.status, early.code()), (409, "not_closed"));
    ana.post(&at(&id, "close"), Value::Null)
        .await?
        .expect(200)?;
    client.next_event("conversation:updated", PATIENCE).await?;
    let late = ana
        .put(&at(&id, "priority"), json!({ "priority": "low" }))
        .await?;
    assert_eq!((late.status, late.code()), (409, "already_closed"));
    ana.post(&at(&id, "archive"), Value::Null)
        .await?
        .expect(200)?;
    let told = client.next_event("conversation:updated", PATIENCE).await?;
    assert_eq!(told["payload"]["set"]["status"], "archived");
    let shown = shows(&ana, &id).await?;
    assert_eq!(shown["archived_at"], told["payload"]["set"]["archived_at"]);
    assert_eq!(list(&ana, "").await?, [""; 0]);
    assert_eq!(
        list(&ana, "status=archived").await?,
        std::slice::from_ref(&id)
    );
    assert_eq!(
        list(&ana, "q=Cliente").await?,
        std::slice::from_ref(&id),
        "found by a search"
    );
    ana.post(&at(&id, "unarchive"), Value::Null)
        .await?
        .expect(200)?;
    assert_eq!(list(&ana, "status=closed").await?, [id]);
    app.stop().await;
    Ok(())
}

#[actix_web::test]
async fn the_customer_brings_back_what_was_put_away() -> Result<()> {
    let app = TestApp::start().await?;
    let tenant = app.tenant().await?;
    let ana = tenant.attendant("ana").await?;
    let (phone, id) = led(&tenant, &ana, 1).await?;
    let later = DateTime::from_timestamp(seconds_now()? + 3_600, 0);
    let snooze = json!({ "until": later });
    ana.post(&at(&id, "snooze"), snooze.clone())
        .await?
        .expect(200)?;
    assert_eq!(list(&ana, "assignee=me&snoozed=false").await?, [""; 0]);
    assert_eq!(list(&ana, "snoozed=true").await?, std::slice::from_ref(&id));
    assert_eq!(shows(&ana, &id).await?["snoozed_until"], json!(later));
    phone.writes("voltei antes")?;
    let back = |c: &Value| c["snoozed_until"].is_null();
    tenant.conversation(&phone.wa_id, back).await?;

    ana.post(&at(&id, "snooze"), snooze.clone())
        .await?
        .expect(200)?;
    ana.call(Method::DELETE, &at(&id, "snooze"), &[], None)
        .await?
        .expect(200)?;
    assert_eq!(shows(&ana, &id).await?["snoozed_until"], Value::Null);
    let past = DateTime::from_timestamp(seconds_now()? - 1, 0);
    let refused = ana
        .post(&at(&id, "snooze"), json!({ "until": past }))
        .await?;
    assert_eq!(refused.status, 422, "{}", refused.text);
    assert_eq!(refused.body["details"]["fields"][0]["field"], "until");

    for what in ["close", "archive"] {
        ana.post(&at(&id, what), Value::Null).await?.expect(200)?;
    }
    let refused = ana.post(&at(&id, "snooze"), snooze).await?;
    assert_eq!((refused.status, refused.code()), (409, "already_closed"));
    phone.writes("mais uma coisa")?;
    let open = |c: &Value| is(c, "status", "open") && c["archived_at"].is_null();
    tenant.conversation(&phone.wa_id, open).await?;
    app.stop().await;
    Ok(())
}

#[actix_web::test]
async fn it_comes_back_at_its_time() -> Result<()> {
    let app = TestApp::start().await?;
    let tenant = app.tenant().await?;
    let ana = tenant.attendant("ana").await?;
    let (phone, id) = led(&tenant, &ana, 1).await?;
    ana.post(&at(&id, "read"), Value::Null).await?.expect(200)?;
    let soon = DateTime::from_timestamp(seconds_now()? + 2, 0);
    ana.post(&at(&id, "snooze"), json!({ "until": soon }))
        .await?
        .expect(200)?;
    let back = |c: &Value| c["snoozed_until"].is_null() && c["unread_count"] == 1;
    tenant.conversation(&phone.wa_id, back).await?;
    app.stop().await;
    Ok(())
}

#[actix_web::test]
async fn who_waits_the_longest_comes_first() -> Result<()> {
    let app = TestApp::start().await?;
    let tenant = app.tenant().await?;
    let boss = tenant.supervisor().await?;
    let mut ids = Vec::new();
    for n in 1..=3 {
        let (phone, id) = led(&tenant, &boss, n).await?;
        let answer = json!({ "type": "text", "body": "Pois não?" });
        boss.post(&at(&id, "messages"), answer).await?.expect(201)?;
        ids.push((phone, id));
    }
    // The first customers write last, so that the order is another one than that of messages.
    let mut waits = Vec::new();
    for (phone, id) in ids.iter().skip(1).rev() {
        phone.writes("alô?")?;
        let since = |c: &Value| !c["waiting_since"].is_null();
        let shown = tenant.conversation(&phone.wa_id, since).await?;
        waits.push((text(&shown, "waiting_since")?, id.clone()));
    }
    waits.sort();
    let wants: Vec<String> = waits.into_iter().map(|(_, id)| id).collect();
    assert_eq!(list(&boss, "order=waiting").await?, wants);
    let path = "/api/v1/conversations?order=waiting&limit=1";
    let first = boss.get(path).await?;
    let cursor = text(&first, "next_cursor")?;
    let second = list(&boss, &format!("order=waiting&limit=1&cursor={cursor}")).await?;
    assert_eq!(second, wants[1..]);
    let mixed = format!("/api/v1/conversations?cursor={cursor}");
    let refused = boss.call(Method::GET, &mixed, &[], None).await?;
    assert_eq!(refused.status, 400, "a cursor of another order");
    app.stop().await;
    Ok(())
}

#[actix_web::test]
async fn an_inbox_knows_how_many_there_are_in_each_tab() -> Result<()> {
    let app = TestApp::start().await?;
    let tenant = app.tenant().await?;
    let ana = tenant.attendant("ana").await?;
    let bruno = tenant.attendant("bruno").await?;
    let boss = tenant.supervisor().await?;
    led(&tenant, &ana, 1).await?;
    let (_, away) = led(&tenant, &ana, 2).await?;
    let (_, closed) = led(&tenant, &ana, 3).await?;
    led(&tenant, &bruno, 4).await?;
    let (phone, _) = led(&tenant, &bruno, 5).await?;
    let department = json!({ "name": "Vendas" });
    let made = tenant.admin.post("/api/v1/departments", department).await?;
    let department = text(&made.expect(201)?, "id")?;
    let transfer = json!({ "department_id": department });
    let (_, moved) = led(&tenant, &bruno, 6).await?;
    bruno
        .post(&at(&moved, "transfer"), transfer)
        .await?
        .expect(200)?;
    ana.post(&at(&away, "read"), Value::Null)
        .await?
        .expect(200)?;
    let later = DateTime::from_timestamp(seconds_now()? + 3_600, 0);
    ana.post(&at(&away, "snooze"), json!({ "until": later }))
        .await?
        .expect(200)?;
    ana.post(&at(&closed, "close"), Value::Null)
        .await?
        .expect(200)?;
    let stats = async |user: &User| user.get("/api/v1/conversations/stats").await;

    let hers = stats(&ana).await?;
    assert_eq!(hers["modes"], json!({ "bot": 0, "waiting": 0, "human": 1 }));
    for (tab, count) in [
        ("mine", 1),
        ("unassigned", 0),
        ("unread", 1),
        ("mine_unread", 1),
        ("snoozed", 1),
    ] {
        assert_eq!(hers[tab], count, "{tab}: {hers}");
    }
    let all = stats(&boss).await?;
    assert_eq!(all["modes"], json!({ "bot": 0, "waiting": 1, "human": 3 }));
    assert_eq!((&all["mine"], &all["unassigned"]), (&json!(0), &json!(1)));
    assert_eq!(all["departments"][0]["id"], json!(department));
    assert_eq!(all["departments"][0]["name"], "Vendas");
    assert_eq!(all["departments"][0]["modes"]["waiting"], 1);
    assert_eq!(all["departments"][1]["id"], Value::Null);
    drop(phone);
    app.stop().await;
    Ok(())
}
