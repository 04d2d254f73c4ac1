//! One user.

use super::UserView;
use crate::app::AppState;
use crate::auth::CurrentUser;
use crate::error::{ApiError, ErrorBody};
use crate::http::extract::Id;
use actix_web::{HttpResponse, get, web};
use papo_domain::{Role, UserId};

/// A user of the tenant; one's own is always visible.
#[utoipa::path(
    tag = "users",
    params(("id" = uuid::Uuid, Path)),
    responses(
        (status = 200, description = "The user", body = UserView),
        (status = 404, description = "No such user", body = ErrorBody),
    )
)]
#[get("/users/{id}")]
pub(crate) async fn show_user(
    app: web::Data<AppState>,
    user: CurrentUser,
    Id(id): Id<UserId>,
) -> Result<HttpResponse, ApiError> {
    let found = if id == user.id {
        app.database.find_user(user.home, id).await?
    } else {
        user.must_be(Role::Supervisor)?;
        app.database.find_user(user.acting, id).await?
    };
    Ok(HttpResponse::Ok().json(UserView::from(found)))
}
