//! Words in messages: found a moment after they were said, by those who may see them.

use crate::app::TestApp;
use crate::stage::{Tenant, text};
use anyhow::{Context, Result};
use papo_test_support::api::User;
use papo_test_support::wait::{PATIENCE, eventually};
use reqwest::Method;
use serde_json::{Value, json};

const SEARCH: &str = "/api/v1/search/messages";

async fn hits(user: &User, query: &str) -> Result<Vec<Value>> {
    let page = user.get(&format!("{SEARCH}?{query}")).await?;
    let rows = page.get("data").and_then(Value::as_array);
    Ok(rows.context("no data")?.clone())
}

/// A customer who said something, once it is found.
async fn said(tenant: &Tenant, n: u32, words: &str) -> Result<String> {
    let phone = tenant.customer(n)?;
    phone.writes(words)?;
    let found = tenant.conversation(&phone.wa_id, |_| true).await?;
    let id = text(&found, "id")?;
    let query = format!("q={words}&conversation={id}&sender=customer");
    eventually("what was said is found", PATIENCE, async || {
        Ok((hits(&tenant.admin, &query).await?.len() == 1).then_some(()))
    })
    .await?;
    Ok(id)
}

#[actix_web::test]
async fn what_was_said_is_found_whatever_its_endings_and_accents() -> Result<()> {
    let app = TestApp::start().await?;
    let tenant = app.tenant().await?;
    let words = "Gostaria de informações sobre a <b>reserva</b> do João";
    let id = said(&tenant, 1, words).await?;
    for q in ["informacoes", "INFORMAÇÃO", "reservas joao", "gostar"] {
        let found = hits(&tenant.admin, &format!("q={q}&sender=customer")).await?;
        assert_eq!(found.len(), 1, "{q}");
    }
    assert_eq!(hits(&tenant.admin, "q=reserva+cancelada").await?.len(), 0);

    let found = hits(&tenant.admin, "q=reserva&sender=customer").await?;
    let hit = found.first().context("no hit")?;
    assert_eq!(hit["conversation_id"], json!(id));
    assert_eq!(
        (&hit["seq"], &hit["sender_type"]),
        (&json!(1), &json!("customer"))
    );
    assert_eq!(hit["customer"]["name"], "Cliente 1");
    let pieces = hit["snippet"].as_array().context("no snippet")?;
    let marked: Vec<&Value> = pieces.iter().filter(|piece| piece["hit"] == true).collect();
    assert_eq!(marked.len(), 1, "{pieces:?}");
    assert_eq!(marked[0]["text"], "reserva");
    let whole: String = pieces
        .iter()
        .filter_map(|piece| piece["text"].as_str())
        .collect();
    // What looks like markup is left out, and nothing in it would be any.
    let words: Vec<&str> = whole.split_whitespace().collect();
    assert_eq!(
        words.join(" "),
        "Gostaria de informações sobre a reserva do João"
    );
    app.stop().await;
    Ok(())
}

#[actix_web::test]
async fn only_what_is_seen_and_asked_for_is_found() -> Result<()> {
    let app = TestApp::start().await?;
    let tenant = app.tenant().await?;
    let (ana, bruno) = (
        tenant.attendant("ana").await?,
        tenant.attendant("bruno").await?,
    );
    let one = said(&tenant, 1, "abacaxi").await?;
    let two = said(&tenant, 2, "abacaxi").await?;
    let takeover = format!("/api/v1/conversations/{one}/takeover");
    ana.post(&takeover, Value::Null).await?.expect(200)?;
    let note = json!({ "note": "abacaxi maduro" });
    let notes = format!("/api/v1/conversations/{one}/notes");
    ana.post(&notes, note).await?.expect(201)?;
    eventually("the note is found", PATIENCE, async || {
        Ok((hits(&ana, "q=maduro").await?.len() == 1).then_some(()))
    })
    .await?;
    let of = async |user: &User, query: &str| -> Result<Vec<String>> {
        let found = hits(user, &format!("q=abacaxi&{query}")).await?;
        let mut ids: Vec<String> = found
            .iter()
            .map(|hit| text(hit, "conversation_id"))
            .collect::<Result<_>>()?;
        ids.sort();
        Ok(ids)
    };
    assert_eq!(of(&bruno, "").await?, [two.as_str()]);
    let mut all = [one.as_str(), one.as_str(), two.as_str()];
    all.sort_unstable();
    assert_eq!(of(&ana, "").await?, all);
    assert_eq!(of(&ana, "type=note").await?, [one.as_str()]);
    assert_eq!(of(&ana, "sender=attendant").await?, [one.as_str()]);
    assert_eq!(
        of(&ana, &format!("conversation={two}")).await?,
        [two.as_str()]
    );
    assert_eq!(of(&ana, "assignee=me").await?.len(), 2);
    assert_eq!(
        of(&ana, &format!("channel={}", tenant.channel))
            .await?
            .len(),
        3
    );
    assert_eq!(of(&ana, &format!("department={one}")).await?.len(), 0);
    assert_eq!(of(&ana, "to=2020-01-01T00:00:00Z").await?.len(), 0);
    assert_eq!(of(&ana, "from=2020-01-01T00:00:00Z").await?.len(), 3);
    let shown = ana.get(&format!("/api/v1/conversations/{two}")).await?;
    let customer = text(shown.get("customer").context("no customer")?, "id")?;
    assert_eq!(of(&ana, &format!("customer={customer}")).await?, [two]);
    for (query, status) in [
        ("q=a", 422),
        ("", 400),
        ("q=ab&sender=ana", 400),
        ("q=ab&assignee=x", 400),
    ] {
        let path = format!("{SEARCH}?{query}");
        let answer = ana.call(Method::GET, &path, &[], None).await?;
        assert_eq!(answer.status, status, "{query}: {}", answer.text);
    }
    app.stop().await;
    Ok(())
}
