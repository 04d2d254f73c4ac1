//! Listing the users who are online.

use crate::app::AppState;
use crate::auth::CurrentUser;
use crate::error::ApiError;
use crate::http::extract::Page;
use actix_web::{HttpResponse, get, web};
use papo_domain::{Permission, Role};
use papo_storage::app::User;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// A colleague with an open socket.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OnlineUser {
    id: Uuid,
    full_name: String,
    #[schema(value_type = String, example = "attendant")]
    role: Role,
    avatar_url: Option<String>,
    departments: Vec<Uuid>,
}

impl From<User> for OnlineUser {
    fn from(user: User) -> Self {
        Self {
            id: user.id.0,
            full_name: user.full_name,
            role: user.role,
            avatar_url: user.avatar_url,
            departments: user.departments.into_iter().map(Into::into).collect(),
        }
    }
}

/// Colleagues with at least one open socket, by name.
#[utoipa::path(
    tag = "users",
    responses((status = 200, description = "Who is there", body = Page<OnlineUser>))
)]
#[get("/users/online")]
pub(crate) async fn online_users(
    app: web::Data<AppState>,
    user: CurrentUser,
) -> Result<HttpResponse, ApiError> {
    user.must(Permission::ConversationRead)?;
    let tenant = user.tenant()?;
    let ids = app.engine.online(tenant).await?;
    let users = app.database.users_by_id(tenant, &ids).await?;
    Ok(HttpResponse::Ok().json(Page::whole(users, OnlineUser::from)))
}
