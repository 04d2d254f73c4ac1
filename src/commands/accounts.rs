//! `papo admin create` and `papo tenant create`.

use super::database;
use crate::auth::Passwords;
use crate::cli::{CreateAdmin, CreateTenant};
use crate::config::Config;
use crate::http::{TRIAL_DAYS, rules};
use anyhow::{Context as _, anyhow, bail};
use papo_domain::{Role, TenantId, UserId};
use papo_storage::app::{NewTenant, NewUser};
use secrecy::SecretString;
use std::process::ExitCode;
use uuid::Uuid;

pub(super) async fn admin(config: &Config, options: CreateAdmin) -> anyhow::Result<ExitCode> {
    let user = new_user(
        config,
        &options.email,
        &options.name,
        Role::SuperAdmin,
        options.password,
    )
    .await?;
    let created = database(config)?
        .create_user(TenantId::PLATFORM, &user)
        .await
        .map_err(|error| taken(error, "users_email_unique", "the address is taken"))?;
    println!("{}", created.id);
    Ok(ExitCode::SUCCESS)
}

pub(super) async fn tenant(config: &Config, options: CreateTenant) -> anyhow::Result<ExitCode> {
    follows(rules::slug(&options.slug, &()), "slug")?;
    let admin = new_user(
        config,
        &options.admin_email,
        &options.admin_name,
        Role::TenantAdmin,
        options.password,
    )
    .await?;
    let created = database(config)?
        .create_tenant(&NewTenant {
            id: TenantId(Uuid::new_v4()),
            slug: options.slug,
            name: options.name,
            email: None,
            trial_days: TRIAL_DAYS,
            admin,
            invitation: None,
        })
        .await
        .map_err(|error| taken(error, "tenants_slug_unique", "the slug is taken"))?;
    println!("{}", created.id);
    Ok(ExitCode::SUCCESS)
}

/// A user whose address and password follow the rules.
pub(super) async fn new_user(
    config: &Config,
    email: &str,
    name: &str,
    role: Role,
    password: SecretString,
) -> anyhow::Result<NewUser> {
    follows(rules::email(email, &()), "email")?;
    follows(rules::password(&password, &()), "password")?;
    if name.trim().is_empty() {
        bail!("name must not be empty");
    }
    let hash = Passwords::new(config.auth.bcrypt_cost)
        .hash(password)
        .await?;
    Ok(NewUser {
        id: UserId(Uuid::now_v7()),
        email: email.trim().to_lowercase(),
        full_name: name.trim().to_owned(),
        role,
        password_hash: hash,
        must_change_password: false,
        departments: Vec::new(),
    })
}

/// A value that follows its rule.
pub(super) fn follows(rule: garde::Result, field: &str) -> anyhow::Result<()> {
    rule.map_err(|error| anyhow!("{field} {}", error.message()))
}

fn taken(error: papo_storage::DbError, constraint: &str, words: &str) -> anyhow::Error {
    if error.violates(constraint) {
        anyhow!("{words}")
    } else {
        anyhow::Error::new(error).context("the database")
    }
}

/// The tenant of a slug, for commands that act in one.
pub(super) async fn tenant_of(
    database: &papo_storage::Database,
    slug: &str,
) -> anyhow::Result<TenantId> {
    let found = database.find_tenant(slug).await.context("the database")?;
    let found = found.with_context(|| format!("no tenant has the slug {slug}"))?;
    Ok(TenantId(found.tenant_id))
}
