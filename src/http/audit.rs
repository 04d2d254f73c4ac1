//! The audit trail: what goes into it, and reading it.

mod action;
mod list;

pub(crate) use action::Action;
pub(crate) use list::list_audit_events;
