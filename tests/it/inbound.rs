//! What customers and WhatsApp send: from the webhook to the bot's answer.

use crate::app::TestApp;
use crate::stage::{Tenant, gap_free, is, number, text, words};
use anyhow::{Context, Result};
use papo_domain::ports::DeliveryStatus;
use papo_emulator::{Inbound, Receipts};
use papo_test_support::process::root;
use papo_test_support::wait::{PATIENCE, eventually};
use papo_test_support::webhook::{Line, deliver_signed};
use serde_json::Value;

#[actix_web::test]
async fn the_bot_greets_and_hands_over() -> Result<()> {
    let app = TestApp::start().await?;
    let tenant = app.tenant().await?;
    let mut phone = tenant.customer(1)?;
    phone.writes("Oi")?;
    let menu = phone.receives().await?;
    let greeting = words(&menu);
    assert!(greeting.starts_with("Olá, Cliente 1!"), "{greeting}");
    phone.taps(&menu, "Falar com atendente")?;
    phone.receives_words("Vou chamar uma pessoa").await?;
    let waiting = tenant
        .conversation(&phone.wa_id, |c| is(c, "status", "waiting"))
        .await?;
    app.settled().await?;

    let messages = tenant.messages(&text(&waiting, "id")?).await?;
    let shown: Vec<_> = messages
        .iter()
        .map(|m| (&m["sender_type"], &m["status"]))
        .collect();
    assert_eq!(shown.len(), 4, "{shown:?}");
    for (sender, status) in shown {
        assert_eq!(
            status == "read",
            sender == "bot" || sender == "system",
            "{messages:#?}"
        );
    }
    let queue = tenant.admin.get("/api/v1/handoffs/pending").await?;
    assert_eq!(queue["data"][0]["conversation_id"], waiting["id"]);
    app.stop().await;
    Ok(())
}

#[actix_web::test]
async fn a_hundred_copies_at_once_have_one_effect() -> Result<()> {
    let app = TestApp::start().await?;
    let tenant = app.tenant().await?;
    let mut phone = tenant.customer(1)?;
    let emulator = &app.emulator;
    emulator.send_copies(
        &tenant.line.phone_number_id,
        &phone.wa_id,
        Inbound::text("Oi"),
        100,
    )?;
    phone.receives_words("Como podemos ajudar").await?;
    app.settled().await?;
    let deliveries = emulator.deliveries(0, usize::MAX);
    let copies = deliveries.iter().map(|delivery| &delivery.entry);
    let copies = copies.filter(|d| d.status == Some(200) && d.kinds.iter().any(|k| k == "message"));
    assert_eq!(copies.count(), 100, "{deliveries:#?}");

    // Whatever a copy could have set off stands before the answer to the next message.
    phone.writes("menu")?;
    phone.receives_words("Como podemos ajudar").await?;
    app.settled().await?;
    assert_eq!(phone.received()?.len(), 2);
    let conversation = tenant.conversation(&phone.wa_id, |_| true).await?;
    let messages = tenant.messages(&text(&conversation, "id")?).await?;
    gap_free(&messages)?;
    assert_eq!(messages.len(), 4, "{messages:#?}");
    app.stop().await;
    Ok(())
}

#[actix_web::test]
async fn a_thousand_updates_come_in_one_delivery() -> Result<()> {
    const CUSTOMERS: u32 = 100;
    let app = TestApp::start().await?;
    let tenant = app.tenant().await?;
    let mut together = Vec::new();
    for round in 0..10 {
        for n in 0..CUSTOMERS {
            let phone = tenant.customer(n)?;
            let what = Inbound::text(format!("mensagem {round}"));
            together.push((tenant.line.phone_number_id.clone(), phone.wa_id, what));
        }
    }
    app.emulator.send_together(together)?;
    app.settled().await?;

    let deliveries = app.emulator.deliveries(0, 100);
    let whole = deliveries
        .iter()
        .find(|d| d.entry.updates == 1000)
        .context("not in one")?;
    assert_eq!((whole.entry.status, whole.entry.attempt), (Some(200), 1));
    let rows = app
        .rows
        .query(
            "SELECT conversation_id, array_agg(text ORDER BY seq) AS texts
             FROM messages WHERE sender = 'customer' GROUP BY conversation_id",
            &[],
        )
        .await?;
    assert_eq!(rows.len(), 100);
    let expected: Vec<_> = (0..10).map(|round| format!("mensagem {round}")).collect();
    for row in rows {
        assert_eq!(row.get::<_, Vec<String>>("texts"), expected);
    }
    let gaps = "SELECT count(*) FROM (SELECT max(seq) <> count(*) AS gap FROM messages
                GROUP BY conversation_id) AS each WHERE gap";
    assert_eq!(app.count(gaps, &[]).await?, 0);
    app.stop().await;
    Ok(())
}

/// Every order of three statuses of which one comes twice.
fn orders() -> impl Iterator<Item = [&'static str; 4]> {
    let all = ["sent", "delivered", "read"];
    let status = move |n: usize| all.get(n % 3).copied().unwrap_or_default();
    let any = (0..81).map(move |n| [n, n / 3, n / 9, n / 27].map(status));
    any.filter(move |order| all.iter().all(|status| order.contains(status)))
}

/// One delivery each: the end is the same, and on the way nobody was told of a step back. That a
/// status may come before the message's id is known is tried where the answer can be delayed.
#[actix_web::test]
async fn statuses_in_any_order_arrive_at_the_same_end() -> Result<()> {
    let app = TestApp::start().await?;
    let tenant = app.tenant().await?;
    // WhatsApp itself says nothing: this test does.
    app.emulator.set_receipts(Receipts {
        sent_ms: 3_600_000,
        delivered_ms: 3_600_000,
        read_ms: 3_600_000,
        ..Receipts::default()
    });
    assert_eq!(orders().count(), 36);
    let mut greeted = Vec::new();
    for (n, order) in (1..).zip(orders()) {
        let mut phone = tenant.customer(n)?;
        phone.writes("Oi")?;
        let greeting = phone.receives().await?;
        let at = greeting.at_ms / 1000;
        for status in order {
            let envelope = tenant.line.status(&phone.wa_id, &greeting.id, at, status);
            let receipt = deliver_signed(&app.api, &tenant.line.app_secret, &envelope).await?;
            assert_eq!(receipt.status, 200, "{}", receipt.text);
        }
        greeted.push((phone, order));
    }
    let open = "SELECT count(*) FROM inbox";
    eventually("all statuses were taken", PATIENCE, async || {
        Ok((app.count(open, &[]).await? == 0).then_some(()))
    })
    .await?;
    for (phone, order) in greeted {
        let conversation = tenant.conversation(&phone.wa_id, |_| true).await?;
        let id = text(&conversation, "id")?;
        let messages = tenant.messages(&id).await?;
        let end = messages.last().context("no messages")?;
        assert!(
            is(end, "sender_type", "bot") && is(end, "status", "read"),
            "{order:?}: {end}"
        );
        let told = "SELECT refs->>'status' FROM events WHERE conversation_id = $1::text::uuid
                    AND kind = 'delivery' ORDER BY seq";
        let told = app.rows.query(told, &[&id]).await?;
        let told = told.iter().map(|row| Value::String(row.get(0)));
        let told: Vec<DeliveryStatus> =
            told.map(serde_json::from_value).collect::<Result<_, _>>()?;
        assert!(
            told.is_sorted_by(|one, next| one < next),
            "{order:?}: {told:?}"
        );
        assert_eq!(told.last(), Some(&DeliveryStatus::Read), "{order:?}");
    }
    app.stop().await;
    Ok(())
}

/// Every fixture is accepted, and what it holds is shown, whether we know its kind or not.
#[actix_web::test]
async fn everything_that_whatsapp_sends_is_accepted_and_shown() -> Result<()> {
    let app = TestApp::start().await?;
    let tenant = app.tenant().await?;
    let own_number = |fixture: &str| {
        fixture
            .replace("100200300400500", &tenant.line.phone_number_id)
            .replace("900800700600500", &tenant.line.waba_id)
    };
    let folder = root().join("crates/whatsapp/fixtures");
    let mut files: Vec<_> = std::fs::read_dir(folder)?.collect::<Result<_, _>>()?;
    files.sort_by_key(std::fs::DirEntry::file_name);
    assert!(files.len() > 60);
    for file in files {
        let fixture: Value =
            serde_json::from_str(&own_number(&std::fs::read_to_string(file.path())?))?;
        let receipt = deliver_signed(&app.api, &tenant.line.app_secret, &fixture).await?;
        assert_eq!(
            receipt.status,
            200,
            "{}: {}",
            file.path().display(),
            receipt.text
        );
    }
    app.settled().await?;
    assert_eq!(
        app.count("SELECT count(*) FROM inbox WHERE state = 'dead'", &[])
            .await?,
        0
    );
    insta::assert_snapshot!(shown(&tenant).await?);
    app.stop().await;
    Ok(())
}

/// All that a tenant's users see, a line a message.
#[expect(
    clippy::indexing_slicing,
    reason = "a JSON value without the key is null"
)]
async fn shown(tenant: &Tenant) -> Result<String> {
    let conversations = tenant.admin.get("/api/v1/conversations?limit=100").await?;
    let mut lines = Vec::new();
    for conversation in conversations["data"].as_array().context("no list")? {
        let messages = tenant.messages(&text(conversation, "id")?).await?;
        gap_free(&messages)?;
        for message in messages {
            number(&message, "seq")?;
            lines.push(format!(
                "{} | {} | {} | {}",
                message["external_id"].as_str().unwrap_or("-"),
                message["sender_type"].as_str().unwrap_or("-"),
                message["message_type"].as_str().unwrap_or("-"),
                message["text"].as_str().unwrap_or("-").replace('\n', " ⏎ "),
            ));
        }
    }
    lines.sort();
    Ok(lines.join("\n"))
}

/// A number that nobody registered, in a delivery that is signed by one that is: kept apart.
#[actix_web::test]
async fn what_is_nobodys_is_kept_apart() -> Result<()> {
    let app = TestApp::start().await?;
    let tenant = app.tenant().await?;
    let stranger = Line {
        waba_id: tenant.line.waba_id.clone(),
        ..Line::numbered(77)
    };
    let mut envelope = stranger.text("5511900000009", "wamid.nobody", 1_767_225_600, "Oi?");
    let own = tenant
        .line
        .text("5511900000008", "wamid.own", 1_767_225_600, "Oi!");
    let entries = envelope["entry"].as_array_mut().context("no entries")?;
    entries.extend(own["entry"].as_array().cloned().unwrap_or_default());
    let receipt = deliver_signed(&app.api, &tenant.line.app_secret, &envelope).await?;
    assert_eq!(receipt.status, 200, "{}", receipt.text);
    app.settled().await?;
    assert_eq!(
        app.count("SELECT count(*) FROM inbox_unrouted", &[])
            .await?,
        1
    );
    let stored = "SELECT count(*) FROM messages WHERE sender = 'customer'";
    assert_eq!(app.count(stored, &[]).await?, 1);
    app.stop().await;
    Ok(())
}
