//! Which accounts are asked for their templates, and whose are kept.

use crate::bench::Bench;
use papo_storage::app::{ListedRow, TemplateFilter};
use papo_storage::{Database, PoolSettings};
use serde_json::json;
use tokio::runtime::Handle;

#[tokio::test(flavor = "multi_thread")]
async fn an_account_is_asked_once_a_day_whatever_comes_of_it() {
    let bench = Bench::new().await;
    let one = bench.tenant("one", 1).await;
    let url = bench.db.app_url().into();
    let app = Database::new(&url, PoolSettings::default(), Handle::current()).unwrap();
    let due = async || {
        let due = bench.store.accounts_to_ask().await.unwrap();
        due.into_iter().map(|a| a.waba_id).collect::<Vec<_>>()
    };
    assert_eq!(due().await, [""; 0]);
    bench
        .run(
            "UPDATE channels SET waba_id = 'w', access_token_enc = 'x'",
            &[],
        )
        .await;
    assert_eq!(due().await, ["w"]);
    let channels = app.ask_account(one.id, "w").await.unwrap();
    assert_eq!(channels, [one.channel]);
    assert_eq!(due().await, [""; 0]);
    let old = "UPDATE template_accounts SET asked_at = now() - interval '25 hours'";
    bench.run(old, &[]).await;
    assert_eq!(due().await, ["w"]);
    bench
        .run("UPDATE channels SET is_active = false", &[])
        .await;
    assert_eq!(due().await, [""; 0]);
    assert_eq!(app.ask_account(one.id, "w").await.unwrap(), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn templates_are_those_of_the_last_list_and_of_accounts_in_use() {
    let bench = Bench::new().await;
    let (one, two) = (bench.tenant("one", 1).await, bench.tenant("two", 2).await);
    bench.run("UPDATE channels SET waba_id = 'w'", &[]).await;
    let url = bench.db.app_url().into();
    let app = Database::new(&url, PoolSettings::default(), Handle::current()).unwrap();
    let keep = async |tenant: papo_domain::TenantId, waba: &str, names: &[&str]| {
        let row = |name: &&str| ListedRow {
            tenant_id: tenant.0,
            waba_id: waba.to_owned(),
            name: (*name).to_owned(),
            language: "pt_BR".to_owned(),
            id: "1".to_owned(),
            category: None,
            status: "APPROVED".to_owned(),
            reason: None,
            components: json!([]),
        };
        let rows: Vec<_> = names.iter().map(row).collect();
        app.keep_templates(tenant, waba, &rows).await.unwrap();
    };
    let known = async |tenant| {
        let all = TemplateFilter::default();
        let rows = app.list_templates(tenant, &all, None, 100).await.unwrap();
        rows.into_iter().map(|row| row.name).collect::<Vec<_>>()
    };
    keep(one.id, "w", &["a", "b"]).await;
    keep(two.id, "w", &["c"]).await;
    keep(one.id, "w", &["b"]).await;
    assert_eq!(known(one.id).await, ["b"]);
    assert_eq!(known(two.id).await, ["c"]);
    // Of an account that nobody has.
    keep(one.id, "x", &["d"]).await;
    assert_eq!(known(one.id).await, ["b"]);
    app.retire_channel(one.id, one.channel).await.unwrap();
    assert_eq!(known(one.id).await, [""; 0]);
    assert_eq!(known(two.id).await, ["c"]);
}
