//! What is known of customers, who sees them, and two records of one person becoming one.

use crate::app::TestApp;
use crate::stage::{Phone, Tenant, text};
use anyhow::{Context, Result};
use papo_test_support::api::{Answer, User};
use papo_test_support::wait::PATIENCE;
use papo_test_support::ws_client::WsClient;
use reqwest::Method;
use serde_json::{Value, json};

const CUSTOMERS: &str = "/api/v1/customers";

/// A customer who wrote: phone, conversation and customer.
async fn writes(tenant: &Tenant, n: u32) -> Result<(Phone, String, String)> {
    let mut phone = tenant.customer(n)?;
    phone.writes("Oi")?;
    phone.receives().await?;
    let found = tenant.conversation(&phone.wa_id, |_| true).await?;
    let customer = text(found.get("customer").context("no customer")?, "id")?;
    Ok((phone, text(&found, "id")?, customer))
}

fn at(customer: &str) -> String {
    format!("{CUSTOMERS}/{customer}")
}

fn refused(answer: &Answer, status: u16, code: &str) {
    assert_eq!(
        (answer.status, answer.code()),
        (status, code),
        "{}",
        answer.text
    );
}

/// Insists on a fault of one field.
fn faulty(answer: &Answer, field: &str) {
    assert_eq!(answer.status, 422, "{}", answer.text);
    let named = answer.body.pointer("/details/fields/0/field");
    assert_eq!(named, Some(&json!(field)), "{}", answer.text);
}

fn ids(list: &Value, path: &str) -> Vec<String> {
    let rows = list.pointer(path).and_then(Value::as_array);
    let rows = rows.into_iter().flatten();
    let mut ids: Vec<String> = rows.filter_map(|row| text(row, "id").ok()).collect();
    ids.sort();
    ids
}

async fn owner_of(user: &User, conversation: &str) -> Result<String> {
    let shown = user
        .get(&format!("/api/v1/conversations/{conversation}"))
        .await?;
    text(shown.get("customer").context("no customer")?, "id")
}

#[actix_web::test]
async fn a_customer_is_seen_by_whoever_sees_a_conversation_of_theirs() -> Result<()> {
    let app = TestApp::start().await?;
    let tenant = app.tenant().await?;
    let (ana, bruno) = (
        tenant.attendant("ana").await?,
        tenant.attendant("bruno").await?,
    );
    let (phone, conversation, customer) = writes(&tenant, 1).await?;
    let (_, _, other) = writes(&tenant, 2).await?;
    let takeover = format!("/api/v1/conversations/{conversation}/takeover");
    ana.post(&takeover, Value::Null).await?.expect(200)?;

    let all = vec![
        customer.clone().min(other.clone()),
        customer.clone().max(other.clone()),
    ];
    assert_eq!(ids(&ana.get(CUSTOMERS).await?, "/data"), all);
    assert_eq!(ids(&bruno.get(CUSTOMERS).await?, "/data"), [other]);
    let shown = bruno.call(Method::GET, &at(&customer), &[], None).await?;
    refused(&shown, 404, "not_found");
    for what in ["", "/history"] {
        let path = format!("{}{what}", at(&customer));
        let hidden = bruno.call(Method::GET, &path, &[], None).await?;
        refused(&hidden, 404, "not_found");
    }
    refused(
        &bruno.patch(&at(&customer), json!({ "name": "X" })).await?,
        404,
        "not_found",
    );

    let shown = ana.get(&at(&customer)).await?;
    // The provider tells a user id as well.
    let first = json!({ "kind": "wa_id", "value": phone.wa_id });
    assert_eq!(shown["aliases"][0], first);
    assert_eq!(ids(&shown, "/conversation_list"), [conversation.as_str()]);
    assert_eq!(
        (&shown["name"], &shown["conversations"]),
        (&json!("Cliente 1"), &json!(1))
    );
    assert!(shown["last_seen_at"].is_string() && shown["first_seen_at"].is_string());
    let found = ana.get(&format!("{CUSTOMERS}?q={}", phone.wa_id)).await?;
    assert_eq!(ids(&found, "/data"), [customer.as_str()]);

    let history = ana.get(&format!("{}/history", at(&customer))).await?;
    let first = &history["data"][0];
    assert_eq!(
        (&first["kind"], &first["to_user"]["id"]),
        (&json!("takeover"), &json!(ana.id))
    );
    app.stop().await;
    Ok(())
}

#[actix_web::test]
async fn what_is_known_of_a_customer_is_changed_and_told() -> Result<()> {
    let app = TestApp::start().await?;
    let tenant = app.tenant().await?;
    let ana = tenant.attendant("ana").await?;
    let (_, conversation, customer) = writes(&tenant, 1).await?;
    let attribute = |key: &str, kind: &str| json!({ "key": key, "label": "Campo", "kind": kind });
    let attributes = "/api/v1/customer-attributes";
    assert_eq!(
        ana.post(attributes, attribute("x", "text")).await?.status,
        403
    );
    let mut plan = attribute("plano", "choice");
    faulty(
        &tenant.admin.post(attributes, plan.clone()).await?,
        "choices",
    );
    plan["choices"] = json!(["ouro", "prata"]);
    for new in [attribute("desde", "date"), plan] {
        tenant.admin.post(attributes, new).await?.expect(201)?;
    }
    let again = tenant
        .admin
        .post(attributes, attribute("desde", "text"))
        .await?;
    refused(&again, 409, "taken");

    let head = app.head(&tenant).await?;
    let url = app.api.socket_url();
    let mut socket = WsClient::connect(&url, &ana.access_token, None).await?;
    socket.caught_up(head, PATIENCE).await?;
    let change = json!({
        "name": " Maria ", "email": "maria@example.com", "notes": "Prefere a tarde",
        "attributes": { "desde": "2020-01-31", "plano": "ouro" },
    });
    let changed = ana.patch(&at(&customer), change).await?.expect(200)?;
    assert_eq!(
        (&changed["name"], &changed["email"], &changed["notes"]),
        (
            &json!("Maria"),
            &json!("maria@example.com"),
            &json!("Prefere a tarde")
        )
    );
    let frame = socket.next_event("customer:updated", PATIENCE).await?;
    assert_eq!(
        frame["payload"],
        json!({ "customer_id": customer, "conversation_id": conversation })
    );
    // What is left out stays, null goes.
    let change = json!({ "email": null, "attributes": { "plano": null } });
    let changed = ana.patch(&at(&customer), change).await?.expect(200)?;
    assert_eq!(
        (&changed["name"], &changed["email"]),
        (&json!("Maria"), &Value::Null)
    );
    assert_eq!(changed["attributes"], json!({ "desde": "2020-01-31" }));
    for (change, field) in [
        (
            json!({ "attributes": { "plano": "bronze" } }),
            "attributes.plano",
        ),
        (
            json!({ "attributes": { "desde": "ontem" } }),
            "attributes.desde",
        ),
        (json!({ "attributes": { "cor": "azul" } }), "attributes.cor"),
        (json!({ "email": "maria" }), "email"),
        (json!({ "name": " " }), "name"),
    ] {
        faulty(&ana.patch(&at(&customer), change).await?, field);
    }
    // An attribute that is gone shows nothing any more.
    let gone = format!("{attributes}/desde");
    let gone = tenant.admin.call(Method::DELETE, &gone, &[], None).await?;
    assert_eq!(gone.status, 204);
    assert_eq!(ana.get(&at(&customer)).await?["attributes"], json!({}));
    app.stop().await;
    Ok(())
}

#[actix_web::test]
async fn two_records_become_one_and_two_again() -> Result<()> {
    let app = TestApp::start().await?;
    let tenant = app.tenant().await?;
    let (ana, supervisor) = (tenant.attendant("ana").await?, tenant.supervisor().await?);
    let (_, first, target) = writes(&tenant, 1).await?;
    let (mut phone, second, source) = writes(&tenant, 2).await?;
    let change = json!({ "email": "dois@example.com" });
    supervisor.patch(&at(&source), change).await?.expect(200)?;
    let merge = format!("{}/merge", at(&target));
    let wanted = json!({ "source_id": source });
    refused(&ana.post(&merge, wanted.clone()).await?, 403, "forbidden");
    faulty(
        &supervisor
            .post(&merge, json!({ "source_id": target }))
            .await?,
        "source_id",
    );
    let unknown = json!({ "source_id": uuid::Uuid::nil() });
    faulty(&supervisor.post(&merge, unknown).await?, "source_id");

    let merged = supervisor.post(&merge, wanted.clone()).await?.expect(200)?;
    let mut both = [first.clone(), second.clone()];
    both.sort();
    assert_eq!(ids(&merged, "/conversation_list"), both);
    assert_eq!(merged["aliases"].as_array().map(Vec::len), Some(4));
    // What was there stays, what was missing is filled in.
    assert_eq!(
        (&merged["name"], &merged["email"]),
        (&json!("Cliente 1"), &json!("dois@example.com"))
    );
    assert_eq!(owner_of(&ana, &second).await?, target);
    // Both numbers are theirs now.
    for number in [1, 2] {
        let phone = tenant.customer(number)?;
        for user in [&supervisor, &ana] {
            let found = user.get(&format!("{CUSTOMERS}?q={}", phone.wa_id)).await?;
            assert_eq!(ids(&found, "/data"), [target.as_str()], "{number}");
        }
    }
    assert_eq!(
        ids(&supervisor.get(CUSTOMERS).await?, "/data"),
        [target.as_str()]
    );
    let old = supervisor.get(&at(&source)).await?;
    assert_eq!(old["merged_into"], json!(target));
    let edit = supervisor
        .patch(&at(&source), json!({ "name": "X" }))
        .await?;
    refused(&edit, 409, "customer_merged");
    assert_eq!(edit.body["details"]["into"], json!(target));
    refused(
        &supervisor.post(&merge, wanted).await?,
        409,
        "customer_merged",
    );

    // Who writes from the merged number is the customer who stayed, on a number of ours that they
    // never wrote to as well.
    phone.writes("De novo")?;
    phone.receives().await?;
    let line = papo_test_support::webhook::Line::numbered(70);
    crate::stage::add_number(&app.emulator, &tenant.admin, &line).await?;
    let mut elsewhere = Phone::new(
        tenant.emulator.clone(),
        line.phone_number_id.clone(),
        phone.wa_id.clone(),
    );
    elsewhere.writes("Oi")?;
    elsewhere.receives().await?;
    let shown = supervisor.get(&at(&target)).await?;
    assert_eq!(shown["conversations"], 3, "{shown}");

    let id = text(&merged["merges"][0], "id")?;
    let undo = format!("{CUSTOMERS}/merges/{id}/undo");
    refused(&ana.post(&undo, Value::Null).await?, 403, "forbidden");
    let undone = supervisor.post(&undo, Value::Null).await?.expect(200)?;
    assert_eq!(ids(&undone, "/conversation_list"), [first]);
    assert_eq!(
        (&undone["email"], &undone["merges"]),
        (&Value::Null, &json!([]))
    );
    let back = supervisor.get(&at(&source)).await?;
    assert_eq!(
        (&back["merged_into"], &back["conversations"]),
        (&Value::Null, &json!(2))
    );
    assert_eq!(back["email"], "dois@example.com");
    assert_eq!(owner_of(&ana, &second).await?, source);
    refused(
        &supervisor.post(&undo, Value::Null).await?,
        409,
        "merge_undone",
    );
    app.stop().await;
    Ok(())
}

#[actix_web::test]
async fn merges_are_undone_from_the_last_one_back() -> Result<()> {
    let app = TestApp::start().await?;
    let tenant = app.tenant().await?;
    let admin = &tenant.admin;
    let (_, one, a) = writes(&tenant, 1).await?;
    let (_, _, b) = writes(&tenant, 2).await?;
    let (_, _, c) = writes(&tenant, 3).await?;
    let merge = async |source: &str, target: &str| -> Result<String> {
        let path = format!("{}/merge", at(target));
        let merged = admin.post(&path, json!({ "source_id": source })).await?;
        text(&merged.expect(200)?["merges"][0], "id")
    };
    let (first, second) = (merge(&a, &b).await?, merge(&b, &c).await?);
    assert_eq!(owner_of(admin, &one).await?, c);
    let undo = |id: &str| format!("{CUSTOMERS}/merges/{id}/undo");
    let early = admin.post(&undo(&first), Value::Null).await?;
    refused(&early, 409, "merged_on");
    assert_eq!(early.body["details"]["into"], json!(c));
    admin.post(&undo(&second), Value::Null).await?.expect(200)?;
    assert_eq!(owner_of(admin, &one).await?, b);
    admin.post(&undo(&first), Value::Null).await?.expect(200)?;
    assert_eq!(owner_of(admin, &one).await?, a);
    app.stop().await;
    Ok(())
}
