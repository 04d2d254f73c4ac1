//! The user that [`authenticate`](crate::http::middleware::authenticate) found.

use crate::auth::CurrentUser;
use crate::error::{ApiError, AuthFault};
use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpMessage, HttpRequest};
use std::future::{Ready, ready};

/// Why there is no user.
#[derive(Clone, Copy, Debug)]
pub struct NotAuthenticated(pub AuthFault);

impl FromRequest for CurrentUser {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        let extensions = req.extensions();
        let fault = extensions.get::<NotAuthenticated>().map(|n| n.0);
        ready(
            extensions
                .get::<Self>()
                .cloned()
                .ok_or_else(|| ApiError::Unauthenticated(fault.unwrap_or(AuthFault::Missing))),
        )
    }
}
