//! The cluster's roles, made once by an administrator and never by a migration: `papo_owner`
//! owns the schema, `papo_app` serves HTTP inside a tenant's scope, `papo_engine` runs the lanes.
//! None is a superuser, none bypasses row-level security, and the two that serve own nothing.

use secrecy::{ExposeSecret, SecretString};
use thiserror::Error;
use tokio_postgres::{Client, Row};

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

/// Makes the roles where they are missing, with these passwords, and corrects attributes that are
/// not as they must be. Roles belong to the whole cluster, and others may log in with them: the
/// password of a role that exists stays as it is (see [`set_passwords`]). `admin` may create
/// roles; it must be connected to the same database in every process that calls this at the same
/// time.
///
/// # Errors
/// The administrator may not do it.
pub async fn ensure(admin: &Client, passwords: Option<&Passwords>) -> Result<(), RoleError> {
    locked(admin, async || {
        for (role, password) in roles(passwords) {
            let failed = |source| RoleError::Role { role, source };
            let found = admin
                .query_opt(ATTRIBUTES, &[&role])
                .await
                .map_err(failed)?;
            let change = match found {
                None => Some(format!(
                    "CREATE ROLE {role} LOGIN{}",
                    clause(role, password)?
                )),
                Some(row) => correction(&row).map(|with| format!("ALTER ROLE {role} {with}")),
            };
            if let Some(sql) = change {
                admin.batch_execute(&sql).await.map_err(failed)?;
            }
            let speak = english(role);
            admin.batch_execute(&speak).await.map_err(failed)?;
        }
        Ok(())
    })
    .await
}

/// Gives the roles these passwords. Whoever logs in with others, such as another installation on
/// this cluster, is locked out.
///
/// # Errors
/// As [`ensure`].
pub async fn set_passwords(admin: &Client, passwords: &Passwords) -> Result<(), RoleError> {
    locked(admin, async || {
        for (role, password) in roles(Some(passwords)) {
            let sql = format!("ALTER ROLE {role}{}", clause(role, password)?);
            let done = admin.batch_execute(&sql).await;
            done.map_err(|source| RoleError::Role { role, source })?;
        }
        Ok(())
    })
    .await
}

fn roles(passwords: Option<&Passwords>) -> [(&'static str, Option<&SecretString>); 3] {
    [
        (OWNER, passwords.map(|p| &p.owner)),
        (APP, passwords.map(|p| &p.app)),
        (ENGINE, passwords.map(|p| &p.engine)),
    ]
}

/// Errors are told apart by the server's words where the driver keeps no code ([`crate::DbError`]),
/// and the cluster may speak another language. Only a superuser may change it; an administrator
/// who is not a superuser leaves it as it is.
fn english(role: &str) -> String {
    format!(
        "DO $speak$ BEGIN
             IF NOT EXISTS (SELECT FROM pg_db_role_setting s JOIN pg_roles r ON r.oid = s.setrole
                            WHERE r.rolname = '{role}' AND s.setdatabase = 0
                              AND 'lc_messages=C' = ANY (s.setconfig)) THEN
                 ALTER ROLE {role} SET lc_messages = 'C';
             END IF;
         EXCEPTION WHEN insufficient_privilege THEN
             RAISE NOTICE 'lc_messages of {role} stays as the cluster has it';
         END $speak$"
    )
}

async fn locked(
    admin: &Client,
    work: impl AsyncFnOnce() -> Result<(), RoleError>,
) -> Result<(), RoleError> {
    let failed = |source| RoleError::Role {
        role: OWNER,
        source,
    };
    admin.batch_execute(LOCK).await.map_err(failed)?;
    let done = work().await;
    admin.batch_execute(UNLOCK).await.map_err(failed)?;
    done
}

/// What of a role is not as it must be. Only that is altered: PostgreSQL lets nobody but a
/// superuser so much as mention some of these, and a hosted database's administrator is not a
/// superuser.
const ATTRIBUTES: &str = "SELECT NOT rolcanlogin, rolsuper, rolbypassrls, rolcreatedb, \
                          rolcreaterole, rolreplication FROM pg_roles WHERE rolname = $1";
const CORRECTIONS: [&str; 6] = [
    "LOGIN",
    "NOSUPERUSER",
    "NOBYPASSRLS",
    "NOCREATEDB",
    "NOCREATEROLE",
    "NOREPLICATION",
];

fn correction(role: &Row) -> Option<String> {
    let wrong = CORRECTIONS.iter().enumerate();
    let wrong: Vec<&str> = wrong
        .filter(|(at, _)| role.get::<_, bool>(*at))
        .map(|(_, with)| *with)
        .collect();
    (!wrong.is_empty()).then(|| wrong.join(" "))
}

fn clause(role: &'static str, password: Option<&SecretString>) -> Result<String, RoleError> {
    match password {
        None => Ok(String::new()),
        Some(secret) if secret.expose_secret().contains(['\'', '\\', '\0']) => {
            Err(RoleError::Password { role })
        }
        Some(secret) => Ok(format!(" PASSWORD '{}'", secret.expose_secret())),
    }
}

/// Makes the database if it is missing, owned by [`OWNER`]. `admin` may create databases and
/// roles. `name` is a plain identifier.
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
    if exists.is_some() {
        return Ok(());
    }
    let plain = admin.query_one(PLAIN, &[]).await.map_err(failed)?;
    let create = creation(name, plain.get(0));
    let member = admin.query_one(MAY_GIVE_AWAY, &[]).await.map_err(failed)?;
    if member.get(0) {
        return admin.batch_execute(&create).await.map_err(failed);
    }
    // Only a superuser may give a database to a role that it is not a member of: membership for
    // this one statement.
    let join = format!("GRANT {OWNER} TO CURRENT_USER");
    admin.batch_execute(&join).await.map_err(failed)?;
    let created = admin.batch_execute(&create).await;
    let leave = format!("REVOKE {OWNER} FROM CURRENT_USER");
    admin.batch_execute(&leave).await.map_err(failed)?;
    created.map_err(failed)
}

/// Whether the cluster knows no letters but those of ASCII: made without a locale.
const PLAIN: &str =
    "SELECT datctype IN ('C', 'POSIX') FROM pg_database WHERE datname = 'template0'";

/// Names are cut into words and compared without case: "João" is one, and "É" is "é".
fn creation(name: &str, plain: bool) -> String {
    let letters = if plain { " LC_CTYPE 'C.UTF-8'" } else { "" };
    format!(
        "CREATE DATABASE \"{}\" OWNER {OWNER} TEMPLATE template0 ENCODING 'UTF8'{letters}",
        name.replace('"', "\"\"")
    )
}

/// Whether the session's user may act as [`OWNER`]. Since PostgreSQL 16 being a member is not
/// enough: membership may be for administration only.
const MAY_GIVE_AWAY: &str = "SELECT pg_has_role('papo_owner', \
    CASE WHEN current_setting('server_version_num')::int >= 160000 THEN 'SET' ELSE 'MEMBER' END)";

#[cfg(test)]
mod tests {
    use super::creation;

    #[test]
    fn where_the_cluster_knows_no_letters_the_database_does() {
        let ends = |plain| creation("papo", plain).ends_with(" LC_CTYPE 'C.UTF-8'");
        assert!(ends(true));
        // Elsewhere the cluster's own serves.
        assert!(!ends(false));
    }
}
