//! `papo seed-demo`: a tenant to try everything with. May be run any number of times; what is
//! there stays, except passwords and the channel's credentials, which become those that are given.

use super::accounts::{follows, new_user};
use super::database;
use crate::auth::Passwords;
use crate::boot;
use crate::cli::SeedDemo;
use crate::config::{Config, Environment};
use crate::http::channels::{Credentials, register, usual_throughput};
use crate::http::{TRIAL_DAYS, rules};
use anyhow::{Context as _, bail};
use papo_domain::bot::{MenuOption, MenuStyle, Node, default_flow};
use papo_domain::conversation::Priority;
use papo_domain::routing::Routing;
use papo_domain::{ChannelId, DepartmentId, Role, TenantId};
use papo_storage::Database;
use papo_storage::app::{
    ChannelChange, FlowChange, NewDepartment, NewTenant, UserChange, UserFilter,
};
use secrecy::SecretString;
use std::process::ExitCode;
use uuid::Uuid;

const SLUG: &str = "demo";
const PHONE_NUMBER_ID: &str = "100000000000001";
const WABA_ID: &str = "200000000000001";
const ADMIN: &str = "admin@example.com";
const DISPLAY_PHONE: &str = "+55 11 4000-0001";
const DEPARTMENTS: [&str; 3] = ["Vendas", "Suporte", "Financeiro"];
const FLOW: &str = "Demonstração";
const MOST: i64 = 100;

pub(super) async fn run(config: &Config, options: SeedDemo) -> anyhow::Result<ExitCode> {
    if config.environment == Environment::Production {
        bail!("demo accounts do not belong into production");
    }
    let database = database(config)?;
    let tenant = tenant(config, &database, &options.password).await?;
    let departments = departments(&database, tenant).await?;
    users(config, &database, tenant, &options.password, &departments).await?;
    flow(&database, tenant, &departments).await?;
    channel(config, &database, tenant, &options).await?;
    println!("tenant {SLUG} ({tenant})");
    println!(
        "tenant users: admin@example.com supervisor@example.com ana@example.com bruno@example.com"
    );
    println!("super admin: root@example.com");
    Ok(ExitCode::SUCCESS)
}

async fn tenant(
    config: &Config,
    database: &Database,
    password: &SecretString,
) -> anyhow::Result<TenantId> {
    if let Some(found) = database.find_tenant(SLUG).await? {
        return Ok(TenantId(found.tenant_id));
    }
    let password = password.clone();
    let admin = new_user(config, ADMIN, "Administração", Role::TenantAdmin, password);
    let tenant = database
        .create_tenant(&NewTenant {
            id: TenantId(Uuid::new_v4()),
            slug: SLUG.to_owned(),
            name: "Demonstração".to_owned(),
            email: Some(ADMIN.to_owned()),
            trial_days: TRIAL_DAYS,
            admin: admin.await?,
            invitation: None,
        })
        .await?;
    Ok(tenant.id)
}

async fn departments(
    database: &Database,
    tenant: TenantId,
) -> anyhow::Result<Vec<(DepartmentId, &'static str)>> {
    let existing = database.list_departments(tenant).await?;
    let mut all = Vec::new();
    for (position, name) in (0..).zip(DEPARTMENTS) {
        let id = match existing.iter().find(|department| department.name == name) {
            Some(department) => department.id,
            None => {
                let new = NewDepartment {
                    id: DepartmentId(Uuid::now_v7()),
                    name: name.to_owned(),
                    position,
                    business_hours: None,
                    routing: Routing::default(),
                };
                database.create_department(tenant, &new).await?.id
            }
        };
        all.push((id, name));
    }
    Ok(all)
}

async fn users(
    config: &Config,
    database: &Database,
    tenant: TenantId,
    password: &SecretString,
    departments: &[(DepartmentId, &str)],
) -> anyhow::Result<()> {
    let of = |names: &[&str]| -> Vec<DepartmentId> {
        let wanted = departments.iter().filter(|(_, name)| names.contains(name));
        wanted.map(|(id, _)| *id).collect()
    };
    follows(rules::password(password, &()), "password")?;
    let passwords = Passwords::new(config.auth.bcrypt_cost);
    let hash = passwords.hash(password.clone()).await?;
    let people = [
        (
            tenant,
            ADMIN,
            "Administração",
            Role::TenantAdmin,
            Vec::new(),
        ),
        (
            TenantId::PLATFORM,
            "root@example.com",
            "Plataforma",
            Role::SuperAdmin,
            Vec::new(),
        ),
        (
            tenant,
            "supervisor@example.com",
            "Supervisão",
            Role::Supervisor,
            of(&DEPARTMENTS),
        ),
        (
            tenant,
            "ana@example.com",
            "Ana",
            Role::Attendant,
            of(&["Vendas", "Suporte"]),
        ),
        (
            tenant,
            "bruno@example.com",
            "Bruno",
            Role::Attendant,
            of(&["Suporte", "Financeiro"]),
        ),
    ];
    for (home, email, name, role, departments) in people {
        let filter = UserFilter {
            text: Some(email.to_owned()),
            ..UserFilter::default()
        };
        let found = database.list_users(home, &filter, None, MOST).await?;
        if let Some(user) = found.iter().find(|user| user.email == email) {
            // A department may have been made anew.
            let change = UserChange {
                departments: Some(departments),
                ..UserChange::default()
            };
            database.update_user(home, user.id, &change).await?;
            database.set_password(home, user.id, &hash).await?;
            continue;
        }
        let mut user = new_user(config, email, name, role, password.clone()).await?;
        user.departments = departments;
        database.create_user(home, &user).await?;
    }
    Ok(())
}

/// The default flow, with a choice of departments where it would hand over to anybody.
async fn flow(
    database: &Database,
    tenant: TenantId,
    departments: &[(DepartmentId, &str)],
) -> anyhow::Result<()> {
    let existing = database.list_flows(tenant).await?;
    if existing.iter().any(|flow| flow.name == FLOW) {
        return Ok(());
    }
    let mut flow = default_flow();
    let options = departments.iter().map(|(id, name)| {
        let node = name.to_lowercase();
        flow.nodes.insert(
            node.clone(),
            Node::Handoff {
                text: None,
                department: Some(*id),
                priority: Priority::Medium,
                skills: Vec::new(),
            },
        );
        MenuOption {
            id: node.clone(),
            title: (*name).to_owned(),
            description: None,
            keywords: Vec::new(),
            next: node,
        }
    });
    let options = options.collect();
    flow.nodes.insert(
        "attendant".to_owned(),
        Node::Menu {
            text: "Com qual departamento você quer falar?".to_owned(),
            style: MenuStyle::Auto,
            header: None,
            footer: None,
            button: None,
            options,
        },
    );
    let faults = flow.check();
    if let Some(fault) = faults.first() {
        bail!(
            "the demo's flow is faulty: {} {}",
            fault.field,
            fault.problem
        );
    }
    let change = FlowChange {
        name: FLOW.to_owned(),
        is_active: true,
        flow,
    };
    database
        .create_flow(tenant, Uuid::now_v7(), &change)
        .await?;
    Ok(())
}

async fn channel(
    config: &Config,
    database: &Database,
    tenant: TenantId,
    options: &SeedDemo,
) -> anyhow::Result<()> {
    let channels = database.list_channels(tenant).await?;
    let existing = channels
        .iter()
        .find(|channel| channel.phone_number_id.as_deref() == Some(PHONE_NUMBER_ID));
    let id = existing.map_or_else(
        || ChannelId(Uuid::now_v7()),
        |channel| ChannelId(channel.id),
    );
    let mut row = register(
        &boot::vault(config)?,
        tenant,
        id,
        "Emulador",
        (PHONE_NUMBER_ID, WABA_ID),
        &Credentials {
            access_token: &options.access_token,
            app_secret: &options.app_secret,
            verify_token: &options.verify_token,
        },
        usual_throughput(config),
    )?;
    row.display_phone = Some(DISPLAY_PHONE.to_owned());
    if existing.is_none() {
        database
            .create_channel(&row)
            .await
            .context("the demo's number")?;
        return Ok(());
    }
    let change = ChannelChange {
        access_token_enc: Some(row.access_token_enc),
        app_secret_enc: Some(row.app_secret_enc),
        verify_token_hash: Some(row.verify_token_hash),
        is_active: Some(true),
        ..ChannelChange::default()
    };
    database.update_channel(tenant, id, &change).await?;
    Ok(())
}
