//! The engine as people see it: for supervisors and administrators.

mod actors;
mod dead_letters;
mod jobs;
mod quarantine;
mod restarts;

pub(crate) use actors::show_actors;
pub(crate) use dead_letters::{discard_dead_letter, list_dead_letters, retry_dead_letter};
pub(crate) use jobs::{discard_job, list_jobs, retry_job};
pub(crate) use quarantine::{list_quarantine, resume_conversation};
pub(crate) use restarts::list_restarts;
