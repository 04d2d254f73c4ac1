//! Keeps short answers out of compression, where it costs more than it saves. Actix compresses
//! whatever has no encoding yet, so an inner layer marks short bodies and an outer one takes the
//! mark off again.

use actix_web::Error;
use actix_web::body::{BodySize, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{CONTENT_ENCODING, HeaderValue};
use actix_web::middleware::Next;

/// Shorter answers stay plain; bytes.
const WORTH_IT: u64 = 1024;
const IDENTITY: HeaderValue = HeaderValue::from_static("identity");

/// The layer inside of compression.
///
/// # Errors
/// What the inner service failed with.
pub async fn small_stays_plain<B: MessageBody>(
    req: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, Error> {
    let mut response = next.call(req).await?;
    let short = matches!(
        response.response().body().size(),
        BodySize::Sized(0..WORTH_IT)
    );
    // What comes compressed keeps its name.
    if short && !response.headers().contains_key(CONTENT_ENCODING) {
        response.headers_mut().insert(CONTENT_ENCODING, IDENTITY);
    }
    Ok(response)
}

/// The layer outside of compression.
///
/// # Errors
/// What the inner service failed with.
pub async fn unmark<B: MessageBody>(
    req: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, Error> {
    let mut response = next.call(req).await?;
    if response.headers().get(CONTENT_ENCODING) == Some(&IDENTITY) {
        response.headers_mut().remove(CONTENT_ENCODING);
    }
    Ok(response)
}
