//! Taking a file that will be sent. It is streamed into the object storage; what it is, its bytes
//! say, and what WhatsApp would not take is refused before anybody tries.

use super::MediaView;
use crate::app::AppState;
use crate::auth::CurrentUser;
use crate::error::{ApiError, ErrorBody, FieldFault};
use crate::http::extract::Query;
use crate::jobs::DropUpload;
use crate::media::{Incoming, Kept, key, kind_of};
use actix_web::http::header::CONTENT_LENGTH;
use actix_web::rt::spawn;
use actix_web::rt::time::{sleep, timeout};
use actix_web::{HttpRequest, HttpResponse, post, web};
use chrono::TimeDelta;
use futures_util::StreamExt as _;
use garde::Validate;
use papo_domain::{MediaId, MediaKind, Permission, TenantId, later};
use papo_storage::app::{Bound, Counted, NewUpload};
use serde::Deserialize;
use std::sync::Arc;
use std::time::Duration;
use utoipa::IntoParams;
use uuid::Uuid;

/// A refusal is on its way to the client after this time.
const ANSWERED_WITHIN: Duration = Duration::from_secs(1);

/// What is uploaded.
#[derive(Debug, Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Upload {
    /// What it will be sent as; without it, what fits its type, else a document.
    #[garde(skip)]
    #[param(value_type = Option<String>, example = "image")]
    kind: Option<MediaKind>,
    /// Shown to the customer, for a document.
    #[garde(length(chars, min = 1, max = 240))]
    filename: Option<String>,
}

/// Uploads a file, to be sent by its id (`POST /conversations/{id}/messages`). The body is the file
/// itself. What is not sent within a day is removed.
#[utoipa::path(
    tag = "media",
    params(Upload),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses(
        (status = 201, description = "Stored", body = MediaView),
        (status = 409, description = "The company's plan keeps no more", body = ErrorBody),
        (status = 413, description = "Larger than WhatsApp takes", body = ErrorBody),
        (status = 415, description = "Of a type that WhatsApp does not take so", body = ErrorBody),
        (status = 422, description = "Empty", body = ErrorBody),
        (status = 503, description = "Busy; try again", body = ErrorBody),
    )
)]
#[post("/media")]
pub(crate) async fn upload_media(
    app: web::Data<AppState>,
    user: CurrentUser,
    Query(query): Query<Upload>,
    req: HttpRequest,
    payload: web::Payload,
) -> Result<HttpResponse, ApiError> {
    user.must(Permission::ConversationAttend)?;
    let tenant = user.tenant()?;
    let room = Arc::clone(&app.uploads).try_acquire_owned();
    let _room = room.map_err(|_full| ApiError::Busy)?;
    let id = MediaId(Uuid::now_v7());
    let bound = match begin(&app, tenant, id, &req).await {
        Ok(bound) => bound,
        Err(refused) => {
            hold(payload);
            return Err(refused);
        }
    };
    let place = key(tenant, id);
    let incoming = app.media.receive(&place, app.config.media.max_size);
    let kept = receive(payload, incoming, app.config.media.upload_timeout).await?;
    let kind = query.kind.unwrap_or_else(|| kind_of(kept.mime_type));
    if let Err(refusal) = kind.check(kept.mime_type, kept.size) {
        forget(&app, &place).await;
        return Err(ApiError::MediaRefused(refusal));
    }
    let upload = NewUpload {
        id,
        kind,
        mime_type: kept.mime_type.to_owned(),
        size: kept.size,
        sha256: kept.sha256,
        filename: query.filename,
        storage_key: place.clone(),
        uploaded_by: user.id,
    };
    let database = app.database.within(bound);
    match database.create_upload(tenant, &upload).await {
        Ok(media) => Ok(HttpResponse::Created().json(MediaView::from(media))),
        Err(error) => {
            forget(&app, &place).await;
            Err(error.into())
        }
    }
}

/// Refuses what is too large before anything of it is taken, and sees to it that what is taken is
/// removed again unless it is sent. The rest of what the plan keeps is counted once more with the
/// upload itself.
async fn begin(
    app: &AppState,
    tenant: TenantId,
    id: MediaId,
    req: &HttpRequest,
) -> Result<Option<Bound>, ApiError> {
    let announced = req.headers().get(CONTENT_LENGTH);
    let announced = announced.and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    let announced = announced.unwrap_or(0);
    if announced > app.config.media.max_size {
        return Err(ApiError::TooLarge);
    }
    let bound = app.bound(tenant, Counted::Storage).await?;
    if let Some(bound) = bound {
        let stored = app.database.stored_bytes(tenant).await?;
        let coming = i64::try_from(announced).unwrap_or(i64::MAX);
        if stored.saturating_add(coming) > bound.most {
            return Err(ApiError::QuotaExceeded("storage"));
        }
    }
    let life = TimeDelta::from_std(app.config.media.unsent_life).unwrap_or(TimeDelta::days(1));
    let due = later(app.clock.now(), life);
    let job = DropUpload { media: id }
        .at(due)
        .map_err(ApiError::internal)?;
    app.database.add_job(tenant, &job).await?;
    Ok(bound)
}

/// Streams the body into the storage.
async fn receive(
    mut payload: web::Payload,
    mut incoming: Incoming,
    patience: Duration,
) -> Result<Kept, ApiError> {
    let taken = timeout(patience, async {
        while let Some(chunk) = payload.next().await {
            let chunk = chunk.map_err(|_broken| {
                ApiError::Unreadable(FieldFault::new("body", "cannot be read"))
            })?;
            if !chunk.is_empty() {
                incoming.write(chunk).await?;
            }
        }
        Ok::<Kept, ApiError>(incoming.finish().await?)
    });
    let taken = taken.await.unwrap_or(Err(ApiError::Slow));
    if taken.is_err() {
        hold(payload);
    }
    taken
}

/// The framework reads on what nobody holds any more, for as long as the client likes. While it is
/// held, the connection ends with the answer.
fn hold(payload: web::Payload) {
    spawn(async move {
        sleep(ANSWERED_WITHIN).await;
        drop(payload);
    });
}

async fn forget(app: &AppState, place: &str) {
    if let Err(fault) = app.media.delete(place).await {
        tracing::warn!(%fault, "an upload that was refused is left behind");
    }
}
