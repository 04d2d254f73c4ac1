//! Turns every error inside into the one error body.

use super::RequestContext;
use crate::error::ApiError;
use actix_cors::CorsError;
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage};

/// Renders errors in the caller's language, with the request's id.
///
/// # Errors
/// What the inner service failed with without an answer.
pub async fn render<B: MessageBody + 'static>(
    req: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let response = next.call(req).await?;
    let Some(error) = response.response().error() else {
        return Ok(response.map_into_boxed_body());
    };
    let context = response
        .request()
        .extensions()
        .get::<RequestContext>()
        .cloned();
    let context = context.unwrap_or_default();
    let rendered = match error.as_error::<ApiError>() {
        Some(error) => error.render(&context),
        // The framework's own refusals, of which only the status is known.
        None => foreign(error).render(&context),
    };
    Ok(ServiceResponse::new(response.into_parts().0, rendered))
}

fn foreign(error: &Error) -> ApiError {
    use actix_web::http::StatusCode;
    if error.as_error::<CorsError>().is_some() {
        return ApiError::Forbidden;
    }
    match error.as_response_error().status_code() {
        StatusCode::NOT_FOUND => ApiError::NotFound,
        StatusCode::PAYLOAD_TOO_LARGE => ApiError::TooLarge,
        StatusCode::UNSUPPORTED_MEDIA_TYPE => ApiError::UnsupportedMediaType,
        status if status.is_client_error() => {
            ApiError::Unreadable(crate::error::FieldFault::new("request", error.to_string()))
        }
        _ => ApiError::internal(error.to_string()),
    }
}
