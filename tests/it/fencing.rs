//! Two servers on one database: the one that lost its leases while it was stopped does nothing
//! more when it wakes.

use crate::load::{Load, phones};
use crate::process::{ProcessApp, plan};
use crate::restart::nothing_lost_nothing_doubled;
use crate::stage::{PASSWORD, Tenant, text};
use anyhow::{Context, Result, ensure};
use papo_test_support::api::Api;
use papo_test_support::process::{Plan, ServerProcess};
use papo_test_support::wait::{PATIENCE, eventually};
use serde_json::Value;

/// The older server is stopped in the middle of its work, a newer one with node name `node` takes
/// over, and the older one wakes.
async fn stopped_and_woken(node: &str) -> Result<()> {
    let mut older = ProcessApp::start_with(short_leases).await?;
    let tenant = older.tenant().await?;
    let mut plan = plan(&older, node)?;
    short_leases(&mut plan);
    let api = Api::at(format!("http://127.0.0.1:{}", plan.port))?;
    let mut newer = ServerProcess::new(plan);
    let played = play(&mut older, &mut newer, &tenant, &api).await;
    played.with_context(|| format!("older:\n{}\nnewer:\n{}", older.server.log(), newer.log()))
}

async fn play(
    older: &mut ProcessApp,
    newer: &mut ServerProcess,
    tenant: &Tenant,
    api: &Api,
) -> Result<()> {
    let ana = tenant.attendant("ana").await?;
    let phones = phones(older, tenant, 120)?;
    let mut old_load = Load::begin("old", &older.api, &tenant.line, &phones, 8);
    old_load.acknowledged(60).await?;

    older.server.signal("STOP")?;
    newer.start().await?;
    let callback = format!("{}/api/v1/webhooks/whatsapp", api.base);
    older
        .emulator
        .set_callback(&tenant.line.phone_number_id, Some(callback))?;
    let mut load = Load::begin("new", api, &tenant.line, &phones, 8);
    load.acknowledged(60).await?;
    let mut acknowledged = load.end().await?;
    // The newer one works: customers are answered, people can take over.
    let there = Tenant {
        api: api.clone(),
        admin: api
            .log_in(Some(&tenant.slug), "admin-1@example.com", PASSWORD)
            .await?,
        ..tenant.clone()
    };
    let mut phone = there.customer(500)?;
    phone.writes("Oi")?;
    phone
        .receives()
        .await
        .context("the newer server does not answer")?;
    let conversation = there.conversation(&phone.wa_id, |_| true).await?;
    let id = text(&conversation, "id")?;

    older.server.signal("CONT")?;
    // What the older one still takes in is stored, and worked off by the owner.
    let mut load = Load::begin("newer", api, &tenant.line, &phones, 8);
    old_load.acknowledged(60).await?;
    acknowledged.extend(old_load.end().await?);
    load.acknowledged(60).await?;
    acknowledged.extend(load.end().await?);
    let takeover = format!("/api/v1/conversations/{id}/takeover");
    let refused = eventually(
        "the older server knows that it is fenced",
        PATIENCE,
        async || {
            let answer = ana.post(&takeover, Value::Null).await?;
            ensure!(answer.status >= 500, "it acts: {}", answer.text);
            Ok((answer.status == 503).then_some(answer))
        },
    )
    .await?;
    assert!(refused.header("retry-after").is_some(), "{refused:?}");
    let path = format!("/api/v1/conversations/{id}/close");
    there.admin.post(&path, Value::Null).await?.expect(200)?;
    nothing_lost_nothing_doubled(older, &acknowledged).await
}

fn short_leases(plan: &mut Plan) {
    let renewal = ("PAPO__ENGINE__LEASE_RENEWAL".to_owned(), "400ms".to_owned());
    plan.variables.push(renewal);
    plan.variables
        .push(("PAPO__TELEMETRY__LEVEL".to_owned(), "info".to_owned()));
}

#[actix_web::test]
async fn a_woken_server_is_fenced_by_another_node() -> Result<()> {
    stopped_and_woken("node-2").await
}

#[actix_web::test]
async fn a_woken_server_is_fenced_by_its_successor() -> Result<()> {
    stopped_and_woken("node-1").await
}
