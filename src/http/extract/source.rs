//! From where a request comes, as logins and the audit trail remember it.

use super::client_address;
use crate::app::AppState;
use crate::error::ApiError;
use crate::http::middleware::RequestContext;
use actix_web::dev::Payload;
use actix_web::http::header::USER_AGENT;
use actix_web::{FromRequest, HttpMessage, HttpRequest, web};
use papo_storage::app::Device;
use std::future::{Ready, ready};

/// The most characters of a user agent that are kept.
const USER_AGENT_MAX: usize = 256;

/// Where a request comes from.
#[derive(Clone, Debug, Default)]
pub struct Source {
    pub device: Device,
    pub request_id: String,
}

impl Source {
    fn of(app: &AppState, req: &HttpRequest) -> Self {
        let agent = req.headers().get(USER_AGENT).and_then(|v| v.to_str().ok());
        let agent = agent.map(|agent| agent.chars().take(USER_AGENT_MAX).collect());
        let extensions = req.extensions();
        let context = extensions.get::<RequestContext>();
        Self {
            device: Device {
                user_agent: agent,
                address: Some(client_address(&app.config, req)),
            },
            request_id: context.map(|c| c.request_id.clone()).unwrap_or_default(),
        }
    }
}

impl FromRequest for Source {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        let Some(app) = req.app_data::<web::Data<AppState>>() else {
            return ready(Err(ApiError::internal("no application state")));
        };
        ready(Ok(Self::of(app, req)))
    }
}
