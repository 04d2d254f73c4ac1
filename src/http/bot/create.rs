//! Creating a flow.

use super::{FlowBody, FlowView};
use crate::app::AppState;
use crate::auth::CurrentUser;
use crate::error::{ApiError, ErrorBody};
use crate::http::audit::Action;
use crate::http::extract::{Body, Source};
use actix_web::{HttpResponse, post, web};
use papo_domain::Permission;
use papo_storage::app::FLOWS_MAX;
use uuid::Uuid;

/// Creates a flow. All that is wrong with it is told at once.
#[utoipa::path(
    tag = "bot",
    request_body = FlowBody,
    responses(
        (status = 201, description = "Created", body = FlowView),
        (status = 422, description = "All faults of the flow; or there are 100 already", body = ErrorBody),
    )
)]
#[post("/bot/flows")]
pub(crate) async fn create_flow(
    app: web::Data<AppState>,
    user: CurrentUser,
    source: Source,
    body: Body<FlowBody>,
) -> Result<HttpResponse, ApiError> {
    user.must(Permission::BotConfig)?;
    let tenant = user.tenant()?;
    let change = body.value.checked()?;
    let id = Uuid::now_v7();
    let entry = source.tells(&user, Action::FlowCreated).about("flow", id);
    let created = app
        .database
        .noting(entry)
        .create_flow(tenant, id, &change)
        .await?
        .ok_or_else(|| {
            let problem = format!("there are {FLOWS_MAX} flows already: delete one of them");
            ApiError::invalid("name", problem)
        })?;
    if created.is_active {
        app.tenant_changed(tenant).await;
    }
    Ok(HttpResponse::Created().json(FlowView::from(created)))
}
