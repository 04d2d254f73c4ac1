//! Two servers on one database: the one that lost its leases while it was stopped does nothing
//! more when it wakes.

use crate::load::{Load, phones};
use crate::process::{ProcessApp, plan};
use crate::stage::{PASSWORD, Tenant, text};
use crate::restart::nothing_lost_nothing_doubled;
use anyhow::{Context, Result};
use papo_test_support::api::Api;
use papo_test_support::process::{Plan, ServerProcess};
use papo_test_support::wait::{PATIENCE, eventually};
use serde_json::Value;

/// The older server is stopped in the middle of its work, a newer one with node name `node` takes
/// over, and the older one wakes.
async fn stopped_and_woken(node: &str) -> Result<()> {
    let mut app = ProcessApp::start_with(short_leases).await?;
    let tenant = app.tenant().await?;
    let ana = tenant.attendant("ana").await?;
    let phones = phones(&app, &tenant, 40)?;
    let mut old_load = Load::begin("old", &app.api, &tenant.line, &phones, 8);
    old_load.acknowledged(60).await?;

    app.server.signal("STOP")?;
    let mut newer = plan(&app, node)?;
    short_leases(&mut newer);
    let api = Api::at(format!("http://127.0.0.1:{}", newer.port))?;
    let _newer = ServerProcess::start(newer).await?;
    let callback = format!("{}/api/v1/webhooks/whatsapp", api.base);
    app.emulator.set_callback(&tenant.line.phone_number_id, Some(callback))?;
    let mut new_load = Load::begin("new", &api, &tenant.line, &phones, 8);
    new_load.acknowledged(60).await?;
    // The newer one works: customers are answered, people can take over.
    let there = Tenant {
        api: api.clone(),
        admin: api.log_in(Some(&tenant.slug), "admin-1@example.com", PASSWORD).await?,
        ..tenant.clone()
    };
    let mut phone = there.customer(500)?;
    phone.writes("Oi")?;
    phone.receives().await.context("the newer server does not answer")?;
    let id = text(&there.conversation(&phone.wa_id, |_| true).await?, "id")?;

    app.server.signal("CONT")?;
    // What the older one still takes in is stored, and worked off by the owner.
    old_load.acknowledged(60).await?;
    new_load.acknowledged(60).await?;
    let takeover = format!("/api/v1/conversations/{id}/takeover");
    let refused = eventually("the older server knows that it is fenced", PATIENCE, async || {
        let answer = ana.post(&takeover, Value::Null).await?;
        Ok((answer.status == 503).then_some(answer))
    })
    .await?;
    assert!(refused.header("retry-after").is_some(), "{refused:?}");
    let path = format!("/api/v1/conversations/{id}/close");
    there.admin.post(&path, Value::Null).await?.expect(200)?;

    let mut acknowledged = old_load.end().await?;
    acknowledged.extend(new_load.end().await?);
    nothing_lost_nothing_doubled(&app, &acknowledged).await
}

fn short_leases(plan: &mut Plan) {
    let renewal = ("PAPO__ENGINE__LEASE_RENEWAL".to_owned(), "400ms".to_owned());
    plan.variables.push(renewal);
}

#[actix_web::test]
async fn a_woken_server_is_fenced_by_another_node() -> Result<()> {
    stopped_and_woken("node-2").await
}

#[actix_web::test]
async fn a_woken_server_is_fenced_by_its_successor() -> Result<()> {
    stopped_and_woken("node-1").await
}
