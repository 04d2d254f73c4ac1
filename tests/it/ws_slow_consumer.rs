//! G11: a client that stops reading costs little, harms nobody, and is told to resync when it
//! reads again.

use crate::process::ProcessApp;
use crate::stage::text;
use anyhow::{Context, Result, ensure};
use futures_util::stream::{StreamExt as _, TryStreamExt as _, iter};
use papo_test_support::api::{Api, User};
use papo_test_support::wait::{self, eventually};
use papo_test_support::ws_client::{Handshake, WsClient};
use reqwest::Method;
use serde_json::{Value, json};
use std::time::Duration;

/// Some megabytes go through the frames' reader, which others may keep waiting.
const PATIENCE: Duration = wait::PATIENCE.saturating_mul(3);
/// Events of each kind that are published while a client does not read.
const EVENTS: usize = 1_000;
/// Events before that.
const WARM_UP: usize = 300;
/// A note of the greatest length: 16 kB of UTF-8, which a frame holds twice.
const LARGE: &str = "🐌";
/// What the server may grow by while it is to send 32 MB to a client that does not read: the 4 MB
/// that may wait for it, and as much again for everything else.
const GROWTH: u64 = 8 << 20;
/// What a client that reads again may still be sent before its farewell: what the kernel and the
/// connection held of it, not what waited for it.
const ON_ITS_WAY: usize = 1 << 20;
/// The C library gives back at once what is free, so that what is held can be told from what was
/// used before.
const ALLOCATOR: [(&str, &str); 3] = [
    ("MALLOC_ARENA_MAX", "1"),
    ("MALLOC_MMAP_THRESHOLD_", "8192"),
    ("MALLOC_TRIM_THRESHOLD_", "65536"),
];

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

/// How many clients the server has found too slow.
async fn cut(api: &Api) -> Result<u64> {
    let metrics = api.call(Method::GET, "/metrics", &[], None).await?;
    ensure!(metrics.status == 200, "no metrics: {}", metrics.text);
    let mut lines = metrics.text.lines();
    let count = lines.find_map(|line| line.strip_prefix("papo_ws_slow_consumers_total "));
    Ok(count.map(str::parse).transpose()?.unwrap_or_default())
}

fn notes_in(frames: &[Value]) -> usize {
    let note = json!("note");
    let is_note = |frame: &&Value| frame.pointer("/payload/message_type") == Some(&note);
    frames.iter().filter(is_note).count()
}

#[actix_web::test]
async fn a_client_that_stops_reading_and_reads_again_later() -> Result<()> {
    let app = ProcessApp::start_with(|plan| {
        let settings = [
            // So that the small events find room for a client that does not read.
            ("PAPO__REALTIME__SOCKET_QUEUE", "2000"),
            // It may take its time; neither the kernel nor silence is what is tried here.
            ("PAPO__REALTIME__TCP_USER_TIMEOUT", "10m"),
            ("PAPO__REALTIME__IDLE_TIMEOUT", "10m"),
            ("PAPO__REALTIME__REPLAY_MAX_ROWS", "20000"),
            ("PAPO__LIMITS__PER_USER", "1000000"),
        ];
        for (name, value) in settings.into_iter().chain(ALLOCATOR) {
            plan.variables.push((name.to_owned(), value.to_owned()));
        }
    })
    .await?;
    let url = app.api.socket_url();
    let tenant = app.tenant().await?;
    let (boss, ana) = (tenant.supervisor().await?, tenant.attendant("ana").await?);
    let mut conversations = Vec::new();
    for n in 0..8 {
        let phone = tenant.customer(n)?;
        phone.writes("Oi")?;
        let conversation = tenant.conversation(&phone.wa_id, |_| true).await?;
        conversations.push(text(&conversation, "id")?);
    }
    app.settled().await?;

    let mut healthy = WsClient::connect(&url, &boss.access_token, None).await?;
    // What such a load costs while everybody reads is there before it is measured.
    let large = LARGE.repeat(4_096);
    notes(&boss, &conversations, WARM_UP, &large).await?;
    let mut told = WARM_UP;
    healthy.told("message:new", told, PATIENCE).await?;
    let mut stuck = narrow(&ana).await?;
    let cursor = stuck.ping().await?;
    let had = stuck.count();
    stuck.stop_reading();

    // Nobody waits for it: the other one is told 1,000 events before it is cut.
    notes(&boss, &conversations, EVENTS, "nota").await?;
    told += EVENTS;
    healthy.told("message:new", told, PATIENCE).await?;
    assert_eq!(cut(&app.api).await?, 0, "too soon to show it");

    // It is cut before it costs much, and the other one goes on.
    let before = memory(app.server.id()?)?;
    notes(&boss, &conversations, EVENTS, &large).await?;
    told += EVENTS;
    healthy.told("message:new", told, PATIENCE).await?;
    eventually("it is cut", PATIENCE, async || {
        Ok((cut(&app.api).await? == 1).then_some(()))
    })
    .await?;
    let grown = memory(app.server.id()?)?.saturating_sub(before);
    assert!(grown < GROWTH, "grew by {} kB", grown >> 10);
    let head = healthy.ping().await?;
    assert_eq!(healthy.faults(), Vec::<String>::new());

    // It reads again: what was on its way, then the truth.
    stuck.read_again();
    assert_eq!(stuck.closed(PATIENCE).await?, (4008, "resync".to_owned()));
    let last = stuck.cursor().context("no cursor")?;
    assert!((cursor..head).contains(&last), "{last} of {head}");
    let came = stuck.frames().split_off(had);
    let bytes: usize = came.iter().map(|frame| frame.to_string().len()).sum();
    assert!(bytes < ON_ITS_WAY, "{bytes} bytes came before the farewell");

    // And it can come back without a gap.
    let mut back = WsClient::connect(&url, &ana.access_token, Some(last)).await?;
    let missed = 2 * EVENTS - notes_in(&came);
    back.told("message:new", missed, PATIENCE).await?;
    back.caught_up(head, PATIENCE).await?;
    assert_eq!(notes_in(&back.frames()), missed);
    assert_eq!(back.faults(), Vec::<String>::new());
    Ok(())
}
