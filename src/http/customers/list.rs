//! Listing customers.

use super::CustomerLine;
use crate::app::AppState;
use crate::auth::CurrentUser;
use crate::error::{ApiError, ErrorBody};
use crate::http::extract::{Cursor, Page, Query};
use actix_web::{HttpResponse, get, web};
use garde::Validate;
use papo_domain::Permission;
use papo_storage::app::Customer;
use serde::Deserialize;
use utoipa::IntoParams;

/// Which customers.
#[derive(Debug, Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListCustomers {
    /// How words of name or e-mail address begin, without regard to accents, or how the number
    /// begins or ends.
    #[garde(length(chars, min = 2, max = 100))]
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

/// Customers, newest first. Attendants see those of the conversations that they see.
#[utoipa::path(
    tag = "customers",
    params(ListCustomers),
    responses(
        (status = 200, description = "A page of customers", body = Page<CustomerLine>),
        (status = 400, description = "A parameter cannot be read", body = ErrorBody),
    )
)]
#[get("/customers")]
pub(crate) async fn list_customers(
    app: web::Data<AppState>,
    user: CurrentUser,
    Query(query): Query<ListCustomers>,
) -> Result<HttpResponse, ApiError> {
    user.must(Permission::ConversationRead)?;
    let after = query.cursor.key()?;
    let limit = i64::from(query.limit) + 1;
    let text = query.q.as_deref().map(str::trim);
    let rows = app
        .database
        .list_customers(user.tenant()?, &user.sight(), text, after, limit)
        .await?;
    let key = |row: &Customer| row.id;
    Ok(HttpResponse::Ok().json(Page::of(rows, query.limit, key, CustomerLine::from)))
}
