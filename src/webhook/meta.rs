//! The WhatsApp Cloud API's webhook (docs/META.md, "Deliveries").

use super::routing::{self, Refusal};
use crate::app::AppState;
use crate::error::{ApiError, FieldFault};
use crate::http::extract::Taken;
use actix_web::http::header::ContentType;
use actix_web::{HttpRequest, HttpResponse, get, post, web};
use papo_domain::ports::{InboxItem, Update};
use papo_domain::{ChannelId, TenantId};
use papo_whatsapp::{Subscription, read_items, read_routes, tells_of_template};
use secrecy::ExposeSecret;
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use std::time::Duration;

const SIGNATURE: &str = "X-Hub-Signature-256";

/// Answers Meta's check that this address is ours.
#[utoipa::path(
    tag = "webhooks",
    params(
        ("hub.mode" = String, Query, description = "`subscribe`"),
        ("hub.verify_token" = String, Query, description = "The channel's verify token"),
        ("hub.challenge" = String, Query, description = "Returned as it is"),
    ),
    responses(
        (status = 200, description = "The challenge", body = String, content_type = "text/plain"),
        (status = 403, description = "Not a channel's verify token", body = String,
         content_type = "text/plain"),
    )
)]
#[get("/whatsapp")]
pub(crate) async fn verify(
    app: web::Data<AppState>,
    query: Option<web::Query<Subscription>>,
) -> Result<HttpResponse, ApiError> {
    let mut forbidden = HttpResponse::Forbidden();
    let forbidden = forbidden.content_type(ContentType::plaintext());
    let Some(web::Query(subscription)) = query else {
        return Ok(forbidden.body("Forbidden"));
    };
    // Only digests are stored and compared: how far a guess was right cannot be timed.
    let digest = Sha256::digest(subscription.verify_token.expose_secret());
    let channel = app.database.find_channel_by_verify_token(&digest).await?;
    match channel {
        Some((tenant, channel)) if subscription.mode == "subscribe" => {
            tracing::info!(tenant.id = %tenant, channel.id = %channel, "webhook verified");
            app.database.webhook_verified(tenant, channel).await?;
            Ok(HttpResponse::Ok()
                .content_type(ContentType::plaintext())
                .body(subscription.challenge))
        }
        _ => Ok(forbidden.body("Forbidden")),
    }
}

/// Takes a signed delivery. Answers 200 only when all of it is durable; on 503 the provider
/// comes back with it.
#[utoipa::path(
    tag = "webhooks",
    request_body(content = Object, content_type = "application/json",
                 description = "A delivery of the WhatsApp Cloud API, up to 3 MB"),
    params(("X-Hub-Signature-256" = String, Header,
            description = "`sha256=` and the HMAC of the raw body under the channel's app secret")),
    responses(
        (status = 200, description = "Stored", body = String, content_type = "text/plain",
         example = "EVENT_RECEIVED"),
        (status = 400, description = "Not a delivery", body = crate::error::ErrorBody),
        (status = 401, description = "Not signed by the owner of everything in it",
         body = crate::error::ErrorBody),
        (status = 408, description = "It did not arrive in time", body = crate::error::ErrorBody),
        (status = 413, description = "Larger than 3 MB", body = crate::error::ErrorBody),
        (status = 503, description = "Not stored; come back after `Retry-After`",
         body = crate::error::ErrorBody),
    )
)]
#[post("/whatsapp")]
pub(crate) async fn receive(
    app: web::Data<AppState>,
    req: HttpRequest,
    body: Result<Taken, ApiError>,
) -> Result<HttpResponse, ApiError> {
    let result = accept(&app, &req, body).await;
    let label = match &result {
        Ok(()) => "accepted",
        Err(ApiError::Unavailable { .. } | ApiError::Busy) => "unavailable",
        Err(_) => "refused",
    };
    metrics::counter!("webhook_deliveries_total", "result" => label).increment(1);
    result?;
    Ok(HttpResponse::Ok()
        .content_type(ContentType::plaintext())
        .body("EVENT_RECEIVED"))
}

async fn accept(
    app: &AppState,
    req: &HttpRequest,
    body: Result<Taken, ApiError>,
) -> Result<(), ApiError> {
    // Counted until all of it is stored.
    let taken = body?;
    let body = &taken.bytes;
    let unreadable = |problem: String| ApiError::Unreadable(FieldFault::new("body", problem));
    let routes = read_routes(body).map_err(|error| unreadable(error.to_string()))?;
    let candidates = app.channels.candidates(&routes).await?;
    let signature = req.headers().get(SIGNATURE).map(|value| value.as_bytes());
    let verified =
        routing::verify(&candidates, signature, body).map_err(|refusal| match refusal {
            Refusal::NotAuthentic => ApiError::BadSignature,
            Refusal::NoSecret => ApiError::Unavailable {
                retry_after: Duration::from_secs(60),
                reason: "an app secret cannot be opened".to_owned(),
            },
        })?;
    let items = read_items(body).map_err(|error| unreadable(error.to_string()))?;
    let (updates, unrouted) = verified.address(items);
    if !unrouted.is_empty() {
        tracing::warn!(
            items = unrouted.len(),
            "delivery for channels nobody registered"
        );
    }
    metrics::counter!("webhook_items_total")
        .increment(u64::try_from(updates.len() + unrouted.len()).unwrap_or(u64::MAX));
    let channels = updates.iter().map(|update| (update.tenant, update.channel));
    let channels = channels.collect();
    // Before it is answered: what is stored is not told again. Read once too often does no harm.
    for (tenant, channel) in with_changed_templates(&updates) {
        app.database.read_templates(tenant, channel).await?;
    }
    app.inbox.accept(updates, unrouted, body.to_vec()).await?;
    app.channels.delivered(channels).await;
    Ok(())
}

/// Channels of accounts of which the provider says that templates have changed.
fn with_changed_templates(updates: &[Update]) -> BTreeSet<(TenantId, ChannelId)> {
    let news = updates.iter().filter(|update| match &update.item {
        InboxItem::Notice { field, .. } => {
            field.starts_with("message_template_") || field == "template_category_update"
        }
        InboxItem::Status(status) => {
            let error = status.error.as_ref();
            error.is_some_and(|error| tells_of_template(error.code))
        }
        _ => false,
    });
    news.map(|update| (update.tenant, update.channel)).collect()
}
