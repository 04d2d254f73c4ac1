//! Changing an attribute.

use super::AttributeView;
use crate::app::AppState;
use crate::auth::CurrentUser;
use crate::error::{ApiError, ErrorBody};
use crate::http::audit::{Action, named};
use crate::http::extract::{Body, Id, Source};
use crate::http::rules;
use actix_web::{HttpResponse, patch, web};
use garde::Validate;
use papo_domain::Permission;
use papo_domain::customer::AttributeKind;
use papo_storage::app::AttributeChange;
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

/// What changes; what is left out stays. Key and kind stay always.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct UpdateAttribute {
    #[garde(inner(custom(rules::label)))]
    label: Option<String>,
    /// For the kind `choice` only. Values that customers have stay as they are.
    #[garde(inner(custom(super::choices)))]
    choices: Option<Vec<String>>,
    #[garde(range(min = 0, max = 10_000))]
    position: Option<i32>,
}

/// Changes how an attribute is called and what may be chosen.
#[utoipa::path(
    tag = "customers",
    params(("id" = String, Path, description = "The attribute's key")),
    request_body = UpdateAttribute,
    responses(
        (status = 200, description = "The attribute as it is now", body = AttributeView),
        (status = 403, description = "Not permitted", body = ErrorBody),
        (status = 404, description = "No such attribute", body = ErrorBody),
        (status = 422, description = "Invalid", body = ErrorBody),
    )
)]
#[patch("/customer-attributes/{id}")]
pub(crate) async fn update_customer_attribute(
    app: web::Data<AppState>,
    user: CurrentUser,
    source: Source,
    Id(key): Id<String>,
    body: Body<UpdateAttribute>,
) -> Result<HttpResponse, ApiError> {
    user.must(Permission::CompanyManage)?;
    let tenant = user.tenant()?;
    let change = body.value;
    let known = app.database.list_customer_attributes(tenant).await?;
    let found = known.into_iter().find(|attribute| attribute.key == key);
    let found = found.ok_or(ApiError::NotFound)?;
    if change.choices.is_some() && !matches!(found.kind, AttributeKind::Choice(_)) {
        return Err(ApiError::invalid(
            "choices",
            "belong to the kind choice only",
        ));
    }
    let change = AttributeChange {
        label: change.label.map(|label| label.trim().to_owned()),
        choices: change.choices,
        position: change.position,
    };
    let before = json!({
        "label": found.label, "choices": found.kind.choices(), "position": found.position,
    });
    let after = named([
        ("label", change.label.as_ref().map(|v| json!(v))),
        ("choices", change.choices.as_ref().map(|v| json!(v))),
        ("position", change.position.map(|v| json!(v))),
    ]);
    let entry = source.tells(&user, Action::AttributeUpdated);
    let entry = entry.about("customer_attribute", &key);
    let changed = app
        .database
        .noting(entry.change(&before, &after))
        .update_customer_attribute(tenant, &key, &change)
        .await?;
    Ok(HttpResponse::Ok().json(AttributeView::from(changed)))
}
