//! Pictures of users. What is uploaded is known by its first bytes, whatever it is called.

use crate::app::AppState;
use crate::auth::CurrentUser;
use crate::error::{ApiError, ErrorBody};
use crate::http::extract::{Id, Taken};
use crate::http::users::UserView;
use actix_web::dev::Payload;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use actix_web::{FromRequest, HttpRequest, HttpResponse, delete, get, put, web};
use data_encoding::HEXLOWER;
use papo_domain::UserId;
use papo_storage::app::Avatar;
use sha2::{Digest, Sha256};
use std::pin::Pin;

/// The most bytes of a picture.
const MOST: usize = 512 << 10;

/// An uploaded picture, of a kind that every browser shows.
pub(crate) struct Picture {
    media_type: &'static str,
    taken: Taken,
}

impl FromRequest for Picture {
    type Error = ApiError;
    type Future = Pin<Box<dyn Future<Output = Result<Self, ApiError>>>>;

    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let taken = Taken::within(req, payload, Some(MOST));
        Box::pin(async move {
            let taken = taken.await?;
            let unknown = || ApiError::invalid("body", "is not a PNG, JPEG or WebP image");
            let media_type = kind(&taken.bytes).ok_or_else(unknown)?;
            Ok(Self { media_type, taken })
        })
    }
}

fn kind(bytes: &[u8]) -> Option<&'static str> {
    let webp = bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP");
    if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
        Some("image/png")
    } else if bytes.starts_with(b"\xff\xd8\xff") {
        Some("image/jpeg")
    } else {
        webp.then_some("image/webp")
    }
}

/// Replaces the caller's picture.
#[utoipa::path(
    tag = "profile",
    request_body(
        content = Vec<u8>,
        content_type = "application/octet-stream",
        description = "A PNG, JPEG or WebP image of at most 512 KiB"
    ),
    responses(
        (status = 200, description = "The caller; `avatar_url` is where the picture is",
         body = UserView),
        (status = 413, description = "Too large", body = ErrorBody),
        (status = 422, description = "Another kind of file", body = ErrorBody),
    )
)]
#[put("/me/avatar")]
pub(crate) async fn replace_avatar(
    app: web::Data<AppState>,
    user: CurrentUser,
    picture: Picture,
) -> Result<HttpResponse, ApiError> {
    let bytes = picture.taken.bytes.to_vec();
    let digest = Sha256::digest(&bytes).to_vec();
    let avatar = Avatar {
        media_type: picture.media_type.to_owned(),
        bytes,
        digest,
    };
    // Another picture has another address: who shows it need not ask whether it changed.
    let version = HEXLOWER.encode(&avatar.digest);
    let version = version.get(..16).unwrap_or_default();
    let url = format!("/api/v1/users/{}/avatar?v={version}", user.id);
    let changed = app
        .database
        .set_avatar(user.home, user.id, &avatar, &url)
        .await?;
    Ok(HttpResponse::Ok().json(UserView::from(changed)))
}

/// Takes the caller's picture away.
#[utoipa::path(tag = "profile", responses((status = 204, description = "There is none")))]
#[delete("/me/avatar")]
pub(crate) async fn remove_avatar(
    app: web::Data<AppState>,
    user: CurrentUser,
) -> Result<HttpResponse, ApiError> {
    app.database.remove_avatar(user.home, user.id).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// The picture that a colleague uploaded.
#[utoipa::path(
    tag = "users",
    params(("id" = uuid::Uuid, Path)),
    responses(
        (status = 200, description = "A PNG, JPEG or WebP image", body = Vec<u8>,
         content_type = "image/png"),
        (status = 304, description = "It is the one of `If-None-Match`"),
        (status = 404, description = "No such user, or no picture", body = ErrorBody),
    )
)]
#[get("/users/{id}/avatar")]
pub(crate) async fn show_avatar(
    app: web::Data<AppState>,
    user: CurrentUser,
    req: HttpRequest,
    Id(id): Id<UserId>,
) -> Result<HttpResponse, ApiError> {
    let tenant = if id == user.id {
        user.home
    } else {
        user.acting
    };
    let avatar = app.database.find_avatar(tenant, id).await?;
    let avatar = avatar.ok_or(ApiError::NotFound)?;
    let tag = format!("\"{}\"", HEXLOWER.encode(&avatar.digest));
    let mut known = req.headers().get_all(IF_NONE_MATCH);
    let same = known.any(|held| held.to_str().is_ok_and(|held| held.contains(&tag)));
    let mut answer = if same {
        HttpResponse::NotModified()
    } else {
        HttpResponse::Ok()
    };
    answer
        .insert_header((ETAG, tag))
        .insert_header((CACHE_CONTROL, "private, max-age=86400"));
    if same {
        return Ok(answer.finish());
    }
    Ok(answer
        .insert_header((CONTENT_TYPE, avatar.media_type))
        .body(avatar.bytes))
}

#[cfg(test)]
mod tests {
    use super::kind;

    #[test]
    fn a_picture_is_known_by_its_first_bytes() {
        for (bytes, expected) in [
            (&b"\x89PNG\r\n\x1a\n...."[..], Some("image/png")),
            (b"\xff\xd8\xff\xe0", Some("image/jpeg")),
            (b"RIFF\x10\0\0\0WEBPVP8 ", Some("image/webp")),
            (b"RIFF\x10\0\0\0WAVEfmt ", None),
            (b"GIF89a", None),
            (b"<svg xmlns='http://www.w3.org/2000/svg'/>", None),
            (b"RIFF", None),
            (b"", None),
        ] {
            assert_eq!(kind(bytes), expected, "{bytes:?}");
        }
    }
}
