//! What people say about themselves, and what stays of those who leave.

use crate::app::TestApp;
use crate::stage::{is, text};
use anyhow::Result;
use papo_test_support::api::{Answer, User};
use papo_test_support::wait::PATIENCE;
use papo_test_support::ws_client::WsClient;
use reqwest::Method;
use serde_json::{Value, json};

const ME: &str = "/api/v1/me";
const AVATAR: &str = "/api/v1/me/avatar";
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n";

async fn upload(user: &User, bytes: &[u8]) -> Result<Answer> {
    // Whatever the browser says it is.
    let headers = [("Content-Type", "image/gif")];
    user.upload(Method::PUT, AVATAR, &headers, bytes.to_vec())
        .await
}

#[actix_web::test]
async fn a_profile_is_its_owner_s() -> Result<()> {
    let app = TestApp::start().await?;
    let tenant = app.tenant().await?;
    let ana = tenant.attendant("ana").await?;
    let me = ana.get(ME).await?;
    assert_eq!(me, ana.get("/api/v1/auth/me").await?);
    assert_eq!(me["locale"], "pt-BR");
    assert_eq!(me["preferences"]["sound"], true);
    let change = json!({
        "full_name": " Ana Maria ",
        "locale": "en",
        "preferences": { "sound": false, "theme": "dark" },
    });
    let changed = ana.patch(ME, change).await?.expect(200)?;
    assert_eq!(
        (&changed["full_name"], &changed["locale"]),
        (&json!("Ana Maria"), &json!("en"))
    );
    // What is left out stays.
    let change = json!({ "preferences": { "desktop": true } });
    let changed = ana.patch(ME, change).await?.expect(200)?;
    let preferences = &changed["preferences"];
    for (key, value) in [
        ("sound", json!(false)),
        ("desktop", json!(true)),
        ("theme", json!("dark")),
        ("mentions", json!(true)),
    ] {
        assert_eq!(preferences[key], value, "{key}");
    }
    assert_eq!(ana.get(ME).await?, changed);
    for (change, status, field) in [
        (json!({ "locale": "fr" }), 400, "locale"),
        (
            json!({ "preferences": { "volume": 11 } }),
            400,
            "preferences.volume",
        ),
        (
            json!({ "preferences": { "sound": "loud" } }),
            400,
            "preferences.sound",
        ),
        (json!({ "full_name": " " }), 422, "full_name"),
        (json!({ "role": "tenant_admin" }), 400, "role"),
        (json!({ "email": "x@example.com" }), 400, "email"),
    ] {
        let refused = ana.patch(ME, change).await?;
        assert_eq!(refused.status, status, "{}", refused.text);
        assert_eq!(refused.body["details"]["fields"][0]["field"], field);
    }
    app.stop().await;
    Ok(())
}

#[actix_web::test]
async fn colleagues_see_a_picture_and_only_pictures_are_taken() -> Result<()> {
    let app = TestApp::start().await?;
    let tenant = app.tenant().await?;
    let ana = tenant.attendant("ana").await?;
    let bruno = tenant.attendant("bruno").await?;
    let path = format!("/api/v1/users/{}/avatar", ana.id);
    let none = bruno.call(Method::GET, &path, &[], None).await?;
    assert_eq!(none.status, 404);
    for bytes in [&b"GIF89a"[..], b"<svg/>", b""] {
        let refused = upload(&ana, bytes).await?;
        assert_eq!((refused.status, refused.code()), (422, "invalid_input"));
    }
    let mut large = PNG.to_vec();
    large.resize((512 << 10) + 1, 0);
    let refused = upload(&ana, &large).await?;
    assert_eq!((refused.status, refused.code()), (413, "too_large"));
    large.pop();
    upload(&ana, &large).await?.expect(200)?;
    let changed = upload(&ana, PNG).await?.expect(200)?;
    let url = text(&changed, "avatar_url")?;
    assert!(url.starts_with(&path), "{url}");
    let shown = bruno.call(Method::GET, &url, &[], None).await?;
    assert_eq!(shown.status, 200);
    assert_eq!(shown.header("content-type"), Some("image/png"));
    assert_eq!(shown.header("x-content-type-options"), Some("nosniff"));
    let tag = shown.header("etag").unwrap_or_default().to_owned();
    let headers = [("If-None-Match", tag.as_str())];
    let same = bruno.call(Method::GET, &url, &headers, None).await?;
    assert_eq!((same.status, same.text.as_str()), (304, ""));
    let removed = ana.call(Method::DELETE, AVATAR, &[], None).await?;
    removed.expect(204)?;
    assert_eq!(ana.get(ME).await?["avatar_url"], Value::Null);
    let gone = bruno.call(Method::GET, &url, &headers, None).await?;
    assert_eq!(gone.status, 404);
    app.stop().await;
    Ok(())
}

#[actix_web::test]
async fn who_is_dismissed_is_cut_off_and_what_they_led_stays() -> Result<()> {
    let app = TestApp::start().await?;
    let tenant = app.tenant().await?;
    let ana = tenant.attendant("ana").await?;
    let mut phone = tenant.customer(1)?;
    phone.writes("Oi")?;
    phone.receives().await?;
    let conversation = tenant.conversation(&phone.wa_id, |_| true).await?;
    let id = text(&conversation, "id")?;
    let path = format!("/api/v1/conversations/{id}");
    ana.post(&format!("{path}/takeover"), Value::Null)
        .await?
        .expect(200)?;
    let socket = WsClient::connect(&ana.api.socket_url(), &ana.access_token, None).await?;
    let account = format!("/api/v1/users/{}", ana.id);
    let inactive = json!({ "is_active": false });
    tenant.admin.patch(&account, inactive).await?.expect(200)?;
    assert_eq!(socket.closed(PATIENCE).await?, (4001, "revoked".to_owned()));
    let shown = tenant
        .conversation(&phone.wa_id, |c| is(c, "id", &id))
        .await?;
    assert!(shown.to_string().contains(&ana.id), "{shown}");
    let seen = tenant.admin.get(&account).await?;
    assert_eq!(seen["is_active"], false);
    let active = json!({ "is_active": true });
    tenant.admin.patch(&account, active).await?.expect(200)?;
    let slug = Some(tenant.slug.as_str());
    let back = app
        .api
        .log_in(slug, "ana@example.com", crate::stage::PASSWORD)
        .await?;
    back.get(&path).await?;
    app.stop().await;
    Ok(())
}

#[actix_web::test]
async fn the_last_administrator_stays() -> Result<()> {
    let app = TestApp::start().await?;
    let tenant = app.tenant().await?;
    let root = app.root().await?.acting_for(&tenant.slug);
    let account = format!("/api/v1/users/{}", tenant.admin.id);
    let changes = [
        json!({ "is_active": false }),
        json!({ "role": "supervisor" }),
    ];
    for change in changes.clone() {
        let refused = root.patch(&account, change).await?;
        assert_eq!((refused.status, refused.code()), (409, "last_admin"));
    }
    tenant.admin.get(ME).await?;
    let second = tenant.hire("segunda", "tenant_admin").await?;
    let [dismissed, _] = changes;
    root.patch(&account, dismissed).await?.expect(200)?;
    let account = format!("/api/v1/users/{}", second.id);
    let refused = root.patch(&account, json!({ "role": "member" })).await?;
    assert_eq!((refused.status, refused.code()), (409, "last_admin"));
    // Others come and go.
    let other = tenant.api.log_in(
        Some(&tenant.slug),
        "segunda@example.com",
        crate::stage::PASSWORD,
    );
    let person = json!({ "email": "z@example.com", "full_name": "Zé", "password": "12345678" });
    let made = other
        .await?
        .post("/api/v1/users", person)
        .await?
        .expect(201)?;
    let account = format!("/api/v1/users/{}", text(&made, "id")?);
    let inactive = json!({ "is_active": false });
    root.patch(&account, inactive).await?.expect(200)?;
    app.stop().await;
    Ok(())
}
