//! What the caller learns when a send does not succeed, for every way in which it can fail.

use crate::server::{Reply, Server, TOKEN, answer, credentials, message};
use papo_domain::outbound::Outbound;
use papo_domain::ports::SendError;
use papo_whatsapp::GraphConfig;
use std::time::Duration;
use tokio::net::TcpListener;

const ACCEPTED: &str = r#"{"messages":[{"id":"wamid.HBgNnew"}]}"#;

async fn outcome(reply: Reply) -> Result<String, SendError> {
    outcome_within(Duration::from_secs(10), reply).await
}

async fn outcome_within(limit: Duration, reply: Reply) -> Result<String, SendError> {
    let server = Server::start(vec![reply]).await;
    let api = server.api_within(limit);
    let outcome = api
        .send(&credentials(), message(Outbound::text("oi")), None)
        .await;
    if let Err(error) = &outcome {
        let shown = format!("{error} {error:?}");
        assert!(
            !shown.contains(TOKEN) && !shown.contains("100200300400500"),
            "{shown}"
        );
    }
    outcome
}

async fn refusal(status: u16, body: &str) -> SendError {
    outcome(Reply::Raw(answer(status, "", body)))
        .await
        .unwrap_err()
}

fn graph(code: i64) -> String {
    format!(
        r#"{{"error":{{"message":"(#{code}) words","type":"OAuthException","code":{code},
        "error_data":{{"messaging_product":"whatsapp","details":"more"}},"fbtrace_id":"A"}}}}"#
    )
}

#[tokio::test]
async fn a_200_with_an_id_is_sent() {
    let sent = outcome(Reply::Raw(answer(200, "", ACCEPTED))).await;
    assert_eq!(sent, Ok("wamid.HBgNnew".to_owned()));
}

#[tokio::test]
async fn a_200_without_an_id_is_ambiguous() {
    for body in [
        "",
        "{}",
        "ok",
        r#"{"messages":[]}"#,
        r#"{"messages":[{"id":""}]}"#,
        r#"{"messages":[{}]}"#,
    ] {
        assert!(
            matches!(refusal(200, body).await, SendError::Ambiguous(_)),
            "{body}"
        );
    }
}

#[tokio::test]
async fn each_class_of_graph_errors() {
    let words = || "(#0) words: more".to_owned();
    let down = SendError::ChannelDown {
        code: 190,
        detail: words().replace("#0", "#190"),
    };
    assert_eq!(refusal(401, &graph(190)).await, down);
    let retry = SendError::Retry {
        code: 131_000,
        after: None,
    };
    assert_eq!(refusal(500, &graph(131_000)).await, retry);
    let pair = SendError::PairRate { code: 131_056 };
    assert_eq!(refusal(400, &graph(131_056)).await, pair);
    let number = SendError::NumberRate {
        code: 130_429,
        after: None,
    };
    assert_eq!(refusal(429, &graph(130_429)).await, number);
    let closed = SendError::Permanent {
        code: 131_047,
        title: words().replace("#0", "#131047"),
    };
    assert_eq!(refusal(400, &graph(131_047)).await, closed);
}

#[tokio::test]
async fn a_time_to_wait_is_read_from_the_head() {
    let body = graph(80_007);
    let reply = Reply::Raw(answer(400, "Retry-After: 120\r\n", &body));
    let expected = SendError::NumberRate {
        code: 80_007,
        after: Some(Duration::from_secs(120)),
    };
    assert_eq!(outcome(reply).await, Err(expected));
    let date = "Retry-After: Wed, 21 Oct 2026 07:28:00 GMT\r\n";
    let reply = Reply::Raw(answer(429, date, ""));
    let expected = SendError::NumberRate {
        code: 429,
        after: None,
    };
    assert_eq!(outcome(reply).await, Err(expected));
}

#[tokio::test]
async fn answers_that_are_not_graphs() {
    let gateway = "<html>bad gateway</html>";
    assert!(matches!(
        refusal(502, gateway).await,
        SendError::Ambiguous(_)
    ));
    assert!(matches!(
        refusal(404, gateway).await,
        SendError::Permanent { code: 404, .. }
    ));
    assert!(matches!(
        refusal(403, gateway).await,
        SendError::ChannelDown { code: 403, .. }
    ));
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let mut elsewhere = Server::answering(200, ACCEPTED).await;
    let location = format!("Location: http://{}/\r\n", elsewhere.address);
    let redirected = outcome(Reply::Raw(answer(307, &location, ""))).await;
    assert!(
        matches!(redirected, Err(SendError::ChannelDown { code: 307, .. })),
        "{redirected:?}"
    );
    assert!(elsewhere.is_untouched());
}

#[tokio::test]
async fn a_refused_connection_sent_nothing() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let api = crate::server::api(&GraphConfig::new(format!("http://{address}"), "v26.0"));
    let refused = api
        .send(&credentials(), message(Outbound::text("oi")), None)
        .await;
    assert!(matches!(refused, Err(SendError::NotSent(_))), "{refused:?}");
}

#[tokio::test]
async fn a_connection_closed_at_any_time_after_it_was_made_is_ambiguous() {
    for reply in [
        Reply::Refuse,
        Reply::Swallow,
        Reply::Raw(b"HTTP/1.1 200 OK\r\nconte".to_vec()),
        Reply::Raw(
            b"HTTP/1.1 200 OK\r\ncontent-length: 90\r\n\r\n{\"messages\":[{\"id\":\"w".to_vec(),
        ),
        Reply::Raw(b"HTTP/1.1 500 X\r\ncontent-length: 90\r\n\r\n{\"error\":{\"code\":1".to_vec()),
        Reply::Raw(b"SMTP ready\r\n".to_vec()),
    ] {
        let outcome = outcome(reply.clone()).await;
        assert!(
            matches!(outcome, Err(SendError::Ambiguous(_))),
            "{reply:?}: {outcome:?}"
        );
    }
}

#[tokio::test]
async fn an_answer_that_does_not_come_in_time_is_ambiguous() {
    for begun in [
        &b""[..],
        b"HTTP/1.1 200 OK\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: 90\r\n\r\n{\"messages\":",
    ] {
        let limit = Duration::from_millis(200);
        let outcome = outcome_within(limit, Reply::Stall(begun.to_vec())).await;
        assert!(
            matches!(outcome, Err(SendError::Ambiguous(_))),
            "{outcome:?}"
        );
    }
}

#[tokio::test]
async fn a_refusal_whose_reason_is_cut_off_is_still_a_refusal() {
    let cut = b"HTTP/1.1 400 X\r\ncontent-length: 90\r\n\r\n{\"error\":".to_vec();
    let outcome = outcome(Reply::Raw(cut)).await;
    assert!(
        matches!(outcome, Err(SendError::Permanent { code: 400, .. })),
        "{outcome:?}"
    );
}

#[tokio::test]
async fn an_endless_answer_is_read_no_further_than_it_makes_sense() {
    let mut flood = b"HTTP/1.1 500 X\r\nconnection: close\r\n\r\n".to_vec();
    flood.extend(vec![b'x'; 200_000]);
    // The server keeps the connection open: who reads on learns of the timeout only.
    let flooded = outcome(Reply::Stall(flood)).await;
    let Err(SendError::Ambiguous(words)) = flooded else {
        panic!("{flooded:?}");
    };
    assert!(words.starts_with("HTTP 500: xxx"), "{words}");
    assert!(words.len() < 350);
}

#[tokio::test]
async fn words_of_the_provider_are_cut_and_freed_of_the_token() {
    let body = graph(100).replace("words", &format!("{TOKEN} {}", "x".repeat(1_000)));
    let SendError::Permanent { title, .. } = refusal(400, &body).await else {
        panic!("not permanent");
    };
    assert_eq!(title.chars().count(), 300);
    assert!(title.starts_with("(#100) [token] xxx"), "{title}");
}

#[tokio::test]
async fn a_receipt_fails_like_a_message() {
    let server = Server::answering(200, &graph(131_009)).await;
    let shown = server
        .api()
        .show_read(&credentials(), "wamid.1", false)
        .await;
    assert!(
        matches!(shown, Err(SendError::Permanent { code: 131_009, .. })),
        "{shown:?}"
    );
    let server = Server::answering(401, &graph(190)).await;
    let shown = server
        .api()
        .show_read(&credentials(), "wamid.1", false)
        .await;
    assert!(
        matches!(shown, Err(SendError::ChannelDown { code: 190, .. })),
        "{shown:?}"
    );
}
