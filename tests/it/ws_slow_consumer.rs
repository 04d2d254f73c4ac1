//! G11: a client that stops reading costs little, harms nobody, and is told to resync when it
//! reads again.

use crate::process::plan;
use crate::stage::{Stage, number, text};
use anyhow::{Context, Result, ensure};
use futures_util::stream::{StreamExt as _, TryStreamExt as _, iter};
use papo_test_support::api::{Api, User};
use papo_test_support::process::ServerProcess;
use papo_test_support::wait::{PATIENCE, eventually};
use papo_test_support::ws_client::{Handshake, WsClient};
use serde_json::{Value, json};

/// What the server may grow by while it sends far more than this to a client that does not read.
const GROWTH: u64 = 20 << 20;
/// A note of the greatest length: 16 kB of UTF-8, which a frame holds twice.
const LARGE: &str = "🐌";

async fn narrow(user: &User) -> Result<WsClient> {
    let mut handshake = Handshake::to(user.api.socket_url());
    handshake.receive_buffer = Some(4 << 10);
    let mut client = WsClient::open(&handshake).await?;
    client.hello(Some(&user.access_token), None).await?;
    Ok(client)
}

/// Writes notes, some at a time.
async fn notes(user: &User, conversations: &[String], count: usize, words: &str) -> Result<()> {
    iter(conversations.iter().cycle().take(count))
        .map(|id| async move {
            let path = format!("/api/v1/conversations/{id}/notes");
            user.post(&path, json!({ "note": words }))
                .await?
                .expect(201)
        })
        .buffer_unordered(16)
        .try_for_each(|_| async { Ok(()) })
        .await
}

/// Bytes of memory that a process holds.
fn memory(process: u32) -> Result<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status"))?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))
        .context("no VmRSS")?;
    let kilobytes: u64 = line.trim().trim_end_matches(" kB").parse()?;
    Ok(kilobytes << 10)
}

async fn is_online(user: &User, who: &User) -> Result<bool> {
    let online = user.get("/api/v1/users/online").await?;
    let online = online
        .get("data")
        .and_then(Value::as_array)
        .context("no list")?;
    Ok(online.iter().any(|u| u.get("id") == Some(&json!(who.id))))
}

#[actix_web::test]
async fn a_client_that_stops_reading_and_reads_again_later() -> Result<()> {
    let stage = Stage::set().await?;
    stage.make_root().await?;
    let mut plan = plan(&stage, "node-1")?;
    let settings = [
        // So that 1,000 small events find room for a client that does not read.
        ("PAPO__REALTIME__SOCKET_QUEUE", "1000"),
        // It may take its time; the kernel is not what is tried here.
        ("PAPO__REALTIME__TCP_USER_TIMEOUT", "5m"),
        ("PAPO__REALTIME__REPLAY_MAX_ROWS", "20000"),
        ("PAPO__LIMITS__PER_USER", "1000000"),
    ];
    plan.variables
        .extend(settings.map(|(name, value)| (name.to_owned(), value.to_owned())));
    let api = Api::at(format!("http://127.0.0.1:{}", plan.port))?;
    let server = ServerProcess::start(plan).await?;
    let tenant = stage.tenant(&api).await?;
    let (boss, ana) = (tenant.supervisor().await?, tenant.attendant("ana").await?);
    let mut conversations = Vec::new();
    for n in 0..8 {
        let phone = tenant.customer(n)?;
        phone.writes("Oi")?;
        conversations.push(text(
            &tenant.conversation(&phone.wa_id, |_| true).await?,
            "id",
        )?);
    }
    stage.settled().await?;

    let mut healthy = WsClient::connect(&api.socket_url(), &boss.access_token, None).await?;
    // What such a load costs while everybody reads is there before it is measured.
    let large = LARGE.repeat(4_096);
    notes(&boss, &conversations, 1_500, &large).await?;
    healthy.ping().await?;
    let mut stuck = narrow(&ana).await?;
    let cursor = stuck.ping().await?;
    stuck.stop_reading();

    // Nobody waits for it: the other one is told 1,000 events before it is cut.
    notes(&boss, &conversations, 1_000, "nota").await?;
    healthy.ping().await?;
    assert!(healthy.count() > 2_500);
    assert!(
        is_online(&boss, &ana).await?,
        "cut too soon to show anything"
    );

    // It is cut before it costs much.
    let before = memory(server.id())?;
    let mut sent = 0;
    while is_online(&boss, &ana).await? {
        notes(&boss, &conversations, 100, &large).await?;
        sent += 100;
        ensure!(
            sent < 1_000,
            "32 MB are held for a client that does not read"
        );
    }
    notes(&boss, &conversations, 1_000 - sent, &large).await?;
    let grown = memory(server.id())?.saturating_sub(before);
    assert!(grown < GROWTH, "grew by {} MB", grown >> 20);
    let head = healthy.ping().await?;
    assert_eq!(healthy.faults(), Vec::<String>::new());
    let numbers = healthy
        .frames()
        .into_iter()
        .filter_map(|f| number(&f, "seq").ok());
    assert!(numbers.count() >= 3_500);

    // It reads again: what was on its way, then the truth.
    stuck.read_again();
    assert_eq!(stuck.closed(PATIENCE).await?, (4008, "resync".to_owned()));
    let last = stuck.cursor().context("no cursor")?;
    assert!((cursor..head).contains(&last), "{last} of {head}");
    // And it can come back without a gap.
    let mut back = WsClient::connect(&api.socket_url(), &ana.access_token, Some(last)).await?;
    eventually("it has caught up", PATIENCE, async || {
        Ok((back.ping().await? >= head).then_some(()))
    })
    .await?;
    let missed = stuck.frames().into_iter().chain(back.frames());
    let missed = missed.filter(|f| f.get("payload").is_some());
    let notes = missed.filter(|f| f.pointer("/payload/message_type") == Some(&json!("note")));
    assert_eq!(notes.count(), 2_000);
    Ok(())
}
