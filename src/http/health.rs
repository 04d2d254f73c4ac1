//! Probes, for whoever runs the server. They say nothing about any tenant.

use crate::app::AppState;
use crate::error::{ApiError, AuthFault};
use actix_web::http::StatusCode;
use actix_web::http::header::{AUTHORIZATION, ContentType};
use actix_web::{HttpRequest, HttpResponse, get, web};
use chrono::{DateTime, Utc};
use secrecy::ExposeSecret;
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::time::{Duration, Instant};
use utoipa::ToSchema;

/// No check takes longer.
const PATIENCE: Duration = Duration::from_secs(5);

/// How the server is.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Health {
    /// `healthy` or `unhealthy`.
    status: &'static str,
    timestamp: DateTime<Utc>,
    version: &'static str,
    environment: &'static str,
    /// Seconds since the start.
    uptime: u64,
    checks: Checks,
    /// Milliseconds that all checks took.
    total_response_time: u64,
}

/// What was looked at.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Checks {
    database: Check,
    engine: EngineCheck,
}

/// One part.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Check {
    /// `healthy` or `unhealthy`.
    status: &'static str,
    /// Milliseconds.
    response_time: u64,
}

/// The engine.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EngineCheck {
    /// `healthy` or `unhealthy`.
    status: &'static str,
    /// Milliseconds.
    response_time: u64,
    /// Slices of tenants that this node serves, of 256.
    held_shards: usize,
}

fn word(healthy: bool) -> &'static str {
    if healthy { "healthy" } else { "unhealthy" }
}

fn millis(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX)
}

async fn database(app: &AppState) -> (bool, Check) {
    let begun = Instant::now();
    let answer = tokio::time::timeout(PATIENCE, app.database.ping()).await;
    let healthy = matches!(answer, Ok(Ok(())));
    let check = Check {
        status: word(healthy),
        response_time: millis(begun),
    };
    (healthy, check)
}

async fn engine(app: &AppState) -> (bool, EngineCheck) {
    let begun = Instant::now();
    let answer = tokio::time::timeout(PATIENCE, app.engine.held_shards()).await;
    let held_shards = match answer {
        Ok(Ok(held)) => Some(held),
        _ => None,
    };
    let check = EngineCheck {
        status: word(held_shards.is_some()),
        response_time: millis(begun),
        held_shards: held_shards.unwrap_or_default(),
    };
    (held_shards.is_some(), check)
}

fn answer(healthy: bool, body: impl Serialize) -> HttpResponse {
    let status = if healthy {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    HttpResponse::build(status).json(body)
}

/// Everything the server needs.
#[utoipa::path(tag = "health", responses(
    (status = 200, description = "Healthy", body = Health),
    (status = 503, description = "Unhealthy; the same body", body = Health),
))]
#[get("/health")]
pub(crate) async fn health(app: web::Data<AppState>) -> HttpResponse {
    let begun = Instant::now();
    let ((database_up, database), (engine_up, engine)) =
        futures_util::future::join(database(&app), engine(&app)).await;
    let healthy = database_up && engine_up;
    answer(
        healthy,
        Health {
            status: word(healthy),
            timestamp: app.clock.now(),
            version: env!("CARGO_PKG_VERSION"),
            environment: app.config.environment.name(),
            uptime: app.started.elapsed().as_secs(),
            checks: Checks { database, engine },
            total_response_time: millis(begun),
        },
    )
}

/// Whether the process answers at all.
#[utoipa::path(tag = "health", responses((status = 200, description = "Alive", body = Object)))]
#[get("/health/live")]
pub(crate) async fn live() -> HttpResponse {
    HttpResponse::Ok().json(serde_json::json!({ "status": "healthy" }))
}

/// The database.
#[utoipa::path(tag = "health", responses(
    (status = 200, description = "Healthy", body = Check),
    (status = 503, description = "Unhealthy; the same body", body = Check),
))]
#[get("/health/db")]
pub(crate) async fn db(app: web::Data<AppState>) -> HttpResponse {
    let (healthy, check) = database(&app).await;
    answer(healthy, check)
}

/// Metrics in the format of Prometheus.
#[utoipa::path(tag = "health", responses(
    (status = 200, description = "Metrics", body = String, content_type = "text/plain"),
    (status = 401, description = "The configured token is missing or another one",
     body = crate::error::ErrorBody),
    (status = 404, description = "Switched off", body = crate::error::ErrorBody),
))]
#[get("/metrics")]
pub(crate) async fn metrics(
    app: web::Data<AppState>,
    req: HttpRequest,
) -> Result<HttpResponse, ApiError> {
    let recorder = app.metrics.as_ref().ok_or(ApiError::NotFound)?;
    let wanted = app.config.telemetry.metrics_token.expose_secret();
    if !wanted.is_empty() {
        let header = req
            .headers()
            .get(AUTHORIZATION)
            .and_then(|v| v.to_str().ok());
        let given = header
            .and_then(|v| v.strip_prefix("Bearer "))
            .unwrap_or_default();
        // Digests, so that the time of the comparison tells nothing.
        if Sha256::digest(given) != Sha256::digest(wanted) {
            return Err(ApiError::Unauthenticated(AuthFault::Invalid));
        }
    }
    Ok(HttpResponse::Ok()
        .content_type(ContentType::plaintext())
        .body(recorder.render()))
}

/// This document.
#[utoipa::path(tag = "health", responses(
    (status = 200, description = "The OpenAPI document", body = Object),
    (status = 404, description = "Switched off", body = crate::error::ErrorBody),
))]
#[get("/openapi.json")]
pub(crate) async fn openapi(app: web::Data<AppState>) -> Result<HttpResponse, ApiError> {
    if !app.config.features.openapi {
        return Err(ApiError::NotFound);
    }
    Ok(HttpResponse::Ok().json(app.openapi.as_ref()))
}
