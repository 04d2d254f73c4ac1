//! Bodies that do not come, or come all at once: whoever sends them has not proved anything, so
//! they get little time and little memory.

use crate::app::TestApp;
use anyhow::{Result, ensure};
use papo_test_support::webhook::{Pending, deliver_signed, signature};
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

const FROM: &str = "5511900000001";
const AT: i64 = 1_767_225_600;

/// A request of which everything but the body is sent.
fn announce(base: &str, path: &str, length: usize) -> Result<TcpStream> {
    let host = base.trim_start_matches("http://");
    let mut stream = TcpStream::connect(host)?;
    stream.set_read_timeout(Some(Duration::from_secs(20)))?;
    write!(
        stream,
        "POST {path} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n\
         Content-Length: {length}\r\n\r\n"
    )?;
    Ok(stream)
}

/// What is answered to a request whose body stops in the middle, until the connection ends.
fn stops_midway(base: &str, path: &str) -> Result<String> {
    let mut stream = announce(base, path, 1_000)?;
    stream.write_all(b"{\"email\":")?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer)
}

#[actix_web::test]
async fn a_body_that_stops_midway_is_not_waited_for() -> Result<()> {
    let short = Duration::from_millis(200);
    let app = TestApp::start_with(|config| config.server.body_timeout = short).await?;
    for path in ["/api/v1/webhooks/whatsapp", "/api/v1/auth/login"] {
        let base = app.api.base.clone();
        // Waits on a thread of its own: the server has a part on this one.
        let answer = tokio::task::spawn_blocking(move || stops_midway(&base, path)).await??;
        assert!(answer.starts_with("HTTP/1.1 408 "), "{path}: {answer}");
        assert!(answer.contains("\"body_timeout\""), "{path}: {answer}");
    }
    app.stop().await;
    Ok(())
}

/// What is answered to a client that sends all of its body before it reads the answer.
fn sends_all(base: &str, path: &str, length: usize) -> Result<String> {
    let mut stream = announce(base, path, length)?;
    // Most of it is sent when the answer is here already, which such a client does not see.
    stream.peek(&mut [0])?;
    for part in vec![b' '; length].chunks(64 << 10) {
        stream.write_all(part)?;
    }
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer)
}

/// The refusal comes before the body has: a reset in its place would tell the client nothing, and
/// look like a fault of the network.
#[actix_web::test]
async fn a_refusal_is_heard_by_who_still_sends() -> Result<()> {
    const TOO_LARGE: usize = (3 << 20) + 1;
    let app = TestApp::start().await?;
    for path in ["/api/v1/webhooks/whatsapp", "/api/v1/auth/login"] {
        let base = app.api.base.clone();
        let answer = tokio::task::spawn_blocking(move || sends_all(&base, path, TOO_LARGE));
        let answer = answer.await??;
        assert!(answer.starts_with("HTTP/1.1 413 "), "{path}: {answer}");
        assert!(answer.contains("\"too_large\""), "{path}: {answer}");
    }
    app.stop().await;
    Ok(())
}

/// What a small body unpacks to would be in memory before anything could count it.
#[actix_web::test]
async fn compressed_bodies_are_refused_unread() -> Result<()> {
    let app = TestApp::start().await?;
    for path in ["/api/v1/webhooks/whatsapp", "/api/v1/auth/login"] {
        for encodings in [&["gzip"][..], &["identity", "br"]] {
            let mut request = app.api.http.post(format!("{}{path}", app.api.base));
            for encoding in encodings {
                request = request.header("Content-Encoding", *encoding);
            }
            let request = request.header("Content-Type", "application/json");
            let answer = request.body("{}").send().await?;
            assert_eq!(answer.status().as_u16(), 415, "{path} {encodings:?}");
            let text = answer.text().await?;
            assert!(text.contains("\"unsupported_media_type\""), "{text}");
        }
    }
    let tenant = app.tenant().await?;
    let body = tenant.line.text(FROM, "wamid.plain", AT, "oi").to_string();
    let signature = signature(&tenant.line.app_secret, body.as_bytes());
    let url = format!("{}/api/v1/webhooks/whatsapp", app.api.base);
    let request = app.api.http.post(url).body(body);
    let request = request.header("X-Hub-Signature-256", signature);
    let answer = request
        .header("Content-Encoding", "identity")
        .send()
        .await?;
    assert_eq!(answer.status().as_u16(), 200);
    app.stop().await;
    Ok(())
}

#[actix_web::test]
async fn unsigned_bodies_do_not_fill_the_memory() -> Result<()> {
    let app = TestApp::start_with(|config| {
        config.server.webhook_body_limit = 300 << 10;
        config.server.webhook_memory = 300 << 10;
    })
    .await?;
    let tenant = app.tenant().await?;
    let words = "x".repeat(250 << 10);
    let large = tenant.line.text(FROM, "wamid.large", AT, &words);
    let small = tenant
        .line
        .text(FROM, "wamid.small", AT, &words[..100 << 10]);
    // Its last byte does not come: what it has sent lies in memory.
    let waiting = Pending::begin(&app.api, "whoever", &large)?;
    let secret = &tenant.line.app_secret;
    let refused = papo_test_support::wait::eventually(
        "there is no room",
        papo_test_support::wait::PATIENCE,
        async || {
            let receipt = deliver_signed(&app.api, secret, &small).await?;
            ensure!(matches!(receipt.status, 200 | 503), "{receipt:?}");
            Ok((receipt.status == 503).then_some(receipt))
        },
    )
    .await?;
    assert!(refused.retry_after.is_some(), "{}", refused.text);
    // Others than webhooks have a memory of their own.
    tenant.attendant("ana").await?;
    drop(waiting);
    papo_test_support::wait::eventually(
        "there is room again",
        papo_test_support::wait::PATIENCE,
        async || {
            let receipt = deliver_signed(&app.api, secret, &small).await?;
            ensure!(matches!(receipt.status, 200 | 503), "{receipt:?}");
            Ok((receipt.status == 200).then_some(()))
        },
    )
    .await?;
    app.stop().await;
    Ok(())
}
