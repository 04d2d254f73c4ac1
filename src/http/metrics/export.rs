//! The rows of a report as a file.

use super::attendance::{GroupBy, RowView, rows};
use super::period::{Period, open};
use super::rows::part;
use crate::app::AppState;
use crate::auth::CurrentUser;
use crate::error::{ApiError, ErrorBody};
use crate::http::extract::Query;
use crate::http::rules;
use actix_web::http::header::{ContentDisposition, DispositionParam, DispositionType};
use actix_web::{HttpResponse, get, web};
use chrono::NaiveDate;
use garde::Validate;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// The kind of file.
#[derive(Clone, Copy, Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Format {
    /// RFC 4180, UTF-8 with a byte order mark, so that spreadsheets read accents right.
    #[default]
    Csv,
    Json,
}

/// What stands between the cells of a CSV.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Separator {
    #[default]
    Comma,
    /// And commas in decimals: as spreadsheets read it that speak Portuguese.
    Semicolon,
}

/// Which period, what rows are made for, and as what.
#[derive(Debug, Deserialize, Validate, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ExportQuery {
    #[garde(skip)]
    #[serde(default)]
    #[param(inline)]
    format: Format,
    #[garde(skip)]
    #[serde(default)]
    #[param(inline)]
    separator: Separator,
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

/// A report as a file, to be opened in a spreadsheet or read by a program. For supervisors.
#[utoipa::path(
    tag = "metrics",
    params(ExportQuery),
    responses(
        (status = 200, description = "The file: CSV with a line of names, or a JSON array of rows",
         content_type = "text/csv", body = String),
        (status = 403, description = "Not permitted", body = ErrorBody),
        (status = 422, description = "No such period", body = ErrorBody),
    )
)]
#[get("/metrics/export")]
pub(crate) async fn export_metrics(
    app: web::Data<AppState>,
    user: CurrentUser,
    Query(query): Query<ExportQuery>,
) -> Result<HttpResponse, ApiError> {
    let (tenant, period) = open(&app, &user, query.from, query.to).await?;
    let only = part(query.department_id, query.channel_id, query.user_id)?;
    let rows = rows(&app, tenant, period, query.group_by, only).await?;
    Ok(match query.format {
        Format::Json => HttpResponse::Ok()
            .insert_header(attachment(period, "json"))
            .json(rows),
        Format::Csv => HttpResponse::Ok()
            .insert_header(attachment(period, "csv"))
            .content_type("text/csv; charset=utf-8")
            .body(table(&rows, query.separator).map_err(ApiError::internal)?),
    })
}

fn attachment(period: Period, extension: &str) -> ContentDisposition {
    let name = format!("papo-{}-{}.{extension}", period.from, period.to);
    ContentDisposition {
        disposition: DispositionType::Attachment,
        parameters: vec![DispositionParam::Filename(name)],
    }
}

const COLUMNS: [&str; 27] = [
    "id",
    "name",
    "sessions",
    "ended",
    "resolved",
    "resolution_rate",
    "contained",
    "containment_rate",
    "handoffs",
    "handoff_rate",
    "transfers",
    "messages_inbound",
    "messages_bot",
    "messages_staff",
    "waiting_median_seconds",
    "waiting_p90_seconds",
    "first_answer_median_seconds",
    "first_answer_p90_seconds",
    "duration_median_seconds",
    "attended",
    "closed",
    "handed_on",
    "sent",
    "handling_median_seconds",
    "handling_p90_seconds",
    "satisfaction_count",
    "satisfaction_average",
];

fn table(rows: &[RowView], separator: Separator) -> Result<Vec<u8>, csv::Error> {
    let delimiter = match separator {
        Separator::Comma => b',',
        Separator::Semicolon => b';',
    };
    let mut writer = csv::WriterBuilder::new()
        .delimiter(delimiter)
        .from_writer("\u{feff}".as_bytes().to_vec());
    writer.write_record(COLUMNS)?;
    for row in rows {
        writer.write_record(cells(row, separator))?;
    }
    writer
        .into_inner()
        .map_err(|error| error.into_error().into())
}

fn cells(row: &RowView, separator: Separator) -> [String; 27] {
    fn some(value: Option<impl ToString>) -> String {
        value.map(|value| value.to_string()).unwrap_or_default()
    }
    let decimal = |value| match separator {
        Separator::Comma => some(value),
        Separator::Semicolon => some(value).replace('.', ","),
    };
    let m = &row.measures;
    [
        some(row.id),
        row.name.as_deref().map(harmless).unwrap_or_default(),
        m.sessions.to_string(),
        m.ended.to_string(),
        m.resolved.to_string(),
        decimal(m.resolution_rate),
        m.contained.to_string(),
        decimal(m.containment_rate),
        m.handoffs.to_string(),
        decimal(m.handoff_rate),
        m.transfers.to_string(),
        m.messages.inbound.to_string(),
        m.messages.bot.to_string(),
        m.messages.staff.to_string(),
        some(m.waiting.median_seconds),
        some(m.waiting.p90_seconds),
        some(m.first_answer.median_seconds),
        some(m.first_answer.p90_seconds),
        some(m.duration.median_seconds),
        m.attended.to_string(),
        m.closed.to_string(),
        m.handed_on.to_string(),
        m.sent.to_string(),
        some(m.handling.median_seconds),
        some(m.handling.p90_seconds),
        m.satisfaction.count.to_string(),
        decimal(m.satisfaction.average),
    ]
}

/// A spreadsheet takes a cell that begins like a formula for one, whoever wrote it.
fn harmless(name: &str) -> String {
    if name.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        format!("'{name}")
    } else {
        name.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::{COLUMNS, RowView, Separator, table};
    use crate::http::metrics::view::MeasuresView;

    fn named(name: &str) -> RowView {
        RowView {
            id: None,
            name: Some(name.to_owned()),
            measures: MeasuresView::default(),
        }
    }

    #[test]
    fn a_table_reads_back_as_it_was_and_holds_no_formulas() {
        let rows = [named("Ação \"1\", vendas"), named("=1+1")];
        let bytes = table(&rows, Separator::Comma).expect("table");
        assert_eq!(bytes.get(..3), Some("\u{feff}".as_bytes()));
        let mut reader = csv::Reader::from_reader(bytes.get(3..).expect("text"));
        let header = reader.headers().expect("header").clone();
        assert_eq!(header.iter().collect::<Vec<_>>(), COLUMNS);
        let read: Vec<_> = reader.records().map(|row| row.expect("row")).collect();
        assert_eq!(read[0].get(1), Some("Ação \"1\", vendas"));
        assert_eq!(read[1].get(1), Some("'=1+1"));
        assert_eq!(read[0].get(14), Some(""), "not measured is not nought");
    }

    /// Where the comma is the decimal's, as in Brazil, nothing else would be read as a number.
    #[test]
    fn with_semicolons_decimals_have_commas() {
        let mut row = named("Ação; vendas, e mais");
        row.measures.resolution_rate = Some(0.667);
        let rows = [row];
        let lines = |separator| {
            let bytes = table(&rows, separator).expect("table");
            String::from_utf8(bytes).expect("text")
        };
        let semicolons = lines(Separator::Semicolon);
        assert!(semicolons.starts_with("\u{feff}id;name;sessions;"));
        assert!(semicolons.contains("\n;\"Ação; vendas, e mais\";0;0;0;0,667;"));
        assert!(lines(Separator::Comma).contains(",0,0,0,0.667,"));
    }
}
