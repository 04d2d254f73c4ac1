//! `POST /{version}/{phone_number_id}/media`, what stands at a media id, and the addresses that files
//! are fetched from (docs/META.md, "Media").

use super::answer;
use super::error::GraphError;
use super::handler::{allow, allow_any};
use crate::shared::Shared;
use actix_multipart::{Field, Multipart};
use actix_web::http::header::CONTENT_TYPE;
use actix_web::{HttpRequest, HttpResponse, web};
use bytes::{Bytes, BytesMut};
use futures_util::StreamExt as _;
use serde_json::json;

const MB: usize = 1024 * 1024;
/// The largest file of any kind.
const FILE_MAX: usize = 100 * MB;
/// The longest field that is no file.
const FIELD_MAX: usize = 1024;

/// The types that are taken, with the most bytes of each. Others are refused with code 100.
const LIMITS: &[(&str, usize)] = &[
    ("image/jpeg", 5 * MB),
    ("image/png", 5 * MB),
    ("image/webp", 500 * 1024),
    ("video/mp4", 16 * MB),
    ("video/3gpp", 16 * MB),
    ("audio/aac", 16 * MB),
    ("audio/amr", 16 * MB),
    ("audio/mpeg", 16 * MB),
    ("audio/mp4", 16 * MB),
    ("audio/ogg", 16 * MB),
    ("audio/opus", 16 * MB),
    ("application/msword", FILE_MAX),
    ("application/pdf", FILE_MAX),
    ("application/vnd.ms-excel", FILE_MAX),
    ("application/vnd.ms-powerpoint", FILE_MAX),
    (
        "application/vnd.openxmlformats-officedocument.presentationml.presentation",
        FILE_MAX,
    ),
    (
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        FILE_MAX,
    ),
    (
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        FILE_MAX,
    ),
    ("text/plain", FILE_MAX),
];

type Path = web::Path<(String, String)>;

#[derive(Default)]
struct Form {
    product: Option<String>,
    kind: Option<String>,
    file: Option<(Bytes, String)>,
}

/// Takes a file.
pub(crate) async fn upload(
    request: HttpRequest,
    path: Path,
    body: Multipart,
    shared: web::Data<Shared>,
) -> HttpResponse {
    let (version, number) = path.into_inner();
    let allowed = shared.quietly(|world| allow(world, &request, &version, &number));
    let taken = match allowed {
        Ok(()) => read(body).await.and_then(checked),
        Err(error) => Err(error),
    };
    match taken {
        Err(error) => answer::refused(&error),
        Ok((bytes, kind)) => {
            let view = shared.with(|world| world.upload(&number, bytes, &kind));
            HttpResponse::Ok().json(json!({ "id": view.id }))
        }
    }
}

async fn read(mut body: Multipart) -> Result<Form, GraphError> {
    let unreadable = |error: actix_multipart::MultipartError| {
        GraphError::parameter(format!("The body is no form: {error}"))
    };
    let mut form = Form::default();
    while let Some(field) = body.next().await {
        let mut field = field.map_err(unreadable)?;
        let name = field.name().unwrap_or_default().to_owned();
        match name.as_str() {
            "file" => {
                let kind = field.content_type().map(ToString::to_string);
                let bytes = collect(&mut field, FILE_MAX).await?;
                form.file = Some((bytes, kind.unwrap_or_default()));
            }
            "messaging_product" | "type" => {
                let bytes = collect(&mut field, FIELD_MAX).await?;
                let value = String::from_utf8_lossy(&bytes).into_owned();
                if name == "type" {
                    form.kind = Some(value);
                } else {
                    form.product = Some(value);
                }
            }
            _ => drop(collect(&mut field, FIELD_MAX).await?),
        }
    }
    Ok(form)
}

async fn collect(field: &mut Field, most: usize) -> Result<Bytes, GraphError> {
    let mut bytes = BytesMut::new();
    while let Some(chunk) = field.next().await {
        let chunk = chunk
            .map_err(|error| GraphError::parameter(format!("A field cannot be read: {error}")))?;
        if bytes.len() + chunk.len() > most {
            return Err(GraphError::new(131_053, "The file is too large"));
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes.freeze())
}

/// The bytes and their type.
fn checked(form: Form) -> Result<(Bytes, String), GraphError> {
    if form.product.as_deref() != Some("whatsapp") {
        return Err(GraphError::parameter("messaging_product must be whatsapp"));
    }
    let (bytes, part) = form
        .file
        .ok_or_else(|| GraphError::parameter("file is required"))?;
    let kind = form.kind.filter(|kind| !kind.is_empty()).unwrap_or(part);
    let plain = kind.split(';').next().unwrap_or_default().trim();
    let most = LIMITS
        .iter()
        .find(|(known, _)| *known == plain)
        .map(|(_, most)| *most);
    let most =
        most.ok_or_else(|| GraphError::parameter(format!("file must not be of type '{plain}'")))?;
    match bytes.len() {
        0 => Err(GraphError::parameter("file is empty")),
        length if length > most => Err(GraphError::new(
            131_053,
            format!("A file of type {plain} has at most {most} bytes"),
        )),
        _ => Ok((bytes, kind)),
    }
}

/// What stands at a media id.
pub(super) fn describe(request: &HttpRequest, shared: &Shared, id: &str) -> HttpResponse {
    let found = shared.quietly(|world| {
        allow_any(world, request)?;
        world.file(id)
    });
    match found {
        Err(error) => answer::refused(&error),
        Ok((view, until_ms)) => {
            let connection = request.connection_info();
            let (scheme, host) = (connection.scheme(), connection.host());
            HttpResponse::Ok().json(json!({
                "url": format!("{scheme}://{host}/_media/{id}/{until_ms}"),
                "mime_type": view.mime_type,
                "sha256": view.sha256,
                "file_size": view.file_size,
                "id": id,
                "messaging_product": "whatsapp",
            }))
        }
    }
}

/// The bytes, for whoever has a token, as long as the address is good.
pub(crate) async fn download(
    request: HttpRequest,
    path: web::Path<(String, i64)>,
    shared: web::Data<Shared>,
) -> HttpResponse {
    let (id, until_ms) = path.into_inner();
    let (pause, lost) = shared.quietly(|world| world.file_fault());
    if let Some(pause) = pause {
        tokio::time::sleep(pause).await;
    }
    if lost {
        return HttpResponse::InternalServerError().finish();
    }
    let found =
        shared.quietly(|world| allow_any(world, &request).map(|()| world.file_at(&id, until_ms)));
    match found {
        Err(_) => HttpResponse::Unauthorized().finish(),
        Ok(None) => HttpResponse::NotFound().finish(),
        Ok(Some(file)) => HttpResponse::Ok()
            .insert_header((CONTENT_TYPE, file.view.mime_type.as_str()))
            .body(file.bytes),
    }
}

/// Forgets a file.
pub(crate) async fn delete(
    request: HttpRequest,
    path: Path,
    shared: web::Data<Shared>,
) -> HttpResponse {
    let (_, id) = path.into_inner();
    let gone = shared.with(|world| {
        allow_any(world, &request)?;
        world
            .delete_file(&id)
            .then_some(())
            .ok_or_else(|| GraphError::no_object(&id))
    });
    match gone {
        Err(error) => answer::refused(&error),
        Ok(()) => HttpResponse::Ok().json(json!({ "success": true })),
    }
}
