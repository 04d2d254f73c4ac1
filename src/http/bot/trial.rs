//! Trying a draft: one customer, usually a phone of the team, has it before all others do.

use super::FlowView;
use crate::app::AppState;
use crate::auth::CurrentUser;
use crate::error::{ApiError, ErrorBody};
use crate::http::audit::Action;
use crate::http::extract::{Body, Id, Page, Source};
use crate::http::rules;
use actix_web::{HttpResponse, delete, get, post, web};
use chrono::{DateTime, Utc};
use garde::Validate;
use papo_domain::Permission;
use papo_storage::app::{NewTrial, TRIALS_MAX, TrialRecord};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use uuid::Uuid;

/// How long a trial takes unless it is ended before.
const MINUTES: u32 = 60;

/// Whose phone.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TryFlow {
    /// With `+` of any country, without it of Brazil. It must have written to one of the tenant's
    /// numbers before.
    #[garde(length(chars, max = rules::PHONE_MAX))]
    #[schema(example = "+55 11 99999-0001")]
    phone: String,
}

/// A trial that is running.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TrialView {
    flow_id: Uuid,
    customer_id: Uuid,
    customer_name: Option<String>,
    /// Digits, with the country.
    phone: Option<String>,
    started_by: Uuid,
    since: DateTime<Utc>,
    /// When it ends by itself.
    until: DateTime<Utc>,
}

impl From<TrialRecord> for TrialView {
    fn from(row: TrialRecord) -> Self {
        Self {
            flow_id: row.flow_id,
            customer_id: row.customer_id,
            customer_name: row.customer_name,
            phone: row.phone,
            started_by: row.started_by,
            since: row.since,
            until: row.until,
        }
    }
}

/// Lets one phone try a flow for an hour: whatever it writes next is answered by this flow, from
/// its start. All others go on with the one that serves. Edits of the flow are tried at once. A
/// phone has one trial; a conversation that a person leads stays with that person.
#[utoipa::path(
    tag = "bot",
    params(("id" = Uuid, Path)),
    request_body = TryFlow,
    responses(
        (status = 200, description = "The trial", body = TrialView),
        (status = 403, description = "Not permitted", body = ErrorBody),
        (status = 404, description = "No such flow", body = ErrorBody),
        (status = 422, description = "A number that never wrote, or too many trials", body = ErrorBody),
    )
)]
#[post("/bot/flows/{id}/try")]
pub(crate) async fn try_flow(
    app: web::Data<AppState>,
    user: CurrentUser,
    source: Source,
    Id(id): Id<Uuid>,
    body: Body<TryFlow>,
) -> Result<HttpResponse, ApiError> {
    user.must(Permission::BotConfig)?;
    let tenant = user.tenant()?;
    // Before anything is told of the number.
    let flow = FlowView::from(app.database.find_flow(tenant, id).await?);
    let alias = rules::wa_id(&body.value.phone)?;
    let known = app.database.customer_known_as(tenant, &alias).await?;
    let customer = known.ok_or_else(|| {
        let problem = "has never written to this tenant: write something from it first";
        ApiError::invalid("phone", problem)
    })?;
    let new = NewTrial {
        flow: id,
        customer,
        by: user.id,
        minutes: MINUTES,
    };
    let entry = source.tells(&user, Action::FlowTried).about("flow", id);
    let entry = entry.after(json!({ "customer_id": customer, "version": flow.version }));
    let begun = app.database.noting(entry).begin_trial(tenant, &new).await?;
    let trial = begun.ok_or_else(|| {
        let problem = format!("there are {TRIALS_MAX} trials already: end one of them");
        ApiError::invalid("phone", problem)
    })?;
    app.tenant_changed(tenant).await;
    Ok(HttpResponse::Ok().json(TrialView::from(trial)))
}

/// Ends all trials of a flow: the next answer is that of the flow that serves, from its start.
/// Without effect if there are none.
#[utoipa::path(
    tag = "bot",
    params(("id" = Uuid, Path)),
    responses(
        (status = 204, description = "Nobody tries it any more"),
        (status = 403, description = "Not permitted", body = ErrorBody),
        (status = 404, description = "No such flow", body = ErrorBody),
    )
)]
#[delete("/bot/flows/{id}/try")]
pub(crate) async fn end_trials(
    app: web::Data<AppState>,
    user: CurrentUser,
    source: Source,
    Id(id): Id<Uuid>,
) -> Result<HttpResponse, ApiError> {
    user.must(Permission::BotConfig)?;
    let tenant = user.tenant()?;
    let entry = source.tells(&user, Action::FlowTrialEnded);
    let noting = app.database.noting(entry.about("flow", id));
    noting.end_trials(tenant, id).await?;
    app.tenant_changed(tenant).await;
    Ok(HttpResponse::NoContent().finish())
}

/// The trials that are running, of all flows.
#[utoipa::path(
    tag = "bot",
    responses((status = 200, description = "All trials", body = Page<TrialView>))
)]
#[get("/bot/trials")]
pub(crate) async fn list_trials(
    app: web::Data<AppState>,
    user: CurrentUser,
) -> Result<HttpResponse, ApiError> {
    user.must(Permission::BotConfig)?;
    let rows = app.database.list_trials(user.tenant()?).await?;
    Ok(HttpResponse::Ok().json(Page::whole(rows, TrialView::from)))
}
