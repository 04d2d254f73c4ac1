//! Changing a channel.

use super::{ChannelView, verify_token_hash};
use crate::app::AppState;
use crate::auth::CurrentUser;
use crate::error::{ApiError, ErrorBody};
use crate::http::audit::{Action, named};
use crate::http::extract::{Body, Id, Source};
use crate::http::rules;
use crate::vault::Purpose;
use actix_web::{HttpResponse, patch, web};
use garde::Validate;
use papo_domain::{ChannelId, Permission};
use papo_storage::DbError;
use papo_storage::app::{ChannelChange, Counted};
use secrecy::SecretString;
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

/// What changes; what is left out stays.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct UpdateChannel {
    #[garde(inner(custom(rules::label)))]
    name: Option<String>,
    #[garde(custom(rules::optional_provider_id))]
    waba_id: Option<String>,
    #[garde(length(chars, max = 32))]
    display_phone: Option<String>,
    #[garde(custom(rules::optional_credential))]
    #[schema(value_type = Option<String>)]
    access_token: Option<SecretString>,
    #[garde(custom(rules::optional_credential))]
    #[schema(value_type = Option<String>)]
    app_secret: Option<SecretString>,
    #[garde(custom(rules::optional_credential))]
    #[schema(value_type = Option<String>)]
    verify_token: Option<SecretString>,
    #[garde(range(min = 1, max = 1_000))]
    throughput_per_second: Option<i32>,
    #[garde(skip)]
    is_active: Option<bool>,
}

/// Changes a channel. New credentials are used from the next call on.
#[utoipa::path(
    tag = "channels",
    params(("id" = uuid::Uuid, Path)),
    request_body = UpdateChannel,
    responses(
        (status = 200, description = "The channel as it is now", body = ChannelView),
        (status = 403, description = "Not permitted", body = ErrorBody),
        (status = 404, description = "No such channel", body = ErrorBody),
        (status = 409, description = "It was deleted and cannot be used again", body = ErrorBody),
        (status = 422, description = "Invalid", body = ErrorBody),
    )
)]
#[patch("/channels/{id}")]
pub(crate) async fn update_channel(
    app: web::Data<AppState>,
    user: CurrentUser,
    source: Source,
    Id(id): Id<ChannelId>,
    body: Body<UpdateChannel>,
) -> Result<HttpResponse, ApiError> {
    user.must(Permission::WhatsappConfig)?;
    let tenant = user.tenant()?;
    let change = body.value;
    let seal = |purpose, secret: Option<SecretString>| {
        secret
            .map(|secret| app.vault.seal(tenant, id, purpose, &secret))
            .transpose()
            .map_err(ApiError::internal)
    };
    let entry = source
        .tells(&user, Action::ChannelUpdated)
        .about("channel", id);
    // Which credentials are new, and not what they are.
    let is_new = |secret: Option<&SecretString>| secret.map(|_| json!(true));
    let told = named([
        ("name", change.name.as_ref().map(|v| json!(v))),
        ("waba_id", change.waba_id.as_ref().map(|v| json!(v))),
        (
            "display_phone",
            change.display_phone.as_ref().map(|v| json!(v)),
        ),
        (
            "throughput_per_second",
            change.throughput_per_second.map(|v| json!(v)),
        ),
        ("is_active", change.is_active.map(|v| json!(v))),
        ("access_token_changed", is_new(change.access_token.as_ref())),
        ("app_secret_changed", is_new(change.app_secret.as_ref())),
        ("verify_token_changed", is_new(change.verify_token.as_ref())),
    ]);
    let before = app.database.find_channel(tenant, id).await?;
    let before = json!({
        "name": before.name,
        "waba_id": before.waba_id,
        "display_phone": before.display_phone,
        "throughput_per_second": before.throughput_per_second,
        "is_active": before.is_active,
    });
    let bound = match change.is_active {
        Some(true) => app.bound(tenant, Counted::Channels).await?,
        _ => None,
    };
    let changed = app
        .database
        .within(bound)
        .noting(entry.change(&before, &told))
        .update_channel(
            tenant,
            id,
            &ChannelChange {
                name: change.name,
                waba_id: change.waba_id,
                display_phone: change.display_phone,
                access_token_enc: seal(Purpose::AccessToken, change.access_token)?,
                app_secret_enc: seal(Purpose::AppSecret, change.app_secret)?,
                verify_token_hash: change.verify_token.as_ref().map(verify_token_hash),
                throughput_per_second: change.throughput_per_second,
                is_active: change.is_active,
            },
        )
        .await
        .map_err(|error| match error {
            DbError::Stale => ApiError::Retired,
            other => other.into(),
        })?;
    app.channel_changed(tenant, id).await;
    Ok(HttpResponse::Ok().json(ChannelView::from(changed)))
}
