//! Clients that send too much, too fast, or do not read.

use super::fakes::ANA;
use super::{Rig, farewell};
use papo_actors::CutReason;
use papo_test_support::ws_client::{Handshake, WsClient};
use serde_json::json;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::frame::Frame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};

/// Makes events large, so that buffers fill soon.
fn filler() -> String {
    "x".repeat(4_000)
}

/// A client whose kernel keeps little for it.
async fn narrow(rig: &Rig) -> WsClient {
    let mut handshake = Handshake::to(&rig.url);
    handshake.receive_buffer = Some(4 << 10);
    let mut client = WsClient::open(&handshake).await.unwrap();
    client.hello(Some(ANA), None).await.unwrap();
    client
}

/// Publishes until a client that does not read is cut. `healthy` gets every event meanwhile, so
/// it is not for want of time that the other one does not. Returns how many were published.
async fn publish_until_cut(rig: &Rig, healthy: &WsClient) -> u64 {
    for published in 1..250 {
        let cut = rig.feed.publish(&filler());
        healthy.reach(published, super::PATIENCE).await.unwrap();
        if cut > 0 {
            return published;
        }
    }
    panic!("1 MB is held for a client that does not read");
}

#[actix_web::test]
async fn a_client_that_stops_reading_is_cut_and_holds_up_nobody() {
    let rig = Rig::with(|config| config.realtime.socket_queue = 32);
    let stuck = narrow(&rig).await;
    let healthy = rig.ana().await;
    stuck.stop_reading();
    let cut_at = publish_until_cut(&rig, &healthy).await;
    // Also beyond the cut.
    for n in 1..=1_000 {
        rig.feed.publish(&filler());
        healthy.reach(cut_at + n, super::PATIENCE).await.unwrap();
    }
    assert_eq!(healthy.faults(), Vec::<String>::new());
    // It reads again: what was on its way comes, then it is told, and nothing is left out
    // before that.
    stuck.read_again();
    assert_eq!(farewell(&stuck).await, (4008, "resync".to_owned()));
    let frames = stuck.frames();
    let seqs: Vec<u64> = frames.iter().filter_map(|f| f["seq"].as_u64()).collect();
    let last = seqs.last().copied().unwrap_or_default();
    assert_eq!(seqs, (1..=last).collect::<Vec<_>>());
    assert!(last < cut_at);
    rig.feed.count(1).await;
    rig.stop().await;
}

#[actix_web::test]
async fn a_client_that_never_reads_again_is_ended_by_the_kernel() {
    let rig = Rig::with(|config| {
        config.realtime.socket_queue = 32;
        config.realtime.tcp_user_timeout = Duration::from_secs(1);
    });
    let stuck = narrow(&rig).await;
    let healthy = rig.ana().await;
    stuck.stop_reading();
    publish_until_cut(&rig, &healthy).await;
    rig.feed.count(1).await;
    // Not by a farewell: it could not have taken one.
    stuck.read_again();
    assert_eq!(farewell(&stuck).await.0, 1006);
    rig.stop().await;
}

#[actix_web::test]
async fn what_waits_for_a_slow_client_is_not_written_all_at_once() {
    // More than fits on the way: with these its session stands still.
    const FIRST: u64 = 200;
    const ALL: u64 = 1_000;
    let rig = Rig::with(|config| config.realtime.socket_queue = 2_000);
    let slow = narrow(&rig).await;
    let healthy = rig.ana().await;
    slow.stop_reading();
    for n in 1..=ALL {
        assert_eq!(rig.feed.publish(&filler()), 0);
        if n == FIRST || n == ALL {
            healthy.reach(n, super::PATIENCE).await.unwrap();
        }
    }
    // It reads until its session has run again, and finds the rest waiting.
    slow.read_again();
    slow.reach(FIRST, super::PATIENCE).await.unwrap();
    slow.stop_reading();
    rig.feed.cut(CutReason::Resync);
    slow.read_again();
    assert_eq!(farewell(&slow).await, (4008, "resync".to_owned()));
    let last = slow.cursor().unwrap();
    assert!(last < ALL / 2, "{last} came before the farewell");
    rig.stop().await;
}

#[actix_web::test]
async fn a_silent_client_is_asked_and_then_closed() {
    let rig = Rig::with(|config| {
        config.realtime.ping_interval = Duration::from_millis(50);
        config.realtime.idle_timeout = Duration::from_millis(200);
    });
    // One that answers pings stays, for several times the limit.
    let mut healthy = rig.ana().await;
    let silent = rig.ana().await;
    silent.stop_reading();
    rig.feed.count(1).await;
    silent.read_again();
    assert_eq!(farewell(&silent).await, (4010, "idle".to_owned()));
    healthy.ping().await.unwrap();
    rig.stop().await;
}

#[actix_web::test]
async fn a_flood_is_closed() {
    let rig = Rig::with(|config| config.realtime.client_frames_per_second = 20);
    let mut client = rig.ana().await;
    // Hello was one of the burst of forty.
    for _ in 0..38 {
        client.ping().await.unwrap();
    }
    for _ in 0..20 {
        if client.send(r#"{"op":"ping"}"#).await.is_err() {
            break;
        }
    }
    assert_eq!(farewell(&client).await, (4029, "too fast".to_owned()));
    rig.feed.count(0).await;
    rig.stop().await;
}

#[actix_web::test]
async fn so_many_sockets_and_no_more() {
    let rig = Rig::with(|config| config.realtime.sockets_per_user = 2);
    let (first, _second) = (rig.ana().await, rig.ana().await);
    let mut third = rig.open().await;
    third.hello(Some(ANA), None).await.unwrap_err();
    assert_eq!(
        farewell(&third).await,
        (4030, "too many sockets".to_owned())
    );
    first.close().await.unwrap();
    rig.feed.count(1).await;
    rig.ana().await;
    rig.stop().await;
}

#[actix_web::test]
async fn frames_have_a_greatest_length() {
    let rig = Rig::with(|config| config.realtime.max_frame = 1_000);
    let mut client = rig.ana().await;
    let padded = |length: usize| {
        let frame = json!({ "op": "ping", "ref": "long", "pad": "" }).to_string();
        frame.replace(
            "\"pad\":\"\"",
            &format!("\"pad\":\"{}\"", "x".repeat(length - frame.len())),
        )
    };
    client.send(&padded(1_000)).await.unwrap();
    client.next_event("reply", super::PATIENCE).await.unwrap();
    client.ping().await.unwrap();
    client.send(&padded(1_001)).await.unwrap();
    assert_eq!(farewell(&client).await, (1009, "too long".to_owned()));
    rig.feed.count(0).await;
    rig.stop().await;
}

#[actix_web::test]
async fn a_frame_is_refused_by_the_length_it_announces() {
    let rig = Rig::start();
    let address = rig.url.trim_start_matches("ws://").trim_end_matches("/ws");
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = format!(
        "GET /ws HTTP/1.1\r\nHost: {address}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    // A text frame of a terabyte, of which nothing comes.
    let head = [&[0x81, 0xFF][..], &(1_u64 << 40).to_be_bytes(), &[0; 4]].concat();
    stream.write_all(&head).await.unwrap();
    let mut answer = Vec::new();
    let read = tokio::time::timeout(super::PATIENCE, stream.read_to_end(&mut answer)).await;
    read.expect("closed in time").unwrap();
    let close = [&[0x88, 10][..], &1009_u16.to_be_bytes(), b"too long"].concat();
    assert!(
        answer.ends_with(&close),
        "{:?}",
        String::from_utf8_lossy(&answer)
    );
    rig.stop().await;
}

#[actix_web::test]
async fn a_message_may_come_in_parts_within_the_same_bounds() {
    let rig = Rig::with(|config| config.realtime.max_frame = 1_000);
    let part = |text: &str, first: bool, last: bool| {
        let kind = if first { Data::Text } else { Data::Continue };
        Message::Frame(Frame::message(text.to_owned(), OpCode::Data(kind), last))
    };
    let mut client = rig.ana().await;
    for (text, first, last) in [
        (r#"{"op":"#, true, false),
        (r#""ping","#, false, false),
        (r#""ref":"p"}"#, false, true),
    ] {
        client.send_message(part(text, first, last)).await.unwrap();
    }
    let reply = client.next_event("reply", super::PATIENCE).await.unwrap();
    assert_eq!(reply["ref"], "1", "the greeting's");
    let reply = client.next_event("reply", super::PATIENCE).await.unwrap();
    assert_eq!(reply["ref"], "p");

    client
        .send_message(part(&"x".repeat(600), true, false))
        .await
        .unwrap();
    client
        .send_message(part(&"x".repeat(600), false, false))
        .await
        .unwrap();
    assert_eq!(farewell(&client).await, (1009, "too long".to_owned()));

    let mut client = rig.ana().await;
    client.send_message(part("x", false, true)).await.unwrap();
    assert_eq!(farewell(&client).await.0, 1002);

    let mut client = rig.ana().await;
    let binary = Message::Binary(bytes::Bytes::from_static(b"{}"));
    client.send_message(binary).await.unwrap();
    assert_eq!(farewell(&client).await, (1003, "text only".to_owned()));
    rig.stop().await;
}
