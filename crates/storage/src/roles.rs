//! The cluster's roles, made once by an administrator and never by a migration: `papo_owner`
//! owns the schema, `papo_app` serves HTTP inside a tenant's scope, `papo_engine` runs the lanes.
//! None is a superuser, none bypasses row-level security, and the two that serve own nothing.

use secrecy::{ExposeSecret, SecretString};
use thiserror::Error;
use tokio_postgres::Client;

/// Owns the schema; used by migrations only.
pub const OWNER: &str = "papo_owner";
/// Serves HTTP.
pub const APP: &str = "papo_app";
/// Runs the engine.
pub const ENGINE: &str = "papo_engine";

/// The roles' passwords, where the cluster asks for them.
#[derive(Clone, Debug)]
pub struct Passwords {
    pub owner: SecretString,
    pub app: SecretString,
    pub engine: SecretString,
}

/// Why the roles or the database could not be made. The statement is not shown: it may hold a
/// password.
#[derive(Debug, Error)]
pub enum RoleError {
    #[error("cannot set up role {role}")]
    Role {
        role: &'static str,
        #[source]
        source: tokio_postgres::Error,
    },
    #[error("cannot set up database {database}")]
    Database {
        database: String,
        #[source]
        source: tokio_postgres::Error,
    },
    /// Passwords are put into a statement by quoting; these cannot be.
    #[error("the password of {role} holds a character that cannot be used")]
    Password { role: &'static str },
}

/// One caller at a time: roles belong to the whole cluster.
const LOCK: &str = "SELECT pg_advisory_lock(7270614)";
const UNLOCK: &str = "SELECT pg_advisory_unlock(7270614)";

/// Makes the roles where they are missing and gives them exactly their attributes. `admin` may
/// create roles; it must be connected to the same database in every process that calls this at
/// the same time.
///
/// # Errors
/// The administrator may not do it.
pub async fn ensure(admin: &Client, passwords: Option<&Passwords>) -> Result<(), RoleError> {
    let all = [
        (OWNER, passwords.map(|p| &p.owner)),
        (APP, passwords.map(|p| &p.app)),
        (ENGINE, passwords.map(|p| &p.engine)),
    ];
    let failed = |role| move |source| RoleError::Role { role, source };
    admin.batch_execute(LOCK).await.map_err(failed(OWNER))?;
    let mut done = Ok(());
    for (role, password) in all {
        done = match statement(role, password) {
            Ok(sql) => admin.batch_execute(&sql).await.map_err(failed(role)),
            Err(error) => Err(error),
        };
        if done.is_err() {
            break;
        }
    }
    admin.batch_execute(UNLOCK).await.map_err(failed(OWNER))?;
    done
}

fn statement(role: &'static str, password: Option<&SecretString>) -> Result<String, RoleError> {
    let password = match password {
        None => String::new(),
        Some(secret) if secret.expose_secret().contains(['\'', '\\', '\0']) => {
            return Err(RoleError::Password { role });
        }
        Some(secret) => format!(" PASSWORD '{}'", secret.expose_secret()),
    };
    let attributes = "LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE NOREPLICATION";
    Ok(format!(
        "DO $make$ BEGIN
             IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{role}') THEN
                 CREATE ROLE {role};
             END IF;
         END $make$;
         ALTER ROLE {role} {attributes}{password};"
    ))
}

/// Makes the database if it is missing, owned by [`OWNER`]. `admin` may create databases.
/// `name` is a plain identifier.
///
/// # Errors
/// The administrator may not do it.
pub async fn ensure_database(admin: &Client, name: &str) -> Result<(), RoleError> {
    let failed = |source| RoleError::Database {
        database: name.to_owned(),
        source,
    };
    let exists = admin
        .query_opt("SELECT 1 FROM pg_database WHERE datname = $1", &[&name])
        .await
        .map_err(failed)?;
    if exists.is_none() {
        // Membership for the one statement: only a superuser may give a database away without.
        admin
            .batch_execute(&format!(
                "CREATE DATABASE \"{}\" OWNER {OWNER} TEMPLATE template0 ENCODING 'UTF8'",
                name.replace('"', "\"\"")
            ))
            .await
            .map_err(failed)?;
    }
    Ok(())
}
