//! The attendance of a period by attendant, department, channel or day.

use super::period::{Part, Period, open};
use super::view::MeasuresView;
use crate::app::AppState;
use crate::auth::CurrentUser;
use crate::error::{ApiError, ErrorBody};
use crate::http::extract::Query;
use actix_web::{HttpResponse, get, web};
use chrono::NaiveDate;
use garde::Validate;
use papo_domain::TenantId;
use papo_storage::app::Grouping;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// What the rows are made for.
#[derive(Clone, Copy, Debug, Default, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum GroupBy {
    #[default]
    Attendant,
    Department,
    Channel,
    Day,
}

impl From<GroupBy> for Grouping {
    fn from(by: GroupBy) -> Self {
        match by {
            GroupBy::Attendant => Self::Attendant,
            GroupBy::Department => Self::Department,
            GroupBy::Channel => Self::Channel,
            GroupBy::Day => Self::Day,
        }
    }
}

/// Which period, which part of the attendance, and what rows are made for.
#[derive(Debug, Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct AttendanceQuery {
    /// First day, `YYYY-MM-DD` in the tenant's time zone; 30 days up to the last one if left out.
    #[garde(skip)]
    from: Option<NaiveDate>,
    /// Last day; today if left out.
    #[garde(skip)]
    to: Option<NaiveDate>,
    #[garde(skip)]
    #[serde(default)]
    #[param(inline)]
    group_by: GroupBy,
    #[garde(skip)]
    department_id: Option<Uuid>,
    #[garde(skip)]
    channel_id: Option<Uuid>,
}

/// One row.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct RowView {
    /// Id of the attendant, department or channel; `null` for none, and for days.
    pub(super) id: Option<Uuid>,
    /// Its name, or the day as `YYYY-MM-DD`.
    pub(super) name: Option<String>,
    #[serde(flatten)]
    pub(super) measures: MeasuresView,
}

/// The rows of a period.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AttendanceView {
    period: Period,
    group_by: GroupBy,
    /// Whatever has something to show, by name.
    rows: Vec<RowView>,
}

/// The attendance of a period by attendant, department, channel or day. For supervisors.
#[utoipa::path(
    tag = "metrics",
    params(AttendanceQuery),
    responses(
        (status = 200, description = "The rows", body = AttendanceView),
        (status = 403, description = "Not permitted", body = ErrorBody),
        (status = 422, description = "No such period", body = ErrorBody),
    )
)]
#[get("/metrics/attendance")]
pub(crate) async fn attendance_metrics(
    app: web::Data<AppState>,
    user: CurrentUser,
    Query(query): Query<AttendanceQuery>,
) -> Result<HttpResponse, ApiError> {
    let (tenant, period) = open(&app, &user, query.from, query.to).await?;
    let part = Part {
        department: query.department_id,
        channel: query.channel_id,
        attendant: None,
    };
    let rows = rows(&app, tenant, period, part, query.group_by).await?;
    Ok(HttpResponse::Ok().json(AttendanceView {
        period,
        group_by: query.group_by,
        rows,
    }))
}

/// The rows, with names, in the order of these.
pub(super) async fn rows(
    app: &AppState,
    tenant: TenantId,
    period: Period,
    part: Part,
    by: GroupBy,
) -> Result<Vec<RowView>, ApiError> {
    let asked = period.query(part);
    let found = app.database.measures(tenant, &asked, by.into()).await?;
    let names = app.database.names(tenant, by.into()).await?;
    let names: HashMap<Uuid, String> = names.into_iter().collect();
    let mut rows: Vec<RowView> = found
        .iter()
        .map(|(key, measures)| {
            let id: Option<Uuid> = key.as_deref().and_then(|key| key.parse().ok());
            let name = match (by, id) {
                (GroupBy::Day, _) => key.clone(),
                (_, Some(id)) => names.get(&id).cloned(),
                (_, None) => None,
            };
            RowView {
                id,
                name,
                measures: MeasuresView::from(measures),
            }
        })
        .collect();
    rows.sort_by(|one, other| {
        (one.name.is_none(), &one.name).cmp(&(other.name.is_none(), &other.name))
    });
    Ok(rows)
}
