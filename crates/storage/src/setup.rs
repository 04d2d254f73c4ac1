//! What an administrator does once per cluster, before the first migration: the roles, with the
//! passwords that the addresses name, and the database.

use crate::roles::{self, Passwords, RoleError};
use secrecy::{ExposeSecret, SecretString};
use thiserror::Error;
use tokio_postgres::{Config, NoTls};

/// The addresses that migrations and the server will use.
#[derive(Clone, Debug)]
pub struct Addresses {
    pub owner: SecretString,
    pub app: SecretString,
    pub engine: SecretString,
}

/// Why the cluster is not ready.
#[derive(Debug, Error)]
pub enum SetupError {
    /// Its text is not shown: it may hold a password.
    #[error("the address of {whose} is no PostgreSQL address")]
    Address { whose: &'static str },
    #[error("cannot connect as the administrator")]
    Connect(#[source] tokio_postgres::Error),
    #[error("the owner's address names no database")]
    NoDatabase,
    #[error(transparent)]
    Role(#[from] RoleError),
}

/// Makes roles and database where they are missing.
///
/// # Errors
/// The administrator cannot connect or may not do it.
pub async fn prepare(admin: &SecretString, addresses: &Addresses) -> Result<(), SetupError> {
    let admin = parse("the administrator", admin)?;
    let owner = parse("the owner", &addresses.owner)?;
    let database = owner.get_dbname().ok_or(SetupError::NoDatabase)?.to_owned();
    let app = parse("the server", &addresses.app)?;
    let engine = parse("the engine", &addresses.engine)?;
    let (client, connection) = admin.connect(NoTls).await.map_err(SetupError::Connect)?;
    let driver = tokio::spawn(connection);
    let passwords = match (password(&owner), password(&app), password(&engine)) {
        (Some(owner), Some(app), Some(engine)) => Some(Passwords { owner, app, engine }),
        // Trusted or certificate logins have none.
        _ => None,
    };
    roles::ensure(&client, passwords.as_ref()).await?;
    roles::ensure_database(&client, &database).await?;
    drop(client);
    // Ends with its client; how is of no interest any more.
    drop(driver.await);
    Ok(())
}

fn parse(whose: &'static str, url: &SecretString) -> Result<Config, SetupError> {
    let parsed = url.expose_secret().parse();
    parsed.map_err(|_may_show_it: tokio_postgres::Error| SetupError::Address { whose })
}

fn password(config: &Config) -> Option<SecretString> {
    let bytes = config.get_password()?;
    let text = String::from_utf8(bytes.to_vec()).ok()?;
    Some(SecretString::from(text))
}
