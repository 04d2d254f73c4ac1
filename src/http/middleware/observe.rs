//! Request ids, one span and one log line per request, and request metrics. A line holds method,
//! route, status, time and ids: no query, no body, no address of a customer.

use crate::auth::CurrentUser;
use crate::error::Language;
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::http::header::{ACCEPT_LANGUAGE, HeaderMap, HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage};
use std::time::Instant;
use tracing::Instrument as _;
use uuid::Uuid;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const REQUEST_ID_MAX: usize = 64;

/// What an error's answer needs of its request.
#[derive(Clone, Debug, Default)]
pub struct RequestContext {
    pub request_id: String,
    pub language: Language,
}

impl RequestContext {
    fn of(headers: &HeaderMap) -> Self {
        let given = headers.get(&REQUEST_ID).and_then(|id| id.to_str().ok());
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        let request_id = given
            .filter(|id| (1..=REQUEST_ID_MAX).contains(&id.len()) && id.chars().all(plain))
            .map_or_else(|| Uuid::now_v7().to_string(), str::to_owned);
        let accepted = headers.get(ACCEPT_LANGUAGE).and_then(|l| l.to_str().ok());
        Self {
            request_id,
            language: language(accepted.unwrap_or_default()),
        }
    }
}

/// The first of Portuguese and English in the list wins; anything else is Portuguese.
fn language(accepted: &str) -> Language {
    accepted
        .split(',')
        .find_map(|part| {
            let tag = part.split(';').next()?.trim().to_ascii_lowercase();
            match tag.split('-').next()? {
                "en" => Some(Language::English),
                "pt" => Some(Language::Portuguese),
                _ => None,
            }
        })
        .unwrap_or_default()
}

/// A client can call its method what it likes, at any length; labels and lines hold only what is
/// known.
fn method_name(method: &Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "HEAD" => "HEAD",
        "POST" => "POST",
        "PUT" => "PUT",
        "PATCH" => "PATCH",
        "DELETE" => "DELETE",
        "OPTIONS" => "OPTIONS",
        _ => "other",
    }
}

/// Names, follows and counts the request.
///
/// # Errors
/// What the inner service failed with.
pub async fn observe<B: MessageBody>(
    req: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, Error> {
    let begun = Instant::now();
    let context = RequestContext::of(req.headers());
    let request_id = context.request_id.clone();
    let method = method_name(req.method());
    let span = tracing::info_span!("request", request.id = %request_id);
    req.extensions_mut().insert(context);

    let mut response = next.call(req).instrument(span.clone()).await?;

    if let Ok(value) = HeaderValue::from_str(&request_id) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    let status = response.status();
    // The pattern, never the path: paths hold ids, and there are no bounds to them.
    let route = response.request().match_pattern();
    let route = route.unwrap_or_else(|| "unknown".to_owned());
    let took = begun.elapsed();
    let labels = [
        ("method", method.to_owned()),
        ("route", route.clone()),
        ("status", status.as_str().to_owned()),
    ];
    metrics::counter!("http_requests_total", &labels).increment(1);
    metrics::histogram!("http_request_duration_seconds", "route" => route.clone())
        .record(took.as_secs_f64());
    let _inside = span.enter();
    let (tenant, user) = match response.request().extensions().get::<CurrentUser>() {
        Some(user) => (Some(user.acting), Some(user.id)),
        None => (None, None),
    };
    // The load itself: thousands a second of what every probe and delivery looks like.
    let routine = status.is_success() && tenant.is_none();
    let duration_ms = took.as_secs_f64() * 1000.0;
    if routine {
        tracing::debug!(
            method,
            route,
            status = status.as_u16(),
            duration_ms,
            "request"
        );
    } else {
        tracing::info!(
            method,
            route,
            status = status.as_u16(),
            duration_ms,
            tenant.id = tenant.map(tracing::field::display),
            user.id = user.map(tracing::field::display),
            "request"
        );
    }
    Ok(response)
}

#[cfg(test)]
mod tests {
    use super::{RequestContext, language};
    use crate::error::Language;
    use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};

    #[test]
    fn portuguese_unless_english_is_wanted_more() {
        for (accepted, expected) in [
            ("", Language::Portuguese),
            ("en", Language::English),
            ("en-US,en;q=0.9", Language::English),
            ("pt-BR,pt;q=0.9,en;q=0.8", Language::Portuguese),
            ("fr, en;q=0.5", Language::English),
            ("*", Language::Portuguese),
        ] {
            assert_eq!(language(accepted), expected, "{accepted}");
        }
    }

    #[test]
    fn a_strange_request_id_is_replaced() {
        let with = |value: &str| {
            let mut headers = HeaderMap::new();
            let name = HeaderName::from_static("x-request-id");
            headers.insert(name, HeaderValue::from_str(value).expect("value"));
            RequestContext::of(&headers).request_id
        };
        assert_eq!(with("abc-123"), "abc-123");
        assert_ne!(with("a b"), "a b");
        assert_ne!(with("{\"x\":1}"), "{\"x\":1}");
        assert_eq!(with(&"x".repeat(65)).len(), 36);
    }
}
