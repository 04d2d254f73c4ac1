//! What a lane has committed is handed over once, and that may be lost. The stream's truth is the
//! table: sockets are told all of it, in order.

use crate::app::TestApp;
use crate::stage::{Stage, Tenant, text};
use anyhow::{Result, ensure};
use papo_domain::TenantId;
use papo_domain::ports::{EventBatch, EventSink};
use papo_test_support::wait::PATIENCE;
use papo_test_support::ws_client::WsClient;
use serde_json::Value;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Stands between the lanes and the engine.
struct Lossy {
    engine: Arc<dyn EventSink>,
    losing: Arc<Mutex<Losing>>,
}

#[derive(Default)]
struct Losing {
    /// Batches still to be lost.
    wanted: usize,
    /// Numbers that were lost.
    lost: Vec<u64>,
}

fn open(losing: &Mutex<Losing>) -> MutexGuard<'_, Losing> {
    losing.lock().unwrap_or_else(PoisonError::into_inner)
}

impl EventSink for Lossy {
    fn offer(&self, batch: EventBatch) {
        let mut losing = open(&self.losing);
        if losing.wanted > 0 {
            losing.wanted -= 1;
            let numbers = batch.events.iter().map(|event| event.seq);
            losing.lost.extend(numbers);
            return;
        }
        drop(losing);
        self.engine.offer(batch);
    }

    fn inbox_ready(&self, tenant: TenantId) {
        self.engine.inbox_ready(tenant);
    }
}

/// A server whose hand-overs can be lost.
async fn lossy() -> Result<(TestApp, Arc<Mutex<Losing>>)> {
    let losing = Arc::new(Mutex::new(Losing::default()));
    let stage = Stage::set().await?;
    let config = stage.config();
    let switch = Arc::clone(&losing);
    let app = TestApp::start_between(stage, config, |engine| {
        Arc::new(Lossy {
            engine,
            losing: switch,
        })
    });
    Ok((app.await?, losing))
}

async fn head(app: &TestApp, tenant: &Tenant) -> Result<u64> {
    let newest = "SELECT coalesce(max(seq), 0) FROM events WHERE tenant_id = $1";
    Ok(app.count(newest, &[&tenant.uuid()]).await?.try_into()?)
}

/// A socket that was told everything up to `before`.
async fn follow(tenant: &Tenant, before: u64) -> Result<WsClient> {
    let admin = &tenant.admin;
    let url = admin.api.socket_url();
    let mut client = WsClient::connect(&url, &admin.access_token, None).await?;
    client.caught_up(before, PATIENCE).await?;
    Ok(client)
}

/// Insists that a socket is told everything after `before`, once and in order.
async fn told_all(client: &mut WsClient, before: u64, head: u64) -> Result<()> {
    client.caught_up(head, PATIENCE).await?;
    ensure!(client.faults().is_empty(), "{:?}", client.faults());
    let mut told: Vec<u64> = client
        .frames()
        .iter()
        .filter_map(|frame| frame.get("seq").and_then(Value::as_u64))
        .filter(|seq| *seq > before)
        .collect();
    told.dedup();
    ensure!(
        told.iter().copied().eq(before + 1..=head),
        "told {told:?} of {before} to {head}"
    );
    Ok(())
}

#[actix_web::test]
async fn a_batch_that_is_lost_in_the_middle_is_told_before_what_follows() -> Result<()> {
    let (app, losing) = lossy().await?;
    let tenant = app.tenant().await?;
    let mut phone = tenant.customer(1)?;
    phone.writes("Oi")?;
    phone.receives().await?;
    app.settled().await?;
    let before = head(&app, &tenant).await?;
    let mut client = follow(&tenant, before).await?;

    open(&losing).wanted = 1;
    phone.writes("menu")?;
    phone.receives().await?;
    app.settled().await?;
    let head = head(&app, &tenant).await?;
    let lost = std::mem::take(&mut open(&losing).lost);
    ensure!(
        !lost.is_empty() && !lost.contains(&head),
        "lost {lost:?} of {head}"
    );
    told_all(&mut client, before, head).await?;
    app.stop().await;
    Ok(())
}

/// Nothing follows that would show the gap.
#[actix_web::test]
async fn the_last_batch_is_told_although_nothing_follows() -> Result<()> {
    let (app, losing) = lossy().await?;
    let tenant = app.tenant().await?;
    let phone = tenant.customer(1)?;
    phone.writes("Oi")?;
    let conversation = tenant.conversation(&phone.wa_id, |_| true).await?;
    let id = text(&conversation, "id")?;
    app.settled().await?;
    let before = head(&app, &tenant).await?;
    let mut client = follow(&tenant, before).await?;

    open(&losing).wanted = usize::MAX;
    let close = format!("/api/v1/conversations/{id}/close");
    tenant.admin.post(&close, Value::Null).await?.expect(200)?;
    app.settled().await?;
    let last = head(&app, &tenant).await?;
    ensure!(last > before, "nothing happened");
    let lost = std::mem::take(&mut open(&losing).lost);
    ensure!(lost.contains(&last), "lost {lost:?} of {last}");
    told_all(&mut client, before, last).await?;
    app.stop().await;
    Ok(())
}
