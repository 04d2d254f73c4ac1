//! The tenant's labels.

use crate::app::AppState;
use crate::auth::CurrentUser;
use crate::engine::Listed;
use crate::error::{ApiError, ErrorBody};
use crate::http::audit::{Action, named};
use crate::http::extract::{Body, Id, Page, Source};
use crate::http::rules;
use actix_web::{HttpResponse, delete, get, patch, post, web};
use chrono::{DateTime, Utc};
use garde::Validate;
use papo_domain::{LabelId, Permission, TenantId};
use papo_storage::app::{Label, LabelChange};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use uuid::Uuid;

/// The most labels of a tenant.
const MOST: usize = 200;

/// A label.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LabelView {
    id: Uuid,
    #[schema(example = "Reclamação")]
    name: String,
    /// `#` and six hexadecimal digits.
    #[schema(example = "#e03131")]
    colour: String,
    /// Not where a conversation's labels are shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    created_at: Option<DateTime<Utc>>,
}

impl From<Label> for LabelView {
    fn from(label: Label) -> Self {
        Self {
            id: label.id,
            name: label.name,
            colour: label.colour,
            created_at: Some(label.created_at),
        }
    }
}

/// A new label.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CreateLabel {
    #[garde(custom(rules::tag))]
    #[schema(example = "Reclamação")]
    name: String,
    #[garde(custom(rules::colour))]
    #[schema(example = "#e03131")]
    colour: String,
}

/// What changes; what is left out stays.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct UpdateLabel {
    #[garde(inner(custom(rules::tag)))]
    name: Option<String>,
    #[garde(inner(custom(rules::colour)))]
    colour: Option<String>,
}

/// The tenant's labels by name.
#[utoipa::path(
    tag = "labels",
    responses((status = 200, description = "All labels", body = Page<LabelView>))
)]
#[get("/labels")]
pub(crate) async fn list_labels(
    app: web::Data<AppState>,
    user: CurrentUser,
) -> Result<HttpResponse, ApiError> {
    user.must(Permission::ConversationRead)?;
    let rows = app.database.list_labels(user.tenant()?).await?;
    Ok(HttpResponse::Ok().json(Page::whole(rows, LabelView::from)))
}

/// Creates a label; a tenant has at most 200.
#[utoipa::path(
    tag = "labels",
    request_body = CreateLabel,
    responses(
        (status = 201, description = "Created", body = LabelView),
        (status = 403, description = "Not permitted", body = ErrorBody),
        (status = 409, description = "The name is taken", body = ErrorBody),
        (status = 422, description = "Invalid, or too many", body = ErrorBody),
    )
)]
#[post("/labels")]
pub(crate) async fn create_label(
    app: web::Data<AppState>,
    user: CurrentUser,
    source: Source,
    body: Body<CreateLabel>,
) -> Result<HttpResponse, ApiError> {
    user.must(Permission::HandoffManage)?;
    let tenant = user.tenant()?;
    if app.database.list_labels(tenant).await?.len() >= MOST {
        let problem = "is one more than the 200 labels there may be";
        return Err(ApiError::invalid("name", problem));
    }
    let (name, colour) = (body.value.name, body.value.colour.to_ascii_lowercase());
    let id = LabelId(Uuid::now_v7());
    let entry = source.tells(&user, Action::LabelCreated);
    let told = json!({ "name": name.trim(), "colour": colour });
    let created = app
        .database
        .noting(entry.about("label", id).after(told))
        .create_label(tenant, id, name.trim(), &colour)
        .await?;
    app.list_changed(tenant, Listed::Labels);
    Ok(HttpResponse::Created().json(LabelView::from(created)))
}

/// Changes a label, wherever it is.
#[utoipa::path(
    tag = "labels",
    params(("id" = Uuid, Path)),
    request_body = UpdateLabel,
    responses(
        (status = 200, description = "The label as it is now", body = LabelView),
        (status = 403, description = "Not permitted", body = ErrorBody),
        (status = 404, description = "No such label", body = ErrorBody),
        (status = 409, description = "The name is taken", body = ErrorBody),
        (status = 422, description = "Invalid", body = ErrorBody),
    )
)]
#[patch("/labels/{id}")]
pub(crate) async fn update_label(
    app: web::Data<AppState>,
    user: CurrentUser,
    source: Source,
    Id(id): Id<LabelId>,
    body: Body<UpdateLabel>,
) -> Result<HttpResponse, ApiError> {
    user.must(Permission::HandoffManage)?;
    let tenant = user.tenant()?;
    let UpdateLabel { name, colour } = body.value;
    let change = LabelChange {
        name: name.map(|name| name.trim().to_owned()),
        colour: colour.map(|colour| colour.to_ascii_lowercase()),
    };
    let before = known(&app, tenant, id).await?;
    let before = json!({ "name": before.name, "colour": before.colour });
    let after = named([
        ("name", change.name.as_ref().map(|v| json!(v))),
        ("colour", change.colour.as_ref().map(|v| json!(v))),
    ]);
    let entry = source.tells(&user, Action::LabelUpdated);
    let changed = app
        .database
        .noting(entry.about("label", id).change(&before, &after))
        .update_label(tenant, id, &change)
        .await?;
    app.list_changed(tenant, Listed::Labels);
    Ok(HttpResponse::Ok().json(LabelView::from(changed)))
}

/// Deletes a label, also from every conversation that has it.
#[utoipa::path(
    tag = "labels",
    params(("id" = Uuid, Path)),
    responses(
        (status = 204, description = "Gone"),
        (status = 403, description = "Not permitted", body = ErrorBody),
        (status = 404, description = "No such label", body = ErrorBody),
    )
)]
#[delete("/labels/{id}")]
pub(crate) async fn delete_label(
    app: web::Data<AppState>,
    user: CurrentUser,
    source: Source,
    Id(id): Id<LabelId>,
) -> Result<HttpResponse, ApiError> {
    user.must(Permission::HandoffManage)?;
    let tenant = user.tenant()?;
    let before = known(&app, tenant, id).await?;
    let mut entry = source.tells(&user, Action::LabelDeleted).about("label", id);
    entry.before = Some(json!({ "name": before.name, "colour": before.colour }));
    app.database.noting(entry).delete_label(tenant, id).await?;
    app.list_changed(tenant, Listed::Labels);
    Ok(HttpResponse::NoContent().finish())
}

async fn known(app: &AppState, tenant: TenantId, id: LabelId) -> Result<Label, ApiError> {
    let all = app.database.list_labels(tenant).await?;
    let found = all.into_iter().find(|label| label.id == id.0);
    found.ok_or(ApiError::NotFound)
}
