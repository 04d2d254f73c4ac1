//! A server that dies at any moment, and one that is asked to go.

use crate::load::{Book, Load, phones, seconds_now};
use crate::process::ProcessApp;
use crate::stage::{Stage, Tenant, gap_free, is, text};
use anyhow::{Context, Result, bail};
use papo_test_support::api::User;
use papo_test_support::wait::{PATIENCE, eventually};
use papo_test_support::webhook::Pending;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;
use tokio::sync::watch;

const KILLS: usize = 10;

/// More answers to one customer would be held back by WhatsApp's pair rate (45 at once).
const REPLIES: usize = 40;
const TYPING: Duration = Duration::from_millis(150);

/// Sends answers, each under a key of its own and repeated until it is answered.
async fn replies(user: User, path: String, stopping: watch::Receiver<bool>) -> Result<Vec<String>> {
    let mut sent = Vec::new();
    let mut typed = tokio::time::interval(TYPING);
    while !*stopping.borrow() && sent.len() < REPLIES {
        typed.tick().await;
        let words = format!("resposta {}", sent.len());
        let key = format!("key-{}", sent.len());
        let body = json!({ "type": "text", "body": words });
        eventually("a reply is answered", 3 * PATIENCE, async || {
            let answer = user.post_once(&path, &key, body.clone()).await?;
            match answer.status {
                201 => Ok(Some(())),
                503 | 504 => Ok(None),
                status => bail!("a reply was answered {status}: {}", answer.text),
            }
        })
        .await?;
        sent.push(words);
    }
    Ok(sent)
}

/// How often WhatsApp accepted each message of ours.
fn accepted(stage: &Stage) -> BTreeMap<String, u32> {
    let mut accepted = BTreeMap::new();
    for call in stage.emulator.calls(0, usize::MAX) {
        let tracking = call
            .entry
            .body
            .get("biz_opaque_callback_data")
            .and_then(Value::as_str);
        if let (Some(tracking), Some(_)) = (tracking, &call.entry.message_id) {
            *accepted.entry(tracking.to_owned()).or_default() += 1;
        }
    }
    accepted
}

/// Waits until there are no such rows; tells some of them if there always are.
async fn comes_to_nothing(stage: &Stage, what: &str, rows: &str) -> Result<()> {
    let count = format!("SELECT count(*) FROM {rows}");
    let none = eventually(what, 3 * PATIENCE, async || {
        Ok((stage.count(&count, &[]).await? == 0).then_some(()))
    });
    let Err(error) = none.await else {
        return Ok(());
    };
    let some = format!(
        "SELECT coalesce(string_agg(r::text, E'\\n'), '') FROM (SELECT * FROM {rows} LIMIT 20) AS r"
    );
    let some: String = stage.rows.query_one(&some, &[]).await?.get(0);
    Err(error.context(some))
}

/// Every message of a load asks for the menu, and nobody but the bot leads the conversation: each
/// of them, acknowledged or not, was answered in its turn and once. What was said is to be sent,
/// and everything was told once.
async fn each_answered_once(stage: &Stage, acknowledged: &Book) -> Result<()> {
    let said = "SELECT sender FROM messages m JOIN conversations c
                    ON (c.tenant_id, c.id) = (m.tenant_id, m.conversation_id)
                WHERE c.peer_value = $1 ORDER BY m.seq";
    let customers: BTreeSet<&String> = acknowledged.keys().map(|(_, customer)| customer).collect();
    for customer in customers {
        let rows = stage.rows.query(said, &[customer]).await?;
        let said: Vec<&str> = rows.iter().map(|row| row.get(0)).collect();
        let turns = said.chunks(2).filter(|turn| *turn == ["customer", "bot"]);
        let all = !said.is_empty() && turns.count() * 2 == said.len();
        assert!(all, "{customer} and the bot did not take turns: {said:?}");
    }
    let unsent = "SELECT count(*) FROM messages m WHERE sender IN ('bot', 'attendant', 'system')
                  AND kind <> 'note' AND NOT EXISTS (SELECT FROM outbox WHERE id = m.id)";
    assert_eq!(
        stage.count(unsent, &[]).await?,
        0,
        "said, and not to be sent"
    );
    let untold = "SELECT count(*) FROM messages m WHERE 1 <> (
                      SELECT count(*) FROM events e WHERE e.conversation_id = m.conversation_id
                      AND e.message_seq = m.seq AND e.kind = 'message_added')";
    assert_eq!(stage.count(untold, &[]).await?, 0, "not told, or twice");
    Ok(())
}

/// What was acknowledged is stored once and answered once, `seq` has no gap, and each message of
/// ours reached WhatsApp once, or nobody claims that it did.
pub(crate) async fn nothing_lost_nothing_doubled(stage: &Stage, acknowledged: &Book) -> Result<()> {
    let open = "inbox WHERE wake_key IS NULL";
    comes_to_nothing(stage, "what came in and is not worked off", open).await?;
    // Behind a send of unknown outcome nothing may be sent.
    let to_send = "outbox q WHERE state = 'sending' OR state = 'queued'
                   AND NOT EXISTS (SELECT FROM outbox u WHERE u.conversation_id = q.conversation_id
                                   AND u.state = 'unknown' AND u.seq < q.seq)";
    comes_to_nothing(stage, "what may be sent and is not", to_send).await?;
    stage.emulator.idle(PATIENCE).await?;

    let rows = stage
        .rows
        .query(
            "SELECT external_id FROM messages WHERE sender = 'customer'",
            &[],
        )
        .await?;
    let stored: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
    let unique: BTreeSet<&String> = stored.iter().collect();
    assert_eq!(unique.len(), stored.len(), "a message is stored twice");
    let lost: Vec<_> = acknowledged
        .values()
        .flatten()
        .filter(|id| !unique.contains(id))
        .collect();
    assert!(lost.is_empty(), "acknowledged and lost: {lost:?}");

    for table in ["messages", "events"] {
        let of = if table == "events" {
            "tenant_id"
        } else {
            "conversation_id"
        };
        let gaps = format!(
            "SELECT count(*) FROM (SELECT count(*) AS all_, count(DISTINCT seq) AS different,
                                          max(seq) AS last FROM {table} GROUP BY {of}) AS each
             WHERE all_ <> last OR different <> last"
        );
        assert_eq!(stage.count(&gaps, &[]).await?, 0, "{table} have gaps");
    }

    each_answered_once(stage, acknowledged).await?;

    let accepted = accepted(stage);
    for row in stage
        .rows
        .query("SELECT id::text, state FROM outbox", &[])
        .await?
    {
        let (id, state): (String, String) = (row.get(0), row.get(1));
        let times = accepted.get(&id).copied().unwrap_or_default();
        let right = match state.as_str() {
            "sent" | "failed" => times == 1,
            // Accepted and never answered: the status webhook tells, and then it is sent.
            "unknown" | "unconfirmed" | "cancelled" | "queued" => times == 0,
            _ => false,
        };
        assert!(
            right,
            "message {id} is {state} and was accepted {times} times"
        );
    }
    Ok(())
}

/// What each customer wrote stands in the order in which it was acknowledged.
pub(crate) async fn nothing_overtaken(stage: &Stage, acknowledged: &Book) -> Result<()> {
    let mut conversations: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let customers = "SELECT conversation_id::text, external_id FROM messages
                     WHERE sender = 'customer' ORDER BY conversation_id, seq";
    for row in stage.rows.query(customers, &[]).await? {
        let conversation = conversations.entry(row.get(0)).or_default();
        conversation.push(row.get(1));
    }
    for ((_, customer), written) in acknowledged {
        let first = written.first().context("nothing written")?;
        let stored = conversations
            .values()
            .find(|stored| stored.contains(first))
            .with_context(|| format!("{customer} has no conversation"))?;
        // Others may stand between them: some were never acknowledged.
        let theirs: Vec<_> = stored.iter().filter(|id| written.contains(id)).collect();
        assert!(
            theirs.iter().copied().eq(written),
            "{customer} wrote {written:?}, and stored is {theirs:?}"
        );
    }
    Ok(())
}

/// A conversation that an attendant leads; its path for replies.
async fn led(tenant: &Tenant, user: &User) -> Result<(String, String)> {
    let mut phone = tenant.customer(1000)?;
    phone.writes("Oi")?;
    phone.receives().await?;
    let conversation = tenant.conversation(&phone.wa_id, |_| true).await?;
    let id = text(&conversation, "id")?;
    let path = format!("/api/v1/conversations/{id}/takeover");
    user.post(&path, Value::Null).await?.expect(200)?;
    Ok((id.clone(), format!("/api/v1/conversations/{id}/messages")))
}

#[actix_web::test]
async fn killed_at_any_moment_it_loses_and_doubles_nothing() -> Result<()> {
    let mut app = ProcessApp::start().await?;
    let tenant = app.tenant().await?;
    let ana = tenant.attendant("ana").await?;
    let (conversation, path) = led(&tenant, &ana).await?;
    let phones = phones(&app, &tenant, 60)?;
    let mut load = Load::begin("load", &app.api, &tenant.line, &phones, 16);
    let (stop, stopping) = watch::channel(false);
    let answering = actix_web::rt::spawn(replies(ana, path, stopping));

    for kill in 1..=KILLS {
        load.acknowledged(20 + 5 * kill)
            .await
            .with_context(|| format!("before kill {kill}"))?;
        // Not years late: it must be answered like the rest, if it was stored.
        let (wamid, at) = (format!("wamid.pending.{kill}"), seconds_now()?);
        let body = tenant.line.text(&phones[0], &wamid, at, "menu");
        // Being in hand when the process dies counts against an item, and a server that never lives
        // long enough to work anything off would end by blaming all of them.
        let often = "inbox WHERE attempts > 1 AND state = 'pending'";
        comes_to_nothing(&app, "what two lives did not work off", often).await?;
        let mut pending = Pending::begin(&app.api, &tenant.line.app_secret, &body)?;
        pending.finish()?;
        app.server.kill()?;
        assert_eq!(pending.answer(), b"", "kill {kill} came too late");
        app.server.start().await?;
    }
    load.acknowledged(40).await?;
    stop.send_replace(true);
    let replies = answering.await??;
    let acknowledged = load.end().await?;
    nothing_lost_nothing_doubled(&app, &acknowledged).await?;
    let several = acknowledged.values().filter(|ids| ids.len() > 1).count();
    assert!(several >= 10, "too little to be put in order: {several}");
    nothing_overtaken(&app, &acknowledged).await?;

    let messages = tenant.messages(&conversation).await?;
    gap_free(&messages)?;
    let ours = messages
        .iter()
        .filter(|m| is(m, "sender_type", "attendant"));
    let ours: Vec<_> = ours.map(|m| text(m, "text")).collect::<Result<_>>()?;
    assert_eq!(ours, replies, "each reply once, in order");
    Ok(())
}

#[actix_web::test]
async fn asked_to_go_it_finishes_first() -> Result<()> {
    let mut app = ProcessApp::start().await?;
    let tenant = app.tenant().await?;
    let phones = phones(&app, &tenant, 60)?;
    let mut load = Load::begin("load", &app.api, &tenant.line, &phones, 8);
    load.acknowledged(50).await?;
    app.server.signal("TERM")?;
    let status = app.server.ended(Duration::from_secs(30)).await?;
    assert!(status.success(), "{status}: {}", app.server.log());
    let held = "SELECT count(*) FROM shard_leases WHERE lease_until > now()";
    assert_eq!(app.count(held, &[]).await?, 0, "leases were not given back");
    let sending = "SELECT count(*) FROM outbox WHERE state = 'sending'";
    assert_eq!(app.count(sending, &[]).await?, 0, "sends were cut off");
    let unknown = "SELECT count(*) FROM outbox WHERE state IN ('unknown', 'unconfirmed')";
    assert_eq!(app.count(unknown, &[]).await?, 0, "sends were cut off");

    app.server.start().await?;
    load.acknowledged(50).await?;
    let acknowledged = load.end().await?;
    nothing_lost_nothing_doubled(&app, &acknowledged).await?;
    nothing_overtaken(&app, &acknowledged).await
}
