//! The OpenAPI document: collected from the routes themselves, so that it cannot miss one, and
//! completed with what holds for all of them.

use crate::config::Server;
use crate::error::ErrorBody;
use crate::http;
use crate::http::extract::Bodies;
use actix_web::App;
use utoipa::openapi::content::ContentBuilder;
use utoipa::openapi::path::{Operation, PathItem};
use utoipa::openapi::response::ResponseBuilder;
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{Components, Info, OpenApi, Ref, RefOr, Server as Address};
use utoipa::{PartialSchema as _, ToSchema as _};
use utoipa_actix_web::AppExt as _;

const BEARER: &str = "bearer";
/// Operations without a login.
const OPEN: [&str; 7] = [
    "log_in",
    "show_link",
    "use_link",
    "verify_two_factor",
    "renew_tokens",
    "verify",
    "receive",
];

/// The document.
#[must_use]
pub fn document(server: &Server) -> OpenApi {
    let (_, mut document) = App::new()
        .into_utoipa_app()
        .configure(http::routes(&Bodies::of(server)))
        .split_for_parts();
    let mut info = Info::new("Papo", env!("CARGO_PKG_VERSION"));
    info.description = Some(env!("CARGO_PKG_DESCRIPTION").to_owned());
    document.info = info;
    document.servers = Some(vec![Address::new(server.public_url.as_str())]);
    let components = document.components.get_or_insert_with(Components::new);
    components.add_security_scheme(
        BEARER,
        SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer)),
    );
    components
        .schemas
        .insert(ErrorBody::name().into_owned(), ErrorBody::schema());
    for (path, item) in &mut document.paths.paths {
        for operation in operations(item) {
            complete(path, operation);
        }
    }
    document
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    [
        &mut item.get,
        &mut item.put,
        &mut item.post,
        &mut item.patch,
        &mut item.delete,
    ]
    .into_iter()
    .flatten()
}

fn complete(path: &str, operation: &mut Operation) {
    let id = operation.operation_id.as_deref().unwrap_or_default();
    if !path.starts_with("/api/") {
        return;
    }
    if !OPEN.contains(&id) {
        let no_scopes: [&str; 0] = [];
        operation.security = Some(vec![SecurityRequirement::new(BEARER, no_scopes)]);
        error(operation, "401", "Not logged in, or not any more");
        error(operation, "403", "Sem permissão");
        error(
            operation,
            "429",
            "Too many requests; come back after `Retry-After`",
        );
    }
    error(operation, "default", "Any other failure");
}

/// Adds an error, unless the route describes its own.
fn error(operation: &mut Operation, status: &str, description: &str) {
    let schema = RefOr::Ref(Ref::from_schema_name(ErrorBody::name()));
    let content = ContentBuilder::new().schema(Some(schema)).build();
    let response = ResponseBuilder::new()
        .description(description)
        .content("application/json", content)
        .build();
    operation
        .responses
        .responses
        .entry(status.to_owned())
        .or_insert(RefOr::T(response));
}

#[cfg(test)]
mod tests;
