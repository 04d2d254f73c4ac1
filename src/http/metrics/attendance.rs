//! The attendance of a period by attendant, department, channel or day.

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
use papo_domain::TenantId;
use papo_domain::bot::normalise;
use papo_storage::app::Slice;
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

impl GroupBy {
    fn slice(self) -> Slice {
        match self {
            Self::Attendant => Slice::Attendant,
            Self::Department => Slice::Department,
            Self::Channel => Slice::Channel,
            Self::Day => Slice::Whole,
        }
    }
}

/// Which period, and what rows are made for.
#[derive(Debug, Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct AttendanceQuery {
    /// First day, `YYYY-MM-DD` in the tenant's time zone; 30 days up to the last one if left out.
    #[garde(inner(custom(rules::day)))]
    from: Option<NaiveDate>,
    /// Last day; today if left out.
    #[garde(inner(custom(rules::day)))]
    to: Option<NaiveDate>,
    #[garde(skip)]
    #[serde(default)]
    #[param(inline)]
    group_by: GroupBy,
    /// Only this department; at most one of the three may be given, and only with the days, or with
    /// rows of the same kind.
    #[garde(skip)]
    department_id: Option<Uuid>,
    #[garde(skip)]
    channel_id: Option<Uuid>,
    /// Who led last.
    #[garde(skip)]
    user_id: Option<Uuid>,
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
    let only = part(query.department_id, query.channel_id, query.user_id)?;
    let rows = rows(&app, tenant, period, query.group_by, only).await?;
    Ok(HttpResponse::Ok().json(AttendanceView {
        period,
        group_by: query.group_by,
        rows,
    }))
}

/// The rows, with names, in the order of these: of all that was done, or one part of it. What is
/// known of a part is known by day alone.
pub(super) async fn rows(
    app: &AppState,
    tenant: TenantId,
    period: Period,
    by: GroupBy,
    only: (Slice, Option<Uuid>),
) -> Result<Vec<RowView>, ApiError> {
    if let GroupBy::Day = by {
        let days = add_up(app, tenant, period, only, |day, _| day).await?;
        let days = days.into_views().map(|(day, measures)| RowView {
            id: None,
            name: Some(day.to_string()),
            measures,
        });
        return Ok(days.collect());
    }
    if only.1.is_some() && only.0 != by.slice() {
        let problem = "has no figures of one department, channel or attendant; 'day' has";
        return Err(ApiError::invalid("group_by", problem));
    }
    let wanted = (by.slice(), only.1);
    let parts = add_up(app, tenant, period, wanted, |_, part| part).await?;
    let names = app.database.part_names(tenant, by.slice()).await?;
    let names: HashMap<Uuid, String> = names.into_iter().collect();
    let mut rows: Vec<RowView> = parts
        .into_views()
        .map(|(id, measures)| RowView {
            id: Some(id).filter(|id| !id.is_nil()),
            name: names.get(&id).cloned(),
            measures,
        })
        .collect();
    in_order(&mut rows);
    Ok(rows)
}

/// By name, as a dictionary has them; what has none comes last.
fn in_order(rows: &mut [RowView]) {
    rows.sort_by_cached_key(|row| (row.name.is_none(), row.name.as_deref().map(normalise)));
}

#[cfg(test)]
mod tests {
    use super::{RowView, in_order};
    use crate::http::metrics::view::MeasuresView;

    #[test]
    fn names_stand_where_they_are_looked_for() {
        let named = |name: Option<&str>| RowView {
            id: None,
            name: name.map(str::to_owned),
            measures: MeasuresView::default(),
        };
        let names = [
            None,
            Some("Zeca"),
            Some("Érica"),
            Some("ana"),
            Some("Ágata"),
        ];
        let mut rows = names.map(named);
        in_order(&mut rows);
        let shown: Vec<Option<&str>> = rows.iter().map(|row| row.name.as_deref()).collect();
        let expected = [
            Some("Ágata"),
            Some("ana"),
            Some("Érica"),
            Some("Zeca"),
            None,
        ];
        assert_eq!(shown, expected);
    }
}
