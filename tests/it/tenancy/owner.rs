//! A tenant with one of everything, which makes more of it on demand, knows by what its things
//! are recognised, and notices when they change.

use super::table::tomorrow;
use crate::app::TestApp;
use crate::stage::{Phone, Tenant, add_number, is, number, text};
use anyhow::{Context, Result, ensure};
use papo_domain::conversation::{Event, decode, encode, evolve};
use papo_emulator::Inbound;
use papo_test_support::api::User;
use papo_test_support::wait::{PATIENCE, eventually};
use papo_test_support::webhook::Line;
use papo_test_support::ws_client::WsClient;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// All tables with rows of tenants, but the audit trail: that tells what strangers tried.
const TABLES: &str = "
    SELECT c.relname::text FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
    WHERE a.attname = 'tenant_id' AND c.relname <> 'audit_events' AND c.relkind IN ('r', 'p') AND NOT c.relispartition
      AND c.relnamespace = 'public'::regnamespace";

/// What would give away whose an answer is.
const MARKS: &str = "
    SELECT id::text FROM users WHERE tenant_id = $1
    UNION SELECT id::text FROM customers WHERE tenant_id = $1
    UNION SELECT id::text FROM conversations WHERE tenant_id = $1
    UNION SELECT peer_value FROM conversations WHERE tenant_id = $1
    UNION SELECT id::text FROM messages WHERE tenant_id = $1
    UNION SELECT id::text FROM channels WHERE tenant_id = $1
    UNION SELECT phone_number_id FROM channels WHERE tenant_id = $1 AND phone_number_id IS NOT NULL
    UNION SELECT id::text FROM departments WHERE tenant_id = $1
    UNION SELECT id::text FROM labels WHERE tenant_id = $1
    UNION SELECT id::text FROM bot_flows WHERE tenant_id = $1
    UNION SELECT id::text FROM canned_replies WHERE tenant_id = $1
    UNION SELECT key FROM customer_attributes WHERE tenant_id = $1
    UNION SELECT id::text FROM customer_merges WHERE tenant_id = $1
    UNION SELECT name FROM message_templates WHERE tenant_id = $1
    UNION SELECT id::text FROM scheduled_messages WHERE tenant_id = $1
    UNION SELECT id::text FROM handoffs WHERE tenant_id = $1
    UNION SELECT external_id FROM inbox WHERE tenant_id = $1 AND state = 'dead'
    UNION SELECT key FROM jobs WHERE tenant_id = $1
    UNION SELECT sha256 FROM media WHERE tenant_id = $1 AND sha256 IS NOT NULL";

pub(super) struct Owner {
    pub(super) app: TestApp,
    pub(super) tenant: Tenant,
    pub(super) root: User,
    pub(super) ana: User,
    pub(super) department: String,
    pub(super) flow: String,
    customers: u32,
    socket: Option<WsClient>,
}

/// A name that nobody has.
pub(super) fn name() -> String {
    format!("n{}", Uuid::new_v4().simple())
}

/// A number that nobody has.
pub(super) fn digits() -> String {
    format!("{:015}", Uuid::new_v4().as_u128() % 1_000_000_000_000_000)
}

impl Owner {
    pub(super) async fn settle_in(app: TestApp) -> Result<Self> {
        let tenant = app.tenant().await?;
        let made = tenant
            .admin
            .post("/api/v1/departments", json!({ "name": "Vendas" }))
            .await?;
        let department = text(&made.expect(201)?, "id")?;
        let active = tenant.admin.get("/api/v1/bot/flows/active").await?;
        let flow = json!({ "name": "Nosso", "is_active": true, "flow": active.get("flow") });
        let made = tenant.admin.post("/api/v1/bot/flows", flow).await?;
        Ok(Self {
            root: app.root().await?,
            ana: tenant.attendant("ana").await?,
            flow: text(&made.expect(201)?, "id")?,
            department,
            customers: 0,
            socket: None,
            tenant,
            app,
        })
    }

    /// A new customer's conversation, led by the bot.
    pub(super) async fn conversation(&mut self) -> Result<(Phone, String)> {
        self.customers += 1;
        let mut phone = self.tenant.customer(self.customers)?;
        phone.writes("Oi")?;
        phone.receives().await?;
        let conversation = self.tenant.conversation(&phone.wa_id, |_| true).await?;
        Ok((phone, text(&conversation, "id")?))
    }

    /// One that the administrator leads.
    pub(super) async fn led(&mut self) -> Result<String> {
        let (_, id) = self.conversation().await?;
        let path = format!("/api/v1/conversations/{id}/takeover");
        let taken = self.tenant.admin.post(&path, Value::Null).await?;
        taken.expect(200)?;
        Ok(id)
    }

    /// A text that is kept ready for everybody.
    pub(super) async fn canned_reply(&self) -> Result<String> {
        let reply = json!({
            "scope": "tenant", "shortcut": digits(), "title": "Oi", "text": "Oi",
        });
        let made = self.tenant.admin.post("/api/v1/canned-replies", reply);
        text(&made.await?.expect(201)?, "id")
    }

    /// A new customer, who wrote.
    pub(super) async fn customer(&mut self) -> Result<String> {
        let (_, id) = self.conversation().await?;
        let path = format!("/api/v1/conversations/{id}");
        let shown = self.tenant.admin.get(&path).await?;
        text(shown.get("customer").context("no customer")?, "id")
    }

    /// One record that became part of another one.
    pub(super) async fn merge(&mut self) -> Result<String> {
        let (target, source) = (self.customer().await?, self.customer().await?);
        let path = format!("/api/v1/customers/{target}/merge");
        let made = self
            .tenant
            .admin
            .post(&path, json!({ "source_id": source }));
        let made = made.await?.expect(200)?;
        text(made.pointer("/merges/0").context("no merge")?, "id")
    }

    /// A message template's name.
    pub(super) async fn template(&self) -> Result<String> {
        let name = name();
        self.tenant.template(&name, "Oi").await?;
        Ok(name)
    }

    /// A message that the administrator has sent tomorrow.
    pub(super) async fn scheduled(&mut self) -> Result<String> {
        let path = format!(
            "/api/v1/conversations/{}/scheduled-messages",
            self.led().await?
        );
        let asked = json!({
            "send_at": tomorrow()?, "message": { "type": "text", "body": "Oi" },
        });
        let kept = self.tenant.admin.post(&path, asked).await?;
        text(&kept.expect(201)?, "id")
    }

    /// Something that the administrator is told of.
    pub(super) async fn mention(&mut self) -> Result<()> {
        let (_, id) = self.conversation().await?;
        let path = format!("/api/v1/conversations/{id}/notes");
        let note = json!({ "note": "veja", "mentions": [self.tenant.admin.id] });
        self.ana.post(&path, note).await?.expect(201).map(drop)
    }

    /// Words that a search finds.
    pub(super) async fn found(&mut self) -> Result<()> {
        self.conversation().await?;
        eventually("what was said is found", PATIENCE, async || {
            let page = self
                .tenant
                .admin
                .get("/api/v1/search/messages?q=oi")
                .await?;
            Ok(page.pointer("/data/0").map(drop))
        })
        .await
    }

    /// Something that is asked of customers.
    pub(super) async fn attribute(&self) -> Result<String> {
        let wanted = json!({ "key": name(), "label": "Campo", "kind": "text" });
        let made = self
            .tenant
            .admin
            .post("/api/v1/customer-attributes", wanted);
        text(&made.await?.expect(201)?, "key")
    }

    /// A flow that does not serve.
    pub(super) async fn draft(&self) -> Result<String> {
        let active = self.tenant.admin.get("/api/v1/bot/flows/active").await?;
        let flow = json!({ "name": name(), "flow": active.get("flow") });
        let made = self.tenant.admin.post("/api/v1/bot/flows", flow).await?;
        text(&made.expect(201)?, "id")
    }

    /// Somebody who tries the flow before all others.
    pub(super) async fn trial(&mut self) -> Result<String> {
        let (phone, _) = self.conversation().await?;
        let path = format!("/api/v1/bot/flows/{}/try", self.flow);
        let begun = self
            .tenant
            .admin
            .post(&path, json!({ "phone": phone.wa_id }));
        begun.await?.expect(200)?;
        Ok(phone.wa_id)
    }

    /// A new label.
    pub(super) async fn label(&self) -> Result<String> {
        let label = json!({ "name": name(), "colour": "#e03131" });
        let made = self.tenant.admin.post("/api/v1/labels", label).await?;
        text(&made.expect(201)?, "id")
    }

    /// One whose session has ended.
    pub(super) async fn closed(&mut self) -> Result<String> {
        let id = self.led().await?;
        let path = format!("/api/v1/conversations/{id}/close");
        let closed = self.tenant.admin.post(&path, Value::Null).await?;
        closed.expect(200)?;
        Ok(id)
    }

    /// A request for a person that waits.
    pub(super) async fn handoff(&mut self) -> Result<String> {
        let (phone, id) = self.conversation().await?;
        phone.writes("atendente")?;
        self.tenant
            .conversation(&phone.wa_id, |c| is(c, "status", "waiting"))
            .await?;
        let path = "/api/v1/handoffs/pending?limit=100";
        let queue = self.tenant.admin.get(path).await?;
        let queue = queue.get("data").and_then(Value::as_array);
        let ours = queue
            .context("no queue")?
            .iter()
            .find(|handoff| is(handoff, "conversation_id", &id));
        text(ours.context("not in the queue")?, "id")
    }

    /// A request that Ana is being asked to take.
    pub(super) async fn offered(&mut self) -> Result<String> {
        let admin = self.tenant.admin.clone();
        // For long enough that nothing of it ends by itself.
        let path = format!("/api/v1/departments/{}", self.department);
        let asks = json!({ "strategy": "round_robin", "offer_seconds": 600 });
        admin.patch(&path, asks).await?.expect(200)?;
        let member = json!({ "departments": [self.department] });
        let ana = format!("/api/v1/users/{}", self.ana.id);
        admin.patch(&ana, member).await?.expect(200)?;
        self.ana_is_online().await?;
        let (_, id) = self.conversation().await?;
        let asked = json!({ "conversation_id": id, "department_id": self.department });
        let made = admin.post("/api/v1/handoffs", asked).await?.expect(201)?;
        let handoff = text(&made, "id")?;
        eventually("Ana is asked", PATIENCE, async || {
            let offers = self.ana.get("/api/v1/handoffs/offers").await?;
            let offers = offers.get("data").and_then(Value::as_array).cloned();
            let hers = |offer: &Value| is(offer, "id", &handoff);
            Ok(offers.unwrap_or_default().iter().any(hers).then_some(()))
        })
        .await?;
        // And nothing new begins.
        let pull = json!({ "strategy": "pull" });
        admin.patch(&path, pull).await?.expect(200)?;
        Ok(handoff)
    }

    /// A conversation in quarantine, as after many crashes, once its actor has left memory.
    pub(super) async fn quarantined(&mut self) -> Result<String> {
        let (_, id) = self.conversation().await?;
        self.at_rest().await?;
        eventually("the conversation leaves memory", PATIENCE, async || {
            let report = self.tenant.admin.get("/api/v1/engine/actors").await?;
            Ok((number(&report, "active")? == 0).then_some(()))
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

    /// Something that supervision did.
    pub(super) async fn incident(&mut self) -> Result<()> {
        let id = self.quarantined().await?;
        let path = format!("/api/v1/engine/quarantine/{id}/resume");
        let resumed = self.tenant.admin.post(&path, Value::Null).await?;
        resumed.expect(200).map(drop)
    }

    pub(super) async fn ana_is_online(&mut self) -> Result<()> {
        let url = self.tenant.api.socket_url();
        self.socket = Some(WsClient::connect(&url, &self.ana.access_token, None).await?);
        Ok(())
    }

    /// An item that was given up.
    pub(super) async fn dead_letter(&self) -> Result<i64> {
        let insert = "INSERT INTO inbox (tenant_id, channel_id, external_id, item, state)
                      VALUES ($1, $2::text::uuid, $3, '{}', 'dead') RETURNING id";
        let (tenant, channel) = (self.tenant.uuid(), &self.tenant.channel);
        self.app.count(insert, &[&tenant, channel, &name()]).await
    }

    /// A customer's picture that was fetched.
    pub(super) async fn picture(&mut self) -> Result<String> {
        let (phone, id) = self.conversation().await?;
        let image = json!({ "type": "image", "image": { "caption": name() } });
        let wamid = phone.sends(Inbound::Message(image))?;
        let fetched = |m: &Value| {
            is(m, "external_id", &wamid)
                && m.pointer("/media/state").and_then(Value::as_str) == Some("stored")
        };
        let message = self.tenant.message(&id, fetched).await?;
        text(message.get("media").context("no file")?, "id")
    }

    /// One that could not be fetched.
    pub(super) async fn lost_picture(&mut self) -> Result<String> {
        let id = self.picture().await?;
        let lose = "UPDATE media SET state = 'failed' WHERE id::text = $1";
        self.app.rows.execute(lose, &[&id]).await?;
        Ok(id)
    }

    /// A job that was given up, of a kind that nobody does.
    pub(super) async fn dead_job(&self) -> Result<i64> {
        let insert = "INSERT INTO jobs (tenant_id, kind, key, payload, state)
                      VALUES ($1, 'nothing', $2, '{}', 'dead') RETURNING id";
        self.app
            .count(insert, &[&self.tenant.uuid(), &name()])
            .await
    }

    pub(super) async fn spare_user(&self) -> Result<User> {
        self.tenant.attendant(&name()).await
    }

    pub(super) async fn spare_channel(&mut self) -> Result<String> {
        self.customers += 1;
        let line = Line::numbered(7_000 + self.customers);
        add_number(&self.app.emulator, &self.tenant.admin, &line).await
    }

    /// Nothing is on its way. What was sent comes back as statuses, hence twice.
    async fn at_rest(&self) -> Result<()> {
        self.app.settled().await?;
        self.app.settled().await
    }

    /// Everything by which an answer would be known to be this tenant's.
    pub(super) async fn marks(&self) -> Result<BTreeSet<String>> {
        let rows = self.app.rows.query(MARKS, &[&self.tenant.uuid()]).await?;
        let mut marks: BTreeSet<String> = rows.iter().map(|row| row.get(0)).collect();
        marks.insert(self.tenant.id.clone());
        marks.insert(self.tenant.slug.clone());
        Ok(marks)
    }

    /// All that the tenant has, once it is at rest: a word for every table.
    pub(super) async fn digest(&self) -> Result<BTreeMap<String, String>> {
        self.at_rest().await?;
        let tables = self.app.rows.query(TABLES, &[]).await?;
        let parts: Vec<String> = tables
            .iter()
            .map(|row| {
                let table: &str = row.get(0);
                format!(
                    "SELECT '{table}', coalesce(md5(string_agg(t::text, '|' ORDER BY t::text)), '')
                     FROM {table} t WHERE tenant_id = $1"
                )
            })
            .collect();
        let all = parts.join(" UNION ALL ");
        let rows = self.app.rows.query(&all, &[&self.tenant.uuid()]).await?;
        let digest: BTreeMap<String, String> =
            rows.iter().map(|row| (row.get(0), row.get(1))).collect();
        ensure!(digest.contains_key("conversation_state"), "{digest:?}");
        Ok(digest)
    }
}
