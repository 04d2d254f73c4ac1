//! Whether somebody is there at this hour, from outside: rules that are changed count for whoever
//! asks next.

use crate::app::TestApp;
use crate::stage::text;
use anyhow::Result;
use chrono::{DateTime, TimeDelta, Utc};
use papo_test_support::wait::{PATIENCE, eventually};
use papo_test_support::ws_client::WsClient;
use serde_json::{Value, json};
use std::time::SystemTime;

#[actix_web::test]
async fn who_asks_on_a_holiday_is_told_so_and_is_served_when_it_is_over() -> Result<()> {
    let app = TestApp::start().await?;
    let tenant = app.tenant().await?;
    let ana = tenant.attendant("ana").await?;
    let url = ana.api.socket_url();
    let _screen = WsClient::connect(&url, &ana.access_token, None).await?;
    let change = async |policy: Value| {
        let path = "/api/v1/tenants/current/policy";
        tenant.admin.patch(path, policy).await?.expect(200)
    };
    // Today, whatever the time zone, and should the test meet midnight.
    let now: DateTime<Utc> = SystemTime::now().into();
    let days = [-1, 0, 1].map(|days| (now + TimeDelta::days(days)).date_naive().to_string());
    change(json!({
        "business_hours": { "holidays": days },
        "routing": { "strategy": "round_robin", "offer_seconds": 600 },
        "texts": { "out_of_hours": "Hoje é feriado." },
    }))
    .await?;
    let mut phone = tenant.customer(1)?;
    phone.writes("atendente")?;
    phone.receives_words("Hoje é feriado.").await?;
    app.settled().await?;
    let offers = "/api/v1/handoffs/offers";
    assert_eq!(ana.get(offers).await?["data"], json!([]));
    let queue = tenant.admin.get("/api/v1/queue").await?;
    assert_eq!(
        queue.pointer("/data/0/open"),
        Some(&json!(false)),
        "{queue}"
    );

    change(json!({ "business_hours": { "holidays": [] } })).await?;
    let offer = eventually("she is asked", PATIENCE, async || {
        let asked = ana.get(offers).await?.pointer("/data/0").cloned();
        Ok(asked)
    })
    .await?;
    assert_eq!(text(&offer, "phone_number")?, phone.wa_id);
    app.stop().await;
    Ok(())
}
