//! A merge taken back.

use super::{CustomerDetail, change, detail};
use crate::app::AppState;
use crate::auth::CurrentUser;
use crate::error::{ApiError, ErrorBody};
use crate::http::audit::{Action, note_done};
use crate::http::extract::{Id, Source};
use actix_web::{HttpResponse, post, web};
use papo_domain::ports::CustomerChange;
use papo_domain::{MergeId, Role};
use serde_json::json;

/// Undoes a merge: names and conversations go back to the record they came from, and so do values
/// that were filled in and nobody has changed since. For supervisors.
#[utoipa::path(
    tag = "customers",
    params(("id" = uuid::Uuid, Path, description = "Of the merge, as the customer shows it")),
    responses(
        (status = 200, description = "The customer who stayed, as they are now",
         body = CustomerDetail),
        (status = 404, description = "No such merge", body = ErrorBody),
        (status = 409, description = "It is undone already, or the record was merged on since",
         body = ErrorBody),
    )
)]
#[post("/customers/merges/{id}/undo")]
pub(crate) async fn undo_merge(
    app: web::Data<AppState>,
    user: CurrentUser,
    source: Source,
    Id(id): Id<MergeId>,
) -> Result<HttpResponse, ApiError> {
    user.must_be(Role::Supervisor)?;
    let tenant = user.tenant()?;
    // Another tenant's is not found before anything is asked of the owner.
    app.database.merge_target(tenant, id).await?;
    let undo = CustomerChange::Unmerge { id, by: user.id };
    let customer = change(&app, tenant, undo).await?;
    tracing::info!(tenant.id = %tenant, customer.id = %customer, by = %user.id, "merge undone");
    let entry = source.tells(&user, Action::MergeUndone);
    let entry = entry
        .about("customer", customer)
        .after(json!({ "merge": id }));
    note_done(&app, tenant, entry).await;
    Ok(HttpResponse::Ok().json(detail(&app, &user, customer).await?))
}
