//! Two records of one person become one.

use super::{CustomerDetail, change, detail};
use crate::app::AppState;
use crate::auth::CurrentUser;
use crate::error::{ApiError, ErrorBody};
use crate::http::audit::{Action, note_done};
use crate::http::extract::{Body, Id, Source};
use actix_web::{HttpResponse, post, web};
use garde::Validate;
use papo_domain::ports::CustomerChange;
use papo_domain::{CustomerId, MergeId, Role};
use papo_storage::DbError;
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;
use uuid::Uuid;

/// Which record ends.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct MergeCustomers {
    /// The customer whose names and conversations become the other's.
    #[garde(skip)]
    source_id: Uuid,
}

/// Makes another customer's record part of this one: names and conversations move here, what is
/// not known here is filled in. Conversations stay apart. It can be undone. For supervisors.
#[utoipa::path(
    tag = "customers",
    params(("id" = Uuid, Path, description = "The customer who stays")),
    request_body = MergeCustomers,
    responses(
        (status = 200, description = "The customer as they are now", body = CustomerDetail),
        (status = 404, description = "No such customer", body = ErrorBody),
        (status = 409, description = "One of them is part of another record", body = ErrorBody),
        (status = 422, description = "No such other customer, or the same one", body = ErrorBody),
    )
)]
#[post("/customers/{id}/merge")]
pub(crate) async fn merge_customers(
    app: web::Data<AppState>,
    user: CurrentUser,
    source: Source,
    Id(id): Id<CustomerId>,
    body: Body<MergeCustomers>,
) -> Result<HttpResponse, ApiError> {
    user.must_be(Role::Supervisor)?;
    let tenant = user.tenant()?;
    let other = CustomerId(body.value.source_id);
    if other == id {
        return Err(ApiError::invalid("source_id", "is the same customer"));
    }
    let (database, sight) = (&app.database, user.sight());
    database.find_customer(tenant, &sight, id).await?;
    match database.find_customer(tenant, &sight, other).await {
        Ok(_) => {}
        Err(DbError::NotFound) => return Err(ApiError::invalid("source_id", "is unknown")),
        Err(error) => return Err(error.into()),
    }
    let merge = CustomerChange::Merge {
        id: MergeId(Uuid::now_v7()),
        source: other,
        target: id,
        by: user.id,
    };
    let customer = change(&app, tenant, merge).await?;
    tracing::info!(tenant.id = %tenant, customer.id = %customer, by = %user.id, "customers merged");
    let entry = source.tells(&user, Action::CustomersMerged);
    let entry = entry
        .about("customer", id)
        .after(json!({ "merged": other }));
    note_done(&app, tenant, entry).await;
    Ok(HttpResponse::Ok().json(detail(&app, &user, customer).await?))
}
