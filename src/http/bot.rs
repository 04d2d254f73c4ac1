//! The menu bot's scripts.

mod config;
mod create;
mod delete;
mod list;
mod publish;
mod rehearse;
mod replace;
mod show;
mod trial;

pub(crate) use config::{list_settings, replace_setting};
pub(crate) use create::create_flow;
pub(crate) use delete::delete_flow;
pub(crate) use list::list_flows;
pub(crate) use publish::publish_flow;
pub(crate) use rehearse::rehearse_flow;
pub(crate) use replace::replace_flow;
pub(crate) use show::{active_flow, show_flow};
pub(crate) use trial::{end_trials, list_trials, try_flow};

use crate::error::{ApiError, FieldFault};
use crate::http::rules;
use chrono::{DateTime, Utc};
use garde::Validate;
use papo_domain::bot::{Flow, FlowFault};
use papo_storage::app::{FlowChange, FlowRecord};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// A flow: `start` names the node where a session begins; `nodes` are `message`, `menu`,
/// `collect`, `hours`, `handoff` and `close`.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct FlowView {
    /// `null` for the flow that serves while no other is active.
    id: Option<Uuid>,
    name: String,
    is_active: bool,
    /// Raised by every edit.
    version: i32,
    #[schema(value_type = Object)]
    flow: Flow,
    created_at: Option<DateTime<Utc>>,
    updated_at: Option<DateTime<Utc>>,
}

impl From<FlowRecord> for FlowView {
    fn from(row: FlowRecord) -> Self {
        Self {
            id: Some(row.id),
            name: row.name,
            is_active: row.is_active,
            version: row.version,
            flow: row.flow,
            created_at: Some(row.created_at),
            updated_at: Some(row.updated_at),
        }
    }
}

/// A flow as it shall be.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct FlowBody {
    #[garde(custom(rules::label))]
    name: String,
    /// An active flow takes the place of the one before.
    #[garde(skip)]
    #[serde(default)]
    is_active: bool,
    #[garde(skip)]
    #[schema(value_type = Object)]
    flow: Flow,
    /// The version that was edited. A later edit by somebody else is then refused, not lost.
    #[garde(skip)]
    version: Option<i32>,
}

impl FlowBody {
    /// The change, if the flow can be used.
    fn checked(self) -> Result<FlowChange, ApiError> {
        usable(&self.flow)?;
        Ok(FlowChange {
            name: self.name.trim().to_owned(),
            is_active: self.is_active,
            flow: self.flow,
        })
    }
}

/// Refuses a flow that cannot be used, with all that is wrong with it.
fn usable(flow: &Flow) -> Result<(), ApiError> {
    let faults = flow.check();
    if faults.is_empty() {
        return Ok(());
    }
    let fault = |fault: FlowFault| FieldFault::new(format!("flow.{}", fault.field), fault.problem);
    Err(ApiError::Invalid(faults.into_iter().map(fault).collect()))
}
