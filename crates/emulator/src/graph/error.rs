//! Meta's error codes: title, HTTP status and the body they come in (docs/META.md, "Errors"). Which
//! situation gets which code is decided where it is noticed.

use actix_web::http::StatusCode;
use serde_json::{Value, json};

/// A refusal as Meta words it. `code` decides; title and status only accompany it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct GraphError {
    pub(crate) code: u32,
    pub(crate) subcode: Option<u32>,
    pub(crate) details: String,
}

impl GraphError {
    pub(crate) fn new(code: u32, details: impl Into<String>) -> Self {
        Self {
            code,
            subcode: None,
            details: details.into(),
        }
    }

    /// 100: a parameter of the envelope is missing or wrong.
    pub(crate) fn parameter(details: impl Into<String>) -> Self {
        Self::new(100, details)
    }

    /// 131008: a field that this type of message needs is missing.
    pub(crate) fn missing(path: &str) -> Self {
        Self::new(131_008, format!("{path} is missing"))
    }

    /// 131009: a field has a value that is not allowed.
    pub(crate) fn value(details: impl Into<String>) -> Self {
        Self::new(131_009, details)
    }

    /// 100/33: no such object, or not for this token.
    pub(crate) fn no_object(id: &str) -> Self {
        Self {
            code: 100,
            subcode: Some(33),
            details: format!(
                "Object with ID '{id}' does not exist or cannot be used by this token"
            ),
        }
    }

    pub(crate) fn status(&self) -> StatusCode {
        match self.code {
            190 => StatusCode::UNAUTHORIZED,
            10 => StatusCode::FORBIDDEN,
            4 | 80_007 | 130_429 | 131_056 => StatusCode::TOO_MANY_REQUESTS,
            131_000 | 131_016 => StatusCode::INTERNAL_SERVER_ERROR,
            2_500 | 132_001 => StatusCode::NOT_FOUND,
            _ => StatusCode::BAD_REQUEST,
        }
    }

    fn title(&self) -> &'static str {
        match self.code {
            10 => "Application does not have permission for this action",
            100 => "Invalid parameter",
            190 => "Access token is invalid or was revoked",
            2_500 => "Unknown path components",
            130_429 => "Rate limit hit",
            131_008 => "Required parameter is missing",
            131_009 => "Parameter value is not valid",
            131_016 => "Service overloaded",
            131_021 => "Recipient cannot be sender",
            131_026 => "Message undeliverable",
            131_047 => "Re-engagement message",
            131_051 => "Unsupported message type",
            131_053 => "Media upload error",
            131_056 => "(Business Account, Consumer Account) pair rate limit hit",
            132_000 => "Number of parameters does not match the expected number of params",
            132_001 => "Template name does not exist in the translation",
            _ => "Something went wrong",
        }
    }

    fn kind(&self) -> &'static str {
        if self.subcode == Some(33) {
            "GraphMethodException"
        } else {
            "OAuthException"
        }
    }

    /// The answer's body.
    pub(crate) fn body(&self, trace: &str) -> Value {
        let mut error = json!({
            "message": format!("(#{}) {}", self.code, self.title()),
            "type": self.kind(),
            "code": self.code,
            "error_data": {"messaging_product": "whatsapp", "details": self.details},
            "fbtrace_id": trace,
        });
        if let (Some(fields), Some(subcode)) = (error.as_object_mut(), self.subcode) {
            fields.insert("error_subcode".into(), subcode.into());
        }
        json!({ "error": error })
    }

    /// The same refusal inside a `failed` status.
    pub(crate) fn in_status(&self) -> Value {
        json!({
            "code": self.code,
            "title": self.title(),
            "message": self.title(),
            "error_data": {"details": self.details},
            "href": "https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes/",
        })
    }
}
