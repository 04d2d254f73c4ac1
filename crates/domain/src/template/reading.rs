//! The job that reads the templates of a business account from the provider.

use crate::ports::JobDraft;
use serde_json::json;

/// The kind of the job.
pub const KIND: &str = "sync_templates";

/// Has the account's templates read anew. Whichever channel of it can ask, asks.
#[must_use]
pub fn of(waba_id: &str) -> JobDraft {
    JobDraft {
        kind: KIND,
        key: waba_id.to_owned(),
        payload: json!({}),
        due: None,
    }
}
