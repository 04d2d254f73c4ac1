//! The bytes of a file. The type is the one that its bytes have; whatever a browser could run is
//! only saved, and what is shown is shown in a sandbox that may load nothing.

use super::visible;
use crate::app::AppState;
use crate::auth::CurrentUser;
use crate::error::{ApiError, ErrorBody};
use crate::http::extract::Id;
use crate::media::{Part, Shown, StoreFault, part, plain, shown_as};
use actix_web::http::StatusCode;
use actix_web::http::header::{
    ACCEPT_RANGES, CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_ENCODING, CONTENT_RANGE,
    CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, HeaderName, IF_NONE_MATCH, IF_RANGE, RANGE,
    X_CONTENT_TYPE_OPTIONS,
};
use actix_web::{HttpRequest, HttpResponse, get, web};
use futures_util::TryStreamExt as _;
use papo_domain::{MediaId, MediaState};
use papo_storage::app::MediaRecord;
use std::fmt::Write as _;

const SANDBOX: &str = "sandbox; default-src 'none'; style-src 'unsafe-inline'";
/// The bytes under an id never change, but who may see them does.
const KEEP: &str = "private, max-age=300";

/// The bytes of a file, or a part of them (`Range`).
#[utoipa::path(
    tag = "media",
    params(
        ("id" = uuid::Uuid, Path),
        ("Range" = Option<String>, Header, description = "One range of bytes"),
    ),
    responses(
        (status = 200, description = "All of it", content_type = "application/octet-stream"),
        (status = 206, description = "A part of it", content_type = "application/octet-stream"),
        (status = 304, description = "The caller has it (`If-None-Match`)"),
        (status = 404, description = "No such file for the caller", body = ErrorBody),
        (status = 409, description = "Its bytes are not here", body = ErrorBody),
        (status = 416, description = "Nothing of it lies in the range", body = ErrorBody),
    )
)]
#[get("/media/{id}/content")]
pub(crate) async fn media_content(
    app: web::Data<AppState>,
    user: CurrentUser,
    Id(id): Id<MediaId>,
    req: HttpRequest,
) -> Result<HttpResponse, ApiError> {
    let (_, media) = visible(&app, &user, id).await?;
    serve(&app, &req, &media).await
}

/// The bytes of a file, for whoever has a link to it (`POST /api/v1/media/{id}/link`). As
/// `GET /api/v1/media/{id}/content`.
#[utoipa::path(
    tag = "media",
    params(("token" = String, Path)),
    responses(
        (status = 200, description = "All of it", content_type = "application/octet-stream"),
        (status = 206, description = "A part of it", content_type = "application/octet-stream"),
        (status = 404, description = "No such link, or not any more", body = ErrorBody),
    )
)]
#[get("/files/{token}")]
pub(crate) async fn linked_media(
    app: web::Data<AppState>,
    token: web::Path<String>,
    req: HttpRequest,
) -> Result<HttpResponse, ApiError> {
    let link = app.links.open(&token, app.clock.now());
    let link = link.ok_or(ApiError::NotFound)?;
    let media = app.database.find_media(link.tenant, link.media).await?;
    serve(&app, &req, &media).await
}

async fn serve(
    app: &AppState,
    req: &HttpRequest,
    media: &MediaRecord,
) -> Result<HttpResponse, ApiError> {
    let (MediaState::Stored, Some(key), Some(size)) = (media.state, &media.storage_key, media.size)
    else {
        return Err(ApiError::MediaState(media.state));
    };
    let etag = format!("\"{}\"", media.sha256.as_deref().unwrap_or_default());
    let header = |name: HeaderName| req.headers().get(name).and_then(|v| v.to_str().ok());
    if header(IF_NONE_MATCH).is_some_and(|known| known.split(',').any(|one| one.trim() == etag)) {
        return Ok(HttpResponse::NotModified()
            .insert_header((ETAG, etag))
            .insert_header((CACHE_CONTROL, KEEP))
            .finish());
    }
    // A part of what the client has is asked for only if it has this very file.
    let same = header(IF_RANGE).is_none_or(|known| known == etag);
    let range = match part(header(RANGE).filter(|_| same), size) {
        Ok(Part::Whole) => None,
        Ok(Part::Some(range)) => Some(range),
        Err(_) => return Err(ApiError::Range { size }),
    };
    let mut answer = HttpResponse::build(match range {
        None => StatusCode::OK,
        Some(_) => StatusCode::PARTIAL_CONTENT,
    });
    if let Some(range) = &range {
        let words = format!("bytes {}-{}/{size}", range.start, range.end - 1);
        answer.insert_header((CONTENT_RANGE, words));
    }
    let length = range.as_ref().map_or(size, |range| range.end - range.start);
    let bytes = match app.media.read(key, range).await {
        Ok(bytes) => bytes,
        Err(StoreFault::Missing) => return Err(ApiError::internal("stored bytes are missing")),
        Err(fault) => {
            let (retry_after, reason) = (std::time::Duration::from_secs(5), fault.to_string());
            return Err(ApiError::Unavailable {
                retry_after,
                reason,
            });
        }
    };
    let kind = media
        .mime_type
        .as_deref()
        .unwrap_or("application/octet-stream");
    Ok(answer
        .insert_header((CONTENT_TYPE, plain(kind)))
        .insert_header((CONTENT_DISPOSITION, disposition(kind, media)))
        .insert_header((X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((CONTENT_SECURITY_POLICY, SANDBOX))
        .insert_header((ACCEPT_RANGES, "bytes"))
        .insert_header((CACHE_CONTROL, KEEP))
        .insert_header((ETAG, etag))
        // Nobody compresses it on the way: a range is one of these bytes.
        .insert_header((CONTENT_ENCODING, "identity"))
        .no_chunking(length)
        .streaming(bytes.map_err(|fault| {
            tracing::warn!(%fault, "a file was broken off");
            actix_web::error::ErrorInternalServerError("broken off")
        })))
}

/// Shown or saved, and under which name: in ASCII for old clients, and as it is.
fn disposition(kind: &str, media: &MediaRecord) -> String {
    let how = match shown_as(kind) {
        Shown::Inline => "inline",
        Shown::Attachment => "attachment",
    };
    let Some(name) = media.filename.as_deref().filter(|name| !name.is_empty()) else {
        return how.to_owned();
    };
    let plain = |c: char| {
        if c.is_ascii_alphanumeric() || " ._-()".contains(c) {
            c
        } else {
            '_'
        }
    };
    let ascii: String = name.chars().map(plain).collect();
    let mut encoded = String::new();
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"._-".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    format!("{how}; filename=\"{ascii}\"; filename*=UTF-8''{encoded}")
}
