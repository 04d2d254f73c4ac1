//! Customers: what is known of them, and two records of one person becoming one.

mod history;
mod list;
mod merge;
mod show;
mod unmerge;
mod update;
mod view;

pub(crate) use history::customer_history;
pub(crate) use list::list_customers;
pub(crate) use merge::merge_customers;
pub(crate) use show::show_customer;
pub(crate) use unmerge::undo_merge;
pub(crate) use update::update_customer;
pub(crate) use view::{CustomerDetail, CustomerLine};

use crate::app::AppState;
use crate::auth::CurrentUser;
use crate::error::ApiError;
use papo_domain::customer::AttributeKind;
use papo_domain::ports::{CustomerChange, CustomerOutcome};
use papo_domain::{CustomerId, TenantId};
use std::collections::BTreeMap;

/// A customer as the caller sees them.
async fn detail(
    app: &AppState,
    user: &CurrentUser,
    id: CustomerId,
) -> Result<CustomerDetail, ApiError> {
    let tenant = user.tenant()?;
    let record = app
        .database
        .customer_record(tenant, &user.sight(), id)
        .await?;
    Ok(CustomerDetail::of(record, &attributes(app, tenant).await?))
}

/// The tenant's attributes by their keys.
async fn attributes(
    app: &AppState,
    tenant: TenantId,
) -> Result<BTreeMap<String, AttributeKind>, ApiError> {
    let all = app.database.list_customer_attributes(tenant).await?;
    Ok(all.into_iter().map(|a| (a.key, a.kind)).collect())
}

/// Has the owner make a change. Returns which customer it is now.
async fn change(
    app: &AppState,
    tenant: TenantId,
    change: CustomerChange,
) -> Result<CustomerId, ApiError> {
    match app.engine.change_customer(tenant, change).await? {
        CustomerOutcome::Changed(customer) => Ok(customer),
        CustomerOutcome::Refused(refusal) => Err(ApiError::Customer(refusal)),
    }
}
