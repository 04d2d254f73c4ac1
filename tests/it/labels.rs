//! What a tenant sorts its conversations by.

use crate::app::TestApp;
use crate::stage::{Tenant, text};
use anyhow::{Context, Result};
use papo_test_support::api::User;
use papo_test_support::wait::PATIENCE;
use papo_test_support::ws_client::WsClient;
use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

const LABELS: &str = "/api/v1/labels";

async fn label(user: &User, name: &str) -> Result<String> {
    let wanted = json!({ "name": name, "colour": "#E03131" });
    text(&user.post(LABELS, wanted).await?.expect(201)?, "id")
}

async fn conversation(tenant: &Tenant, n: u32) -> Result<String> {
    let mut phone = tenant.customer(n)?;
    phone.writes("Oi")?;
    phone.receives().await?;
    text(&tenant.conversation(&phone.wa_id, |_| true).await?, "id")
}

fn names(labels: &Value) -> Vec<&str> {
    let labels = labels.as_array().into_iter().flatten();
    labels.filter_map(|label| label["name"].as_str()).collect()
}

#[actix_web::test]
async fn conversations_are_sorted_by_labels_and_others_see_it_at_once() -> Result<()> {
    let app = TestApp::start().await?;
    let tenant = app.tenant().await?;
    let (boss, ana) = (tenant.supervisor().await?, tenant.attendant("ana").await?);
    let (id, other) = (
        conversation(&tenant, 1).await?,
        conversation(&tenant, 2).await?,
    );
    let (sale, late) = (
        label(&boss, "Venda").await?,
        label(&boss, " Atraso ").await?,
    );
    let url = boss.api.socket_url();
    let mut client = WsClient::connect(&url, &boss.access_token, None).await?;
    let path = format!("/api/v1/conversations/{id}/labels");
    let set = async |labels: Value| ana.put(&path, json!({ "labels": labels })).await;

    set(json!([sale, late])).await?.expect(200)?;
    let told = client.next_event("conversation:updated", PATIENCE).await?;
    let mut both = [sale.clone(), late.clone()];
    both.sort();
    assert_eq!(told["payload"]["change"], "labelled");
    assert_eq!(told["payload"]["labels_added"], json!(both));
    set(json!([late])).await?.expect(200)?;
    let told = client.next_event("conversation:updated", PATIENCE).await?;
    assert_eq!(told["payload"]["labels_added"], json!([]));
    assert_eq!(told["payload"]["labels_removed"], json!([sale]));

    let shown = ana.get(&format!("/api/v1/conversations/{id}")).await?;
    let expected = json!([{ "id": late, "name": "Atraso", "colour": "#e03131" }]);
    assert_eq!(shown["labels"], expected);
    let found = ana
        .get(&format!("/api/v1/conversations?label={late}"))
        .await?;
    let found = found["data"].as_array().context("no list")?;
    assert_eq!((found.len(), &found[0]["id"]), (1, &json!(id)));
    let shown = ana.get(&format!("/api/v1/conversations/{other}")).await?;
    assert_eq!(shown["labels"], json!([]));

    // With the label it goes from the conversations that have it.
    let gone = format!("{LABELS}/{late}");
    let deleted = boss.call(Method::DELETE, &gone, &[], None).await?;
    assert_eq!(deleted.status, 204, "{}", deleted.text);
    let again = boss.call(Method::DELETE, &gone, &[], None).await?;
    assert_eq!(again.status, 404);
    let shown = ana.get(&format!("/api/v1/conversations/{id}")).await?;
    assert_eq!(shown["labels"], json!([]));
    app.stop().await;
    Ok(())
}

#[actix_web::test]
async fn what_is_no_label_is_refused() -> Result<()> {
    let app = TestApp::start().await?;
    let tenant = app.tenant().await?;
    let (boss, ana) = (tenant.supervisor().await?, tenant.attendant("ana").await?);
    let id = conversation(&tenant, 1).await?;
    let sale = label(&boss, "Venda").await?;
    let wanted = json!({ "name": "Outra", "colour": "#e03131" });
    assert_eq!(ana.post(LABELS, wanted).await?.status, 403);
    for (name, colour, status, field) in [
        ("venda", "#000000", 409, "name"),
        (" ", "#000000", 422, "name"),
        ("nome", "vermelho", 422, "colour"),
        ("nome", "#12345g", 422, "colour"),
    ] {
        let wanted = json!({ "name": name, "colour": colour });
        let refused = boss.post(LABELS, wanted).await?;
        assert_eq!(refused.status, status, "{name} {colour}: {}", refused.text);
        assert_eq!(refused.body["details"]["fields"][0]["field"], field);
    }
    let second = label(&boss, "Outra").await?;
    let taken = boss
        .patch(&format!("{LABELS}/{second}"), json!({ "name": "VENDA" }))
        .await?;
    assert_eq!((taken.status, taken.code()), (409, "taken"));
    let changed = boss
        .patch(
            &format!("{LABELS}/{second}"),
            json!({ "colour": "#00FF00" }),
        )
        .await?
        .expect(200)?;
    assert_eq!(
        (&changed["name"], &changed["colour"]),
        (&json!("Outra"), &json!("#00ff00"))
    );

    let path = format!("/api/v1/conversations/{id}/labels");
    let many: Vec<Uuid> = (0..21).map(Uuid::from_u128).collect();
    for labels in [json!([sale, Uuid::nil()]), json!(many)] {
        let refused = ana.put(&path, json!({ "labels": labels })).await?;
        assert_eq!(refused.status, 422, "{}", refused.text);
        assert_eq!(refused.body["details"]["fields"][0]["field"], "labels");
    }
    let shown = ana.get(&format!("/api/v1/conversations/{id}")).await?;
    assert_eq!(names(&shown["labels"]), [""; 0]);
    app.stop().await;
    Ok(())
}

#[actix_web::test]
async fn lists_that_clients_keep_are_told_to_have_changed() -> Result<()> {
    let app = TestApp::start().await?;
    let tenant = app.tenant().await?;
    let ana = tenant.attendant("ana").await?;
    let mut screen = WsClient::connect(&ana.api.socket_url(), &ana.access_token, None).await?;
    let reply = json!({ "scope": "tenant", "shortcut": "oi", "title": "Oi", "text": "Olá!" });
    let changes = [
        ("labels", json!({ "name": "Troca", "colour": "#e03131" })),
        ("canned-replies", reply),
        ("departments", json!({ "name": "Vendas" })),
    ];
    for (what, new) in changes {
        let path = format!("/api/v1/{what}");
        tenant.admin.post(&path, new).await?.expect(201)?;
        let told = screen.next_event("directory:changed", PATIENCE).await?;
        let list = told.pointer("/payload/list").and_then(Value::as_str);
        assert_eq!(
            list.map(|list| list.replace('_', "-")).as_deref(),
            Some(what)
        );
    }
    app.stop().await;
    Ok(())
}
