//! A database of its own for every test: a copy of a template that is migrated once per state of
//! `migrations/`, thrown away with the value. Roles, extensions and advisory locks are as in
//! production, since nothing is shared but the cluster.

use anyhow::{Context, Result};
use papo_storage::{migrations, roles};
use std::fmt::Write;
use std::thread;
use std::time::Duration;
use tokio_postgres::config::Host;
use tokio_postgres::{Client, Config, NoTls};

/// The superuser's address of a cluster that trusts local connections.
const VARIABLE: &str = "PAPO_TEST_DATABASE_URL";

/// An empty, migrated database. Dropped with the value, whatever is still connected to it.
#[derive(Debug)]
pub struct TestDatabase {
    admin: Config,
    name: String,
}

impl TestDatabase {
    /// Makes one.
    ///
    /// # Errors
    /// The variable is not set, or the cluster does not answer.
    pub async fn create() -> Result<Self> {
        Self::copy_of_template(true).await
    }

    /// Makes one without tables, owned by `papo_owner`: for tests of the migrations themselves.
    ///
    /// # Errors
    /// As [`TestDatabase::create`].
    pub async fn create_empty() -> Result<Self> {
        Self::copy_of_template(false).await
    }

    async fn copy_of_template(migrated: bool) -> Result<Self> {
        let admin = admin_config()?;
        let client = connect(&admin).await?;
        let template = if migrated {
            template(&admin, &client).await?
        } else {
            roles::ensure(&client, None).await?;
            "template0".to_owned()
        };
        let name = format!("papo_test_{}", uuid::Uuid::new_v4().simple());
        client
            .batch_execute(&format!(
                "CREATE DATABASE {name} OWNER {} TEMPLATE {template} STRATEGY FILE_COPY",
                roles::OWNER
            ))
            .await
            .context("copying the template")?;
        Ok(Self { admin, name })
    }

    /// The address for `papo_owner`.
    #[must_use]
    pub fn owner_url(&self) -> String {
        url(&self.admin, roles::OWNER, &self.name)
    }

    /// The address for `papo_app`.
    #[must_use]
    pub fn app_url(&self) -> String {
        url(&self.admin, roles::APP, &self.name)
    }

    /// The address for `papo_engine`.
    #[must_use]
    pub fn engine_url(&self) -> String {
        url(&self.admin, roles::ENGINE, &self.name)
    }

    /// The superuser's address: to arrange and to look, never for code under test.
    #[must_use]
    pub fn admin_url(&self) -> String {
        let user = self.admin.get_user().unwrap_or("postgres");
        url(&self.admin, user, &self.name)
    }

    /// A superuser's connection to this database.
    ///
    /// # Errors
    /// The cluster does not answer.
    pub async fn admin(&self) -> Result<Client> {
        let mut config = self.admin.clone();
        config.dbname(&self.name);
        connect(&config).await
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        let (admin, name) = (self.admin.clone(), self.name.clone());
        // A thread, since the test's runtime may be ending; joined, so that the process does not
        // end before it.
        let dropped = thread::spawn(move || -> Result<()> {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()?;
            runtime.block_on(async {
                let client = connect(&admin).await?;
                client
                    .batch_execute(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
                    .await?;
                Ok(())
            })
        })
        .join();
        if !matches!(dropped, Ok(Ok(()))) {
            eprintln!("test database {} was left behind", self.name);
        }
    }
}

fn admin_config() -> Result<Config> {
    #[expect(
        clippy::disallowed_methods,
        reason = "tests have no configuration; the test script sets this one variable"
    )]
    let url = std::env::var(VARIABLE).with_context(|| format!("{VARIABLE} is not set"))?;
    let mut config: Config = url.parse().context("reading the test database's address")?;
    config.connect_timeout(Duration::from_secs(5));
    Ok(config)
}

async fn connect(config: &Config) -> Result<Client> {
    let (client, connection) = config.connect(NoTls).await.context("connecting")?;
    tokio::spawn(connection);
    client
        .batch_execute("SET statement_timeout = '60s'")
        .await
        .context("setting up the session")?;
    Ok(client)
}

/// The name of the migrated template, made by the first process that asks.
async fn template(admin: &Config, client: &Client) -> Result<String> {
    let name = format!("papo_template_{}", env!("MIGRATIONS_DIGEST"));
    client
        .batch_execute("SELECT pg_advisory_lock(7270613)")
        .await?;
    let made = make_template(admin, client, &name).await;
    client
        .batch_execute("SELECT pg_advisory_unlock(7270613)")
        .await?;
    made.map(|()| name)
}

async fn make_template(admin: &Config, client: &Client, name: &str) -> Result<()> {
    let exists = client
        .query_opt("SELECT 1 FROM pg_database WHERE datname = $1", &[&name])
        .await?;
    if exists.is_some() {
        return Ok(());
    }
    roles::ensure(client, None).await?;
    // Under another name until it is whole: a run that was killed leaves no half template.
    let building = format!("{name}_building");
    client
        .batch_execute(&format!("DROP DATABASE IF EXISTS {building} WITH (FORCE)"))
        .await?;
    client
        .batch_execute(&format!(
            "CREATE DATABASE {building} OWNER {} TEMPLATE template0 ENCODING 'UTF8'",
            roles::OWNER
        ))
        .await?;
    let owner = url(admin, roles::OWNER, &building);
    // On a thread of its own: the harness blocks.
    thread::spawn(move || migrations::up(&owner.into()))
        .join()
        .map_err(|_panic| anyhow::anyhow!("the migration thread panicked"))??;
    client
        .batch_execute(&format!("ALTER DATABASE {building} RENAME TO {name}"))
        .await
        .context("naming the template")
}

/// The address of `database` for `user`, on the cluster of `config`; no password.
fn url(config: &Config, user: &str, database: &str) -> String {
    let host = match config.get_hosts().first() {
        Some(Host::Tcp(host)) => host.clone(),
        Some(Host::Unix(path)) => percent_encoded(&path.to_string_lossy()),
        None => "localhost".to_owned(),
    };
    let port = config.get_ports().first().copied().unwrap_or(5432);
    format!("postgres://{user}@{host}:{port}/{database}")
}

/// A socket's folder as the host part of an address.
fn percent_encoded(path: &str) -> String {
    path.bytes().fold(String::new(), |mut out, byte| {
        if byte.is_ascii_alphanumeric() {
            out.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(out, "%{byte:02X}");
        }
        out
    })
}
