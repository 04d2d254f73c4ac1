//! Deleting an attribute.

use crate::app::AppState;
use crate::auth::CurrentUser;
use crate::error::{ApiError, ErrorBody};
use crate::http::audit::Action;
use crate::http::extract::{Id, Source};
use actix_web::{HttpResponse, delete, web};
use papo_domain::Permission;

/// Deletes an attribute. Values that customers have are shown no more, and come back with an
/// attribute of the same key.
#[utoipa::path(
    tag = "customers",
    params(("id" = String, Path, description = "The attribute's key")),
    responses(
        (status = 204, description = "Deleted"),
        (status = 403, description = "Not permitted", body = ErrorBody),
        (status = 404, description = "No such attribute", body = ErrorBody),
    )
)]
#[delete("/customer-attributes/{id}")]
pub(crate) async fn delete_customer_attribute(
    app: web::Data<AppState>,
    user: CurrentUser,
    source: Source,
    Id(key): Id<String>,
) -> Result<HttpResponse, ApiError> {
    user.must(Permission::CompanyManage)?;
    let entry = source.tells(&user, Action::AttributeDeleted);
    app.database
        .noting(entry.about("customer_attribute", &key))
        .delete_customer_attribute(user.tenant()?, &key)
        .await?;
    Ok(HttpResponse::NoContent().finish())
}
