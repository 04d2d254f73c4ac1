//! A new attribute.

use super::{AttributeView, KindName};
use crate::app::AppState;
use crate::auth::CurrentUser;
use crate::error::{ApiError, ErrorBody};
use crate::http::audit::Action;
use crate::http::extract::{Body, Source};
use crate::http::rules;
use actix_web::{HttpResponse, post, web};
use garde::Validate;
use papo_domain::Permission;
use papo_domain::customer::{ATTRIBUTES_MAX, AttributeKind};
use papo_storage::app::CustomerAttribute;
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

/// A new attribute.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CreateAttribute {
    /// 1 to 40 lower-case letters, digits and underscores, a letter first.
    #[garde(custom(key_shape))]
    #[schema(example = "plano")]
    key: String,
    #[garde(custom(rules::label))]
    #[schema(example = "Plano")]
    label: String,
    #[garde(skip)]
    kind: KindName,
    /// Needed for the kind `choice`, and for no other.
    #[garde(inner(custom(super::choices)))]
    choices: Option<Vec<String>>,
    /// Order in forms, lowest first.
    #[garde(range(min = 0, max = 10_000))]
    #[serde(default)]
    position: i32,
}

fn key_shape(value: &str, _: &()) -> garde::Result {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    let first = value.starts_with(|c: char| c.is_ascii_lowercase());
    if first && value.len() <= 40 && value.chars().all(plain) {
        return Ok(());
    }
    Err(garde::Error::new(
        "must be 1 to 40 lower-case letters, digits and underscores, a letter first",
    ))
}

fn kind(name: KindName, choices: Option<Vec<String>>) -> Result<AttributeKind, ApiError> {
    let kind = match (name, choices) {
        (KindName::Choice, Some(choices)) => AttributeKind::Choice(choices),
        (KindName::Choice, None) => {
            return Err(ApiError::invalid("choices", "are needed for this kind"));
        }
        (_, Some(_)) => {
            return Err(ApiError::invalid(
                "choices",
                "belong to the kind choice only",
            ));
        }
        (KindName::Text, None) => AttributeKind::Text,
        (KindName::Number, None) => AttributeKind::Number,
        (KindName::Date, None) => AttributeKind::Date,
        (KindName::Boolean, None) => AttributeKind::Boolean,
    };
    Ok(kind)
}

/// Adds an attribute that customers can have.
#[utoipa::path(
    tag = "customers",
    request_body = CreateAttribute,
    responses(
        (status = 201, description = "Created", body = AttributeView),
        (status = 403, description = "Not permitted", body = ErrorBody),
        (status = 409, description = "The key is taken", body = ErrorBody),
        (status = 422, description = "Invalid, or there are 50 already", body = ErrorBody),
    )
)]
#[post("/customer-attributes")]
pub(crate) async fn create_customer_attribute(
    app: web::Data<AppState>,
    user: CurrentUser,
    source: Source,
    body: Body<CreateAttribute>,
) -> Result<HttpResponse, ApiError> {
    user.must(Permission::CompanyManage)?;
    let tenant = user.tenant()?;
    let new = body.value;
    let attribute = CustomerAttribute {
        kind: kind(new.kind, new.choices)?,
        key: new.key,
        label: new.label.trim().to_owned(),
        position: new.position,
    };
    let known = app.database.list_customer_attributes(tenant).await?;
    if known.len() >= ATTRIBUTES_MAX {
        let problem = format!("cannot be added: there are {ATTRIBUTES_MAX} already");
        return Err(ApiError::invalid("key", problem));
    }
    let entry = source.tells(&user, Action::AttributeCreated);
    let entry = entry.about("customer_attribute", &attribute.key);
    let told = json!({ "label": attribute.label, "kind": attribute.kind.name() });
    let created = app
        .database
        .noting(entry.after(told))
        .create_customer_attribute(tenant, &attribute)
        .await?;
    Ok(HttpResponse::Created().json(AttributeView::from(created)))
}
