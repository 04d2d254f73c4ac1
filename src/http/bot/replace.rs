//! Editing a flow.

use super::{FlowBody, FlowView};
use crate::app::AppState;
use crate::auth::CurrentUser;
use crate::error::{ApiError, ErrorBody};
use crate::http::audit::Action;
use crate::http::extract::{Body, Id, Source};
use actix_web::{HttpResponse, put, web};
use papo_domain::Permission;
use serde_json::json;
use uuid::Uuid;

/// Replaces a flow. Running sessions go on where they stand; a node that is gone leads to a
/// person.
#[utoipa::path(
    tag = "bot",
    params(("id" = Uuid, Path)),
    request_body = FlowBody,
    responses(
        (status = 200, description = "The flow as it is now", body = FlowView),
        (status = 404, description = "No such flow", body = ErrorBody),
        (status = 409, description = "Edited by somebody else in between", body = ErrorBody),
        (status = 422, description = "All faults of the flow", body = ErrorBody),
    )
)]
#[put("/bot/flows/{id}")]
pub(crate) async fn replace_flow(
    app: web::Data<AppState>,
    user: CurrentUser,
    source: Source,
    Id(id): Id<Uuid>,
    body: Body<FlowBody>,
) -> Result<HttpResponse, ApiError> {
    user.must(Permission::BotConfig)?;
    let tenant = user.tenant()?;
    let version = body.value.version;
    let change = body.value.checked()?;
    let entry = source.tells(&user, Action::FlowReplaced).about("flow", id);
    let replaced = app
        .database
        .noting(entry.after(json!({ "version_before": version })))
        .replace_flow(tenant, id, version, &change)
        .await?;
    app.tenant_changed(tenant).await;
    Ok(HttpResponse::Ok().json(FlowView::from(replaced)))
}
