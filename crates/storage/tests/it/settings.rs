//! What a tenant's administrators set up: flows and channels.

use crate::bench::Bench;
use crate::people::app;
use papo_domain::bot::default_flow;
use papo_storage::DbError;
use papo_storage::app::{FlowChange, FlowRecord};
use uuid::Uuid;

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_of_an_older_flow_is_refused_and_one_flow_is_active() {
    let bench = Bench::new().await;
    let tenant = bench.tenant("one", 1).await;
    let app = app(&bench.db);
    let change = |name: &str, is_active| FlowChange {
        name: name.to_owned(),
        is_active,
        flow: default_flow(),
    };
    let (a, b) = (Uuid::now_v7(), Uuid::now_v7());
    app.create_flow(tenant.id, a, &change("A", true))
        .await
        .unwrap();
    app.create_flow(tenant.id, b, &change("B", true))
        .await
        .unwrap();
    let active = |flows: Vec<FlowRecord>| {
        let active = flows.into_iter().filter(|flow| flow.is_active);
        active.map(|flow| flow.id).collect::<Vec<_>>()
    };
    assert_eq!(active(app.list_flows(tenant.id).await.unwrap()), [b]);
    let edited = app
        .replace_flow(tenant.id, a, Some(1), &change("A2", true))
        .await
        .unwrap();
    assert_eq!(edited.version, 2);
    assert_eq!(active(app.list_flows(tenant.id).await.unwrap()), [a]);
    let stale = app
        .replace_flow(tenant.id, a, Some(1), &change("A3", true))
        .await;
    assert!(matches!(stale, Err(DbError::Stale)));
    assert_eq!(app.find_flow(tenant.id, a).await.unwrap().name, "A2");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_number_of_a_retired_channel_is_free_again() {
    let bench = Bench::new().await;
    let (tenant, other) = (bench.tenant("one", 1).await, bench.tenant("two", 2).await);
    let app = app(&bench.db);
    bench.conversation(&tenant, "5511999990001").await;
    let number = ["pn-one".to_owned()];
    assert_eq!(app.find_channels(&number, &[]).await.unwrap().len(), 1);
    assert!(matches!(
        app.retire_channel(other.id, tenant.channel).await,
        Err(DbError::NotFound)
    ));
    app.retire_channel(tenant.id, tenant.channel).await.unwrap();
    assert!(app.find_channels(&number, &[]).await.unwrap().is_empty());
    let kept = app.find_channel(tenant.id, tenant.channel).await.unwrap();
    assert!(!kept.is_active && kept.phone_number_id.is_none());
}
