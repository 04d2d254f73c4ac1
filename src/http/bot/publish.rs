//! Having a flow serve.

use super::FlowView;
use crate::app::AppState;
use crate::auth::CurrentUser;
use crate::error::{ApiError, ErrorBody};
use crate::http::audit::Action;
use crate::http::extract::{Id, Query, Source};
use actix_web::{HttpResponse, post, web};
use garde::Validate;
use papo_domain::Permission;
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

/// Which one.
#[derive(Debug, Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct PublishFlow {
    /// The version that was looked at. A later edit by somebody else is then not published unseen.
    #[garde(skip)]
    version: Option<i32>,
}

/// Publishes a draft: an inactive flow takes the place of the one that serves. Running sessions go
/// on in it where a node has the same name; else they are led to a person.
#[utoipa::path(
    tag = "bot",
    params(("id" = Uuid, Path), PublishFlow),
    responses(
        (status = 200, description = "The flow, which serves now", body = FlowView),
        (status = 403, description = "Not permitted", body = ErrorBody),
        (status = 404, description = "No such flow", body = ErrorBody),
        (status = 409, description = "It was edited since `version`", body = ErrorBody),
    )
)]
#[post("/bot/flows/{id}/publish")]
pub(crate) async fn publish_flow(
    app: web::Data<AppState>,
    user: CurrentUser,
    source: Source,
    Id(id): Id<Uuid>,
    Query(query): Query<PublishFlow>,
) -> Result<HttpResponse, ApiError> {
    user.must(Permission::BotConfig)?;
    let tenant = user.tenant()?;
    let entry = source.tells(&user, Action::FlowPublished).about("flow", id);
    let published = app
        .database
        .noting(entry)
        .publish_flow(tenant, id, query.version)
        .await?;
    app.tenant_changed(tenant).await;
    Ok(HttpResponse::Ok().json(FlowView::from(published)))
}
