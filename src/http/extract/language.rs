//! The language of the caller.

use crate::error::Language;
use crate::http::middleware::RequestContext;
use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpMessage, HttpRequest};
use std::convert::Infallible;
use std::future::{Ready, ready};

/// What the caller reads, by `Accept-Language`.
#[derive(Clone, Copy, Debug)]
pub struct Reads(pub Language);

impl FromRequest for Reads {
    type Error = Infallible;
    type Future = Ready<Result<Self, Infallible>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        let context = req.extensions().get::<RequestContext>().cloned();
        ready(Ok(Self(context.unwrap_or_default().language)))
    }
}
