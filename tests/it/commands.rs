//! The commands of the command line, as a person runs them.

use crate::app::TestApp;
use crate::stage::{Stage, Tenant, at_the_emulator, text};
use anyhow::{Context, Result};
use papo_test_support::process::root;
use papo_test_support::webhook::Line;
use serde_json::Value;
use std::net::TcpListener;
use std::process::{Command, Output};

const SECRET: &str = "0123456789abcdef0123456789abcdef";

/// Runs `papo` on a stage's database.
fn papo(stage: &Stage, arguments: &[&str], variables: &[(&str, &str)]) -> Result<Output> {
    Command::new(env!("CARGO_BIN_EXE_papo"))
        .args(arguments)
        .env_clear()
        .env("APP_ENV", "test")
        .env("PAPO_CONFIG_DIR", root().join("config"))
        .env("PAPO__DATABASE__OWNER_URL", stage.database.owner_url())
        .env("PAPO__DATABASE__APP_URL", stage.database.app_url())
        .env("PAPO__DATABASE__ENGINE_URL", stage.database.engine_url())
        .env(
            "PAPO__AUTH__ACCESS_SECRET",
            "access-secret-of-tests-0123456789abcdef",
        )
        .env("PAPO__AUTH__REFRESH_SECRET", SECRET)
        .env(
            "PAPO__SECURITY__ENCRYPTION_KEY",
            "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=",
        )
        .envs(variables.iter().copied())
        .output()
        .context("papo cannot be run")
}

fn words(output: &Output) -> String {
    let (out, err) = (&output.stdout, &output.stderr);
    format!(
        "{}{}",
        String::from_utf8_lossy(out),
        String::from_utf8_lossy(err)
    )
}

fn succeeded(output: &Output) {
    assert!(output.status.success(), "{}", words(output));
}

const DEMO: [(&str, &str); 4] = [
    ("PAPO_DEMO_PASSWORD", "senha-de-teste"),
    ("PAPO_DEMO_ACCESS_TOKEN", "demo-access-token"),
    ("PAPO_DEMO_APP_SECRET", "demo-app-secret"),
    ("PAPO_DEMO_VERIFY_TOKEN", "demo-verify-token"),
];

#[actix_web::test]
async fn a_wrong_setting_stops_the_start_with_all_faults() -> Result<()> {
    let stage = Stage::set().await?;
    let wrong = [
        ("PAPO__SERVER__PORT", "many"),
        ("PAPO__AUTH__BCRYPT_COST", "99"),
        ("PAPO__NO__SUCH", "1"),
    ];
    for command in ["check-config", "server"] {
        let output = papo(&stage, &[command], &wrong)?;
        assert!(!output.status.success());
        let told = words(&output);
        for field in ["server.port", "auth.bcrypt_cost", "no.such"] {
            assert!(told.contains(field), "{field} in {told}");
        }
        assert!(!told.contains(SECRET), "{told}");
    }
    let shown = papo(&stage, &["check-config"], &[])?;
    succeeded(&shown);
    assert!(!words(&shown).contains(SECRET));
    Ok(())
}

/// Told in a line, before anything was started that would have to be stopped.
#[actix_web::test]
async fn a_port_in_use_stops_the_start() -> Result<()> {
    let stage = Stage::set().await?;
    let taken = TcpListener::bind("127.0.0.1:0")?;
    let port = taken.local_addr()?.port().to_string();
    let variables = [
        ("PAPO__SERVER__HOST", "127.0.0.1"),
        ("PAPO__SERVER__PORT", port.as_str()),
    ];
    let output = papo(&stage, &["server"], &variables)?;
    let told = words(&output);
    assert!(!output.status.success(), "{told}");
    let named = format!("cannot listen on 127.0.0.1:{port}");
    assert!(told.contains(&named), "{told}");
    assert!(!told.contains("panicked"), "{told}");
    Ok(())
}

#[actix_web::test]
async fn the_demo_can_be_seeded_again_and_never_in_production() -> Result<()> {
    let app = TestApp::start().await?;
    let password = "outra-senha-de-teste";
    for password in [DEMO[0].1, password] {
        let mut demo = DEMO;
        demo[0].1 = password;
        succeeded(&papo(&app, &["seed-demo"], &demo)?);
    }
    for email in ["admin", "supervisor", "ana", "bruno"] {
        app.api
            .log_in(Some("demo"), &format!("{email}@example.com"), password)
            .await?;
    }
    app.api.log_in(None, "root@example.com", password).await?;
    let users =
        "SELECT count(*) FROM users u JOIN tenants t USING (tenant_id) WHERE t.slug = 'demo'";
    assert_eq!(app.count(users, &[]).await?, 4);
    let flows = "SELECT count(*) FROM bot_flows WHERE is_active";
    assert_eq!(app.count(flows, &[]).await?, 1);
    let mut production = DEMO.to_vec();
    production.push(("APP_ENV", "production"));
    production.push(("PAPO__AUTH__BCRYPT_COST", "12"));
    production.push(("PAPO__SERVER__PUBLIC_URL", "https://papo.example.com"));
    production.push(("PAPO__TELEMETRY__METRICS_TOKEN", "a-token-for-metrics"));
    let load = [
        "bench-seed",
        "--tenants=1",
        "--conversations=1",
        "--attendants=1",
    ];
    for command in [&["seed-demo"][..], &load] {
        let refused = papo(&app, command, &production)?;
        let told = words(&refused);
        assert!(!refused.status.success(), "{told}");
        assert!(told.contains("do not belong into production"), "{told}");
    }
    assert_eq!(
        app.count("SELECT count(*) FROM conversations", &[]).await?,
        0
    );
    app.stop().await;
    Ok(())
}

#[actix_web::test]
async fn a_first_installation_is_made_with_commands() -> Result<()> {
    let app = TestApp::start().await?;
    let password = [("PAPO_ADMIN_PASSWORD", "senha-de-teste")];
    let chief = [
        "admin",
        "create",
        "--email",
        "chief@example.com",
        "--name",
        "Chefia",
    ];
    succeeded(&papo(&app, &chief, &password)?);
    let again = papo(&app, &chief, &password)?;
    assert!(
        !again.status.success() && words(&again).contains("taken"),
        "{}",
        words(&again)
    );
    app.api
        .log_in(None, "chief@example.com", "senha-de-teste")
        .await?;
    let short = [("PAPO_ADMIN_PASSWORD", "curta")];
    let refused = papo(
        &app,
        &["admin", "create", "--email", "a@example.com", "--name", "A"],
        &short,
    )?;
    assert!(
        words(&refused).contains("password must have"),
        "{}",
        words(&refused)
    );

    let tenant = [
        "tenant",
        "create",
        "--slug",
        "loja",
        "--name",
        "Loja",
        "--admin-email",
        "loja@example.com",
        "--admin-name",
        "Dona",
    ];
    succeeded(&papo(&app, &tenant, &password)?);
    let channel = [
        "channel",
        "add",
        "--tenant",
        "loja",
        "--name",
        "WhatsApp",
        "--phone-number-id",
        "424242",
        "--waba-id",
        "242424",
    ];
    let secrets = [
        ("PAPO_CHANNEL_ACCESS_TOKEN", "an-access-token"),
        ("PAPO_CHANNEL_APP_SECRET", "an-app-secret"),
        ("PAPO_CHANNEL_VERIFY_TOKEN", "a-verify-token"),
    ];
    succeeded(&papo(&app, &channel, &secrets)?);
    let admin = app
        .api
        .log_in(Some("loja"), "loja@example.com", "senha-de-teste")
        .await?;
    let channels = admin.get("/api/v1/channels").await?;
    assert_eq!(channels["data"][0]["phone_number_id"], "424242");
    let hub = "/api/v1/webhooks/whatsapp?hub.mode=subscribe&hub.challenge=c4&hub.verify_token=";
    let asked = async |token: &str| {
        let path = format!("{hub}{token}");
        app.api.call(reqwest::Method::GET, &path, &[], None).await
    };
    let verified = asked("a-verify-token").await?;
    assert_eq!((verified.status, verified.text.as_str()), (200, "c4"));
    assert_eq!(asked("a-verify-toke").await?.status, 403);
    app.stop().await;
    Ok(())
}

/// As the README has it: the tenant is in memory, and nobody tells the server.
#[actix_web::test]
async fn a_number_added_while_the_server_runs_answers() -> Result<()> {
    let app = TestApp::start().await?;
    let mut tenant = app.tenant().await?;
    let mut phone = tenant.customer(1)?;
    phone.writes("Oi")?;
    phone.receives().await?;

    tenant.line = Line::numbered(2);
    let line = &tenant.line;
    app.emulator.add_number(at_the_emulator(line, &app.api))?;
    let channel = [
        "channel",
        "add",
        "--tenant",
        &tenant.slug,
        "--name",
        "Filial",
        "--phone-number-id",
        &line.phone_number_id,
        "--waba-id",
        &line.waba_id,
    ];
    let secrets = [
        ("PAPO_CHANNEL_ACCESS_TOKEN", line.access_token.as_str()),
        ("PAPO_CHANNEL_APP_SECRET", &line.app_secret),
        ("PAPO_CHANNEL_VERIFY_TOKEN", &line.verify_token),
    ];
    succeeded(&papo(&app, &channel, &secrets)?);
    let mut phone = tenant.customer(2)?;
    phone.writes("Oi")?;
    phone.receives().await?;
    app.stop().await;
    Ok(())
}

#[actix_web::test]
async fn a_history_is_compared_with_its_snapshot() -> Result<()> {
    let app = TestApp::start().await?;
    let tenant = app.tenant().await?;
    let ana = tenant.attendant("ana").await?;
    let mut phone = tenant.customer(1)?;
    phone.writes("atendente")?;
    phone.receives().await?;
    let conversation = tenant
        .conversation(&phone.wa_id, |c| c["status"] == "waiting")
        .await?;
    let id = text(&conversation, "id")?;
    ana.post(&format!("/api/v1/conversations/{id}/takeover"), Value::Null)
        .await?
        .expect(200)?;
    ana.post(&format!("/api/v1/conversations/{id}/close"), Value::Null)
        .await?
        .expect(200)?;
    app.settled().await?;
    let replayed = papo(&app, &["replay", &id], &[])?;
    succeeded(&replayed);
    assert!(words(&replayed).contains("agree"), "{}", words(&replayed));

    let damage = "UPDATE conversation_state SET payload = jsonb_set(payload::jsonb, '{state,unread}', '77')::text
                  WHERE conversation_id = $1::text::uuid";
    app.rows.execute(damage, &[&id]).await?;
    let damaged = papo(&app, &["replay", &id], &[])?;
    assert_eq!(damaged.status.code(), Some(1), "{}", words(&damaged));
    assert!(
        words(&damaged).contains("unread: history"),
        "{}",
        words(&damaged)
    );
    app.stop().await;
    Ok(())
}

#[actix_web::test]
async fn load_tests_find_the_same_ids_every_time() -> Result<()> {
    let app = TestApp::start().await?;
    let arguments = [
        "bench-seed",
        "--tenants",
        "2",
        "--conversations",
        "6",
        "--attendants",
        "4",
    ];
    let first = papo(&app, &arguments, &[])?;
    succeeded(&first);
    let seeded: Value = serde_json::from_slice(&first.stdout)?;
    let again = papo(&app, &arguments, &[])?;
    succeeded(&again);
    let repeated: Value = serde_json::from_slice(&again.stdout)?;
    assert_eq!(seeded["conversations"], repeated["conversations"]);
    assert_eq!(seeded["tenants"], repeated["tenants"]);
    let third = &seeded["conversations"][3];
    assert_eq!(third["id"], "00000000-0000-4000-8000-000000000003");
    assert_eq!(third["attendant_id"], seeded["attendants"][3]["id"]);
    assert_eq!(third["tenant_id"], seeded["tenants"][1]["id"]);
    assert_eq!(third["tenant_id"], seeded["attendants"][3]["tenant_id"]);
    assert_eq!(third["phone"], "5511900000003");

    // The tokens open the API, and each attendant sees the conversations of its own.
    for (n, attendant) in seeded["attendants"]
        .as_array()
        .into_iter()
        .flatten()
        .enumerate()
    {
        let token = format!("Bearer {}", text(attendant, "access_token")?);
        let headers = [("Authorization", token.as_str())];
        let path = "/api/v1/conversations?assignee=me";
        let page = app
            .api
            .call(reqwest::Method::GET, path, &headers, None)
            .await?
            .expect(200)?;
        let ids: Vec<&Value> = page["data"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|c| &c["id"])
            .collect();
        assert!(ids.contains(&&seeded["conversations"][n]["id"]), "{page}");
        let conversation = text(&seeded["conversations"][n], "id")?;
        let path = format!("/api/v1/conversations/{conversation}/messages");
        let words = serde_json::json!({ "type": "text", "body": "Olá" });
        let sent = app
            .api
            .call(reqwest::Method::POST, &path, &headers, Some(&words))
            .await?;
        assert_eq!(sent.expect(201)?["seq"], 2);
    }
    app.stop().await;
    Ok(())
}

#[actix_web::test]
async fn reports_and_the_search_are_made_anew() -> Result<()> {
    let app = TestApp::start().await?;
    let (tenant, other) = (app.tenant().await?, app.tenant().await?);
    for tenant in [&tenant, &other] {
        let mut phone = tenant.customer(1)?;
        phone.writes("Onde está o bordado?")?;
        phone.receives().await?;
    }
    app.settled().await?;
    let told = async |tenant: &Tenant| -> Result<(Value, Value)> {
        let found = tenant.admin.get("/api/v1/search/messages?q=bordados");
        let counted = tenant
            .admin
            .get("/api/v1/metrics/attendance?group_by=channel");
        Ok((found.await?, counted.await?))
    };
    let before = told(&tenant).await?;
    assert_eq!(before.0["data"][0]["seq"], 1, "{}", before.0);
    assert_eq!(before.1["rows"][0]["sessions"], 1, "{}", before.1);
    app.rows.execute("DELETE FROM message_search", &[]).await?;
    let nothing = "UPDATE attendance_days SET tally = '{}'";
    app.rows.execute(nothing, &[]).await?;
    let damaged = told(&tenant).await?;
    assert_ne!(damaged.0, before.0);
    assert_ne!(damaged.1, before.1);

    for what in ["metrics", "search"] {
        let refused = papo(&app, &[what, "rebuild", "--tenant", "nobody"], &[])?;
        assert!(!refused.status.success() && words(&refused).contains("nobody"));
        let refused = papo(&app, &[what, "rebuild"], &[])?;
        assert!(!refused.status.success() && words(&refused).contains("--tenant"));
        succeeded(&papo(
            &app,
            &[what, "rebuild", "--tenant", &tenant.slug],
            &[],
        )?);
    }
    app.settled().await?;
    assert_eq!(told(&tenant).await?, before);
    // Whom nobody named is as they were.
    assert_eq!(told(&other).await?.0["data"], Value::Array(Vec::new()));
    app.stop().await;
    Ok(())
}
