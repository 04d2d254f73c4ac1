//! Files that customers send: they are fetched as soon as they come, seen by those who see the
//! conversation, and what goes wrong with them is seen as well.

use crate::app::TestApp;
use crate::process::ProcessApp;
use crate::stage::{Phone, Stage, Tenant, is, text};
use anyhow::{Context, Result};
use papo_emulator::{Fault, Faults, Inbound, TokenState};
use papo_test_support::api::User;
use papo_test_support::wait::{PATIENCE, eventually};
use papo_test_support::ws_client::WsClient;
use reqwest::{Method, Response};
use serde_json::{Value, json};
use std::time::Duration;

/// A picture of one pixel, and more than that.
fn picture(length: usize) -> Vec<u8> {
    let mut bytes = b"\x89PNG\r\n\x1a\n".to_vec();
    bytes.resize(length, 7);
    bytes
}

/// The customer sends a file; the message's id at WhatsApp.
fn sends(stage: &Stage, phone: &Phone, kind: &str, bytes: &[u8], mime: &str) -> Result<String> {
    let file = stage.emulator.add_file(bytes.to_vec(), mime);
    let message = json!({ "type": kind, kind: { "id": file.id, "caption": "olha" } });
    phone.sends(Inbound::Message(message))
}

/// The file of that message, once it is in this state.
async fn file(tenant: &Tenant, phone: &Phone, wamid: &str, state: &str) -> Result<Value> {
    let conversation = tenant.conversation(&phone.wa_id, |_| true).await?;
    let fits = |m: &Value| {
        is(m, "external_id", wamid) && m.get("media").is_some_and(|file| is(file, "state", state))
    };
    let message = tenant.message(&text(&conversation, "id")?, fits).await?;
    message.get("media").cloned().context("no file")
}

async fn get(user: &User, path: &str, headers: &[(&str, &str)]) -> Result<Response> {
    let mut request = user.api.http.get(format!("{}{path}", user.api.base));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    Ok(request.bearer_auth(&user.access_token).send().await?)
}

fn header<'a>(response: &'a Response, name: &str) -> &'a str {
    let value = response.headers().get(name);
    value
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default()
}

#[actix_web::test]
async fn a_picture_is_fetched_told_and_served_to_those_who_see_it() -> Result<()> {
    let app = TestApp::start().await?;
    let tenant = app.tenant().await?;
    let (ana, bruno) = (
        tenant.attendant("ana").await?,
        tenant.attendant("bruno").await?,
    );
    let phone = tenant.customer(1)?;
    let url = tenant.api.socket_url();
    let mut socket = WsClient::connect(&url, &ana.access_token, None).await?;
    let bytes = picture(3_000);
    let wamid = sends(&app, &phone, "image", &bytes, "image/png")?;
    let stored = file(&tenant, &phone, &wamid, "stored").await?;
    assert_eq!(stored["kind"], "image");
    assert_eq!(stored["mime_type"], "image/png");
    assert_eq!(stored["size"], 3_000);

    let told = socket.next_event("message:media", PATIENCE).await?;
    let payload = &told["payload"];
    assert_eq!(payload["media"]["id"], stored["id"]);
    assert_eq!(payload["media"]["state"], "stored");
    assert_eq!(payload["media"]["size"], 3_000);
    assert_eq!(payload["message_id"], stored["message_id"]);

    // Bruno sees it as long as it is nobody's; then it is Ana's.
    let path = format!("/api/v1/media/{}", text(&stored, "id")?);
    let content = format!("{path}/content");
    assert_eq!(get(&bruno, &content, &[]).await?.status(), 200);
    let conversation = text(&stored, "conversation_id")?;
    let takeover = format!("/api/v1/conversations/{conversation}/takeover");
    ana.post(&takeover, Value::Null).await?.expect(200)?;
    for path in [&path, &content] {
        assert_eq!(get(&bruno, path, &[]).await?.status(), 404, "{path}");
    }
    let refused = bruno.post(&format!("{path}/link"), Value::Null).await?;
    assert_eq!(refused.status, 404);

    let whole = get(&ana, &content, &[]).await?;
    assert_eq!(whole.status(), 200);
    assert_eq!(header(&whole, "content-type"), "image/png");
    assert_eq!(header(&whole, "content-disposition"), "inline");
    assert_eq!(header(&whole, "x-content-type-options"), "nosniff");
    assert!(header(&whole, "content-security-policy").starts_with("sandbox;"));
    assert_eq!(header(&whole, "accept-ranges"), "bytes");
    assert_eq!(header(&whole, "content-encoding"), "");
    let etag = header(&whole, "etag").to_owned();
    assert_eq!(whole.bytes().await?, bytes);

    let part = get(&ana, &content, &[("range", "bytes=0-7")]).await?;
    assert_eq!(part.status(), 206);
    assert_eq!(header(&part, "content-range"), "bytes 0-7/3000");
    assert_eq!(header(&part, "content-length"), "8");
    assert_eq!(part.bytes().await?, bytes[..8]);
    let other = [("range", "bytes=0-7"), ("if-range", "\"x\"")];
    assert_eq!(get(&ana, &content, &other).await?.status(), 200);
    let nothing = get(&ana, &content, &[("range", "bytes=3000-")]).await?;
    assert_eq!(nothing.status(), 416);
    assert_eq!(header(&nothing, "content-range"), "bytes */3000");
    let known = get(&ana, &content, &[("if-none-match", &etag)]).await?;
    assert_eq!(known.status(), 304);

    // A link needs no token, and is for this file alone.
    let link = ana
        .post(&format!("{path}/link"), Value::Null)
        .await?
        .expect(201)?;
    let link = text(&link, "url")?;
    let linked = tenant
        .api
        .http
        .get(format!("{}{link}", tenant.api.base))
        .send()
        .await?;
    assert_eq!(linked.status(), 200);
    assert_eq!(linked.bytes().await?, bytes);
    let forged = tenant
        .api
        .call(Method::GET, &format!("{link}x"), &[], None)
        .await?;
    assert_eq!((forged.status, forged.code()), (404, "not_found"));
    app.stop().await;
    Ok(())
}

/// Whatever the sender and WhatsApp say it is.
#[actix_web::test]
async fn a_file_is_what_its_bytes_are() -> Result<()> {
    let app = TestApp::start().await?;
    let tenant = app.tenant().await?;
    let phone = tenant.customer(1)?;
    let page = b"<html><script>alert(1)</script></html>";
    let wamid = sends(&app, &phone, "image", page, "image/png")?;
    let stored = file(&tenant, &phone, &wamid, "stored").await?;
    assert_eq!(stored["mime_type"], "text/plain");
    let content = format!("/api/v1/media/{}/content", text(&stored, "id")?);
    let served = get(&tenant.admin, &content, &[]).await?;
    assert_eq!(header(&served, "content-type"), "text/plain");
    assert_eq!(header(&served, "content-disposition"), "attachment");
    app.stop().await;
    Ok(())
}

#[actix_web::test]
async fn what_is_too_large_or_gone_is_seen_to_be() -> Result<()> {
    let app = TestApp::start_with(|config| config.media.max_size = 2_000).await?;
    let tenant = app.tenant().await?;
    let phone = tenant.customer(1)?;
    let large = sends(&app, &phone, "image", &picture(2_001), "image/png")?;
    let gone = json!({ "type": "document", "document": { "id": "404", "filename": "a.pdf" } });
    let gone = phone.sends(Inbound::Message(gone))?;
    let fits = sends(&app, &phone, "image", &picture(2_000), "image/png")?;
    for (wamid, state) in [(large, "too_large"), (gone, "expired"), (fits, "stored")] {
        let file = file(&tenant, &phone, &wamid, state).await?;
        let content = format!("/api/v1/media/{}/content", text(&file, "id")?);
        let answer = get(&tenant.admin, &content, &[]).await?;
        assert_eq!(
            answer.status(),
            if state == "stored" { 200 } else { 409 },
            "{state}"
        );
        assert_eq!(file["error"].is_null(), state == "stored");
    }
    app.stop().await;
    Ok(())
}

/// Every fetch was tried at least once, without success.
async fn tried(app: &TestApp) -> Result<()> {
    let untried = "SELECT count(*) FROM jobs WHERE kind = 'fetch_media' AND last_error IS NULL";
    eventually("a try has failed", PATIENCE, async || {
        let untried = app.count(untried, &[]).await?;
        Ok((untried == 0).then_some(()))
    })
    .await
}

/// The provider keeps it for a week, so it is tried for a week.
#[actix_web::test]
async fn a_file_comes_by_itself_once_the_provider_lets_us_have_it() -> Result<()> {
    let app = TestApp::start().await?;
    let tenant = app.tenant().await?;
    let phone = tenant.customer(1)?;
    let number = &tenant.line.phone_number_id;
    app.emulator.set_token(number, TokenState::Revoked)?;
    let wamid = sends(&app, &phone, "image", &picture(100), "image/png")?;
    file(&tenant, &phone, &wamid, "pending").await?;
    tried(&app).await?;
    // As if it had been so for hours.
    let often = "UPDATE jobs SET attempts = 40 WHERE state = 'pending'";
    app.rows.execute(often, &[]).await?;
    file(&tenant, &phone, &wamid, "pending").await?;
    app.emulator.set_token(number, TokenState::Valid)?;
    file(&tenant, &phone, &wamid, "stored").await?;
    app.stop().await;
    Ok(())
}

#[actix_web::test]
async fn what_was_given_up_is_fetched_when_a_person_says_so() -> Result<()> {
    let app = TestApp::start().await?;
    let tenant = app.tenant().await?;
    let phone = tenant.customer(1)?;
    let number = &tenant.line.phone_number_id;
    app.emulator.set_token(number, TokenState::Revoked)?;
    let one = sends(&app, &phone, "image", &picture(100), "image/png")?;
    let two = sends(&app, &phone, "image", &picture(200), "image/png")?;
    for wamid in [&one, &two] {
        file(&tenant, &phone, wamid, "pending").await?;
    }
    tried(&app).await?;
    let over = "UPDATE media SET provider_expires_at = now()";
    assert_eq!(app.rows.execute(over, &[]).await?, 2);
    let failed = file(&tenant, &phone, &one, "failed").await?;
    file(&tenant, &phone, &two, "failed").await?;
    let dead = "/api/v1/engine/jobs?state=dead";
    let given_up = async |count: usize| {
        eventually("they are given up", PATIENCE, async || {
            let page = tenant.admin.get(dead).await?;
            let jobs = page["data"].as_array().cloned().unwrap_or_default();
            let fetches = jobs.into_iter().filter(|job| job["kind"] == "fetch_media");
            let fetches: Vec<Value> = fetches.collect();
            Ok((fetches.len() == count).then_some(fetches))
        })
        .await
    };
    given_up(2).await?;
    app.emulator.set_token(number, TokenState::Valid)?;

    // Beside the message.
    let retry = format!("/api/v1/media/{}/retry", text(&failed, "id")?);
    assert_eq!(tenant.admin.post(&retry, Value::Null).await?.status, 202);
    file(&tenant, &phone, &one, "stored").await?;
    let again = tenant.admin.post(&retry, Value::Null).await?;
    assert_eq!((again.status, again.code()), (409, "media_state"));
    assert_eq!(again.body["details"]["state"], "stored");

    // Among the jobs.
    let jobs = given_up(1).await?;
    let retry = format!("/api/v1/engine/jobs/{}/retry", jobs[0]["id"]);
    assert_eq!(tenant.admin.post(&retry, Value::Null).await?.status, 202);
    file(&tenant, &phone, &two, "stored").await?;
    app.stop().await;
    Ok(())
}

/// G3: a file that does not come keeps nobody waiting.
#[actix_web::test]
async fn a_slow_provider_holds_up_no_conversation() -> Result<()> {
    let app = TestApp::start_with(|config| {
        config.media.transfer_timeout = Duration::from_millis(300);
    })
    .await?;
    let tenant = app.tenant().await?;
    let mut phone = tenant.customer(1)?;
    app.emulator.set_faults(Faults {
        slow_file: Fault::next(1).lasting_ms(60_000),
        ..Faults::default()
    });
    let wamid = sends(&app, &phone, "image", &picture(100), "image/png")?;
    phone.receives().await?;
    phone.writes("menu")?;
    phone.receives().await?;
    let conversation = tenant.conversation(&phone.wa_id, |_| true).await?;
    let messages = tenant.messages(&text(&conversation, "id")?).await?;
    assert_eq!(messages[0]["media"]["state"], "pending");
    // The next try has no such fault.
    file(&tenant, &phone, &wamid, "stored").await?;
    app.stop().await;
    Ok(())
}

/// G9: the job stands in the message's own commit.
#[actix_web::test]
async fn a_file_is_fetched_after_a_kill() -> Result<()> {
    let mut app = ProcessApp::start().await?;
    let tenant = app.tenant().await?;
    let phone = tenant.customer(1)?;
    app.emulator.set_faults(Faults {
        slow_file: Fault::often(100).lasting_ms(60_000),
        ..Faults::default()
    });
    let wamid = sends(&app, &phone, "image", &picture(500), "image/png")?;
    file(&tenant, &phone, &wamid, "pending").await?;
    app.server.kill()?;
    app.emulator.set_faults(Faults::default());
    app.server.start().await?;
    let stored = file(&tenant, &phone, &wamid, "stored").await?;
    assert_eq!(stored["size"], 500);
    Ok(())
}
