//! Phone numbers. Credentials go in and never come out.

mod check;
mod create;
mod delete;
mod list;
mod show;
mod test_message;
mod update;

pub(crate) use check::check_channel;
pub(crate) use create::create_channel;
pub(crate) use create::{Credentials, register, usual_throughput};
pub(crate) use delete::delete_channel;
pub(crate) use list::{channel_names, list_channels};
pub(crate) use show::{channel_health, show_channel};
pub(crate) use test_message::send_test_message;
pub(crate) use update::update_channel;

use chrono::{DateTime, Utc};
use papo_storage::app::Channel;
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use sha2::{Digest, Sha256};
use utoipa::ToSchema;
use uuid::Uuid;

/// A channel.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ChannelView {
    id: Uuid,
    #[schema(example = "meta")]
    driver: String,
    name: String,
    phone_number_id: Option<String>,
    waba_id: Option<String>,
    display_phone: Option<String>,
    /// Messages per second.
    throughput_per_second: i32,
    health: HealthView,
    is_active: bool,
    created_at: DateTime<Utc>,
}

/// How a channel is.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct HealthView {
    /// `green`, `yellow` or `red`.
    status: String,
    /// The provider's code for what is wrong.
    code: Option<i64>,
    detail: Option<String>,
    /// Since when.
    at: Option<DateTime<Utc>>,
    webhook: WebhookView,
}

/// Whether the provider reaches us.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct WebhookView {
    /// When the provider last asked whether the address is ours; `null` before it is entered there.
    verified_at: Option<DateTime<Utc>>,
    /// When something last came for this number, to the minute; `null` before anything did.
    last_delivery_at: Option<DateTime<Utc>>,
}

impl From<Channel> for ChannelView {
    fn from(channel: Channel) -> Self {
        Self {
            id: channel.id,
            driver: channel.driver,
            name: channel.name,
            phone_number_id: channel.phone_number_id,
            waba_id: channel.waba_id,
            display_phone: channel.display_phone,
            throughput_per_second: channel.throughput_per_second,
            health: HealthView {
                status: channel.health,
                code: channel.health_code,
                detail: channel.health_detail,
                at: channel.health_at,
                webhook: WebhookView {
                    verified_at: channel.webhook_verified_at,
                    last_delivery_at: channel.webhook_delivered_at,
                },
            },
            is_active: channel.is_active,
            created_at: channel.created_at,
        }
    }
}

/// What is stored of a verify token.
fn verify_token_hash(token: &SecretString) -> Vec<u8> {
    Sha256::digest(token.expose_secret()).to_vec()
}
