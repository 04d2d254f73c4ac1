//! The desk from outside: who is asked to take a request, what they may answer, and that it finds
//! somebody else whatever becomes of them.

use crate::app::TestApp;
use crate::process::ProcessApp;
use crate::stage::{Tenant, is, text};
use anyhow::{Context, Result};
use papo_test_support::api::User;
use papo_test_support::wait::{PATIENCE, eventually};
use papo_test_support::ws_client::WsClient;
use serde_json::{Value, json};

/// How the queue of a tenant hands out what waits.
async fn hand_out(tenant: &Tenant, strategy: &str, offer_seconds: u32) -> Result<()> {
    let policy = json!({
        "coalesce_quiet_ms": 0, "coalesce_max_ms": 0,
        "routing": { "strategy": strategy, "offer_seconds": offer_seconds },
    });
    let path = "/api/v1/tenants/current/policy";
    tenant.admin.put(path, policy).await?.expect(200).map(drop)
}

async fn comes(user: &User) -> Result<WsClient> {
    WsClient::connect(&user.api.socket_url(), &user.access_token, None).await
}

/// A customer asks for a person. The request, once it waits.
async fn asks(tenant: &Tenant, customer: u32) -> Result<String> {
    let phone = tenant.customer(customer)?;
    phone.writes("atendente")?;
    let waits = |c: &Value| is(c, "status", "waiting");
    let conversation = tenant.conversation(&phone.wa_id, waits).await?;
    let id = text(&conversation, "id")?;
    let queue = tenant.admin.get("/api/v1/handoffs/pending").await?;
    let queue = queue.get("data").and_then(Value::as_array);
    let request = queue
        .context("no queue")?
        .iter()
        .find(|r| is(r, "conversation_id", &id));
    text(request.context("not in the queue")?, "id")
}

/// Returns when a user is being asked about a request.
async fn asked(user: &User, request: &str) -> Result<Value> {
    eventually("somebody is asked", PATIENCE, async || {
        let offers = user.get("/api/v1/handoffs/offers").await?;
        let offers = offers.get("data").and_then(Value::as_array).cloned();
        let offers = offers.unwrap_or_default();
        Ok(offers.into_iter().find(|offer| is(offer, "id", request)))
    })
    .await
}

/// What somebody's answer came to: the status, and the request's state or the refusal.
async fn answers(user: &User, request: &str, word: &str) -> Result<(u16, String)> {
    let path = format!("/api/v1/handoffs/{request}/{word}");
    let answer = user.post(&path, Value::Null).await?;
    let status = answer.status;
    let what = if status == 200 {
        text(&answer.expect(200)?, "status")?
    } else {
        answer.code().to_owned()
    };
    Ok((status, what))
}

async fn serves(tenant: &Tenant, user: &User, change: Value) -> Result<Value> {
    let path = format!("/api/v1/users/{}/attendance", user.id);
    tenant.admin.patch(&path, change).await?.expect(200)
}

async fn availability(user: &User, word: &str) -> Result<Value> {
    let body = json!({ "availability": word });
    let changed = user.put("/api/v1/me/availability", body).await?;
    changed.expect(200)
}

#[actix_web::test]
async fn two_attendants_are_asked_and_answer() -> Result<()> {
    let app = TestApp::start().await?;
    let tenant = app.tenant().await?;
    hand_out(&tenant, "round_robin", 60).await?;
    let ana = tenant.attendant("ana").await?;
    let mut screen = comes(&ana).await?;
    let first = asks(&tenant, 1).await?;
    let offer = asked(&ana, &first).await?;
    assert!(is(&offer, "offered_user_id", &ana.id), "{offer}");
    let frame = screen.next_event("handoff:offered", PATIENCE).await?;
    let shown = frame.get("payload").context("no payload")?;
    assert!(is(shown, "handoff_id", &first) && is(shown, "user_id", &ana.id));
    assert!(is(shown, "priority", "medium"), "{shown}");

    // The other one has nothing to answer; whoever refuses is not asked next.
    let bia = tenant.attendant("bia").await?;
    let _bia = comes(&bia).await?;
    let no_offer = (409, "offer_ended".to_owned());
    assert_eq!(answers(&bia, &first, "accept").await?, no_offer);
    assert_eq!(answers(&bia, &first, "reject").await?, no_offer);
    let pending = (200, "pending".to_owned());
    assert_eq!(answers(&ana, &first, "reject").await?, pending);
    assert_eq!(
        answers(&ana, &first, "reject").await?,
        pending,
        "said twice"
    );
    let ended = screen.next_event("handoff:offer_ended", PATIENCE).await?;
    let how = ended.pointer("/payload/how").and_then(Value::as_str);
    assert_eq!(how, Some("rejected"));
    asked(&bia, &first).await?;
    let assigned = (200, "assigned".to_owned());
    assert_eq!(answers(&bia, &first, "accept").await?, assigned);
    assert_eq!(
        answers(&bia, &first, "accept").await?,
        assigned,
        "said twice"
    );
    // What Bia leads is out of Ana's sight, but that she was faster is no secret.
    assert_eq!(
        answers(&ana, &first, "accept").await?.1,
        "assigned_to_another"
    );

    let queue = tenant.admin.get("/api/v1/queue").await?;
    let people = queue.pointer("/data/0/people").and_then(Value::as_array);
    let people = people.context("no people")?;
    let load = |user: &User| {
        let mut people = people.iter();
        let person = people.find(|person| is(person, "user_id", &user.id));
        person.and_then(|person| person.get("load")?.as_u64())
    };
    assert_eq!((load(&ana), load(&bia)), (Some(0), Some(1)), "{queue}");
    app.stop().await;
    Ok(())
}

#[actix_web::test]
async fn who_was_faster_is_told_to_whoever_could_see_the_request() -> Result<()> {
    let app = TestApp::start().await?;
    let tenant = app.tenant().await?;
    let (ana, bia) = (
        tenant.attendant("ana").await?,
        tenant.attendant("bia").await?,
    );
    let request = asks(&tenant, 1).await?;
    let assign = format!("/api/v1/handoffs/{request}/assign");
    let taken = bia.post(&assign, Value::Null).await?.expect(200)?;
    let conversation = text(&taken, "conversation_id")?;
    let claims = [
        assign.clone(),
        format!("/api/v1/handoffs/{request}/accept"),
        format!("/api/v1/handoffs/{request}/reject"),
        format!("/api/v1/conversations/{conversation}/takeover"),
    ];
    for claim in &claims {
        let lost = ana.post(claim, Value::Null).await?;
        assert_eq!((lost.status, lost.code()), (409, "assigned_to_another"));
        let details = &lost.body["details"];
        assert!(
            is(details, "by", &bia.id) && is(details, "name", "bia"),
            "{claim}: {lost:?}"
        );
    }
    let next = ana.post("/api/v1/handoffs/next", Value::Null).await?;
    assert_eq!(next.status, 204, "nothing is left");
    // The conversation itself stays what it is: nothing that Ana can see or write in.
    for foreign in ["close", "read"] {
        let path = format!("/api/v1/conversations/{conversation}/{foreign}");
        let body = json!({ "upto_seq": 1 });
        let body = if foreign == "read" { body } else { Value::Null };
        assert_eq!(ana.post(&path, body).await?.status, 404, "{foreign}");
    }

    // Where she is not asked to serve, nothing is told.
    let sales = json!({ "name": "Vendas" });
    let made = tenant.admin.post("/api/v1/departments", sales).await?;
    let to = json!({ "department_id": text(&made.expect(201)?, "id")? });
    let transfer = format!("/api/v1/conversations/{conversation}/transfer");
    bia.post(&transfer, to).await?.expect(200)?;
    let boss = tenant.supervisor().await?;
    let path = format!("/api/v1/conversations/{conversation}/takeover");
    boss.post(&path, Value::Null).await?.expect(200)?;
    for claim in &claims {
        assert_eq!(ana.post(claim, Value::Null).await?.status, 404, "{claim}");
    }
    app.stop().await;
    Ok(())
}

#[actix_web::test]
async fn who_does_not_answer_or_is_gone_is_followed_by_the_next() -> Result<()> {
    let app = TestApp::start().await?;
    let tenant = app.tenant().await?;
    hand_out(&tenant, "round_robin", 5).await?;
    let (ana, bia) = (
        tenant.attendant("ana").await?,
        tenant.attendant("bia").await?,
    );
    let screen = comes(&ana).await?;
    let request = asks(&tenant, 1).await?;
    asked(&ana, &request).await?;
    let other = comes(&bia).await?;
    // Ana says nothing.
    asked(&bia, &request).await?;
    other.close().await?;
    let passed = "SELECT count(*) FROM events WHERE kind = 'offer_ended'
                  AND refs::jsonb #>> '{event,how}' = $1";
    for how in ["timed_out", "rescinded"] {
        eventually(how, PATIENCE, async || {
            Ok((app.count(passed, &[&how]).await? > 0).then_some(()))
        })
        .await?;
    }
    drop(screen);
    app.stop().await;
    Ok(())
}

#[actix_web::test]
async fn who_leaves_a_department_is_not_asked_about_its_customers_any_more() -> Result<()> {
    let app = TestApp::start().await?;
    let tenant = app.tenant().await?;
    let sales = json!({ "name": "Vendas", "strategy": "round_robin", "offer_seconds": 600 });
    let made = tenant.admin.post("/api/v1/departments", sales).await?;
    let sales = text(&made.expect(201)?, "id")?;
    let (ana, bia) = (
        tenant.attendant("ana").await?,
        tenant.attendant("bia").await?,
    );
    let works_in = async |user: &User, departments: Value| {
        let path = format!("/api/v1/users/{}", user.id);
        let change = json!({ "departments": departments });
        tenant.admin.patch(&path, change).await?.expect(200)
    };
    works_in(&ana, json!([sales])).await?;
    hand_out(&tenant, "round_robin", 600).await?;
    let _here = comes(&ana).await?;
    let request = asks(&tenant, 1).await?;
    let offer = asked(&ana, &request).await?;
    let moved = json!({ "conversation_id": offer["conversation_id"], "department_id": sales });
    let moved = tenant.admin.post("/api/v1/handoffs", moved).await?;
    let request = text(&moved.expect(201)?, "id")?;
    asked(&ana, &request).await?;

    let _there = comes(&bia).await?;
    works_in(&ana, json!([])).await?;
    let offers = ana.get("/api/v1/handoffs/offers").await?;
    assert_eq!(offers["data"], json!([]), "out of her sight");
    // It waits for whoever is there now.
    works_in(&bia, json!([sales])).await?;
    asked(&bia, &request).await?;
    app.stop().await;
    Ok(())
}

#[actix_web::test]
async fn nobody_is_given_more_than_they_have_room_for_unless_somebody_decides_it() -> Result<()> {
    let app = TestApp::start().await?;
    let tenant = app.tenant().await?;
    let (ana, boss) = (tenant.attendant("ana").await?, tenant.supervisor().await?);
    let (first, second) = (asks(&tenant, 1).await?, asks(&tenant, 2).await?);
    let shown = serves(
        &tenant,
        &ana,
        json!({ "capacity": 1, "skills": ["ingles"] }),
    )
    .await?;
    assert_eq!(shown["capacity"], 1);
    let next = async |user: &User| user.post("/api/v1/handoffs/next", Value::Null).await;

    assert_eq!(availability(&ana, "away").await?["availability"], "away");
    let refused = next(&ana).await?;
    assert_eq!((refused.status, refused.code()), (409, "attendant_away"));
    availability(&ana, "available").await?;
    let taken = next(&ana).await?.expect(200)?;
    assert!(is(&taken, "id", &first) && is(&taken, "status", "assigned"));
    let refused = next(&ana).await?;
    assert_eq!((refused.status, refused.code()), (409, "at_capacity"));
    let assign = format!("/api/v1/handoffs/{second}/assign");
    let refused = ana.post(&assign, Value::Null).await?;
    assert_eq!((refused.status, refused.code()), (409, "at_capacity"));

    // Skills that nobody has keep a request waiting; those of the department count as well.
    let third = asks(&tenant, 3).await?;
    let queue = tenant.admin.get("/api/v1/handoffs/pending").await?;
    let row = queue["data"].as_array().context("no queue")?.iter();
    let row = row
        .clone()
        .find(|row| is(row, "id", &third))
        .context("gone")?;
    let moved = json!({ "conversation_id": row["conversation_id"], "skills": ["boletos"] });
    let moved = boss.post("/api/v1/handoffs", moved).await?.expect(201)?;
    serves(&tenant, &ana, json!({ "capacity": 5 })).await?;
    let assign_third = format!("/api/v1/handoffs/{}/assign", text(&moved, "id")?);
    let refused = ana.post(&assign_third, Value::Null).await?;
    assert_eq!((refused.status, refused.code()), (409, "skills_missing"));
    serves(&tenant, &ana, json!({ "capacity": 1 })).await?;

    // A supervisor decides.
    let to = json!({ "user_id": ana.id });
    boss.post(&assign, to).await?.expect(200)?;
    let to = json!({ "user_id": ana.id });
    boss.post(&assign_third, to).await?.expect(200)?;
    assert_eq!(next(&boss).await?.status, 204, "nobody waits any more");
    app.stop().await;
    Ok(())
}

#[actix_web::test]
async fn attendance_is_changed_by_supervisors_and_one_s_own_is_visible() -> Result<()> {
    let app = TestApp::start().await?;
    let tenant = app.tenant().await?;
    let (ana, bia) = (
        tenant.attendant("ana").await?,
        tenant.attendant("bia").await?,
    );
    let member = tenant.hire("membro", "member").await?;
    let path = |user: &User| format!("/api/v1/users/{}/attendance", user.id);
    let own = ana.get(&path(&ana)).await?;
    assert_eq!(
        (&own["capacity"], &own["availability"]),
        (&json!(5), &json!("available"))
    );
    let foreign = ana
        .call(reqwest::Method::GET, &path(&bia), &[], None)
        .await?;
    assert_eq!(foreign.status, 403);
    let change = json!({ "capacity": 9 });
    assert_eq!(ana.patch(&path(&ana), change.clone()).await?.status, 403);
    for wrong in [
        json!({ "capacity": 501 }),
        json!({ "skills": ["Inglês"] }),
        json!({ "skills": ["a", "a"] }),
    ] {
        let refused = tenant.admin.patch(&path(&ana), wrong).await?;
        assert_eq!(
            (refused.status, refused.code()),
            (422, "invalid_input"),
            "{}",
            refused.text
        );
    }
    let nobody = format!("/api/v1/users/{}/attendance", uuid::Uuid::nil());
    assert_eq!(tenant.admin.patch(&nobody, change).await?.status, 404);
    let away = json!({ "availability": "away" });
    let refused = member.put("/api/v1/me/availability", away.clone()).await?;
    assert_eq!(refused.status, 403);
    // The platform's people are nobody's attendants.
    let root = app.root().await?.acting_for(&tenant.slug);
    assert_eq!(root.put("/api/v1/me/availability", away).await?.status, 403);
    let mut screen = comes(&bia).await?;
    availability(&ana, "away").await?;
    let told = screen.next_event("user:availability", PATIENCE).await?;
    let payload = told.get("payload").context("no payload")?;
    assert!(is(payload, "user_id", &ana.id) && is(payload, "availability", "away"));

    let wrong = json!({ "name": "Vendas", "offer_seconds": 4, "skills": ["A"] });
    let refused = tenant.admin.post("/api/v1/departments", wrong).await?;
    assert_eq!((refused.status, refused.code()), (422, "invalid_input"));
    let right = json!({ "name": "Vendas", "strategy": "least_busy", "skills": ["ingles"] });
    let made = tenant
        .admin
        .post("/api/v1/departments", right)
        .await?
        .expect(201)?;
    assert_eq!(
        (&made["strategy"], &made["offer_seconds"]),
        (&json!("least_busy"), &json!(30))
    );
    app.stop().await;
    Ok(())
}

#[actix_web::test]
async fn an_offer_outlives_kill_9() -> Result<()> {
    let mut app = ProcessApp::start().await?;
    let tenant = app.tenant().await?;
    hand_out(&tenant, "round_robin", 120).await?;
    let ana = tenant.attendant("ana").await?;
    let screen = comes(&ana).await?;
    let request = asks(&tenant, 1).await?;
    let before = asked(&ana, &request).await?;
    app.server.kill()?;
    app.server.start().await?;
    drop(screen);
    let _again = comes(&ana).await?;
    let after = asked(&ana, &request).await?;
    assert_eq!(before["offer_expires_at"], after["offer_expires_at"]);
    assert_eq!(answers(&ana, &request, "accept").await?.1, "assigned");
    let offers = "SELECT count(*) FROM events WHERE kind = 'offered'";
    assert_eq!(app.count(offers, &[]).await?, 1, "asked once");
    Ok(())
}

#[actix_web::test]
async fn a_page_that_has_run_empty_still_tells_how_many_wait() -> Result<()> {
    let app = TestApp::start().await?;
    let tenant = app.tenant().await?;
    let (ana, bia) = (
        tenant.attendant("ana").await?,
        tenant.attendant("bia").await?,
    );
    asks(&tenant, 1).await?;
    let last = asks(&tenant, 2).await?;
    let page = bia.get("/api/v1/handoffs/pending?limit=1").await?;
    assert_eq!(page["total"], 2);
    let assign = format!("/api/v1/handoffs/{last}/assign");
    ana.post(&assign, Value::Null).await?.expect(200)?;
    let path = format!(
        "/api/v1/handoffs/pending?limit=1&cursor={}",
        text(&page, "next_cursor")?
    );
    let page = bia.get(&path).await?;
    assert_eq!((&page["data"], &page["total"]), (&json!([]), &json!(1)));
    app.stop().await;
    Ok(())
}
