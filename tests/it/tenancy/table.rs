//! How to make each operation of the API succeed for its owner, and what others are told. The
//! rule, by what it is that names the tenant whose things an operation touches:
//!
//! - The path or the body ([`Others::Refused`]): another tenant's administrator is told 403 or
//!   404, since to them there is no such thing; so is everybody for what is the platform's alone.
//! - The caller's login ([`Others::Theirs`], [`Others::Themselves`], [`Others::Unproved`]): the same call is a right one
//!   of theirs, 2xx. What would be wrong is that it shows or touches anything of the owner's; a
//!   slug that names the owner's tenant changes nothing, unless the caller is the platform's.
//! - A secret in the call itself ([`Others::Holder`]): whoever holds it is the owner, so the call
//!   as it is proves nothing. With another tenant's secret in place of the owner's it must be
//!   401, 403 or 404.
//! - Nothing ([`Others::Anybody`]): 2xx for everybody, also without a login, and nobody's things.
//!
//! Whoever shows nothing at all is told 401, except by the last two. Whatever they are told, an
//! answer to others holds nothing by which the owner's things are known, and the owner's rows are
//! the same before and after.

use super::owner::{Owner, digits, name};
use crate::load::seconds_now;
use crate::stage::{PASSWORD, text};
use anyhow::{Context, Result};
use chrono::{DateTime, Utc};
use papo_test_support::api::{Answer, Api, User};
use papo_test_support::webhook;
use reqwest::Method;
use serde_json::{Value, json};

/// Stands in a body for fifteen digits, others in every call.
const NEW: &str = "{new}";
pub(super) const SIGNATURE: &str = "X-Hub-Signature-256";
pub(super) const SLUG: &str = "X-Tenant-Slug";

/// A day from now.
pub(super) fn tomorrow() -> Result<Option<DateTime<Utc>>> {
    Ok(DateTime::from_timestamp(seconds_now()? + 86_400, 0))
}

/// What somebody else's administrator must be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Others {
    /// It names something of the owner's: 403 or 404.
    Refused,
    /// It names nothing: it works on their own things and shows nothing of the owner's.
    Theirs,
    /// It names nothing and works on the caller's own login.
    Themselves,
    /// It names nothing and shows numbers alone: a stranger's are not the owner's.
    Counts,
    /// It works on the caller's own account and needs a proof that only its owner has: 409 or
    /// 422.
    Unproved,
    /// It is for everybody and shows nothing of anybody's.
    Anybody,
    /// It takes no user: it belongs to whoever holds the secret that it carries. With another
    /// one ([`Owner::forged`]): 401, 403 or 404.
    Holder,
}

/// How to make an operation succeed.
pub(super) struct Call {
    pub(super) user: User,
    pub(super) path: String,
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) body: Option<Value>,
    /// In place of a body of JSON.
    pub(super) bytes: Option<Vec<u8>>,
    pub(super) others: Others,
}

impl Call {
    pub(super) fn new(user: &User, path: impl Into<String>, others: Others) -> Self {
        Self {
            user: user.clone(),
            path: path.into(),
            headers: Vec::new(),
            body: None,
            bytes: None,
            others,
        }
    }

    pub(super) fn body(mut self, body: Value) -> Self {
        self.body = Some(body);
        self
    }

    pub(super) fn bytes(mut self, bytes: &[u8]) -> Self {
        self.bytes = Some(bytes.to_vec());
        self
    }

    pub(super) fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    fn headers(&self) -> Vec<(&str, &str)> {
        self.headers.iter().map(|(k, v)| (*k, v.as_str())).collect()
    }

    fn fresh_body(&self) -> Result<Option<Value>> {
        let fresh = |body: &Value| body.to_string().replace(NEW, &digits());
        let text = self.body.as_ref().map(fresh);
        Ok(text.map(|text| serde_json::from_str(&text)).transpose()?)
    }

    pub(super) async fn made_by(&self, method: &Method, user: &User) -> Result<Answer> {
        let (headers, body) = (self.headers(), self.fresh_body()?);
        if let Some(bytes) = self.bytes.clone() {
            return user
                .upload(method.clone(), &self.path, &headers, bytes)
                .await;
        }
        user.call(method.clone(), &self.path, &headers, body.as_ref())
            .await
    }

    pub(super) async fn made_by_nobody(&self, method: &Method, api: &Api) -> Result<Answer> {
        let (headers, body) = (self.headers(), self.fresh_body()?);
        if let Some(bytes) = self.bytes.clone() {
            return api
                .upload(method.clone(), &self.path, &headers, bytes)
                .await;
        }
        api.call(method.clone(), &self.path, &headers, body.as_ref())
            .await
    }
}

impl Owner {
    /// What makes this operation succeed, if it is known.
    pub(super) async fn call(&mut self, operation: &str) -> Result<Option<Call>> {
        if let Some(call) = self.reading(operation).await? {
            return Ok(Some(call));
        }
        if let Some(call) = self.entering(operation).await? {
            return Ok(Some(call));
        }
        if let Some(call) = self.securing(operation).await? {
            return Ok(Some(call));
        }
        if let Some(call) = self.conversing(operation).await? {
            return Ok(Some(call));
        }
        if let Some(call) = self.preparing(operation).await? {
            return Ok(Some(call));
        }
        if let Some(call) = self.helping(operation).await? {
            return Ok(Some(call));
        }
        self.administering(operation).await
    }

    async fn reading(&mut self, operation: &str) -> Result<Option<Call>> {
        use Others::{Anybody, Counts, Refused, Theirs};
        let admin = self.tenant.admin.clone();
        let path = operation.trim_start_matches("get ").to_owned();
        let at = |id: &str| Call::new(&admin, path.replace("{id}", id), Refused);
        Ok(Some(match operation {
            "get /health" | "get /health/live" | "get /health/db" | "get /metrics"
            | "get /openapi.json" => Call::new(&admin, path, Anybody),
            "get /api/v1/auth/me"
            | "get /api/v1/users"
            | "get /api/v1/users/names"
            | "get /api/v1/users/online"
            | "get /api/v1/bot/flows"
            | "get /api/v1/bot/flows/active"
            | "get /api/v1/canned-replies"
            | "get /api/v1/channels"
            | "get /api/v1/channels/names"
            | "get /api/v1/conversations"
            | "get /api/v1/customer-attributes"
            | "get /api/v1/customers"
            | "get /api/v1/departments"
            | "get /api/v1/engine/actors"
            | "get /api/v1/engine/dead-letters"
            | "get /api/v1/engine/jobs"
            | "get /api/v1/engine/quarantine"
            | "get /api/v1/engine/restarts"
            | "get /api/v1/handoffs/pending"
            | "get /api/v1/labels"
            | "get /api/v1/metrics/attendance"
            | "get /api/v1/metrics/export"
            | "get /api/v1/notifications"
            | "get /api/v1/queue"
            | "get /api/v1/scheduled-messages"
            | "get /api/v1/search/messages"
            | "get /api/v1/templates" => {
                self.something_in(operation).await?;
                let query = if path.contains("/search/") {
                    "?q=oi"
                } else {
                    ""
                };
                Call::new(&admin, format!("{path}{query}"), Theirs)
            }
            "get /api/v1/conversations/stats" | "get /api/v1/metrics/overview" => {
                Call::new(&admin, path, Counts)
            }
            "get /api/v1/handoffs/offers" => {
                self.offered().await?;
                Call::new(&self.ana, path, Theirs)
            }
            "get /api/v1/tenants" => Call::new(&self.root, path, Refused),
            "get /api/v1/users/{id}" | "get /api/v1/users/{id}/attendance" => at(&self.ana.id),
            "get /api/v1/bot/flows/{id}" => at(&self.flow),
            "get /api/v1/canned-replies/{id}" => at(&self.canned_reply().await?),
            "get /api/v1/channels/{id}" | "get /api/v1/channels/{id}/health" => {
                at(&self.tenant.channel)
            }
            "get /api/v1/tenants/{id}" | "get /api/v1/tenants/{id}/policy" => at(&self.tenant.id),
            "get /api/v1/customers/{id}" | "get /api/v1/customers/{id}/history" => {
                at(&self.customer().await?)
            }
            "get /api/v1/conversations/{id}"
            | "get /api/v1/conversations/{id}/messages"
            | "get /api/v1/conversations/{id}/scheduled-messages"
            | "get /api/v1/conversations/{id}/transfers" => at(&self.conversation().await?.1),
            "get /api/v1/media/{id}" | "get /api/v1/media/{id}/content" => {
                at(&self.picture().await?)
            }
            _ => return Ok(None),
        }))
    }

    /// Puts something into a list that may still be empty.
    async fn something_in(&mut self, list: &str) -> Result<()> {
        match list {
            "get /api/v1/metrics/attendance" | "get /api/v1/metrics/export" => {
                self.led().await?;
                self.app.settled().await
            }
            "get /api/v1/users/online" => self.ana_is_online().await,
            "get /api/v1/canned-replies" => self.canned_reply().await.map(drop),
            "get /api/v1/conversations" | "get /api/v1/customers" => {
                self.conversation().await.map(drop)
            }
            "get /api/v1/notifications" => self.mention().await,
            "get /api/v1/scheduled-messages" => self.scheduled().await.map(drop),
            "get /api/v1/templates" => self.template().await.map(drop),
            "get /api/v1/search/messages" => self.found().await,
            "get /api/v1/customer-attributes" => self.attribute().await.map(drop),
            "get /api/v1/labels" => self.label().await.map(drop),
            "get /api/v1/engine/dead-letters" => self.dead_letter().await.map(drop),
            "get /api/v1/engine/jobs" => self.dead_job().await.map(drop),
            "get /api/v1/engine/quarantine" => self.quarantined().await.map(drop),
            "get /api/v1/engine/restarts" => self.incident().await,
            "get /api/v1/handoffs/pending" | "get /api/v1/queue" => self.handoff().await.map(drop),
            _ => Ok(()),
        }
    }

    /// Logins and deliveries.
    async fn entering(&mut self, operation: &str) -> Result<Option<Call>> {
        use Others::{Holder, Themselves};
        let (_, path) = operation.split_once(' ').context("no path")?;
        let admin = self.tenant.admin.clone();
        let line = &self.tenant.line;
        let call = |others| Call::new(&admin, path, others);
        Ok(Some(match operation {
            "get /api/v1/webhooks/whatsapp" => {
                let token = &line.verify_token;
                let query = format!("hub.mode=subscribe&hub.challenge=7&hub.verify_token={token}");
                Call::new(&admin, format!("{path}?{query}"), Holder)
            }
            "post /api/v1/webhooks/whatsapp" => {
                let body = line.text("5511900009999", &name(), 1_767_225_600, "Oi");
                let bytes = body.to_string();
                let signature = webhook::signature(&line.app_secret, bytes.as_bytes());
                call(Holder).body(body).header(SIGNATURE, signature)
            }
            "get /files/{token}" => {
                let link = format!("/api/v1/media/{}/link", self.picture().await?);
                let link = admin.post(&link, Value::Null).await?.expect(201)?;
                Call::new(&admin, text(&link, "url")?, Holder)
            }
            "post /api/v1/auth/login" => call(Holder)
                .body(json!({ "email": "ana@example.com", "password": PASSWORD }))
                .header(SLUG, &self.tenant.slug),
            "post /api/v1/auth/refresh-token" => {
                let token = self.spare_user().await?.refresh_token;
                call(Holder).body(json!({ "refresh_token": token }))
            }
            "post /api/v1/auth/logout" => Call::new(&self.spare_user().await?, path, Themselves),
            "post /api/v1/auth/change-password" => {
                Call::new(&self.spare_user().await?, path, Themselves)
                    .body(json!({ "current_password": PASSWORD, "new_password": "outra senha" }))
            }
            _ => return Ok(None),
        }))
    }

    async fn conversing(&mut self, operation: &str) -> Result<Option<Call>> {
        let admin = self.tenant.admin.clone();
        let (_, path) = operation.split_once(' ').context("no path")?;
        // With a key: what was answered to one tenant is not repeated to another.
        let at = |id: &str| {
            Call::new(&admin, path.replace("{id}", id), Others::Refused)
                .header("Idempotency-Key", name())
        };
        Ok(Some(match operation {
            "post /api/v1/conversations/{id}/takeover"
            | "post /api/v1/conversations/{id}/read"
            | "post /api/v1/conversations/{id}/unread" => at(&self.conversation().await?.1),
            "put /api/v1/conversations/{id}/labels" => {
                let (_, id) = self.conversation().await?;
                at(&id).body(json!({ "labels": [self.label().await?] }))
            }
            "put /api/v1/conversations/{id}/priority" => {
                at(&self.conversation().await?.1).body(json!({ "priority": "high" }))
            }
            "post /api/v1/conversations/{id}/archive"
            | "post /api/v1/conversations/{id}/unarchive" => at(&self.closed().await?),
            "post /api/v1/conversations/{id}/snooze" => {
                at(&self.led().await?).body(json!({ "until": tomorrow()? }))
            }
            "delete /api/v1/conversations/{id}/snooze" => at(&self.led().await?),
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
            "post /api/v1/conversations" => at("").body(json!({
                "channel_id": self.tenant.channel,
                "phone": "+55 11 99999-0002",
                "template": { "name": self.template().await?, "language": "pt_BR" },
            })),
            "post /api/v1/conversations/bulk" => {
                let (_, id) = self.conversation().await?;
                let body = json!({ "ids": [id], "action": "unread" });
                Call::new(&admin, path, Others::Theirs).body(body)
            }
            "post /api/v1/handoffs" => {
                let (_, id) = self.conversation().await?;
                at("").body(json!({ "conversation_id": id }))
            }
            "post /api/v1/handoffs/{id}/assign" => at(&self.handoff().await?),
            "post /api/v1/handoffs/{id}/accept" | "post /api/v1/handoffs/{id}/reject" => {
                let (id, asked) = (self.offered().await?, self.ana.clone());
                Call {
                    user: asked,
                    ..at(&id)
                }
            }
            "post /api/v1/handoffs/{id}/notes" => {
                at(&self.handoff().await?).body(json!({ "note": "nota" }))
            }
            "post /api/v1/handoffs/{id}/complete" => {
                let id = self.handoff().await?;
                let assign = format!("/api/v1/handoffs/{id}/assign");
                admin.post(&assign, Value::Null).await?.expect(200)?;
                at(&id)
            }
            "post /api/v1/media" => Call::new(&admin, path, Others::Theirs).bytes(b"uma nota"),
            "post /api/v1/media/{id}/link" => at(&self.picture().await?),
            "post /api/v1/media/{id}/retry" => at(&self.lost_picture().await?),
            "post /api/v1/engine/quarantine/{id}/resume" => at(&self.quarantined().await?),
            "post /api/v1/engine/dead-letters/{id}/retry" => {
                at(&self.dead_letter().await?.to_string())
            }
            "post /api/v1/engine/jobs/{id}/retry" => at(&self.dead_job().await?.to_string()),
            _ => return Ok(None),
        }))
    }

    /// What helps attendants in their work.
    async fn helping(&mut self, operation: &str) -> Result<Option<Call>> {
        use Others::{Refused, Theirs};
        let admin = self.tenant.admin.clone();
        let (_, path) = operation.split_once(' ').context("no path")?;
        let at = |id: &str| Call::new(&admin, path.replace("{id}", id), Refused);
        let own = || Call::new(&admin, path, Theirs);
        Ok(Some(match operation {
            "post /api/v1/canned-replies" => own().body(json!({
                "scope": "tenant", "shortcut": NEW, "title": "Oi", "text": "Oi",
            })),
            "patch /api/v1/canned-replies/{id}" => {
                at(&self.canned_reply().await?).body(json!({ "title": "Outro" }))
            }
            "patch /api/v1/scheduled-messages/{id}" => {
                at(&self.scheduled().await?).body(json!({ "send_at": tomorrow()? }))
            }
            "delete /api/v1/scheduled-messages/{id}" => at(&self.scheduled().await?),
            "post /api/v1/conversations/{id}/scheduled-messages" => {
                at(&self.led().await?).body(json!({
                    "send_at": tomorrow()?, "message": { "type": "text", "body": "Oi" },
                }))
            }
            "post /api/v1/templates/sync" => {
                at("").body(json!({ "channel_id": self.tenant.channel }))
            }
            "post /api/v1/notifications/read" => {
                self.mention().await?;
                own()
            }
            "patch /api/v1/customers/{id}" => {
                at(&self.customer().await?).body(json!({ "name": "Nome", "notes": "Nota" }))
            }
            "post /api/v1/customers/{id}/merge" => {
                let source = self.customer().await?;
                at(&self.customer().await?).body(json!({ "source_id": source }))
            }
            "post /api/v1/customers/merges/{id}/undo" => at(&self.merge().await?),
            "post /api/v1/customer-attributes" => own().body(json!({
                "key": format!("k{NEW}"), "label": "Campo", "kind": "text",
            })),
            "patch /api/v1/customer-attributes/{id}" => {
                at(&self.attribute().await?).body(json!({ "label": "Outro" }))
            }
            "delete /api/v1/customer-attributes/{id}" => at(&self.attribute().await?),
            "delete /api/v1/canned-replies/{id}" => at(&self.canned_reply().await?),
            "post /api/v1/canned-replies/{id}/render" => {
                let (_, conversation) = self.conversation().await?;
                at(&self.canned_reply().await?).body(json!({ "conversation_id": conversation }))
            }
            _ => return Ok(None),
        }))
    }

    async fn administering(&mut self, operation: &str) -> Result<Option<Call>> {
        use Others::{Refused, Theirs};
        let admin = self.tenant.admin.clone();
        let (_, path) = operation.split_once(' ').context("no path")?;
        let at = |id: &str| Call::new(&admin, path.replace("{id}", id), Refused);
        let own = || Call::new(&admin, path, Theirs);
        Ok(Some(match operation {
            "post /api/v1/auth/register" | "post /api/v1/users" => own().body(json!({
                "email": format!("{NEW}@example.com"), "full_name": "Nova", "password": PASSWORD,
            })),
            "put /api/v1/me/availability" => own().body(json!({ "availability": "available" })),
            "post /api/v1/handoffs/next" => {
                let attendance = format!("/api/v1/users/{}/attendance", admin.id);
                let room = json!({ "capacity": 400 });
                admin.patch(&attendance, room).await?.expect(200)?;
                own()
            }
            "patch /api/v1/users/{id}/attendance" => {
                at(&self.ana.id).body(json!({ "capacity": 400, "skills": ["ingles"] }))
            }
            "patch /api/v1/users/{id}" => at(&self.ana.id).body(json!({ "full_name": "Ana A." })),
            "post /api/v1/tenants" => Call::new(&self.root, path, Refused).body(json!({
                "name": "Outra", "slug": NEW, "admin_name": "Alguém",
                "admin_email": "alguem@example.com",
            })),
            "patch /api/v1/tenants/{id}" => at(&self.tenant.id).body(json!({ "name": "Nome" })),
            "put /api/v1/tenants/{id}/policy" => {
                at(&self.tenant.id).body(json!({ "coalesce_quiet_ms": 0, "coalesce_max_ms": 0 }))
            }
            "patch /api/v1/tenants/{id}/policy" => {
                at(&self.tenant.id).body(json!({ "max_misses": 4 }))
            }
            "post /api/v1/departments" => own().body(json!({ "name": NEW })),
            "patch /api/v1/departments/{id}" => at(&self.department).body(json!({ "name": NEW })),
            "post /api/v1/labels" => own().body(json!({ "name": NEW, "colour": "#e03131" })),
            "patch /api/v1/labels/{id}" => at(&self.label().await?).body(json!({ "name": NEW })),
            "delete /api/v1/labels/{id}" => at(&self.label().await?),
            "post /api/v1/bot/flows" => own().body(self.edited_flow().await?),
            "put /api/v1/bot/flows/{id}" => at(&self.flow).body(self.edited_flow().await?),
            "post /api/v1/channels" => own().body(json!({
                "name": "Outro", "phone_number_id": NEW, "waba_id": NEW,
                "access_token": "access-token", "app_secret": "app-secret",
                "verify_token": "verify-token",
            })),
            "patch /api/v1/channels/{id}" => at(&self.tenant.channel).body(json!({ "name": "N" })),
            "delete /api/v1/channels/{id}" => at(&self.spare_channel().await?),
            _ => return Ok(None),
        }))
    }

    async fn edited_flow(&self) -> Result<Value> {
        let path = format!("/api/v1/bot/flows/{}", self.flow);
        let flow = self.tenant.admin.get(&path).await?;
        Ok(json!({ "name": NEW, "is_active": true, "flow": flow.get("flow") }))
    }
}
