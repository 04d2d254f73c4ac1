//! What credentials open: an account's numbers, a token's permissions.

use super::answer;
use super::error::GraphError;
use super::handler::bearer;
use crate::shared::Shared;
use crate::world::TokenDigest;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;
use serde_json::{Value, json};

/// What every token of the emulator permits.
const SCOPES: [&str; 2] = [
    "whatsapp_business_management",
    "whatsapp_business_messaging",
];

#[derive(Deserialize)]
pub(crate) struct Debugged {
    input_token: String,
}

/// `GET /{version}/{waba_id}/phone_numbers`.
pub(crate) async fn account_numbers(
    request: HttpRequest,
    path: web::Path<(String, String)>,
    shared: web::Data<Shared>,
) -> HttpResponse {
    let (_, account) = path.into_inner();
    let found = shared.quietly(|world| {
        let token = TokenDigest::of(bearer(&request)?);
        if !world.is_good(token) {
            return Err(GraphError::new(190, "The access token is not valid"));
        }
        let lines: Vec<_> = world.lines_of(&account).collect();
        if !lines.iter().any(|line| line.knows(token)) {
            return Err(GraphError::no_object(&account));
        }
        let numbers = lines.iter().map(|line| {
            json!({
                "id": line.number.phone_number_id,
                "display_phone_number": line.number.display_phone_number,
                "verified_name": line.number.name,
            })
        });
        Ok(json!({ "data": numbers.collect::<Vec<Value>>() }))
    });
    answered(found)
}

/// `GET /{version}/debug_token?input_token=…`.
pub(crate) async fn debug_token(
    request: HttpRequest,
    query: web::Query<Debugged>,
    shared: web::Data<Shared>,
) -> HttpResponse {
    let found = shared.quietly(|world| {
        if !world.is_good(TokenDigest::of(bearer(&request)?)) {
            return Err(GraphError::new(190, "The access token is not valid"));
        }
        let valid = world.is_good(TokenDigest::of(&query.input_token));
        let scopes = if valid { &SCOPES[..] } else { &[] };
        Ok(json!({
            "data": {
                "type": "SYSTEM_USER",
                "is_valid": valid,
                "expires_at": 0,
                "scopes": scopes,
            }
        }))
    });
    answered(found)
}

fn answered(found: Result<Value, GraphError>) -> HttpResponse {
    found.map_or_else(
        |error| answer::refused(&error),
        |found| HttpResponse::Ok().json(found),
    )
}
