//! Texts that staff keeps ready: whose they are, how they are found, and what they say.

use crate::app::TestApp;
use crate::stage::{Tenant, text};
use anyhow::{Context, Result};
use papo_test_support::api::{Answer, User};
use reqwest::Method;
use serde_json::{Value, json};

const REPLIES: &str = "/api/v1/canned-replies";

fn reply(scope: &str, shortcut: &str, words: &str) -> Value {
    json!({ "scope": scope, "shortcut": shortcut, "title": "Título", "text": words })
}

async fn shortcuts(user: &User, query: &str) -> Result<Vec<String>> {
    let page = user.get(&format!("{REPLIES}?{query}")).await?;
    let rows = page.get("data").and_then(Value::as_array);
    rows.context("no data")?
        .iter()
        .map(|row| text(row, "shortcut"))
        .collect()
}

/// Insists on a fault of one field.
fn faulty(answer: &Answer, field: &str) {
    assert_eq!(answer.status, 422, "{}", answer.text);
    let named = answer.body.pointer("/details/fields/0/field");
    assert_eq!(named, Some(&json!(field)), "{}", answer.text);
}

async fn department(tenant: &Tenant, name: &str) -> Result<String> {
    let made = tenant
        .admin
        .post("/api/v1/departments", json!({ "name": name }))
        .await?;
    text(&made.expect(201)?, "id")
}

#[actix_web::test]
async fn each_is_seen_by_those_it_belongs_to() -> Result<()> {
    let app = TestApp::start().await?;
    let tenant = app.tenant().await?;
    let (sales, support) = (
        department(&tenant, "Vendas").await?,
        department(&tenant, "Suporte").await?,
    );
    let (ana, bruno) = (
        tenant.attendant("ana").await?,
        tenant.attendant("bruno").await?,
    );
    let path = format!("/api/v1/users/{}", ana.id);
    let change = json!({ "departments": [sales] });
    tenant.admin.patch(&path, change).await?.expect(200)?;
    let ana = app
        .api
        .log_in(
            Some(&tenant.slug),
            "ana@example.com",
            crate::stage::PASSWORD,
        )
        .await?;
    let supervisor = tenant.supervisor().await?;
    let of = |department: &str, shortcut: &str| {
        let mut reply = reply("department", shortcut, "Oi");
        reply["department_id"] = json!(department);
        reply
    };
    for reply in [
        reply("tenant", "todos", "Oi"),
        of(&sales, "vendas"),
        of(&support, "suporte"),
        reply("personal", "chefia", "Oi"),
    ] {
        supervisor.post(REPLIES, reply).await?.expect(201)?;
    }
    let own = ana.post(REPLIES, reply("personal", "minha", "Oi")).await?;
    let own = format!("{REPLIES}/{}", text(&own.expect(201)?, "id")?);
    assert_eq!(shortcuts(&ana, "").await?, ["minha", "todos", "vendas"]);
    assert_eq!(shortcuts(&bruno, "").await?, ["todos"]);
    assert_eq!(
        shortcuts(&supervisor, "").await?,
        ["chefia", "suporte", "todos", "vendas"]
    );

    // What others use as well is a supervisor's to write; what is not seen is not there.
    let shared = supervisor.get(&format!("{REPLIES}?q=todos")).await?;
    let shared = format!("{REPLIES}/{}", text(&shared["data"][0], "id")?);
    let title = json!({ "title": "Meu" });
    for scope in ["tenant", "department"] {
        let refused = ana.post(REPLIES, reply(scope, "x", "Oi")).await?;
        assert_eq!((refused.status, refused.code()), (403, "forbidden"));
    }
    assert_eq!(ana.patch(&shared, title.clone()).await?.status, 403);
    let delete = async |user: &User, path: &str| user.call(Method::DELETE, path, &[], None).await;
    assert_eq!(delete(&ana, &shared).await?.status, 403);
    for (user, path) in [(&bruno, &own), (&tenant.admin, &own)] {
        assert_eq!(user.patch(path, title.clone()).await?.status, 404);
        assert_eq!(delete(user, path).await?.status, 404);
        let shown = user.call(Method::GET, path, &[], None).await?;
        assert_eq!(shown.status, 404);
    }
    assert_eq!(ana.patch(&own, title).await?.expect(200)?["title"], "Meu");
    assert_eq!(delete(&ana, &own).await?.status, 204);
    assert_eq!(delete(&ana, &own).await?.status, 404);
    app.stop().await;
    Ok(())
}

#[actix_web::test]
async fn what_is_typed_finds_shortcuts_first_and_words_after_them() -> Result<()> {
    let app = TestApp::start().await?;
    let tenant = app.tenant().await?;
    let admin = &tenant.admin;
    for (shortcut, words) in [
        ("prazo", "A entrega leva dois dias"),
        ("entrega-gratis", "Sem custo"),
        ("entrega", "Ok"),
        ("cafe", "O café da manhã é às 7h. Entrega não há"),
        ("obrigado", "Até logo"),
    ] {
        admin
            .post(REPLIES, reply("tenant", shortcut, words))
            .await?
            .expect(201)?;
    }
    let all = ["entrega", "entrega-gratis", "cafe", "prazo"];
    assert_eq!(shortcuts(admin, "q=/entrega").await?, all);
    // Page by page it is the same.
    let (mut found, mut cursor) = (Vec::new(), String::new());
    loop {
        let path = format!("{REPLIES}?q=ENTREGA&limit=1&cursor={cursor}");
        let page = admin.get(&path).await?;
        found.push(text(&page["data"][0], "shortcut")?);
        match page["next_cursor"].as_str() {
            Some(next) => next.clone_into(&mut cursor),
            None => break,
        }
    }
    assert_eq!(found, all);
    assert_eq!(shortcuts(admin, "q=MANHA%20cafe").await?, ["cafe"]);
    assert_eq!(shortcuts(admin, "q=100%25").await?, Vec::<String>::new());
    app.stop().await;
    Ok(())
}

#[actix_web::test]
async fn what_could_not_be_used_is_refused_when_it_is_saved() -> Result<()> {
    let app = TestApp::start().await?;
    let tenant = app.tenant().await?;
    let admin = &tenant.admin;
    for (words, field) in [
        ("Oi {{customer.nome}}", "text"),
        ("Oi {{customer.name", "text"),
        ("  ", "text"),
        (&*"a".repeat(4_097), "text"),
    ] {
        faulty(
            &admin.post(REPLIES, reply("tenant", "a", words)).await?,
            field,
        );
    }
    for shortcut in ["", "Oi", "olá", "a b", &*"a".repeat(41)] {
        let refused = admin.post(REPLIES, reply("tenant", shortcut, "Oi")).await?;
        faulty(&refused, "shortcut");
    }
    faulty(
        &admin.post(REPLIES, reply("department", "a", "Oi")).await?,
        "department_id",
    );
    let mut stray = reply("tenant", "a", "Oi");
    stray["department_id"] = json!(uuid::Uuid::nil());
    faulty(&admin.post(REPLIES, stray.clone()).await?, "department_id");
    stray["scope"] = json!("department");
    faulty(&admin.post(REPLIES, stray).await?, "department_id");
    // Who is not of the tenant has nothing of their own in it.
    let root = app.root().await?.acting_for(&tenant.slug);
    faulty(
        &root.post(REPLIES, reply("personal", "a", "Oi")).await?,
        "scope",
    );

    let first = admin.post(REPLIES, reply("tenant", "a", "Oi")).await?;
    let path = format!("{REPLIES}/{}", text(&first.expect(201)?, "id")?);
    let again = admin.post(REPLIES, reply("tenant", "a", "Olá")).await?;
    assert_eq!((again.status, again.code()), (409, "taken"));
    assert_eq!(again.body["details"]["fields"][0]["field"], "shortcut");
    // Another owner may have the same one.
    admin
        .post(REPLIES, reply("personal", "a", "Olá"))
        .await?
        .expect(201)?;
    let change = json!({ "text": "{{quem}}" });
    faulty(&admin.patch(&path, change).await?, "text");
    app.stop().await;
    Ok(())
}

#[actix_web::test]
async fn it_speaks_of_the_conversation_it_is_used_in() -> Result<()> {
    let app = TestApp::start().await?;
    let tenant = app.tenant().await?;
    let ana = tenant.attendant("ana").await?;
    let bruno = tenant.attendant("bruno").await?;
    let words = "Oi, {{customer.first_name}} ({{customer.phone}})! Aqui é {{attendant.name}}, \
                 da {{company.name}}.";
    let made = tenant
        .admin
        .post(REPLIES, reply("tenant", "oi", words))
        .await?
        .expect(201)?;
    assert_eq!(
        (&made["used"], &made["last_used_at"]),
        (&json!(0), &json!(null))
    );
    let path = format!("{REPLIES}/{}", text(&made, "id")?);
    let render = format!("{path}/render");
    let phone = tenant.customer(7)?;
    phone.writes("Oi")?;
    let conversation = tenant.conversation(&phone.wa_id, |_| true).await?;
    let id = text(&conversation, "id")?;
    let here = json!({ "conversation_id": id });
    let shown = ana.post(&render, here.clone()).await?.expect(200)?;
    let expected = format!("Oi, Cliente ({})! Aqui é ana, da Empresa 1.", phone.wa_id);
    assert_eq!(shown["text"], expected.as_str());
    let used = ana.get(&path).await?;
    assert_eq!(used["used"], 1);
    assert!(used["last_used_at"].is_string());
    assert_eq!(used["updated_at"], made["updated_at"]);

    // In a conversation that somebody else leads, there is nothing to say.
    let takeover = format!("/api/v1/conversations/{id}/takeover");
    ana.post(&takeover, Value::Null).await?.expect(200)?;
    faulty(&bruno.post(&render, here).await?, "conversation_id");
    assert_eq!(ana.get(&path).await?["used"], 1);
    app.stop().await;
    Ok(())
}
