//! Values that JSON can say and the product cannot keep: each is refused with its field named,
//! whatever the route, and never with 500.

use crate::app::TestApp;
use crate::stage::{PASSWORD, text};
use anyhow::Result;
use papo_test_support::api::Answer;
use reqwest::Method;
use serde_json::{Value, json};

fn refused(answer: &Answer, field: &str) {
    let seen = (answer.status, answer.code());
    assert_eq!(seen, (422, "invalid_input"), "{field}: {}", answer.text);
    let fields = answer.body.pointer("/details/fields");
    let mut fields = fields.and_then(Value::as_array).into_iter().flatten();
    let named = fields.any(|fault| fault.get("field").is_some_and(|name| name == field));
    assert!(named, "{field} in {}", answer.text);
}

#[actix_web::test]
async fn a_body_with_nul_is_refused() -> Result<()> {
    let app = TestApp::start().await?;
    let tenant = app.tenant().await?;
    let root = app.root().await?;
    let bad = "a\u{0}b";
    let person = json!({ "email": "a@example.com", "full_name": bad, "password": PASSWORD });
    let flow = |text: &str, node: &str| {
        json!({ "name": "Meu", "flow": { "start": "a", "nodes": {
            "a": { "type": "message", "text": text, "next": "b" },
            node: { "type": "handoff" },
        } } })
    };
    let company = json!({
        "name": bad, "slug": "x", "admin_name": "Ana", "admin_email": "b@example.com",
    });
    for (path, body, field) in [
        ("/api/v1/users", person, "full_name"),
        ("/api/v1/departments", json!({ "name": bad }), "name"),
        ("/api/v1/bot/flows", flow(bad, "b"), "flow.nodes.a.text"),
        ("/api/v1/bot/flows", flow("Oi", bad), "flow.nodes"),
        (
            "/api/v1/auth/login",
            json!({ "email": bad, "password": PASSWORD }),
            "email",
        ),
    ] {
        refused(&tenant.admin.post(path, body).await?, field);
    }
    refused(&root.post("/api/v1/tenants", company).await?, "name");
    let channel = format!("/api/v1/channels/{}", tenant.channel);
    let renamed = tenant.admin.patch(&channel, json!({ "name": bad })).await?;
    refused(&renamed, "name");
    let policy = json!({ "handoff_keywords": ["atendente", bad] });
    let path = "/api/v1/tenants/current/policy";
    refused(
        &tenant.admin.put(path, policy).await?,
        "handoff_keywords[1]",
    );
    app.stop().await;
    Ok(())
}

#[actix_web::test]
async fn a_query_or_a_cursor_with_nul_is_refused() -> Result<()> {
    let app = TestApp::start().await?;
    let tenant = app.tenant().await?;
    for path in ["/api/v1/conversations?q=a%00b", "/api/v1/users?q=%00"] {
        let answer = tenant.admin.call(Method::GET, path, &[], None).await?;
        refused(&answer, "q");
    }
    // `["a\u0000","…"]`, and a time that no row has.
    for (path, cursor) in [
        (
            "/api/v1/users",
            "WyJhXHUwMDAwIiwiMDAwMDAwMDAtMDAwMC00MDAwLTgwMDAtMDAwMDAwMDAwMDAwIl0",
        ),
        (
            "/api/v1/conversations",
            "WyItNTAwMC0wMS0wMVQwMDowMDowMFoiLCIwMDAwMDAwMC0wMDAwLTQwMDAtODAwMC0wMDAwMDAwMDAwMDAiXQ",
        ),
    ] {
        let path = format!("{path}?cursor={cursor}");
        let answer = tenant.admin.call(Method::GET, &path, &[], None).await?;
        assert_eq!(
            (answer.status, answer.code()),
            (400, "unreadable"),
            "{}",
            answer.text
        );
    }
    let login = json!({ "email": "a@example.com", "password": PASSWORD });
    let path = "/api/v1/auth/login?tenant=%00";
    let nobody = app.api.call(Method::POST, path, &[], Some(&login)).await?;
    assert_eq!((nobody.status, nobody.code()), (404, "tenant_not_found"));
    app.stop().await;
    Ok(())
}

#[actix_web::test]
async fn blanks_are_no_name() -> Result<()> {
    let app = TestApp::start().await?;
    let tenant = app.tenant().await?;
    let person = json!({ "email": "a@example.com", "full_name": "   ", "password": PASSWORD });
    let admin = &tenant.admin;
    refused(&admin.post("/api/v1/users", person).await?, "full_name");
    let department = json!({ "name": " " });
    refused(
        &admin.post("/api/v1/departments", department).await?,
        "name",
    );
    let me = format!("/api/v1/users/{}", admin.id);
    let renamed = admin.patch(&me, json!({ "full_name": "\u{2003}\u{2003}" }));
    refused(&renamed.await?, "full_name");
    app.stop().await;
    Ok(())
}

#[actix_web::test]
async fn a_deleted_channel_stays_deleted() -> Result<()> {
    let app = TestApp::start().await?;
    let tenant = app.tenant().await?;
    let admin = &tenant.admin;
    let path = format!("/api/v1/channels/{}", tenant.channel);
    let gone = admin.call(Method::DELETE, &path, &[], None).await?;
    assert_eq!(gone.status, 204);
    for change in [
        json!({ "is_active": true }),
        json!({ "access_token": "another-token" }),
        json!({ "app_secret": "another-secret" }),
    ] {
        let again = admin.patch(&path, change).await?;
        assert_eq!((again.status, again.code()), (409, "channel_retired"));
    }
    assert_eq!(admin.get(&path).await?["is_active"], false);
    // A pause is no deletion.
    let line = papo_test_support::webhook::Line::numbered(900);
    let id = crate::stage::add_number(&app.emulator, admin, &line).await?;
    let path = format!("/api/v1/channels/{id}");
    for active in [false, true] {
        let changed = admin.patch(&path, json!({ "is_active": active })).await?;
        assert_eq!(changed.expect(200)?["is_active"], active);
    }
    assert_eq!(text(&admin.get(&path).await?, "id")?, id);
    app.stop().await;
    Ok(())
}

/// PostgreSQL's calendar begins later than JSON's.
#[actix_web::test]
async fn days_that_no_calendar_of_ours_has_are_refused() -> Result<()> {
    let app = TestApp::start().await?;
    let tenant = app.tenant().await?;
    let root = app.root().await?;
    let account = format!("/api/v1/tenants/{}", tenant.id);
    for (moment, day) in [
        ("-9999-01-01T00:00:00Z", "-9999-01-01"),
        ("%2B12026-01-01T00:00:00Z", "%2B12026-01-01"),
        ("1969-12-31T23:59:59Z", "1969-12-31"),
    ] {
        for (path, value) in [
            ("/api/v1/audit/events?", moment),
            ("/api/v1/search/messages?q=oi&", moment),
            ("/api/v1/metrics/overview?", day),
            ("/api/v1/metrics/attendance?", day),
            ("/api/v1/metrics/export?", day),
        ] {
            for field in ["from", "to"] {
                let path = format!("{path}{field}={value}");
                let answer = tenant.admin.call(Method::GET, &path, &[], None).await?;
                refused(&answer, field);
            }
        }
        let end = json!({ "trial_ends_at": moment.replace("%2B", "+") });
        refused(&root.patch(&account, end).await?, "trial_ends_at");
    }
    for path in [
        "/api/v1/audit/events?from=1970-01-01T00:00:00Z&to=9999-12-31T23:59:59Z",
        "/api/v1/search/messages?q=oi&from=1970-01-01T00:00:00Z&to=9999-12-31T23:59:59Z",
        "/api/v1/metrics/overview?from=1970-01-01&to=1970-01-02",
        "/api/v1/metrics/overview?from=9999-12-30&to=9999-12-31",
    ] {
        tenant.admin.get(path).await?;
    }
    app.stop().await;
    Ok(())
}
