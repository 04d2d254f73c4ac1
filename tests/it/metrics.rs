//! Reports: what attendance was, as the events tell it, for those who steer it.

use crate::app::TestApp;
use crate::stage::{Phone, Tenant, add_number, text};
use anyhow::{Context, Result, ensure};
use papo_test_support::api::User;
use papo_test_support::wait::{PATIENCE, eventually};
use papo_test_support::webhook::Line;
use serde_json::{Value, json};

/// A customer is served to the end by `user`. Returns the conversation.
async fn served(app: &TestApp, tenant: &Tenant, n: u32, user: &User) -> Result<String> {
    let phone = tenant.customer(n)?;
    phone.writes("atendente")?;
    let waiting = |c: &Value| c["mode"] == "waiting";
    let conversation = tenant.conversation(&phone.wa_id, waiting).await?;
    let id = text(&conversation, "id")?;
    let path = |what: &str| format!("/api/v1/conversations/{id}/{what}");
    user.post(&path("takeover"), Value::Null)
        .await?
        .expect(200)?;
    let words = json!({ "type": "text", "body": "Posso ajudar?" });
    user.post(&path("messages"), words).await?.expect(201)?;
    let end = json!({ "resolution": "feito", "customer_satisfaction": 4 });
    user.post(&path("close"), end).await?.expect(200)?;
    app.settled().await?;
    Ok(id)
}

#[actix_web::test]
async fn reports_say_what_was_done_and_by_whom() -> Result<()> {
    let app = TestApp::start().await?;
    let tenant = app.tenant().await?;
    let (ana, bia) = (
        tenant.attendant("ana").await?,
        tenant.attendant("bia").await?,
    );
    for n in 1..=2 {
        served(&app, &tenant, n, &ana).await?;
    }
    served(&app, &tenant, 3, &bia).await?;
    let phone = tenant.customer(4)?;
    phone.writes("Oi")?;
    app.settled().await?;

    let boss = tenant.supervisor().await?;
    let overview = boss.get("/api/v1/metrics/overview").await?;
    let totals = &overview["totals"];
    ensure!(totals["sessions"] == 4 && totals["ended"] == 3, "{totals}");
    ensure!(totals["resolution_rate"] == 1.0, "{totals}");
    ensure!(
        totals["handoffs"] == 3 && totals["contained"] == 0,
        "{totals}"
    );
    ensure!(totals["waiting"]["count"] == 3, "{totals}");
    ensure!(totals["messages"]["staff"] == 3, "{totals}");
    ensure!(totals["satisfaction"]["average"] == 4.0, "{totals}");
    let days = overview["days"].as_array().context("days")?;
    ensure!(days.len() == 30, "{} days", days.len());
    let counted: i64 = days.iter().filter_map(|day| day["sessions"].as_i64()).sum();
    ensure!(counted == 4, "the days have {counted} sessions");
    ensure!(overview["previous"]["sessions"] == 0, "{overview}");

    let by = boss
        .get("/api/v1/metrics/attendance?group_by=attendant")
        .await?;
    let rows = by["rows"].as_array().context("rows")?;
    let of = |name: &str| {
        let row = rows.iter().find(|row| row["name"] == name);
        row.with_context(|| format!("no {name} in {by}"))
    };
    let row = of("ana")?;
    ensure!(row["attended"] == 2 && row["closed"] == 2, "{row}");
    ensure!(row["sent"] == 2 && row["own_answer"]["count"] == 2, "{row}");
    ensure!(of("bia")?["attended"] == 1, "{by}");

    // Of one person the days are known, and their own row; not their departments.
    let alone = |by: &str| {
        format!(
            "/api/v1/metrics/attendance?group_by={by}&user_id={}",
            ana.id
        )
    };
    let days = boss.get(&alone("day")).await?;
    let rows = days["rows"].as_array().context("rows")?;
    let attended: i64 = rows.iter().filter_map(|row| row["attended"].as_i64()).sum();
    ensure!(attended == 2, "{days}");
    let row = boss.get(&alone("attendant")).await?;
    ensure!(
        row["rows"].as_array().map(Vec::len) == Some(1) && row["rows"][0]["name"] == "ana",
        "{row}"
    );
    let departments = alone("department");
    let refused = boss
        .call(reqwest::Method::GET, &departments, &[], None)
        .await?;
    ensure!(refused.status == 422, "{}", refused.text);

    let csv = boss
        .call(
            reqwest::Method::GET,
            "/api/v1/metrics/export?format=csv",
            &[],
            None,
        )
        .await?;
    ensure!(csv.status == 200, "{}", csv.text);
    let named = csv.header("content-disposition").unwrap_or_default();
    ensure!(
        named.contains("attachment") && named.contains(".csv"),
        "{named}"
    );
    ensure!(
        csv.text.lines().any(|line| line.contains(",ana,2,")),
        "{}",
        csv.text
    );
    let rows = boss.get("/api/v1/metrics/export?format=json").await?;
    ensure!(
        rows.as_array().is_some_and(|rows| rows.len() == 2),
        "{rows}"
    );
    app.stop().await;
    Ok(())
}

/// Two departments and two numbers, served unevenly: a report that took one for another is wrong.
#[actix_web::test]
async fn reports_tell_departments_channels_and_days_apart() -> Result<()> {
    let app = TestApp::start().await?;
    let tenant = app.tenant().await?;
    let boss = tenant.supervisor().await?;
    let mut departments = Vec::new();
    for name in ["Vendas", "Suporte"] {
        let made = tenant
            .admin
            .post("/api/v1/departments", json!({ "name": name }));
        departments.push(text(&made.await?.expect(201)?, "id")?);
    }
    let other = Line::numbered(50);
    let second = add_number(&app.emulator, &tenant.admin, &other).await?;
    let (ana, bia) = (
        tenant.attendant("ana").await?,
        tenant.attendant("bia").await?,
    );
    for user in [&ana, &bia] {
        let path = format!("/api/v1/users/{}", user.id);
        let both = json!({ "departments": departments });
        tenant.admin.patch(&path, both).await?.expect(200)?;
    }
    let [sales, support] = &departments[..] else {
        anyhow::bail!("{departments:?}")
    };
    for (n, on_second, department, user) in [
        (1, false, sales, &ana),
        (2, true, support, &ana),
        (3, true, support, &bia),
        (4, true, sales, &ana),
        (5, true, support, &bia),
    ] {
        let mut phone = tenant.customer(n)?;
        if on_second {
            let number = other.phone_number_id.clone();
            phone = Phone::new(tenant.emulator.clone(), number, phone.wa_id);
        }
        phone.writes("atendente")?;
        let waiting = |c: &Value| c["mode"] == "waiting";
        let id = text(&tenant.conversation(&phone.wa_id, waiting).await?, "id")?;
        let moved = json!({ "conversation_id": id, "department_id": department });
        boss.post("/api/v1/handoffs", moved).await?.expect(201)?;
        for what in ["takeover", "close"] {
            let path = format!("/api/v1/conversations/{id}/{what}");
            user.post(&path, Value::Null).await?.expect(200)?;
        }
    }
    app.settled().await?;

    let attended = async |query: &str| {
        let path = format!("/api/v1/metrics/attendance?{query}");
        let report = boss.get(&path).await?;
        let rows = report["rows"].as_array().context("no rows")?;
        let mut all: Vec<_> = rows
            .iter()
            .filter_map(|row| Some((row["id"].clone(), row["attended"].as_i64()?)))
            .filter(|(_, attended)| *attended > 0)
            .collect();
        all.sort_by_key(|(_, attended)| *attended);
        anyhow::Ok(all)
    };
    assert_eq!(
        attended("group_by=department").await?,
        [(json!(sales), 2), (json!(support), 3)]
    );
    assert_eq!(
        attended("group_by=channel").await?,
        [(json!(tenant.channel), 1), (json!(second), 4)]
    );
    assert_eq!(
        attended("group_by=attendant").await?,
        [(json!(bia.id), 2), (json!(ana.id), 3)]
    );
    let all = attended("group_by=day").await?;
    assert_eq!(all.iter().map(|(_, n)| n).sum::<i64>(), 5);
    for (filter, expected) in [
        (format!("department_id={sales}"), 2),
        (format!("department_id={support}"), 3),
        (format!("channel_id={second}"), 4),
        (format!("user_id={}", bia.id), 2),
    ] {
        let days = attended(&format!("group_by=day&{filter}")).await?;
        assert_eq!(
            days.iter().map(|(_, n)| n).sum::<i64>(),
            expected,
            "{filter}"
        );
        let overview = boss
            .get(&format!("/api/v1/metrics/overview?{filter}"))
            .await?;
        let ended = &overview["totals"]["ended"];
        assert_eq!(*ended, json!(expected), "{filter}: {overview}");
    }
    app.stop().await;
    Ok(())
}

#[actix_web::test]
async fn reports_are_for_those_who_steer() -> Result<()> {
    let app = TestApp::start().await?;
    let tenant = app.tenant().await?;
    let ana = tenant.attendant("ana").await?;
    for path in ["overview", "attendance", "export"] {
        let path = format!("/api/v1/metrics/{path}");
        let told = ana.call(reqwest::Method::GET, &path, &[], None).await?;
        ensure!(told.status == 403, "{path}: {}", told.text);
    }
    for (query, status) in [
        ("from=2026-02-01&to=2026-01-01", 422),
        ("from=2024-01-01&to=2026-01-01", 422),
        (
            "department_id=01a20390-0f0a-769b-b878-a0117acab7f8&user_id=01a20390-0f0a-769b-b878-a0117acab7f8",
            422,
        ),
        ("from=yesterday", 400),
        ("from=2026-02-30", 400),
        ("period=week", 400),
    ] {
        let path = format!("/api/v1/metrics/overview?{query}");
        let told = tenant
            .admin
            .call(reqwest::Method::GET, &path, &[], None)
            .await?;
        ensure!(
            told.status == status,
            "{query}: {} {}",
            told.status,
            told.text
        );
    }
    app.stop().await;
    Ok(())
}

/// What nobody can take in for one tenant's reports.
const BROKEN: &str = "ALTER TABLE service_sessions ADD CONSTRAINT broken CHECK (tenant_id <> ";

#[actix_web::test]
async fn a_stream_that_cannot_be_followed_holds_up_no_other_follower_or_tenant() -> Result<()> {
    let app = TestApp::start().await?;
    let (one, two) = (app.tenant().await?, app.tenant().await?);
    let id: uuid::Uuid = app
        .rows
        .query_one(
            "SELECT tenant_id FROM tenants WHERE slug = $1",
            &[&one.slug],
        )
        .await?
        .get(0);
    app.rows
        .batch_execute(&format!("{BROKEN}'{id}') NOT VALID"))
        .await?;
    let (phone, other) = (one.customer(1)?, two.customer(2)?);
    for phone in [&phone, &other] {
        phone.writes("Procuro uma violeta")?;
    }
    let found = async |tenant: &Tenant| {
        let hits = "/api/v1/search/messages?q=violeta&sender=customer";
        let hits = tenant.admin.get(hits).await?;
        anyhow::Ok(hits["data"].as_array().map(Vec::len) == Some(1))
    };
    let counted = async |tenant: &Tenant| {
        let overview = tenant.admin.get("/api/v1/metrics/overview").await?;
        anyhow::Ok(overview["totals"]["sessions"] == 1)
    };
    // The reports come before the search, and the first tenant before the second.
    for tenant in [&one, &two] {
        eventually("words are found", PATIENCE, async || {
            Ok(found(tenant).await?.then_some(()))
        })
        .await?;
    }
    eventually("the other tenant is counted", PATIENCE, async || {
        Ok(counted(&two).await?.then_some(()))
    })
    .await?;
    ensure!(!counted(&one).await?, "the stream was not held up at all");
    // Nothing of it is lost.
    app.rows
        .batch_execute("ALTER TABLE service_sessions DROP CONSTRAINT broken")
        .await?;
    phone.writes("Ainda aí?")?;
    eventually("what was held up is counted", PATIENCE, async || {
        Ok(counted(&one).await?.then_some(()))
    })
    .await?;
    app.stop().await;
    Ok(())
}
