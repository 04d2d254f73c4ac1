//! What a test plays with: tenants with their people and a phone number, customers with phones,
//! and looks at what was stored. The same for a server in this process and for one of its own.

mod authenticator;
mod fields;
mod phone;

pub(crate) use authenticator::{Authenticator, secure};
pub(crate) use fields::{gap_free, is, number, text};
pub(crate) use phone::{Phone, words};

use anyhow::{Context, Result};
use papo_domain::{Role, TenantId, UserId};
use papo_emulator::{
    Bounds, Controls, Customer, Emulator, EmulatorConfig, Number, Retry, Rules, Template,
};
use papo_storage::app::NewUser;
use papo_test_support::api::{Api, User};
use papo_test_support::database::TestDatabase;
use papo_test_support::wait::{PATIENCE, eventually};
use papo_test_support::webhook::{Line, deliver_signed};
use secrecy::SecretString;
use serde_json::{Value, json};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio_postgres::Client;
use tokio_postgres::types::ToSql;
use uuid::Uuid;

pub(crate) const PASSWORD: &str = "uma senha de teste";
const ROOT: &str = "root@example.com";

/// Database and emulator: what a server stands between.
pub(crate) struct Stage {
    pub(crate) database: TestDatabase,
    pub(crate) emulator: Emulator,
    /// Superuser's eyes on the database, never used by the product.
    pub(crate) rows: Client,
    tenants: AtomicU32,
}

impl Stage {
    pub(crate) async fn set() -> Result<Self> {
        let database = TestDatabase::create().await?;
        let rows = database.admin().await?;
        // Repeats come soon, since tests wait for them; nobody is too fast unless a test says so.
        let config = EmulatorConfig {
            retry: Retry {
                first: Duration::from_millis(50),
                longest: Duration::from_millis(400),
                attempts: 10_000,
            },
            rules: Rules {
                pair: None,
                throughput_per_second: None,
                ..Rules::default()
            },
            bounds: Bounds {
                calls: 50_000,
                ..Bounds::default()
            },
            ..EmulatorConfig::default()
        };
        Ok(Self {
            database,
            emulator: Emulator::start(config).await?,
            rows,
            tenants: AtomicU32::new(0),
        })
    }

    /// The settings of a server on this stage.
    pub(crate) fn config(&self) -> papo::config::Config {
        let mut config = papo::config::Config::for_tests();
        config.database.owner_url = self.database.owner_url().into();
        config.database.app_url = self.database.app_url().into();
        config.database.engine_url = self.database.engine_url().into();
        self.emulator
            .base_url()
            .clone_into(&mut config.whatsapp.graph_url);
        config
    }

    /// Makes the first super admin, as `papo admin create` does.
    pub(crate) async fn make_root(&self) -> Result<()> {
        let config = self.config();
        let io = tokio::runtime::Handle::current();
        let hash = papo::auth::Passwords::new(config.auth.bcrypt_cost)
            .hash(SecretString::from(PASSWORD))
            .await?;
        let root = NewUser {
            id: UserId(Uuid::now_v7()),
            email: ROOT.to_owned(),
            full_name: "Plataforma".to_owned(),
            role: Role::SuperAdmin,
            password_hash: hash,
            must_change_password: false,
            departments: Vec::new(),
        };
        papo::boot::database(&config, &io)?
            .create_user(TenantId::PLATFORM, &root)
            .await?;
        Ok(())
    }

    pub(crate) async fn root(&self, api: &Api) -> Result<User> {
        api.log_in(None, ROOT, PASSWORD).await
    }

    /// A tenant with an administrator and a number; its bot answers at once.
    pub(crate) async fn tenant(&self, api: &Api) -> Result<Tenant> {
        let n = self.tenants.fetch_add(1, Ordering::Relaxed) + 1;
        let (slug, email) = (format!("tenant-{n}"), format!("admin-{n}@example.com"));
        let root = self.root(api).await?;
        let wanted = json!({
            "name": format!("Empresa {n}"),
            "slug": slug,
            "admin_name": "Administração",
            "admin_email": email,
            "admin_password": PASSWORD,
        });
        let made = root.post("/api/v1/tenants", wanted).await?.expect(201)?;
        let admin = api.log_in(Some(&slug), &email, PASSWORD).await?;
        let policy = json!({ "coalesce_quiet_ms": 0, "coalesce_max_ms": 0 });
        admin
            .put("/api/v1/tenants/current/policy", policy)
            .await?
            .expect(200)?;
        let line = Line::numbered(n);
        let channel = add_number(&self.emulator, &admin, &line).await?;
        Ok(Tenant {
            id: text(&made, "id")?,
            slug,
            admin,
            line,
            channel,
            api: api.clone(),
            emulator: self.emulator.controls(),
        })
    }

    /// Returns when everything that came in was worked off and everything to be sent was sent:
    /// no webhook is on its way, nothing is pending, nothing is queued, and whoever follows the
    /// streams has read them.
    pub(crate) async fn settled(&self) -> Result<()> {
        self.emulator.idle(PATIENCE).await?;
        let open = "SELECT (SELECT count(*) FROM inbox WHERE state = 'pending')
                         + (SELECT count(*) FROM outbox WHERE state IN ('queued', 'sending'))
                         + (SELECT count(*)
                            FROM (SELECT tenant_id, max(seq) AS head FROM events GROUP BY 1) e
                            CROSS JOIN (VALUES ('metrics'), ('search')) f(name)
                            LEFT JOIN stream_cursors c
                                   ON c.tenant_id = e.tenant_id AND c.follower = f.name
                            WHERE coalesce(c.seq, 0) < e.head)
                         + (SELECT count(*) FROM jobs WHERE kind <> 'nothing' AND (state = 'running'
                            OR state = 'pending' AND next_at <= now()))";
        eventually("everything is worked off", PATIENCE, async || {
            Ok((self.count(open, &[]).await? == 0).then_some(()))
        })
        .await
    }

    /// The number of a tenant's newest event.
    pub(crate) async fn head(&self, tenant: &Tenant) -> Result<u64> {
        let head = "SELECT coalesce(max(seq), 0) FROM events WHERE tenant_id = $1";
        Ok(u64::try_from(self.count(head, &[&tenant.uuid()]).await?)?)
    }

    /// One value of the database.
    pub(crate) async fn count(&self, sql: &str, values: &[&(dyn ToSql + Sync)]) -> Result<i64> {
        let row = self
            .rows
            .query_one(sql, values)
            .await
            .with_context(|| sql.to_owned())?;
        Ok(row.try_get(0)?)
    }
}

/// Registers a number at the emulator and with its tenant; the channel's id.
pub(crate) async fn add_number(emulator: &Emulator, admin: &User, line: &Line) -> Result<String> {
    emulator.add_number(at_the_emulator(line, &admin.api))?;
    let wanted = json!({
        "name": "WhatsApp",
        "phone_number_id": line.phone_number_id,
        "waba_id": line.waba_id,
        "display_phone": line.display_phone,
        "access_token": line.access_token,
        "app_secret": line.app_secret,
        "verify_token": line.verify_token,
        "throughput_per_second": 1000,
    });
    let channel = admin.post("/api/v1/channels", wanted).await?.expect(201)?;
    text(&channel, "id")
}

/// A number as the emulator knows it, which tells the server at `api` what happens.
pub(crate) fn at_the_emulator(line: &Line, api: &Api) -> Number {
    Number {
        phone_number_id: line.phone_number_id.clone(),
        waba_id: line.waba_id.clone(),
        display_phone_number: line.display_phone.clone(),
        name: "Empresa".to_owned(),
        access_token: line.access_token.clone().into(),
        app_secret: line.app_secret.clone().into(),
        verify_token: line.verify_token.clone().into(),
        callback_url: Some(format!("{}/api/v1/webhooks/whatsapp", api.base)),
        throughput_per_second: None,
    }
}

/// A customer organisation.
#[derive(Clone)]
pub(crate) struct Tenant {
    pub(crate) id: String,
    pub(crate) slug: String,
    pub(crate) admin: User,
    pub(crate) line: Line,
    /// The channel of `line`.
    pub(crate) channel: String,
    pub(crate) api: Api,
    pub(crate) emulator: Controls,
}

impl Tenant {
    /// The tenant's id as the database has it.
    pub(crate) fn uuid(&self) -> Uuid {
        self.id.parse().unwrap_or_default()
    }

    /// Hires somebody, who logs in.
    pub(crate) async fn hire(&self, name: &str, role: &str) -> Result<User> {
        let email = format!("{name}@example.com");
        let wanted = json!({
            "email": email,
            "full_name": name,
            "role": role,
            "password": PASSWORD,
        });
        self.admin
            .post("/api/v1/users", wanted)
            .await?
            .expect(201)?;
        self.api.log_in(Some(&self.slug), &email, PASSWORD).await
    }

    pub(crate) async fn attendant(&self, name: &str) -> Result<User> {
        self.hire(name, "attendant").await
    }

    pub(crate) async fn supervisor(&self) -> Result<User> {
        self.hire("supervisao", "supervisor").await
    }

    /// A customer with a phone, known to the emulator.
    pub(crate) fn customer(&self, n: u32) -> Result<Phone> {
        let wa_id = format!("55119{n:08}");
        self.emulator
            .add_customer(Customer::new(&wa_id, &format!("Cliente {n}")))?;
        let number = self.line.phone_number_id.clone();
        Ok(Phone::new(self.emulator.clone(), number, wa_id))
    }

    /// A customer who wrote 25 hours ago and not since, with their conversation, which `user` leads.
    pub(crate) async fn silent_customer(&self, n: u32, user: &User) -> Result<(Phone, String)> {
        let phone = self.customer(n)?;
        let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
        let then = i64::try_from(now)? - 25 * 3600;
        let id = format!("wamid.old-{n}");
        let old = self.line.text(&phone.wa_id, &id, then, "Oi");
        deliver_signed(&self.api, &self.line.app_secret, &old).await?;
        let shown = self.conversation(&phone.wa_id, |_| true).await?;
        let conversation = text(&shown, "id")?;
        let takeover = format!("/api/v1/conversations/{conversation}/takeover");
        user.post(&takeover, Value::Null).await?.expect(200)?;
        Ok((phone, conversation))
    }

    /// Has this said by a template that the provider has approved, once it is known here.
    pub(crate) async fn template(&self, name: &str, body: &str) -> Result<()> {
        self.provides(Template::approved(&self.line.waba_id, name, "pt_BR", body))
            .await
    }

    /// Has the provider list this template, and waits until it is known here.
    pub(crate) async fn provides(&self, template: Template) -> Result<()> {
        let path = format!("/api/v1/templates?q={}", template.name);
        self.emulator.add_template(template)?;
        let asked = json!({ "channel_id": self.channel });
        let asked = self.admin.post("/api/v1/templates/sync", asked).await?;
        asked.expect(202)?;
        eventually("the template is known", PATIENCE, async || {
            let page = self.admin.get(&path).await?;
            Ok(page.pointer("/data/0").is_some().then_some(()))
        })
        .await
    }

    /// The conversation with a customer, once there is one and it `fits`.
    pub(crate) async fn conversation(
        &self,
        wa_id: &str,
        fits: impl Fn(&Value) -> bool,
    ) -> Result<Value> {
        let path = format!("/api/v1/conversations?q={wa_id}");
        let mut last = Value::Null;
        let found = eventually("a conversation", PATIENCE, async || {
            let page = self.admin.get(&path).await?;
            let first = page.pointer("/data/0").cloned();
            last = page;
            Ok(first.filter(&fits))
        });
        found
            .await
            .with_context(|| format!("the last look: {last}"))
    }

    /// All messages of a conversation, oldest first.
    pub(crate) async fn messages(&self, conversation: &str) -> Result<Vec<Value>> {
        let mut all: Vec<Value> = Vec::new();
        loop {
            let after = all
                .last()
                .and_then(|m| m.get("seq"))
                .and_then(Value::as_u64);
            let after = after.unwrap_or_default();
            let path =
                format!("/api/v1/conversations/{conversation}/messages?after={after}&limit=100");
            let page = self.admin.get(&path).await?;
            let more = page
                .get("next_cursor")
                .is_some_and(|cursor| !cursor.is_null());
            all.extend(
                page.get("data")
                    .and_then(Value::as_array)
                    .cloned()
                    .unwrap_or_default(),
            );
            if !more {
                return Ok(all);
            }
        }
    }

    /// A message's status, once it `fits`.
    pub(crate) async fn message(
        &self,
        conversation: &str,
        fits: impl Fn(&Value) -> bool,
    ) -> Result<Value> {
        let mut last = Vec::new();
        let found = eventually("a message", PATIENCE, async || {
            last = self.messages(conversation).await?;
            Ok(last.iter().find(|message| fits(message)).cloned())
        });
        found
            .await
            .with_context(|| format!("the last look: {last:#?}"))
    }
}
