//! What an administrator does once per cluster, before the first migration: the roles, with the
//! passwords that the addresses name, and the database.

use crate::roles::{self, Passwords, RoleError};
use crate::session::{self, BadAddress};
use secrecy::SecretString;
use std::time::Duration;
use thiserror::Error;
use tokio_postgres::error::SqlState;
use tokio_postgres::{Config, NoTls};

/// The longest that connecting may take, where the address does not say.
const CONNECT: Duration = Duration::from_secs(10);

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
    #[error("the address of {whose} cannot be used")]
    Address {
        whose: &'static str,
        #[source]
        source: BadAddress,
    },
    #[error("cannot connect as the administrator")]
    Connect(#[source] tokio_postgres::Error),
    #[error("the owner's address names no database")]
    NoDatabase,
    #[error(transparent)]
    Role(#[from] RoleError),
    /// Roles belong to the whole cluster: another installation may use this one.
    #[error(
        "role {role} exists with another password: name that in its address, or give it the one \
         of the address with `papo migrate --reset-passwords`, which locks out whoever uses the other"
    )]
    OtherPassword { role: String },
}

/// Makes roles and database where they are missing. With `reset_passwords`, roles that exist get
/// the passwords of the addresses.
///
/// # Errors
/// The administrator cannot connect or may not do it, or a role has another password.
pub async fn prepare(
    admin: &SecretString,
    addresses: &Addresses,
    reset_passwords: bool,
) -> Result<(), SetupError> {
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
    if let Some(passwords) = passwords.as_ref().filter(|_| reset_passwords) {
        roles::set_passwords(&client, passwords).await?;
    }
    roles::ensure_database(&client, &database).await?;
    drop(client);
    // Ends with its client; how is of no interest any more.
    drop(driver.await);
    for role in [owner, app, engine] {
        log_in(&role).await?;
    }
    Ok(())
}

/// Says so if the password is not the role's. Whatever else keeps it out, those will tell who
/// connect for work.
async fn log_in(role: &Config) -> Result<(), SetupError> {
    let Err(error) = role.connect(NoTls).await else {
        return Ok(());
    };
    if error.code() == Some(&SqlState::INVALID_PASSWORD) {
        let role = role.get_user().unwrap_or_default().to_owned();
        return Err(SetupError::OtherPassword { role });
    }
    Ok(())
}

fn parse(whose: &'static str, url: &SecretString) -> Result<Config, SetupError> {
    let mut parsed =
        session::address(url).map_err(|source| SetupError::Address { whose, source })?;
    if parsed.get_connect_timeout().is_none() {
        parsed.connect_timeout(CONNECT);
    }
    Ok(parsed)
}

fn password(config: &Config) -> Option<SecretString> {
    let bytes = config.get_password()?;
    let text = String::from_utf8(bytes.to_vec()).ok()?;
    Some(SecretString::from(text))
}
