//! Listing users.

use super::{UserView, optional_role};
use crate::app::AppState;
use crate::auth::CurrentUser;
use crate::error::ApiError;
use crate::http::extract::{Cursor, Page, Query};
use actix_web::{HttpResponse, get, web};
use garde::Validate;
use papo_domain::{Role, UserId};
use papo_storage::app::UserFilter;
use serde::Deserialize;
use utoipa::IntoParams;

/// Which users.
#[derive(Debug, Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListUsers {
    /// Only this role.
    #[garde(skip)]
    #[serde(default, deserialize_with = "optional_role")]
    #[param(value_type = Option<String>)]
    role: Option<Role>,
    /// Only active or inactive ones.
    #[garde(skip)]
    is_active: Option<bool>,
    /// Part of a name, without regard to accents, or of an e-mail address.
    #[garde(length(chars, max = 100))]
    q: Option<String>,
    #[garde(skip)]
    #[serde(default)]
    #[param(value_type = Option<String>)]
    cursor: Cursor,
    /// Rows of a page, 1 to 100.
    #[garde(range(min = 1, max = 100))]
    #[serde(default = "crate::http::extract::default_limit")]
    #[param(default = 50)]
    limit: u32,
}

/// The tenant's users by name.
#[utoipa::path(
    tag = "users",
    params(ListUsers),
    responses((status = 200, description = "A page of users", body = Page<UserView>))
)]
#[get("/users")]
pub(crate) async fn list_users(
    app: web::Data<AppState>,
    user: CurrentUser,
    Query(query): Query<ListUsers>,
) -> Result<HttpResponse, ApiError> {
    user.must_be(Role::Supervisor)?;
    let after: Option<(String, UserId)> = query.cursor.key()?;
    let filter = UserFilter {
        role: query.role,
        is_active: query.is_active,
        text: query.q,
    };
    let limit = i64::from(query.limit) + 1;
    let rows = app
        .database
        .list_users(user.acting, &filter, after.as_ref(), limit)
        .await?;
    let key = |row: &papo_storage::app::User| (row.full_name.clone(), row.id);
    Ok(HttpResponse::Ok().json(Page::of(rows, query.limit, key, UserView::from)))
}
