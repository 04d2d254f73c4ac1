//! Registering a number.

use super::{ChannelView, verify_token_hash};
use crate::app::AppState;
use crate::auth::CurrentUser;
use crate::config::Config;
use crate::error::{ApiError, ErrorBody};
use crate::http::audit::Action;
use crate::http::extract::{Body, Source};
use crate::http::rules;
use crate::http::users::random_password;
use crate::vault::{Purpose, Sealed, Vault};
use actix_web::{HttpResponse, post, web};
use garde::Validate;
use papo_domain::{ChannelId, Permission, TenantId};
use papo_storage::app::{Counted, NewChannel};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use uuid::Uuid;

/// A new channel.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CreateChannel {
    #[garde(custom(rules::label))]
    name: String,
    /// WhatsApp's id of the number.
    #[garde(custom(rules::provider_id))]
    #[schema(example = "100000000000001")]
    phone_number_id: String,
    /// The WhatsApp Business account of the number.
    #[garde(custom(rules::provider_id))]
    #[schema(example = "200000000000001")]
    waba_id: String,
    #[garde(length(chars, max = 32))]
    display_phone: Option<String>,
    /// For the Graph API; never returned.
    #[garde(custom(rules::credential))]
    #[schema(value_type = String)]
    access_token: SecretString,
    /// Signs the webhooks; never returned.
    #[garde(custom(rules::credential))]
    #[schema(value_type = String)]
    app_secret: SecretString,
    /// Repeated by Meta when it verifies the webhook; never returned. Left out: one is made, and
    /// is in the answer.
    #[garde(custom(rules::optional_credential))]
    #[schema(value_type = Option<String>)]
    verify_token: Option<SecretString>,
    /// Messages per second: 80, 1,000 where WhatsApp raised it, 20 for numbers shared with the
    /// phone app. Left out, it is what the server is configured for, usually 80.
    #[garde(range(min = 1, max = 1_000))]
    throughput_per_second: Option<i32>,
}

/// A registered number.
#[derive(Serialize, ToSchema)]
pub(crate) struct CreatedChannel {
    #[serde(flatten)]
    channel: ChannelView,
    /// Where Meta is to deliver; for the app's configuration there.
    #[schema(example = "https://papo.example.com/api/v1/webhooks/whatsapp")]
    webhook_url: String,
    /// Only where the request named none. It cannot be read again.
    #[serde(skip_serializing_if = "Option::is_none")]
    verify_token: Option<String>,
}

/// What a number may send that is registered without saying so.
pub(crate) fn usual_throughput(config: &Config) -> i32 {
    // INVARIANT: checked when the configuration was read.
    i32::try_from(config.sending.throughput).unwrap_or(i32::MAX)
}

/// The secrets of a channel, on their way into the vault.
#[derive(Debug)]
pub(crate) struct Credentials<'a> {
    pub(crate) access_token: &'a SecretString,
    pub(crate) app_secret: &'a SecretString,
    pub(crate) verify_token: &'a SecretString,
}

/// A row whose credentials are sealed.
pub(crate) fn register(
    vault: &Vault,
    tenant: TenantId,
    id: ChannelId,
    name: &str,
    (phone_number_id, waba_id): (&str, &str),
    credentials: &Credentials<'_>,
    throughput_per_second: i32,
) -> Result<NewChannel, Sealed> {
    let seal = |purpose, secret| vault.seal(tenant, id, purpose, secret);
    Ok(NewChannel {
        tenant_id: tenant.0,
        id: id.0,
        name: name.trim().to_owned(),
        phone_number_id: phone_number_id.to_owned(),
        waba_id: waba_id.to_owned(),
        display_phone: None,
        access_token_enc: seal(Purpose::AccessToken, credentials.access_token)?,
        app_secret_enc: seal(Purpose::AppSecret, credentials.app_secret)?,
        verify_token_hash: verify_token_hash(credentials.verify_token),
        throughput_per_second,
    })
}

/// Registers a number of the WhatsApp Cloud API.
#[utoipa::path(
    tag = "channels",
    request_body = CreateChannel,
    responses(
        (status = 201, description = "Created", body = CreatedChannel),
        (status = 403, description = "Not permitted", body = ErrorBody),
        (status = 409, description = "The number is registered already", body = ErrorBody),
        (status = 422, description = "Invalid", body = ErrorBody),
    )
)]
#[post("/channels")]
pub(crate) async fn create_channel(
    app: web::Data<AppState>,
    user: CurrentUser,
    source: Source,
    body: Body<CreateChannel>,
) -> Result<HttpResponse, ApiError> {
    user.must(Permission::WhatsappConfig)?;
    let tenant = user.tenant()?;
    let id = ChannelId(Uuid::now_v7());
    let new = body.value;
    let made = new.verify_token.is_none();
    let verify_token = new.verify_token.unwrap_or_else(random_password);
    let credentials = Credentials {
        access_token: &new.access_token,
        app_secret: &new.app_secret,
        verify_token: &verify_token,
    };
    let ids = (new.phone_number_id.as_str(), new.waba_id.as_str());
    let throughput = new.throughput_per_second;
    let throughput = throughput.unwrap_or_else(|| usual_throughput(&app.config));
    let row = register(
        &app.vault,
        tenant,
        id,
        &new.name,
        ids,
        &credentials,
        throughput,
    );
    let mut row = row.map_err(ApiError::internal)?;
    row.display_phone = new.display_phone;
    let entry = source
        .tells(&user, Action::ChannelCreated)
        .about("channel", id);
    let told = json!({ "phone_number_id": row.phone_number_id });
    let bound = app.bound(tenant, Counted::Channels).await?;
    let created = app
        .database
        .within(bound)
        .noting(entry.after(told))
        .create_channel(&row)
        .await?;
    tracing::info!(tenant.id = %tenant, channel.id = %id, by = %user.id, "channel created");
    app.channel_changed(tenant, id).await;
    let public = &app.config.server.public_url;
    Ok(HttpResponse::Created().json(CreatedChannel {
        channel: created.into(),
        webhook_url: format!("{public}/api/v1/webhooks/whatsapp"),
        verify_token: made.then(|| verify_token.expose_secret().to_owned()),
    }))
}
