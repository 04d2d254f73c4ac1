//! Reports on attendance: for those who steer it.

mod attendance;
mod export;
mod overview;
mod period;
mod rows;
mod view;

pub(crate) use attendance::attendance_metrics;
pub(crate) use export::export_metrics;
pub(crate) use overview::metrics_overview;
