//! The attendance of a period as a whole, and day by day.

use super::period::{Period, open};
use super::rows::{add_up, part};
use super::view::MeasuresView;
use crate::app::AppState;
use crate::auth::CurrentUser;
use crate::error::{ApiError, ErrorBody};
use crate::http::extract::Query;
use crate::http::rules;
use actix_web::{HttpResponse, get, web};
use chrono::NaiveDate;
use garde::Validate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// Which period, and which part of the attendance.
#[derive(Debug, Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct OverviewQuery {
    /// First day, `YYYY-MM-DD` in the tenant's time zone; 30 days up to the last one if left out.
    #[garde(inner(custom(rules::day)))]
    from: Option<NaiveDate>,
    /// Last day; today if left out.
    #[garde(inner(custom(rules::day)))]
    to: Option<NaiveDate>,
    /// Only this department; at most one of the three may be given.
    #[garde(skip)]
    department_id: Option<Uuid>,
    #[garde(skip)]
    channel_id: Option<Uuid>,
    /// Who led last.
    #[garde(skip)]
    user_id: Option<Uuid>,
}

/// A day's measures.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct DayView {
    day: NaiveDate,
    #[serde(flatten)]
    measures: MeasuresView,
}

/// The attendance of a period.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OverviewView {
    period: Period,
    totals: MeasuresView,
    /// As many days just before.
    previous: MeasuresView,
    /// Every day of the period, those without anything too.
    days: Vec<DayView>,
}

/// The attendance of a period, that of as many days before it, and day by day. For supervisors.
#[utoipa::path(
    tag = "metrics",
    params(OverviewQuery),
    responses(
        (status = 200, description = "The measures", body = OverviewView),
        (status = 403, description = "Not permitted", body = ErrorBody),
        (status = 422, description = "No such period", body = ErrorBody),
    )
)]
#[get("/metrics/overview")]
pub(crate) async fn metrics_overview(
    app: web::Data<AppState>,
    user: CurrentUser,
    Query(query): Query<OverviewQuery>,
) -> Result<HttpResponse, ApiError> {
    let (tenant, period) = open(&app, &user, query.from, query.to).await?;
    let part = part(query.department_id, query.channel_id, query.user_id)?;
    let days = add_up(&app, tenant, period, part, |day, _| day).await?;
    let previous = match period.before() {
        Some(before) => add_up(&app, tenant, before, part, |day, _| day)
            .await?
            .total(),
        None => MeasuresView::default(),
    };
    let all = period.from.iter_days().take_while(|day| *day <= period.to);
    Ok(HttpResponse::Ok().json(OverviewView {
        period,
        totals: days.total(),
        previous,
        days: all
            .map(|day| DayView {
                day,
                measures: days.get(&day),
            })
            .collect(),
    }))
}
