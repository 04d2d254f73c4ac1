//! The job table as people see it.

use crate::app::TestApp;
use anyhow::Result;
use papo_test_support::api::User;
use reqwest::Method;
use serde_json::{Value, json};

/// What is given up is shown to those who supervise, and tried again when they say so.
#[actix_web::test]
async fn a_dead_job_is_seen_and_tried_again() -> Result<()> {
    let app = TestApp::start().await?;
    let tenant = app.tenant().await?;
    // Of a kind that nobody does, so that it stays as it is.
    let insert = "INSERT INTO jobs (tenant_id, kind, key, payload, state, attempts, last_error)
                  VALUES ($1, 'nothing', $2, '{}', $3, 8, $4) RETURNING id";
    for (key, state, error) in [("a", "dead", Some("gone")), ("b", "done", None)] {
        let values: [&(dyn tokio_postgres::types::ToSql + Sync); 4] =
            [&tenant.uuid(), &key, &state, &error];
        app.count(insert, &values).await?;
    }
    let dead = "/api/v1/engine/jobs?state=dead";
    let page = tenant.admin.get(dead).await?;
    let shown = page["data"].as_array().map_or(0, Vec::len);
    assert_eq!(shown, 1, "{page}");
    let job = &page["data"][0];
    assert_eq!(
        (&job["kind"], &job["key"]),
        (&"nothing".into(), &"a".into())
    );
    assert_eq!(
        (&job["attempts"], &job["last_error"]),
        (&8.into(), &"gone".into())
    );
    assert!(job.get("payload").is_none(), "{job}");
    assert_eq!(shown_of_ours(&tenant.admin).await?, 2);

    let retry = format!("/api/v1/engine/jobs/{}/retry", job["id"]);
    let ana = tenant.attendant("ana").await?;
    for (path, status) in [(dead, 403), ("/api/v1/engine/jobs?state=x", 400)] {
        let user = if status == 403 { &ana } else { &tenant.admin };
        let answer = user.call(Method::GET, path, &[], None).await?;
        assert_eq!(answer.status, status, "{}", answer.text);
    }
    assert_eq!(ana.post(&retry, Value::Null).await?.status, 403);
    assert_eq!(tenant.admin.post(&retry, Value::Null).await?.status, 202);
    let told = tenant
        .admin
        .get("/api/v1/audit/events?action=job_retried")
        .await?;
    assert_eq!(told["data"][0]["object_id"], json!(job["id"].to_string()));
    // It is not dead any more.
    assert_eq!(tenant.admin.post(&retry, Value::Null).await?.status, 404);
    let page = tenant
        .admin
        .get("/api/v1/engine/jobs?state=pending")
        .await?;
    assert_eq!(page["data"][0]["attempts"], 0, "{page}");
    assert_eq!(page["data"][0]["last_error"], Value::Null);
    assert_eq!(discard(&tenant.admin, "jobs", &job["id"]).await?, 404);
    app.rows
        .execute("UPDATE jobs SET state = 'dead'", &[])
        .await?;
    assert_eq!(discard(&ana, "jobs", &job["id"]).await?, 403);
    assert_eq!(discard(&tenant.admin, "jobs", &job["id"]).await?, 204);
    assert_eq!(discard(&tenant.admin, "jobs", &job["id"]).await?, 404);
    assert_eq!(shown_of_ours(&tenant.admin).await?, 1);
    let path = "/api/v1/audit/events?action=job_discarded";
    let told = tenant.admin.get(path).await?;
    assert_eq!(told["data"].as_array().map(Vec::len), Some(1), "{told}");
    app.stop().await;
    Ok(())
}

/// How many jobs of our kind are shown.
async fn shown_of_ours(user: &User) -> Result<usize> {
    let page = user.get("/api/v1/engine/jobs").await?;
    let data = page.get("data").and_then(Value::as_array);
    let ours = data
        .into_iter()
        .flatten()
        .filter(|job| job["kind"] == "nothing");
    Ok(ours.count())
}

async fn discard(user: &User, what: &str, id: &Value) -> Result<u16> {
    let path = format!("/api/v1/engine/{what}/{id}");
    let answer = user.call(Method::DELETE, &path, &[], None).await?;
    Ok(answer.status)
}

/// What was given up can be forgotten, what is to be done cannot.
#[actix_web::test]
async fn a_dead_letter_is_thrown_away_and_its_copies_have_no_effect() -> Result<()> {
    let app = TestApp::start().await?;
    let tenant = app.tenant().await?;
    let insert = "INSERT INTO inbox (tenant_id, channel_id, external_id, item, state)
                  VALUES ($1, $2::text::uuid, $3, '{}', $4) RETURNING id";
    let mut ids = Vec::new();
    for (key, state) in [("a", "dead"), ("b", "parked")] {
        let values: [&(dyn tokio_postgres::types::ToSql + Sync); 4] =
            [&tenant.uuid(), &tenant.channel, &key, &state];
        ids.push(Value::from(app.count(insert, &values).await?));
    }
    let supervisor = tenant.supervisor().await?;
    for (id, status) in [(&ids[0], 204), (&ids[0], 404), (&ids[1], 404)] {
        assert_eq!(discard(&supervisor, "dead-letters", id).await?, status);
    }
    let letters = supervisor.get("/api/v1/engine/dead-letters").await?;
    assert_eq!(letters["data"], Value::Array(Vec::new()));
    assert_eq!(app.count("SELECT count(*) FROM inbox", &[]).await?, 1);
    app.stop().await;
    Ok(())
}
