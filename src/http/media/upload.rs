//! Taking a file that will be sent. It is streamed into the object storage; what it is, its bytes
//! say, and what WhatsApp would not take is refused before anybody tries.

use super::MediaView;
use crate::app::AppState;
use crate::auth::CurrentUser;
use crate::error::{ApiError, ErrorBody, FieldFault};
use crate::http::extract::Query;
use crate::jobs::DropUpload;
use crate::media::{HEAD, Incoming, Kept, key, kind_of, named, sniff};
use actix_web::http::header::CONTENT_LENGTH;
use actix_web::rt::spawn;
use actix_web::rt::time::{sleep, timeout};
use actix_web::{HttpRequest, HttpResponse, post, web};
use chrono::TimeDelta;
use futures_util::StreamExt as _;
use garde::Validate;
use papo_domain::media::MediaRefusal;
use papo_domain::{MediaId, MediaKind, Permission, TenantId, later};
use papo_storage::app::{Bound, Counted, NewUpload};
use serde::Deserialize;
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
    /// What it will be sent as; without it, what fits its type and size, else a document.
    #[garde(skip)]
    #[param(value_type = Option<String>, example = "image")]
    kind: Option<MediaKind>,
    /// Shown to the customer, for a document.
    #[garde(length(chars, min = 1, max = 240))]
    filename: Option<String>,
}

impl Upload {
    /// What a file of these bytes and this size is, and what it will be sent as.
    fn judge(
        &self,
        sniffed: &'static str,
        size: u64,
    ) -> Result<(MediaKind, &'static str), MediaRefusal> {
        let mime_type = named(sniffed, self.filename.as_deref());
        let kind = self.kind.unwrap_or_else(|| kind_of(mime_type, size));
        kind.check(mime_type, size)?;
        Ok((kind, mime_type))
    }
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
    let _room = app.uploads.enter(tenant).ok_or(ApiError::Busy)?;
    let id = MediaId(Uuid::now_v7());
    let announced = announced(&req);
    let bound = match begin(&app, tenant, id, announced).await {
        Ok(bound) => bound,
        Err(refused) => {
            hold(payload);
            return Err(refused);
        }
    };
    let place = key(tenant, id);
    let incoming = app.media.receive(&place, app.config.media.max_size);
    // What is refused for its beginning is not taken to its end.
    let begins = |head: &[u8]| query.judge(sniff(head), announced.max(1)).map(drop);
    let patience = app.config.media.upload_timeout;
    let kept = receive(payload, incoming, patience, begins).await?;
    let (kind, mime_type) = match query.judge(kept.mime_type, kept.size) {
        Ok(judged) => judged,
        Err(refusal) => {
            forget(&app, &place).await;
            return Err(ApiError::MediaRefused(refusal));
        }
    };
    let upload = NewUpload {
        id,
        kind,
        mime_type: mime_type.to_owned(),
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

/// How long the body is said to be; 0 where nothing is said.
fn announced(req: &HttpRequest) -> u64 {
    let announced = req.headers().get(CONTENT_LENGTH);
    let announced = announced.and_then(|length| length.to_str().ok()?.parse().ok());
    announced.unwrap_or(0)
}

/// Refuses what is too large before anything of it is taken, and sees to it that what is taken is
/// removed again unless it is sent. The rest of what the plan keeps is counted once more with the
/// upload itself.
async fn begin(
    app: &AppState,
    tenant: TenantId,
    id: MediaId,
    announced: u64,
) -> Result<Option<Bound>, ApiError> {
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

/// Streams the body into the storage, unless `begins` refuses its first bytes.
async fn receive(
    mut payload: web::Payload,
    mut incoming: Incoming,
    patience: Duration,
    begins: impl Fn(&[u8]) -> Result<(), MediaRefusal>,
) -> Result<Kept, ApiError> {
    let taken = timeout(patience, async {
        let mut head = Vec::new();
        while let Some(chunk) = payload.next().await {
            let chunk = chunk.map_err(|_broken| {
                ApiError::Unreadable(FieldFault::new("body", "cannot be read"))
            })?;
            let missing = HEAD.saturating_sub(head.len());
            if missing > 0 {
                head.extend(chunk.iter().take(missing));
                if head.len() == HEAD {
                    begins(&head).map_err(ApiError::MediaRefused)?;
                }
            }
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
