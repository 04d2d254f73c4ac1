//! `papo channel add`.

use super::accounts::{follows, tenant_of};
use super::database;
use crate::boot;
use crate::cli::AddChannel;
use crate::config::Config;
use crate::http::channels::{Credentials, register, usual_throughput};
use crate::http::rules;
use anyhow::{Context as _, bail};
use papo_domain::ChannelId;
use std::process::ExitCode;
use uuid::Uuid;

pub(super) async fn add(config: &Config, options: AddChannel) -> anyhow::Result<ExitCode> {
    follows(
        rules::provider_id(&options.phone_number_id, &()),
        "phone_number_id",
    )?;
    follows(rules::provider_id(&options.waba_id, &()), "waba_id")?;
    let secrets = &options.secrets;
    follows(
        rules::credential(&secrets.access_token, &()),
        "access_token",
    )?;
    follows(rules::credential(&secrets.app_secret, &()), "app_secret")?;
    follows(
        rules::credential(&secrets.verify_token, &()),
        "verify_token",
    )?;
    let database = database(config)?;
    let tenant = tenant_of(&database, &options.tenant).await?;
    let id = ChannelId(Uuid::now_v7());
    let mut row = register(
        &boot::vault(config)?,
        tenant,
        id,
        &options.name,
        (&options.phone_number_id, &options.waba_id),
        &Credentials {
            access_token: &secrets.access_token,
            app_secret: &secrets.app_secret,
            verify_token: &secrets.verify_token,
        },
        usual_throughput(config),
    )?;
    row.display_phone = options.display_phone;
    match database.create_channel(&row).await {
        Ok(_) => println!("{id}"),
        Err(error) if error.violates("channels_phone_number_id_unique") => {
            bail!("the number is registered already");
        }
        Err(error) => return Err(error).context("the database"),
    }
    Ok(ExitCode::SUCCESS)
}
