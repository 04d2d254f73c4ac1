//! Customers say how they were served.

use crate::app::TestApp;
use crate::stage::{Phone, Tenant, is, text};
use anyhow::Result;
use papo_emulator::Template;
use papo_test_support::api::User;
use papo_test_support::wait::PATIENCE;
use papo_test_support::ws_client::WsClient;
use serde_json::{Value, json};

const QUESTION: &str = "O que achou?";

/// Customers of this tenant are asked.
async fn asks(tenant: &Tenant) -> Result<()> {
    let policy = json!({
        "coalesce_quiet_ms": 0,
        "coalesce_max_ms": 0,
        "csat": { "enabled": true, "question": QUESTION },
    });
    let path = "/api/v1/tenants/current/policy";
    let shown = tenant.admin.put(path, policy).await?.expect(200)?;
    let question = shown.pointer("/csat/question").and_then(Value::as_str);
    assert_eq!(question, Some(QUESTION));
    Ok(())
}

/// A conversation that `user` has served and closed.
async fn served(tenant: &Tenant, user: &User, n: u32) -> Result<(Phone, String)> {
    let mut phone = tenant.customer(n)?;
    phone.writes("atendente")?;
    phone.receives().await?;
    let waiting = |c: &Value| is(c, "status", "waiting");
    let shown = tenant.conversation(&phone.wa_id, waiting).await?;
    let id = text(&shown, "id")?;
    for what in ["takeover", "close"] {
        let path = format!("/api/v1/conversations/{id}/{what}");
        user.post(&path, Value::Null).await?.expect(200)?;
    }
    Ok((phone, id))
}

#[actix_web::test]
async fn a_customer_s_answer_is_kept_shown_and_thanked() -> Result<()> {
    let app = TestApp::start().await?;
    let tenant = app.tenant().await?;
    asks(&tenant).await?;
    let ana = tenant.attendant("ana").await?;
    let (mut phone, id) = served(&tenant, &ana, 1).await?;
    let url = ana.api.socket_url();
    let mut client = WsClient::connect(&url, &ana.access_token, None).await?;
    let question = phone.receives_words(QUESTION).await?;
    phone.taps(&question, "4 - Bom")?;
    let told = loop {
        let told = client.next_event("conversation:updated", PATIENCE).await?;
        if told["payload"]["change"] == "rated" {
            break told;
        }
    };
    assert_eq!(told["payload"]["set"], json!({ "rating": 4 }));
    phone.receives_words("motivo da sua nota").await?;
    phone.writes("rápido e gentil")?;
    phone.receives_words("comentário").await?;
    app.settled().await?;

    let shown = ana.get(&format!("/api/v1/conversations/{id}")).await?;
    assert_eq!(
        (&shown["status"], &shown["rating"]),
        (&json!("closed"), &json!(4))
    );
    let kept = "SELECT count(*) FROM ratings r
                JOIN handoffs h ON h.tenant_id = r.tenant_id AND h.id = r.handoff_id
                JOIN messages m ON m.tenant_id = r.tenant_id AND m.conversation_id = r.conversation_id
                               AND m.seq = r.comment_seq
                WHERE r.conversation_id = $1::text::uuid AND r.user_id = $2::text::uuid
                  AND r.score = 4 AND h.customer_satisfaction = 4 AND r.rated_by = 'customer'
                  AND m.text = 'rápido e gentil'";
    assert_eq!(app.count(kept, &[&id, &ana.id]).await?, 1);

    phone.writes("oi de novo")?;
    let open = |c: &Value| is(c, "mode", "bot") && c["rating"].is_null();
    tenant.conversation(&phone.wa_id, open).await?;
    app.stop().await;
    Ok(())
}

#[actix_web::test]
async fn whatever_is_no_answer_begins_anew() -> Result<()> {
    let app = TestApp::start().await?;
    let tenant = app.tenant().await?;
    asks(&tenant).await?;
    let ana = tenant.attendant("ana").await?;
    let (mut phone, id) = served(&tenant, &ana, 1).await?;
    phone.receives_words(QUESTION).await?;
    phone.writes("esqueci uma coisa")?;
    let open = |c: &Value| is(c, "mode", "bot");
    tenant.conversation(&phone.wa_id, open).await?;
    let ratings = "SELECT count(*) FROM ratings WHERE conversation_id = $1::text::uuid";
    assert_eq!(app.count(ratings, &[&id]).await?, 0);
    app.stop().await;
    Ok(())
}

#[actix_web::test]
async fn a_policy_that_cannot_be_asked_is_refused() -> Result<()> {
    let app = TestApp::start().await?;
    let tenant = app.tenant().await?;
    let path = "/api/v1/tenants/current/policy";
    let policy = json!({ "csat": { "enabled": true, "options": ["bom", "ruim"] } });
    let refused = tenant.admin.put(path, policy).await?;
    assert_eq!(refused.status, 422, "{}", refused.text);
    assert_eq!(
        refused.body["details"]["fields"][0]["field"],
        "csat.options"
    );
    app.stop().await;
    Ok(())
}

#[actix_web::test]
async fn who_did_not_write_for_a_day_is_asked_by_a_template() -> Result<()> {
    let app = TestApp::start().await?;
    let tenant = app.tenant().await?;
    let ana = tenant.attendant("ana").await?;
    let path = "/api/v1/tenants/current/policy";
    let template = json!({ "name": "pesquisa", "language": "pt_BR" });
    let policy = json!({ "csat": { "enabled": true, "template": template } });
    let refused = tenant.admin.put(path, policy.clone()).await?;
    assert_eq!(refused.status, 422, "{}", refused.text);
    let field = refused.body.pointer("/details/fields/0/field");
    assert_eq!(field, Some(&json!("csat.template.name")));

    let waba = &tenant.line.waba_id;
    let asking = |name: &str, titles: [&str; 2]| {
        let buttons = titles.map(|title| json!({ "type": "QUICK_REPLY", "text": title }));
        Template {
            components: vec![json!({ "type": "BUTTONS", "buttons": buttons })],
            ..Template::approved(waba, name, "pt_BR", "Como foi?")
        }
    };
    // A tap on what is none of the answers would begin a session.
    tenant.provides(asking("gostou", ["5", "Talvez"])).await?;
    let strange = json!({ "name": "gostou", "language": "pt_BR" });
    let strange = json!({ "csat": { "enabled": true, "template": strange } });
    let refused = tenant.admin.put(path, strange).await?;
    let field = refused.body.pointer("/details/fields/0/field");
    assert_eq!(field, Some(&json!("csat.template.name")));
    let asking = asking("pesquisa", ["5 - Ótimo", "1 - Muito ruim"]);
    tenant.provides(asking.clone()).await?;
    let shown = tenant.admin.put(path, policy).await?.expect(200)?;
    let text_of = shown.pointer("/csat/template/text");
    assert_eq!(text_of, Some(&json!("Como foi?")));

    // Who changes something else leaves it as it was accepted.
    let now = Template {
        body: "E hoje, como foi?".to_owned(),
        ..asking
    };
    tenant.provides(now).await?;
    app.settled().await?;
    let other = tenant.admin.patch(path, json!({ "max_misses": 3 })).await?;
    let kept = other.expect(200)?;
    let kept = kept.pointer("/csat/template/text").cloned();
    assert_eq!(kept, Some(json!("Como foi?")));

    let (mut phone, id) = tenant.silent_customer(1, &ana).await?;
    let close = format!("/api/v1/conversations/{id}/close");
    ana.post(&close, Value::Null).await?.expect(200)?;
    let question = phone.receives_words("como foi?").await?;
    phone.taps(&question, "5 - Ótimo")?;
    phone.receives_words("motivo da sua nota").await?;
    let rated = |c: &Value| c["rating"] == 5;
    tenant.conversation(&phone.wa_id, rated).await?;
    app.stop().await;
    Ok(())
}
