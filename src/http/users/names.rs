//! Colleagues by name, for mentions and transfers.

use super::online::OnlineUser;
use crate::app::AppState;
use crate::auth::CurrentUser;
use crate::error::ApiError;
use crate::http::extract::{Cursor, Page, Query};
use actix_web::{HttpResponse, get, web};
use garde::Validate;
use papo_domain::{Permission, UserId};
use papo_storage::app::{User, UserFilter};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// How many colleagues.
#[derive(Debug, Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListColleagues {
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

/// A colleague, there or not.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Colleague {
    #[serde(flatten)]
    user: OnlineUser,
    /// They have an open socket.
    online: bool,
}

/// Active colleagues by name, also those who are not there.
#[utoipa::path(
    tag = "users",
    params(ListColleagues),
    responses((status = 200, description = "A page of them", body = Page<Colleague>))
)]
#[get("/users/names")]
pub(crate) async fn user_names(
    app: web::Data<AppState>,
    user: CurrentUser,
    Query(query): Query<ListColleagues>,
) -> Result<HttpResponse, ApiError> {
    user.must(Permission::ConversationRead)?;
    let tenant = user.tenant()?;
    let after: Option<(String, UserId)> = query.cursor.key()?;
    let filter = UserFilter {
        is_active: Some(true),
        ..UserFilter::default()
    };
    let limit = i64::from(query.limit) + 1;
    let rows = app
        .database
        .list_users(user.acting, &filter, after.as_ref(), limit)
        .await?;
    let there = app.engine.online(tenant).await?;
    let key = |row: &User| (row.full_name.clone(), row.id);
    let shown = |row: User| Colleague {
        online: there.contains(&row.id),
        user: OnlineUser::from(row),
    };
    Ok(HttpResponse::Ok().json(Page::of(rows, query.limit, key, shown)))
}
