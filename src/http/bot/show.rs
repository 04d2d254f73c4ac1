//! One flow, and the one that serves.

use super::FlowView;
use crate::app::AppState;
use crate::auth::CurrentUser;
use crate::error::{ApiError, ErrorBody};
use crate::http::extract::Id;
use actix_web::{HttpResponse, get, web};
use papo_domain::Permission;
use papo_domain::bot::default_flow;
use uuid::Uuid;

/// A flow.
#[utoipa::path(
    tag = "bot",
    params(("id" = Uuid, Path)),
    responses(
        (status = 200, description = "The flow", body = FlowView),
        (status = 404, description = "No such flow", body = ErrorBody),
    )
)]
#[get("/bot/flows/{id}")]
pub(crate) async fn show_flow(
    app: web::Data<AppState>,
    user: CurrentUser,
    Id(id): Id<Uuid>,
) -> Result<HttpResponse, ApiError> {
    user.must(Permission::BotConfig)?;
    let found = app.database.find_flow(user.tenant()?, id).await?;
    Ok(HttpResponse::Ok().json(FlowView::from(found)))
}

/// The flow that serves: the active one, or the built-in one.
#[utoipa::path(
    tag = "bot",
    responses((status = 200, description = "The flow that serves", body = FlowView))
)]
#[get("/bot/flows/active")]
pub(crate) async fn active_flow(
    app: web::Data<AppState>,
    user: CurrentUser,
) -> Result<HttpResponse, ApiError> {
    user.must(Permission::BotConfig)?;
    let active = app.database.active_flow(user.tenant()?).await?;
    let view = active.map_or_else(built_in, FlowView::from);
    Ok(HttpResponse::Ok().json(view))
}

fn built_in() -> FlowView {
    FlowView {
        id: None,
        name: "Padrão".to_owned(),
        is_active: true,
        version: 0,
        flow: default_flow(),
        created_at: None,
        updated_at: None,
    }
}
