//! Files and other things that attendants send: refused before they cost anything, handed in at
//! WhatsApp once, and seen on the customer's phone.

use crate::app::TestApp;
use crate::stage::{Phone, Tenant, is, text};
use anyhow::{Context, Result};
use papo::config::Config;
use papo_domain::media::OGG_OPUS;
use papo_emulator::{Entry, Inbound};
use papo_test_support::api::{Answer, User};
use papo_test_support::wait::{PATIENCE, eventually};
use serde_json::{Value, json};
use std::fs::File;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;

fn picture(length: usize) -> Vec<u8> {
    let mut bytes = b"\x89PNG\r\n\x1a\n".to_vec();
    bytes.resize(length, 7);
    bytes
}

/// Opus in Ogg, of so many channels.
fn sound(channels: u8) -> Vec<u8> {
    let page = b"OggS\0\x02\0\0\0\0\0\0\0\0\x01\0\0\0\0\0\0\0\0\0\0\0\x01\x13";
    [page.as_slice(), b"OpusHead\x01", &[channels]].concat()
}

fn film() -> Vec<u8> {
    b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom".to_vec()
}

fn sticker() -> Vec<u8> {
    b"RIFF\x1a\0\0\0WEBPVP8L\x0d\0\0\0\x2f\xff\xc1\x7f\0".to_vec()
}

/// A spreadsheet as Excel wrote them until 2007.
fn old_spreadsheet() -> Vec<u8> {
    let mut bytes = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".to_vec();
    bytes.resize(512, 0);
    bytes.extend_from_slice(b"\x09\x08\x10\0");
    bytes.resize(2_048, 0);
    bytes
}

async fn upload(user: &User, query: &str, bytes: Vec<u8>) -> Result<Answer> {
    let request = user
        .api
        .http
        .post(format!("{}/api/v1/media{query}", user.api.base));
    let response = request
        .bearer_auth(&user.access_token)
        .body(bytes)
        .send()
        .await?;
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let text = response.text().await?;
    Ok(Answer {
        status,
        headers,
        body: serde_json::from_str(&text).unwrap_or_default(),
        text,
    })
}

/// An upload of `length` bytes of which only these are sent.
fn begun(user: &User, query: &str, length: usize, bytes: &[u8]) -> Result<TcpStream> {
    let host = user.api.base.trim_start_matches("http://");
    let mut stream = TcpStream::connect(host)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    write!(
        stream,
        "POST /api/v1/media{query} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {}\r\n\
         Content-Length: {length}\r\n\r\n",
        user.access_token
    )?;
    stream.write_all(bytes)?;
    Ok(stream)
}

async fn uploaded(user: &User, query: &str, bytes: Vec<u8>) -> Result<String> {
    let stored = upload(user, query, bytes).await?.expect(201)?;
    text(&stored, "id")
}

/// A customer whom this attendant leads.
async fn led(tenant: &Tenant, user: &User, n: u32) -> Result<(Phone, String)> {
    let mut phone = tenant.customer(n)?;
    phone.writes("Oi")?;
    phone.receives().await?;
    let conversation = tenant.conversation(&phone.wa_id, |_| true).await?;
    let id = text(&conversation, "id")?;
    let takeover = format!("/api/v1/conversations/{id}/takeover");
    user.post(&takeover, Value::Null).await?.expect(200)?;
    phone.receives().await?;
    Ok((phone, id))
}

async fn send(user: &User, conversation: &str, message: Value) -> Result<Answer> {
    let path = format!("/api/v1/conversations/{conversation}/messages");
    user.post(&path, message).await
}

async fn arrives(user: &User, phone: &mut Phone, id: &str, message: Value) -> Result<Entry> {
    send(user, id, message).await?.expect(201)?;
    phone.receives().await
}

#[actix_web::test]
async fn a_picture_is_handed_in_once_and_seen_on_the_phone() -> Result<()> {
    let app = TestApp::start().await?;
    let tenant = app.tenant().await?;
    let ana = tenant.attendant("ana").await?;
    let (mut phone, id) = led(&tenant, &ana, 1).await?;
    let bytes = picture(2_000);
    let media = uploaded(&ana, "?filename=foto.png", bytes.clone()).await?;
    let message = json!({ "type": "image", "media_id": media, "caption": "veja" });
    let entry = arrives(&ana, &mut phone, &id, message.clone()).await?;
    let handed_in = |entry: &Entry| {
        let id = entry.message.pointer("/image/id").and_then(Value::as_str);
        id.map(str::to_owned).context("no id")
    };
    let first = handed_in(&entry)?;
    assert_eq!(entry.message["image"]["caption"], "veja");
    let (kind, there) = app.emulator.file(&first).context("not handed in")?;
    assert_eq!(
        (kind.as_str(), there.as_ref()),
        ("image/png", bytes.as_slice())
    );
    // Again in this conversation: under the id that WhatsApp gave it.
    let again = arrives(&ana, &mut phone, &id, message.clone()).await?;
    assert_eq!(handed_in(&again)?, first);
    // One that WhatsApp has forgotten is handed in again.
    app.emulator.forget_file(&first);
    let fresh = arrives(&ana, &mut phone, &id, message.clone()).await?;
    assert_ne!(handed_in(&fresh)?, first);

    let messages = tenant.messages(&id).await?;
    let shown = messages
        .iter()
        .find(|m| is(m, "message_type", "image"))
        .context("not shown")?;
    assert_eq!(shown["media"]["id"], media.as_str());
    assert_eq!(shown["media"]["state"], "stored");
    assert_eq!(shown["text"], "veja");
    assert_eq!(shown["content"]["media"]["mime_type"], "image/png");

    // It belongs to this conversation now, and to nobody else's.
    let (_, other) = led(&tenant, &ana, 2).await?;
    let refused = send(&ana, &other, message).await?;
    assert_eq!((refused.status, refused.code()), (422, "invalid_input"));
    assert_eq!(refused.body["details"]["fields"][0]["field"], "media_id");
    app.stop().await;
    Ok(())
}

#[actix_web::test]
async fn everything_that_can_be_sent_arrives_as_it_is() -> Result<()> {
    let app = TestApp::start().await?;
    let tenant = app.tenant().await?;
    let ana = tenant.attendant("ana").await?;
    let (mut phone, id) = led(&tenant, &ana, 1).await?;
    for (bytes, kind, more, mime_type) in [
        (sound(1), "audio", json!({ "voice": true }), OGG_OPUS),
        (film(), "video", json!({ "caption": "veja" }), "video/mp4"),
        (sticker(), "sticker", json!({}), "image/webp"),
        (
            old_spreadsheet(),
            "document",
            json!({}),
            "application/vnd.ms-excel",
        ),
    ] {
        let file = uploaded(&ana, &format!("?kind={kind}"), bytes.clone()).await?;
        let mut message = more.clone();
        message["type"] = kind.into();
        message["media_id"] = file.into();
        let entry = arrives(&ana, &mut phone, &id, message).await?;
        let part = &entry.message[kind];
        let there = part["id"].as_str().unwrap_or_default();
        let (known, there) = app.emulator.file(there).context("no file")?;
        assert_eq!((known.as_str(), there.as_ref()), (mime_type, &bytes[..]));
        for (field, value) in more.as_object().into_iter().flatten() {
            assert_eq!(&part[field], value, "{kind}");
        }
    }

    let file = uploaded(&ana, "?filename=or%C3%A7amento.pdf", b"%PDF-1.7 x".to_vec()).await?;
    let document = json!({ "type": "document", "media_id": file });
    let entry = arrives(&ana, &mut phone, &id, document).await?;
    assert_eq!(entry.message["document"]["filename"], "orçamento.pdf");

    let place =
        json!({ "type": "location", "latitude": -23.5, "longitude": -46.6, "name": "Loja" });
    let entry = arrives(&ana, &mut phone, &id, place).await?;
    assert_eq!(entry.message["location"]["latitude"], -23.5);
    assert_eq!(entry.message["location"]["name"], "Loja");

    let card = json!({ "name": { "formatted_name": "Bento Exemplo" }, "phones": [{ "phone": "+55 11 90000-0009", "type": "CELL" }] });
    let entry = arrives(
        &ana,
        &mut phone,
        &id,
        json!({ "type": "contacts", "contacts": [card] }),
    )
    .await?;
    assert_eq!(
        entry.message["contacts"][0]["name"]["first_name"],
        "Bento Exemplo"
    );
    assert_eq!(entry.message["contacts"][0]["phones"][0]["type"], "CELL");

    // A quoted answer, and a reaction to the same message.
    let asked = phone.writes("Pode ser amanhã?")?;
    let message = tenant
        .message(&id, |m| is(m, "external_id", &asked))
        .await?;
    let asked_id = text(&message, "id")?;
    let answer = json!({ "type": "text", "body": "Pode", "reply_to": asked_id });
    let entry = arrives(&ana, &mut phone, &id, answer).await?;
    assert_eq!(entry.message["context"]["message_id"], asked.as_str());
    let reaction = json!({ "type": "reaction", "message_id": asked_id, "emoji": "👍" });
    let entry = arrives(&ana, &mut phone, &id, reaction).await?;
    assert_eq!(entry.message["reaction"]["message_id"], asked.as_str());
    assert_eq!(entry.message["reaction"]["emoji"], "👍");
    app.stop().await;
    Ok(())
}

#[actix_web::test]
async fn what_whatsapp_would_refuse_is_refused_first() -> Result<()> {
    let app = TestApp::start_with(|config| config.media.max_size = 8 * 1024 * 1024).await?;
    let tenant = app.tenant().await?;
    let (ana, bruno) = (
        tenant.attendant("ana").await?,
        tenant.attendant("bruno").await?,
    );
    let mb = 1024 * 1024;
    for (query, bytes, status, code) in [
        ("?kind=image", picture(5 * mb + 1), 413, "media_too_large"),
        // Nobody said that it has to be shown as a picture.
        ("", picture(5 * mb + 1), 201, ""),
        ("?kind=document", picture(5 * mb + 1), 201, ""),
        ("?kind=document", picture(8 * mb + 1), 413, "too_large"),
        // What it is called does not make it a picture.
        (
            "?kind=image&filename=a.png",
            b"<svg onload=alert(1)>".to_vec(),
            415,
            "media_type",
        ),
        (
            "?kind=audio",
            b"OggS......vorbis".to_vec(),
            415,
            "media_type",
        ),
        ("?kind=audio", sound(2), 415, "media_type"),
        ("?kind=sticker", picture(100), 415, "media_type"),
        // Nor does its upload take anything as a document.
        (
            "?filename=a.zip",
            b"PK\x03\x04......a.txt".to_vec(),
            415,
            "media_type",
        ),
        ("?kind=document", b"GIF89a".to_vec(), 415, "media_type"),
        (
            "?kind=document",
            b"MZ\x90\0\x03".to_vec(),
            415,
            "media_type",
        ),
        ("?kind=hologram", picture(100), 400, "unreadable"),
        ("", Vec::new(), 422, "media_empty"),
    ] {
        let answer = upload(&ana, query, bytes).await?;
        assert_eq!(answer.status, status, "{query}: {}", answer.text);
        if status != 201 {
            assert_eq!(answer.code(), code, "{query}");
        }
    }
    assert_eq!(
        upload(&tenant.hire("leo", "member").await?, "", picture(9))
            .await?
            .status,
        403
    );

    let (phone, id) = led(&tenant, &ana, 1).await?;
    let (seen, theirs) = (
        uploaded(&ana, "", picture(9)).await?,
        uploaded(&bruno, "", picture(9)).await?,
    );
    let inbound = phone.sends(Inbound::Message(json!({ "type": "image", "image": {} })))?;
    let arrived = |m: &Value| {
        is(m, "external_id", &inbound)
            && m.pointer("/media/state").and_then(Value::as_str) == Some("stored")
    };
    let inbound = tenant.message(&id, arrived).await?;
    let inbound = text(inbound.get("media").context("no file")?, "id")?;
    let image = |media: &str| json!({ "type": "image", "media_id": media });
    for (message, code, field) in [
        // Another's upload, the customer's own file, nobody's, and one that is no sound.
        (image(&theirs), "invalid_input", "media_id"),
        (image(&inbound), "invalid_input", "media_id"),
        (
            image("018f2b1c-0000-7000-8000-000000000001"),
            "invalid_input",
            "media_id",
        ),
        (
            json!({ "type": "audio", "media_id": seen }),
            "content_limit",
            "media_id",
        ),
        (
            json!({ "type": "image", "media_id": seen, "caption": "x".repeat(1_025) }),
            "content_limit",
            "caption",
        ),
        (
            json!({ "type": "location", "latitude": 91, "longitude": 0 }),
            "content_limit",
            "latitude",
        ),
        (
            json!({ "type": "contacts", "contacts": [] }),
            "content_limit",
            "contacts",
        ),
        (
            json!({ "type": "reaction", "message_id": "018f2b1c-0000-7000-8000-000000000001", "emoji": "x" }),
            "invalid_input",
            "message_id",
        ),
    ] {
        let answer = send(&ana, &id, message).await?;
        assert_eq!(
            (answer.status, answer.code()),
            (422, code),
            "{}",
            answer.text
        );
        assert_eq!(answer.body["details"]["fields"][0]["field"], field);
    }
    // An upload is its owner's until it is sent.
    let path = format!("/api/v1/media/{theirs}");
    let answer = ana.call(reqwest::Method::GET, &path, &[], None).await?;
    assert_eq!(answer.status, 404);
    app.stop().await;
    Ok(())
}

/// One file that cannot be read is that message's misfortune: others go, behind it and elsewhere.
#[actix_web::test]
async fn a_file_that_cannot_be_handed_in_fails_alone() -> Result<()> {
    let app = TestApp::start_with(|config| config.sending.max_attempts = 2).await?;
    let tenant = app.tenant().await?;
    let ana = tenant.attendant("ana").await?;
    let (mut phone, id) = led(&tenant, &ana, 1).await?;
    let (mut other, their_id) = led(&tenant, &ana, 2).await?;
    let media = uploaded(&ana, "", b"%PDF-1.7 a long document".to_vec()).await?;
    let folder = Config::for_tests().media.folder;
    let place = folder.join(&tenant.id).join(&media);
    File::options().write(true).open(place)?.set_len(9)?;
    let document = json!({ "type": "document", "media_id": media });
    send(&ana, &id, document).await?.expect(201)?;
    send(&ana, &id, json!({ "type": "text", "body": "Segue" }))
        .await?
        .expect(201)?;
    let hello = json!({ "type": "text", "body": "Bom dia" });
    let entry = arrives(&ana, &mut other, &their_id, hello).await?;
    assert_eq!(entry.message["text"]["body"], "Bom dia");
    let failed = |m: &Value| is(m, "message_type", "document") && is(m, "status", "failed");
    let failed = tenant.message(&id, failed).await?;
    assert_eq!(failed["error"]["code"], 131_053, "{failed}");
    assert_eq!(phone.receives().await?.message["text"]["body"], "Segue");
    let health = format!("/api/v1/channels/{}/health", tenant.channel);
    let health = tenant.admin.get(&health).await?;
    assert_eq!(health["status"], "green", "{health}");
    app.stop().await;
    Ok(())
}

#[actix_web::test]
async fn slow_uploads_of_one_company_do_not_shut_out_another() -> Result<()> {
    let patient = |config: &mut Config| config.media.upload_timeout = 3 * PATIENCE;
    let app = TestApp::start_with(patient).await?;
    let (slow, other) = (app.tenant().await?, app.tenant().await?);
    let ana = slow.attendant("ana").await?;
    let hanging: Vec<TcpStream> = (0..8)
        .map(|_| begun(&ana, "", 1_000, &picture(9)))
        .collect::<Result<_>>()?;
    let all_begun = "SELECT count(*) FROM jobs WHERE kind = 'drop_upload'";
    eventually("all of them have begun", PATIENCE, async || {
        Ok((app.count(all_begun, &[]).await? == 8).then_some(()))
    })
    .await?;
    let refused = upload(&ana, "", picture(9)).await?;
    assert_eq!(refused.status, 503, "{}", refused.text);
    uploaded(&other.attendant("bia").await?, "", picture(9)).await?;
    drop(hanging);
    app.stop().await;
    Ok(())
}

/// What is to be told from the beginning of a file is told before the rest of it comes.
#[actix_web::test]
async fn a_file_that_is_refused_is_not_waited_for() -> Result<()> {
    let app = TestApp::start_with(|config| config.media.max_size = 8 * 1024 * 1024).await?;
    let tenant = app.tenant().await?;
    let ana = tenant.attendant("ana").await?;
    let mut zip = b"PK\x03\x04......a.txt".to_vec();
    zip.resize(4_096, 0);
    for (query, head, status) in [("", zip, "415"), ("?kind=image", picture(4_096), "413")] {
        let mut stream = begun(&ana, query, 6 * 1024 * 1024, &head)?;
        // Waits on a thread of its own: the server has a part on this one.
        let answer = tokio::task::spawn_blocking(move || {
            let mut answer = String::new();
            stream.read_to_string(&mut answer).map(|_| answer)
        });
        let answer = answer.await??;
        assert!(
            answer.starts_with(&format!("HTTP/1.1 {status} ")),
            "{answer}"
        );
    }
    app.stop().await;
    Ok(())
}

#[actix_web::test]
async fn what_is_never_sent_is_removed() -> Result<()> {
    let app = TestApp::start().await?;
    let tenant = app.tenant().await?;
    let ana = tenant.attendant("ana").await?;
    let (mut phone, id) = led(&tenant, &ana, 1).await?;
    let (sent, unsent, lost) = (
        uploaded(&ana, "", picture(9)).await?,
        uploaded(&ana, "", picture(9)).await?,
        uploaded(&ana, "", picture(9)).await?,
    );
    // As if the server had died between the bytes and their row.
    let lose = "DELETE FROM media WHERE id::text = $1";
    assert_eq!(app.rows.execute(lose, &[&lost]).await?, 1);
    arrives(
        &ana,
        &mut phone,
        &id,
        json!({ "type": "image", "media_id": sent }),
    )
    .await?;
    // A day passes, as far as these rows are concerned.
    let due = "UPDATE jobs SET next_at = now() WHERE kind = 'drop_upload'";
    assert_eq!(app.rows.execute(due, &[]).await?, 3);
    let path = format!("/api/v1/media/{unsent}");
    eventually("the upload is gone", PATIENCE, async || {
        let answer = ana.call(reqwest::Method::GET, &path, &[], None).await?;
        Ok((answer.status == 404).then_some(()))
    })
    .await?;
    app.settled().await?;
    let content = format!("/api/v1/media/{sent}/content");
    let kept = ana.call(reqwest::Method::GET, &content, &[], None).await?;
    assert_eq!(kept.status, 200);
    let folder = Config::for_tests().media.folder;
    let place = |id: &str| folder.join(&tenant.id).join(id).exists();
    assert!(place(&sent));
    assert!(!place(&unsent) && !place(&lost));
    app.stop().await;
    Ok(())
}

/// What customers send is kept in any case.
#[actix_web::test]
async fn a_plan_keeps_so_many_bytes_and_no_more() -> Result<()> {
    let app = TestApp::start_with(|config| config.plans.pro.storage_bytes = 3_000).await?;
    let tenant = app.tenant().await?;
    let ana = tenant.attendant("ana").await?;
    uploaded(&ana, "", picture(2_000)).await?;
    let more = upload(&ana, "", picture(1_001)).await?;
    assert_eq!((more.status, more.code()), (409, "quota_exceeded"));
    assert_eq!(more.body["details"]["quota"], "storage");
    uploaded(&ana, "", picture(1_000)).await?;
    let full = upload(&ana, "", picture(1)).await?;
    assert_eq!((full.status, full.code()), (409, "quota_exceeded"));

    let (phone, id) = led(&tenant, &ana, 1).await?;
    let image = json!({ "type": "image", "image": {} });
    let wamid = phone.sends(Inbound::Message(image))?;
    let kept = |m: &Value| {
        is(m, "external_id", &wamid)
            && m.pointer("/media/state").and_then(Value::as_str) == Some("stored")
    };
    let message = tenant.message(&id, kept).await?;
    let size = message.pointer("/media/size").and_then(Value::as_i64);
    let usage = tenant.admin.get("/api/v1/tenants/current/usage").await?;
    let used = usage.pointer("/storage_bytes/used").and_then(Value::as_i64);
    assert_eq!(used, size.map(|size| size + 3_000));
    app.stop().await;
    Ok(())
}
