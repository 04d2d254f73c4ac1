//! Files at the provider: what is asked for and how, and what every failure means for the next try.

use crate::server::{Reply, Server, TOKEN, answer, api, credentials};
use futures_util::stream;
use papo_domain::ports::SendError;
use papo_whatsapp::{GraphConfig, MediaError, MediaPlace, Upload};
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(10);

fn raw(status: u16, body: &str) -> Vec<Reply> {
    vec![Reply::Raw(answer(status, "", body))]
}

fn graph(code: i64) -> String {
    format!(r#"{{"error":{{"message":"words of {TOKEN}","code":{code}}}}}"#)
}

fn place(url: String) -> MediaPlace {
    MediaPlace {
        url,
        mime_type: None,
        sha256: None,
        file_size: None,
    }
}

fn upload(bytes: &'static str) -> Upload {
    let chunks = [Ok::<_, std::io::Error>(bytes.into())];
    Upload {
        mime_type: "image/png".to_owned(),
        filename: "photo.png".to_owned(),
        size: bytes.len().try_into().unwrap(),
        body: Upload::body_of(stream::iter(chunks)),
    }
}

#[tokio::test]
async fn a_file_is_found_by_its_id_and_fetched_with_the_token() {
    let found = r#"{"url":"http://127.0.0.1/x","mime_type":"image/jpeg","sha256":"ab","file_size":7,
        "id":"55","messaging_product":"whatsapp"}"#;
    let mut server = Server::start([raw(200, found), raw(200, "as words")].concat()).await;
    let api = server.api();
    let described = api.media(&credentials(), "55").await.unwrap();
    assert_eq!(described.file_size, Some(7));
    assert_eq!(described.mime_type.as_deref(), Some("image/jpeg"));
    let asked = server.request().await.head.to_lowercase();
    assert!(asked.starts_with("get /v26.0/55 "), "{asked}");
    assert!(asked.contains(&format!("bearer {TOKEN}").to_lowercase()));

    let url = format!("http://{}/somewhere?mid=55", server.address);
    let mut download = api
        .download(&credentials(), &place(url), PATIENCE)
        .await
        .unwrap();
    let mut bytes = Vec::new();
    while let Some(chunk) = download.chunk().await.unwrap() {
        bytes.extend_from_slice(&chunk);
    }
    assert_eq!(bytes, b"as words");
    let asked = server.request().await.head.to_lowercase();
    assert!(asked.starts_with("get /somewhere?mid=55 "), "{asked}");
    assert!(asked.contains(&format!("bearer {TOKEN}").to_lowercase()));
}

#[tokio::test]
async fn a_file_that_is_gone_is_told_from_one_that_is_not_there_now() {
    for (status, body, expected) in [
        (400, graph(100), "gone"),
        (400, graph(131_052), "gone"),
        (404, String::new(), "gone"),
        (401, graph(190), "refused"),
        (403, graph(10), "refused"),
        (500, graph(131_000), "not now"),
        (429, graph(80_007), "not now"),
        (502, "<html>".to_owned(), "not now"),
        (200, "<html>".to_owned(), "not now"),
    ] {
        let server = Server::start(raw(status, &body)).await;
        let error = server.api().media(&credentials(), "55").await.unwrap_err();
        let told = match &error {
            MediaError::Gone(_) => "gone",
            MediaError::Refused(_) => "refused",
            MediaError::NotNow(_) => "not now",
        };
        assert_eq!(told, expected, "{status} {body}");
        assert!(!format!("{error} {error:?}").contains(TOKEN));
    }
    // An address ends sooner than the file: the next try gets another.
    let server = Server::start(raw(404, "")).await;
    let url = format!("http://{}/x", server.address);
    let (api, token, place) = (server.api(), credentials(), place(url));
    let over = api.download(&token, &place, PATIENCE).await;
    assert!(matches!(over, Err(MediaError::NotNow(_))));
}

#[tokio::test]
async fn the_token_goes_nowhere_else_and_no_redirect_is_followed() {
    let mut elsewhere = Server::answering(200, "x").await;
    let location = format!("Location: http://{}/\r\n", elsewhere.address);
    let replies = vec![Reply::Raw(answer(302, &location, ""))];
    let server = Server::start(replies).await;
    let api = server.api();
    let theirs = place(format!("http://{}/x", elsewhere.address));
    let refused = api.download(&credentials(), &theirs, PATIENCE).await;
    assert!(matches!(refused, Err(MediaError::Refused(_))));
    let ours = place(format!("http://{}/x", server.address));
    let refused = api.download(&credentials(), &ours, PATIENCE).await;
    assert!(refused.is_err());
    assert!(elsewhere.is_untouched());
}

#[tokio::test]
async fn a_file_that_breaks_off_or_does_not_come_ends_in_time() {
    let head = b"HTTP/1.1 200 X\r\ncontent-length: 9\r\n\r\nhalf".to_vec();
    let server = Server::start(vec![Reply::Stall(head)]).await;
    let url = format!("http://{}/x", server.address);
    let patience = Duration::from_millis(200);
    let mut download = server
        .api()
        .download(&credentials(), &place(url), patience)
        .await
        .unwrap();
    assert_eq!(
        download.chunk().await.unwrap().as_deref(),
        Some(&b"half"[..])
    );
    assert!(matches!(download.chunk().await, Err(MediaError::NotNow(_))));
}

#[tokio::test]
async fn a_file_is_handed_in_as_a_form() {
    let mut server = Server::answering(200, r#"{"id":"77"}"#).await;
    let api = server.api();
    let id = api.upload(&credentials(), upload("bytes"), PATIENCE).await;
    assert_eq!(id, Ok("77".to_owned()));
    let request = server.request().await;
    let head = request.head.to_lowercase();
    assert!(
        head.starts_with("post /v26.0/100200300400500/media "),
        "{head}"
    );
    assert!(head.contains("content-type: multipart/form-data; boundary="));
    let form = request.body.as_str().unwrap();
    for part in [
        "name=\"messaging_product\"\r\n\r\nwhatsapp\r\n",
        "name=\"type\"\r\n\r\nimage/png\r\n",
        "name=\"file\"; filename=\"photo.png\"",
        "\r\n\r\nbytes\r\n",
    ] {
        assert!(form.contains(part), "{part}: {form}");
    }
}

/// That the provider is away is told from that this file does not get through: the former is not the
/// message's fault.
#[tokio::test]
async fn a_file_that_is_not_taken_is_told_from_a_provider_that_is_away() {
    for replies in [
        vec![Reply::Refuse],
        vec![Reply::Swallow],
        raw(200, "{}"),
        raw(502, "<html>"),
    ] {
        let server = Server::start(replies).await;
        let api = server.api();
        let failed = api.upload(&credentials(), upload("bytes"), PATIENCE).await;
        assert!(matches!(failed, Err(SendError::Ambiguous(_))), "{failed:?}");
    }
    let nobody = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = nobody.local_addr().unwrap();
    drop(nobody);
    let api = api(&GraphConfig::new(format!("http://{address}"), "v26.0"));
    let failed = api.upload(&credentials(), upload("bytes"), PATIENCE).await;
    assert!(matches!(failed, Err(SendError::NotSent(_))), "{failed:?}");
    let server = Server::start(raw(400, &graph(131_053))).await;
    let api = server.api();
    let refused = api.upload(&credentials(), upload("bytes"), PATIENCE).await;
    assert!(
        matches!(refused, Err(SendError::Permanent { code: 131_053, .. })),
        "{refused:?}"
    );
}
