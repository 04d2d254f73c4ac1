//! Connections as the carrier takes them over: what came before, together with, and in place of
//! a socket.

use super::fakes::ANA;
use super::{PATIENCE, Rig};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// A request for `path` that asks to become a socket, with `key` as its proof.
fn upgrade(path: &str, key: &str) -> String {
    format!(
        "GET {path} HTTP/1.1\r\nHost: papo.example.com\r\nConnection: Upgrade\r\n\
         Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n{key}\r\n"
    )
}

const KEY: &str = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

async fn connect(rig: &Rig) -> TcpStream {
    let address = rig.url.trim_start_matches("ws://").trim_end_matches("/ws");
    TcpStream::connect(address).await.unwrap()
}

/// What is answered to `bytes` until the server closes, or until `end` has come.
async fn answer(rig: &Rig, bytes: &[u8], end: Option<&str>) -> String {
    let mut stream = connect(rig).await;
    stream.write_all(bytes).await.unwrap();
    let mut answer = Vec::new();
    let read = async {
        let mut chunk = [0; 1_024];
        loop {
            let text = String::from_utf8_lossy(&answer).into_owned();
            if end.is_some_and(|end| text.contains(end)) {
                return text;
            }
            match stream.read(&mut chunk).await.unwrap() {
                0 => return text,
                read => answer.extend_from_slice(&chunk[..read]),
            }
        }
    };
    tokio::time::timeout(PATIENCE, read)
        .await
        .expect("answered in time")
}

/// A client's text frame of up to 125 bytes, with a mask of zeros.
fn frame(text: &str) -> Vec<u8> {
    let length = u8::try_from(text.len()).unwrap();
    assert!(length < 126);
    let mut frame = vec![0x81, 0x80 | length, 0, 0, 0, 0];
    frame.extend_from_slice(text.as_bytes());
    frame
}

#[actix_web::test]
async fn what_comes_together_with_the_handshake_is_heard() {
    let rig = Rig::start();
    let hello = frame(&format!(
        r#"{{"op":"hello","ref":"early","token":"{ANA}"}}"#
    ));
    let bytes = [upgrade("/ws", KEY).into_bytes(), hello].concat();
    let text = answer(&rig, &bytes, Some(r#""ref":"early""#)).await;
    assert!(text.starts_with("HTTP/1.1 101 "), "{text}");
    assert!(text.contains(r#""head":0"#), "{text}");
    rig.stop().await;
}

#[actix_web::test]
async fn whoever_is_refused_gets_a_whole_answer_and_a_closed_connection() {
    let rig = Rig::start();
    for (path, key, status) in [("/nowhere", KEY, "404"), ("/ws", "", "400")] {
        let text = answer(&rig, upgrade(path, key).as_bytes(), None).await;
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        let head = head.to_ascii_lowercase();
        assert!(head.starts_with(&format!("http/1.1 {status} ")), "{text}");
        assert!(head.contains("connection: close"), "{text}");
        assert!(
            head.contains(&format!("content-length: {}", body.len())),
            "{text}"
        );
    }
    rig.stop().await;
}

/// They only name the protocol: the answer is that to any request with such a method or body, and
/// it comes at once, without waiting for what the framework does not count.
#[actix_web::test]
async fn whoever_brings_a_body_or_another_method_gets_no_socket() {
    let rig = Rig::start();
    let with = |method: &str, path: &str, length: usize| {
        let upgrade = upgrade(path, &format!("{KEY}Content-Length: {length}\r\n"));
        upgrade.replacen("GET", method, 1)
    };
    for (method, path, length, body, status) in [
        ("GET", "/ws", 5, "hello", "400"),
        ("GET", "/echo", 5, "hello", "404"),
        ("POST", "/ws", 5, "hello", "404"),
        ("POST", "/echo", 5, "hello", "200"),
        // What it announces does not come.
        ("POST", "/echo", 5, "", "200"),
        ("POST", "/echo", 0, "", "200"),
    ] {
        let bytes = [with(method, path, length), body.to_owned()].concat();
        let text = answer(&rig, bytes.as_bytes(), None).await;
        let found = text.starts_with(&format!("HTTP/1.1 {status} "));
        assert!(found, "{method} {path} {length}: {text}");
        assert!(!text.contains("hello"), "{text}");
    }
    let bytes = with("GET", "/ws", 0);
    let text = answer(&rig, bytes.as_bytes(), Some("\r\n\r\n")).await;
    assert!(text.starts_with("HTTP/1.1 101 "), "{text}");
    rig.stop().await;
}

#[actix_web::test]
async fn a_refusal_is_heard_by_who_still_sends() {
    const REST: usize = 3 << 20;
    let rig = Rig::start();
    let head = upgrade("/nowhere", &format!("{KEY}Content-Length: {REST}\r\n"));
    let bytes = [head.into_bytes(), vec![b'x'; REST]].concat();
    let text = answer(&rig, &bytes, None).await;
    assert!(text.starts_with("HTTP/1.1 404 "), "{text}");
    rig.stop().await;
}

#[actix_web::test]
async fn what_was_asked_before_is_answered_before() {
    let rig = Rig::start();
    let plain = "GET /nowhere HTTP/1.1\r\nHost: papo.example.com\r\n\r\n";
    let bytes = [plain, &upgrade("/ws", KEY)].concat();
    let text = answer(&rig, bytes.as_bytes(), Some("101 Switching")).await;
    assert!(text.starts_with("HTTP/1.1 404 "), "{text}");
    rig.stop().await;
}

#[actix_web::test]
async fn a_connection_that_breaks_ends_its_socket() {
    let rig = Rig::start();
    let mut client = connect(&rig).await;
    client.set_zero_linger().unwrap();
    let hello = frame(&format!(r#"{{"op":"hello","ref":"1","token":"{ANA}"}}"#));
    let bytes = [upgrade("/ws", KEY).into_bytes(), hello].concat();
    client.write_all(&bytes).await.unwrap();
    rig.feed.count(1).await;
    // Reset, without a farewell of any kind.
    drop(client);
    rig.feed.count(0).await;
    rig.stop().await;
}
