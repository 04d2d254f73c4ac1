//! How the control API refuses: `{"error": {"code", "message"}}`.

use crate::world::Refusal;
use actix_web::http::StatusCode;
use actix_web::{HttpResponse, ResponseError};
use serde_json::json;
use thiserror::Error;

/// A refused request.
#[derive(Debug, Error)]
#[error("{message}")]
pub(super) struct ControlError {
    status: StatusCode,
    code: &'static str,
    message: String,
}

impl ControlError {
    pub(super) fn bad_request(message: impl Into<String>) -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            code: "invalid",
            message: message.into(),
        }
    }
}

impl From<Refusal> for ControlError {
    fn from(refusal: Refusal) -> Self {
        let status = match refusal {
            Refusal::UnknownNumber(_)
            | Refusal::UnknownCustomer(_)
            | Refusal::UnknownMessage(_)
            | Refusal::NoSuchChoice { .. } => StatusCode::NOT_FOUND,
            Refusal::Invalid(_) => StatusCode::BAD_REQUEST,
            Refusal::Full(_) => StatusCode::SERVICE_UNAVAILABLE,
        };
        Self {
            status,
            code: refusal.code(),
            message: refusal.to_string(),
        }
    }
}

impl ResponseError for ControlError {
    fn status_code(&self) -> StatusCode {
        self.status
    }

    fn error_response(&self) -> HttpResponse {
        HttpResponse::build(self.status)
            .json(json!({"error": {"code": self.code, "message": self.message}}))
    }
}
