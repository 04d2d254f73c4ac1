//! Creating a user, under the address that existing clients use.

use crate::app::AppState;
use crate::auth::CurrentUser;
use crate::error::{ApiError, ErrorBody};
use crate::http::extract::{Body, Source};
use crate::http::users::{CreateUser, CreatedUser, create};
use actix_web::{HttpResponse, post, web};

/// Creates a user; the same as `POST /users`. Nobody registers without an administrator.
#[utoipa::path(
    tag = "auth",
    request_body = CreateUser,
    responses(
        (status = 201, description = "Created", body = CreatedUser),
        (status = 403, description = "Not permitted", body = ErrorBody),
        (status = 409, description = "The address is taken", body = ErrorBody),
        (status = 422, description = "Invalid", body = ErrorBody),
    )
)]
#[post("/auth/register")]
pub(crate) async fn register_user(
    app: web::Data<AppState>,
    user: CurrentUser,
    source: Source,
    body: Body<CreateUser>,
) -> Result<HttpResponse, ApiError> {
    create(&app, &user, &source, body.value).await
}
