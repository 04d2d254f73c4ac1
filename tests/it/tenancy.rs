//! Tenants cannot see each other: every operation of the API succeeds for its owner and fails for
//! everybody else's administrator, with the same ids and the same body. An operation that this
//! table does not know fails the sweep.

use crate::app::TestApp;
use crate::stage::{PASSWORD, Phone, Tenant, is, text};
use anyhow::{Context, Result, bail, ensure};
use papo_domain::conversation::{Event, decode, encode, evolve};
use papo_test_support::api::{Answer, User};
use papo_test_support::wait::{PATIENCE, eventually};
use papo_test_support::webhook::Line;
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::time::Duration;
use uuid::Uuid;

/// What somebody else's administrator must be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Others {
    /// It names something of the owner's: 403 or 404.
    Refused,
    /// It names nothing: it works on their own things and shows nothing of the owner's.
    Theirs,
    /// It belongs to no tenant.
    Open,
}

/// How to make an operation succeed.
struct Call {
    user: User,
    path: String,
    headers: Vec<(&'static str, String)>,
    body: Option<Value>,
    others: Others,
}

impl Call {
    fn new(user: &User, path: impl Into<String>, others: Others) -> Self {
        Self {
            user: user.clone(),
            path: path.into(),
            headers: Vec::new(),
            body: None,
            others,
        }
    }

    fn body(mut self, body: Value) -> Self {
        self.body = Some(body);
        self
    }

    async fn made_by(&self, method: &Method, user: &User) -> Result<Answer> {
        let headers: Vec<_> = self.headers.iter().map(|(k, v)| (*k, v.as_str())).collect();
        user.call(method.clone(), &self.path, &headers, self.body.as_ref())
            .await
    }
}

/// A tenant with one of everything.
struct Owner {
    app: TestApp,
    tenant: Tenant,
    root: User,
    ana: User,
    department: String,
    flow: String,
    customers: u32,
}

impl Owner {
    async fn settle_in() -> Result<Self> {
        let quick = |config: &mut papo::config::Config| {
            config.engine.passivate_after = Duration::from_millis(100);
        };
        let app = TestApp::start_with(quick).await?;
        let tenant = app.tenant().await?;
        let made = tenant
            .admin
            .post("/api/v1/departments", json!({ "name": "Vendas" }))
            .await?;
        let department = text(&made.expect(201)?, "id")?;
        let active = tenant.admin.get("/api/v1/bot/flows/active").await?;
        let flow = json!({ "name": "Nosso", "flow": active["flow"] });
        let made = tenant
            .admin
            .post("/api/v1/bot/flows", flow)
            .await?
            .expect(201)?;
        Ok(Self {
            root: app.root().await?,
            ana: tenant.attendant("ana").await?,
            flow: text(&made, "id")?,
            department,
            customers: 0,
            tenant,
            app,
        })
    }

    /// A new customer's conversation, led by the bot.
    async fn conversation(&mut self) -> Result<(Phone, String)> {
        self.customers += 1;
        let mut phone = self.tenant.customer(self.customers)?;
        phone.writes("Oi")?;
        phone.receives().await?;
        let conversation = self.tenant.conversation(&phone.wa_id, |_| true).await?;
        Ok((phone, text(&conversation, "id")?))
    }

    /// One that the administrator leads.
    async fn led(&mut self) -> Result<String> {
        let (_, id) = self.conversation().await?;
        let path = format!("/api/v1/conversations/{id}/takeover");
        self.tenant
            .admin
            .post(&path, Value::Null)
            .await?
            .expect(200)?;
        Ok(id)
    }

    /// A request for a person that waits.
    async fn handoff(&mut self) -> Result<String> {
        let (phone, id) = self.conversation().await?;
        phone.writes("atendente")?;
        self.tenant
            .conversation(&phone.wa_id, |c| is(c, "status", "waiting"))
            .await?;
        let queue = self
            .tenant
            .admin
            .get("/api/v1/handoffs/pending?limit=100")
            .await?;
        let queue = queue["data"].as_array().context("no queue")?;
        let ours = queue
            .iter()
            .find(|handoff| is(handoff, "conversation_id", &id));
        text(ours.context("not in the queue")?, "id")
    }

    /// A conversation in quarantine, as after many crashes, once its actor has left memory.
    async fn quarantined(&mut self) -> Result<String> {
        let (_, id) = self.conversation().await?;
        self.app.settled().await?;
        eventually("the conversation leaves memory", PATIENCE, async || {
            let report = self.tenant.admin.get("/api/v1/engine/actors").await?;
            Ok((report["active"] == 0).then_some(()))
        })
        .await?;
        let uuid: Uuid = id.parse()?;
        let rows = &self.app.rows;
        let snapshot = "SELECT payload FROM conversation_state WHERE conversation_id = $1";
        let mut state = decode(rows.query_one(snapshot, &[&uuid]).await?.get(0))?;
        let at = state.last_bot_at.context("the bot never spoke")?;
        evolve(&mut state, &Event::Quarantined { at });
        let payload = encode(&state)?;
        let epoch = i64::try_from(state.epoch)?;
        let write = "UPDATE conversation_state SET payload = $2, epoch = $3, version = version + 1
                     WHERE conversation_id = $1";
        rows.execute(write, &[&uuid, &payload, &epoch]).await?;
        let show = "UPDATE conversations SET quarantined = true WHERE id = $1";
        rows.execute(show, &[&uuid]).await?;
        Ok(id)
    }

    /// An item that was given up.
    async fn dead_letter(&self) -> Result<i64> {
        let insert = "INSERT INTO inbox (tenant_id, channel_id, external_id, item, state)
                      VALUES ($1, $2::text::uuid, $3, '{}', 'dead') RETURNING id";
        let external_id = Uuid::new_v4().to_string();
        self.app
            .count(
                insert,
                &[&self.tenant.uuid(), &self.tenant.channel, &external_id],
            )
            .await
    }

    async fn spare_user(&self) -> Result<User> {
        let name = format!("n{}", Uuid::new_v4().simple());
        self.tenant.attendant(&name).await
    }

    async fn spare_channel(&mut self) -> Result<String> {
        self.customers += 1;
        let line = Line::numbered(7_000 + self.customers);
        crate::stage::add_number(&self.app.emulator, &self.tenant.admin, &line).await
    }

    /// What makes this operation succeed.
    async fn call(&mut self, operation: &str) -> Result<Option<Call>> {
        if let Some(call) = self.reading(operation).await? {
            return Ok(Some(call));
        }
        if let Some(call) = self.conversing(operation).await? {
            return Ok(Some(call));
        }
        self.administering(operation).await
    }

    async fn reading(&mut self, operation: &str) -> Result<Option<Call>> {
        use Others::{Open, Refused, Theirs};
        let admin = self.tenant.admin.clone();
        let path = operation.trim_start_matches("get ").to_owned();
        Ok(Some(match operation {
            "get /health" | "get /health/live" | "get /health/db" | "get /metrics"
            | "get /openapi.json" => Call::new(&admin, path, Open),
            "get /api/v1/webhooks/whatsapp" => {
                let token = &self.tenant.line.verify_token;
                let query = format!("hub.mode=subscribe&hub.challenge=7&hub.verify_token={token}");
                Call::new(&admin, format!("{path}?{query}"), Open)
            }
            "get /api/v1/auth/me"
            | "get /api/v1/users"
            | "get /api/v1/users/online"
            | "get /api/v1/bot/flows"
            | "get /api/v1/bot/flows/active"
            | "get /api/v1/channels"
            | "get /api/v1/conversations"
            | "get /api/v1/departments"
            | "get /api/v1/engine/actors"
            | "get /api/v1/engine/dead-letters"
            | "get /api/v1/engine/quarantine"
            | "get /api/v1/engine/restarts"
            | "get /api/v1/handoffs/pending" => Call::new(&admin, path, Theirs),
            "get /api/v1/tenants" => Call::new(&self.root, path, Refused),
            "get /api/v1/users/{id}" => {
                Call::new(&admin, path.replace("{id}", &self.ana.id), Refused)
            }
            "get /api/v1/bot/flows/{id}" => {
                Call::new(&admin, path.replace("{id}", &self.flow), Refused)
            }
            "get /api/v1/channels/{id}" | "get /api/v1/channels/{id}/health" => {
                Call::new(&admin, path.replace("{id}", &self.tenant.channel), Refused)
            }
            "get /api/v1/tenants/{id}" | "get /api/v1/tenants/{id}/policy" => {
                Call::new(&admin, path.replace("{id}", &self.tenant.id), Refused)
            }
            "get /api/v1/conversations/{id}"
            | "get /api/v1/conversations/{id}/messages"
            | "get /api/v1/conversations/{id}/transfers" => {
                let (_, id) = self.conversation().await?;
                Call::new(&admin, path.replace("{id}", &id), Refused)
            }
            _ => return Ok(None),
        }))
    }

    async fn conversing(&mut self, operation: &str) -> Result<Option<Call>> {
        use Others::Refused;
        let admin = self.tenant.admin.clone();
        let path = operation.trim_start_matches("post ").to_owned();
        let at = |id: &str| Call::new(&admin, path.replace("{id}", id), Refused);
        Ok(Some(match operation {
            "post /api/v1/conversations/{id}/takeover" | "post /api/v1/conversations/{id}/read" => {
                at(&self.conversation().await?.1)
            }
            "post /api/v1/conversations/{id}/close"
            | "post /api/v1/conversations/{id}/return-to-bot" => at(&self.led().await?),
            "post /api/v1/conversations/{id}/messages" => {
                at(&self.led().await?).body(json!({ "type": "text", "body": "Oi" }))
            }
            "post /api/v1/conversations/{id}/notes" => {
                at(&self.led().await?).body(json!({ "note": "nota" }))
            }
            "post /api/v1/conversations/{id}/transfer" => {
                at(&self.led().await?).body(json!({ "department_id": self.department }))
            }
            "post /api/v1/handoffs" => {
                let (_, id) = self.conversation().await?;
                at("").body(json!({ "conversation_id": id }))
            }
            "post /api/v1/handoffs/{id}/assign" => at(&self.handoff().await?),
            "post /api/v1/handoffs/{id}/notes" => {
                at(&self.handoff().await?).body(json!({ "note": "nota" }))
            }
            "post /api/v1/handoffs/{id}/complete" => {
                let id = self.handoff().await?;
                let assign = format!("/api/v1/handoffs/{id}/assign");
                admin.post(&assign, Value::Null).await?.expect(200)?;
                at(&id)
            }
            "post /api/v1/engine/quarantine/{id}/resume" => at(&self.quarantined().await?),
            "post /api/v1/engine/dead-letters/{id}/retry" => {
                at(&self.dead_letter().await?.to_string())
            }
            _ => return Ok(None),
        }))
    }

    async fn administering(&mut self, operation: &str) -> Result<Option<Call>> {
        use Others::{Open, Refused, Theirs};
        let admin = self.tenant.admin.clone();
        let (_, path) = operation.split_once(' ').context("no path")?;
        let at = |id: &str| Call::new(&admin, path.replace("{id}", id), Refused);
        let own = |user: &User, others| Call::new(user, path, others);
        let new = Uuid::new_v4().simple().to_string();
        let person = json!({
            "email": format!("{new}@example.com"), "full_name": "Nova", "password": PASSWORD,
        });
        Ok(Some(match operation {
            "post /api/v1/webhooks/whatsapp" => {
                let line = &self.tenant.line;
                let body = line.text("5511900009999", &new, 1_767_225_600, "Oi");
                let signed = body.to_string();
                let signature =
                    papo_test_support::webhook::signature(&line.app_secret, signed.as_bytes());
                let mut call = own(&admin, Open).body(body);
                call.headers.push(("X-Hub-Signature-256", signature));
                call
            }
            "post /api/v1/auth/login" => {
                let mut call = own(&admin, Open)
                    .body(json!({ "email": "ana@example.com", "password": PASSWORD }));
                call.headers
                    .push(("X-Tenant-Slug", self.tenant.slug.clone()));
                call
            }
            "post /api/v1/auth/refresh-token" => {
                let spare = self.spare_user().await?;
                own(&spare, Open).body(json!({ "refresh_token": spare.refresh_token }))
            }
            "post /api/v1/auth/logout" => own(&self.spare_user().await?, Open),
            "post /api/v1/auth/change-password" => own(&self.spare_user().await?, Open)
                .body(json!({ "current_password": PASSWORD, "new_password": "outra senha" })),
            "post /api/v1/auth/register" | "post /api/v1/users" => own(&admin, Theirs).body(person),
            "patch /api/v1/users/{id}" => at(&self.ana.id).body(json!({ "full_name": "Ana A." })),
            "post /api/v1/tenants" => own(&self.root, Refused).body(json!({
                "name": "Outra", "slug": format!("s{new}"), "admin_name": "Alguém",
                "admin_email": "alguem@example.com",
            })),
            "patch /api/v1/tenants/{id}" => at(&self.tenant.id).body(json!({ "name": "Nome" })),
            "put /api/v1/tenants/{id}/policy" => {
                at(&self.tenant.id).body(json!({ "coalesce_quiet_ms": 0, "coalesce_max_ms": 0 }))
            }
            "post /api/v1/departments" => own(&admin, Theirs).body(json!({ "name": new })),
            "patch /api/v1/departments/{id}" => {
                at(&self.department).body(json!({ "name": format!("V{new}") }))
            }
            "post /api/v1/bot/flows" | "put /api/v1/bot/flows/{id}" => {
                let flow = admin
                    .get(&format!("/api/v1/bot/flows/{}", self.flow))
                    .await?;
                let body = json!({ "name": new, "flow": flow["flow"] });
                if path.ends_with("{id}") {
                    at(&self.flow).body(body)
                } else {
                    own(&admin, Theirs).body(body)
                }
            }
            "post /api/v1/channels" => own(&admin, Theirs).body(json!({
                "name": "Outro", "phone_number_id": "777000777000777", "waba_id": "888000888",
                "access_token": "access-token", "app_secret": "app-secret",
                "verify_token": "verify-token",
            })),
            "patch /api/v1/channels/{id}" => at(&self.tenant.channel).body(json!({ "name": "N" })),
            "delete /api/v1/channels/{id}" => at(&self.spare_channel().await?),
            _ => return Ok(None),
        }))
    }

    /// Everything by which an answer would be known to be this tenant's.
    async fn marks(&self) -> Result<BTreeSet<String>> {
        let ids = "SELECT id::text FROM users WHERE tenant_id = $1
                   UNION SELECT id::text FROM conversations WHERE tenant_id = $1
                   UNION SELECT id::text FROM messages WHERE tenant_id = $1
                   UNION SELECT id::text FROM channels WHERE tenant_id = $1
                   UNION SELECT id::text FROM departments WHERE tenant_id = $1
                   UNION SELECT id::text FROM bot_flows WHERE tenant_id = $1
                   UNION SELECT id::text FROM handoffs WHERE tenant_id = $1
                   UNION SELECT phone_number_id FROM channels
                   WHERE tenant_id = $1 AND phone_number_id IS NOT NULL";
        let rows = self.app.rows.query(ids, &[&self.tenant.uuid()]).await?;
        let mut marks: BTreeSet<String> = rows.iter().map(|row| row.get(0)).collect();
        marks.insert(self.tenant.id.clone());
        marks.insert(self.tenant.slug.clone());
        Ok(marks)
    }

    /// All that the tenant has, in one word.
    async fn digest(&self) -> Result<String> {
        let mut whole = String::new();
        for table in TABLES {
            let sql = format!(
                "SELECT coalesce(md5(string_agg(t::text, '|' ORDER BY t::text)), '')
                 FROM {table} t WHERE tenant_id = $1"
            );
            let row = self
                .app
                .rows
                .query_one(&sql, &[&self.tenant.uuid()])
                .await?;
            whole.push_str(row.get(0));
        }
        Ok(whole)
    }
}

/// What somebody from outside must not change.
const TABLES: [&str; 12] = [
    "tenants",
    "users",
    "user_departments",
    "departments",
    "channels",
    "bot_flows",
    "conversations",
    "conversation_state",
    "messages",
    "outbox",
    "handoffs",
    "conversation_transfers",
];

/// The operations of the document, as `method path`.
async fn operations(user: &User) -> Result<Vec<(Method, String)>> {
    let document = user.get("/openapi.json").await?;
    let mut operations = Vec::new();
    for (path, item) in document["paths"].as_object().context("no paths")? {
        for method in item.as_object().context("no item")?.keys() {
            let verb = method.to_uppercase().parse()?;
            operations.push((verb, format!("{method} {path}")));
        }
    }
    Ok(operations)
}

#[actix_web::test]
async fn no_operation_reaches_into_another_tenant() -> Result<()> {
    let mut owner = Owner::settle_in().await?;
    let stranger = owner.app.tenant().await?;
    let operations = operations(&owner.tenant.admin).await?;
    ensure!(
        operations.len() > 50,
        "only {} operations",
        operations.len()
    );
    for (method, operation) in operations {
        let call = owner
            .call(&operation)
            .await
            .with_context(|| operation.clone())?;
        let Some(call) = call else {
            bail!("{operation} is not in the table");
        };
        if call.others == Others::Refused {
            owner.app.settled().await?;
            let before = owner.digest().await?;
            refused(&owner, &stranger, &method, &call)
                .await
                .with_context(|| operation.clone())?;
            assert_eq!(
                owner.digest().await?,
                before,
                "{operation}: a stranger changed something"
            );
        }
        let answer = call.made_by(&method, &call.user).await?;
        assert!(
            (200..300).contains(&answer.status),
            "{operation} does not succeed for its owner: {} {}",
            answer.status,
            answer.text
        );
        if call.others != Others::Open {
            refused(&owner, &stranger, &method, &call)
                .await
                .with_context(|| operation.clone())?;
        }
    }
    owner.app.stop().await;
    Ok(())
}

/// The same call by another tenant's administrator, by the same naming the owner's tenant, and by
/// nobody.
async fn refused(owner: &Owner, stranger: &Tenant, method: &Method, call: &Call) -> Result<()> {
    let marks = owner.marks().await?;
    for user in [
        &stranger.admin,
        &stranger.admin.acting_for(&owner.tenant.slug),
    ] {
        let answer = call.made_by(method, user).await?;
        match call.others {
            Others::Refused => ensure!(
                matches!(answer.status, 403 | 404),
                "a stranger was answered {}: {}",
                answer.status,
                answer.text
            ),
            _ => ensure!(answer.status < 500, "{}: {}", answer.status, answer.text),
        }
        // What the stranger said themselves may be said back to them.
        let said = call.body.as_ref().map(Value::to_string).unwrap_or_default();
        let leaked = marks
            .iter()
            .find(|mark| answer.text.contains(*mark) && !said.contains(*mark));
        ensure!(leaked.is_none(), "{leaked:?} leaked: {}", answer.text);
    }
    let headers: Vec<_> = call.headers.iter().map(|(k, v)| (*k, v.as_str())).collect();
    let api = &owner.tenant.api;
    let nobody = api
        .call(method.clone(), &call.path, &headers, call.body.as_ref())
        .await?;
    ensure!(
        nobody.status == 401,
        "nobody was answered {}: {}",
        nobody.status,
        nobody.text
    );
    Ok(())
}

/// Ids of another tenant inside a body are as unknown as invented ones.
#[actix_web::test]
async fn a_body_cannot_name_another_tenants_things() -> Result<()> {
    let mut owner = Owner::settle_in().await?;
    let stranger = owner.app.tenant().await?;
    let (_, theirs) = owner.conversation().await?;
    let messages = owner.tenant.messages(&theirs).await?;
    owner.app.settled().await?;
    let before = owner.digest().await?;

    let mut phone = stranger.customer(900)?;
    phone.writes("Oi")?;
    phone.receives().await?;
    let own = text(&stranger.conversation(&phone.wa_id, |_| true).await?, "id")?;
    let at = |what: &str| format!("/api/v1/conversations/{own}/{what}");
    let admin = &stranger.admin;
    admin
        .post(&at("takeover"), Value::Null)
        .await?
        .expect(200)?;
    let person = json!({
        "email": "x@example.com", "full_name": "Xis", "password": PASSWORD,
        "departments": [owner.department],
    });
    let quote = json!({ "type": "text", "body": "Oi", "reply_to": messages[0]["id"] });
    for (path, body, field) in [
        ("/api/v1/users".to_owned(), person, "departments"),
        (
            at("transfer"),
            json!({ "to_user_id": owner.ana.id }),
            "to_user_id",
        ),
        (
            at("transfer"),
            json!({ "department_id": owner.department }),
            "department_id",
        ),
        (at("messages"), quote, "reply_to"),
    ] {
        let answer = admin.post(&path, body).await?;
        assert_eq!(answer.status, 422, "{path}: {}", answer.text);
        assert_eq!(
            answer.body["details"]["fields"][0]["field"], field,
            "{}",
            answer.text
        );
    }
    let handoff = json!({ "conversation_id": theirs });
    assert_eq!(admin.post("/api/v1/handoffs", handoff).await?.status, 404);
    assert_eq!(owner.digest().await?, before);
    owner.app.stop().await;
    Ok(())
}
