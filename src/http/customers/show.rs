//! One customer.

use super::{CustomerDetail, detail};
use crate::app::AppState;
use crate::auth::CurrentUser;
use crate::error::{ApiError, ErrorBody};
use crate::http::extract::Id;
use actix_web::{HttpResponse, get, web};
use papo_domain::{CustomerId, Permission};

/// A customer with names, attributes and conversations.
#[utoipa::path(
    tag = "customers",
    params(("id" = uuid::Uuid, Path)),
    responses(
        (status = 200, description = "The customer", body = CustomerDetail),
        (status = 404, description = "No such customer for the caller", body = ErrorBody),
    )
)]
#[get("/customers/{id}")]
pub(crate) async fn show_customer(
    app: web::Data<AppState>,
    user: CurrentUser,
    Id(id): Id<CustomerId>,
) -> Result<HttpResponse, ApiError> {
    user.must(Permission::ConversationRead)?;
    Ok(HttpResponse::Ok().json(detail(&app, &user, id).await?))
}
