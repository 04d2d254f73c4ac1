//! Removes a file that was uploaded and never sent.

use super::kind::{Ended, Kind};
use crate::media::{MediaStore, key};
use futures_util::future::BoxFuture;
use papo_domain::ports::JobDraft;
use papo_domain::{MediaId, Timestamp};
use papo_storage::{ClaimedJob, Database, DbError};
use serde::{Deserialize, Serialize};

/// What is removed, unless it was sent.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct DropUpload {
    pub(crate) media: MediaId,
}

impl DropUpload {
    const KIND: &'static str = "drop_upload";

    /// The job, for when its time has come.
    ///
    /// # Errors
    /// Never, for an id.
    pub(crate) fn at(self, due: Timestamp) -> Result<JobDraft, serde_json::Error> {
        Ok(JobDraft {
            kind: Self::KIND,
            key: self.media.to_string(),
            payload: serde_json::to_value(self)?,
            due: Some(due),
        })
    }
}

/// Needs.
pub(crate) struct DropUploadJob {
    pub(crate) database: Database,
    pub(crate) store: MediaStore,
}

impl Kind for DropUploadJob {
    fn name(&self) -> &'static str {
        DropUpload::KIND
    }

    fn run<'a>(&'a self, job: &'a ClaimedJob) -> BoxFuture<'a, Ended> {
        Box::pin(async move {
            let Ok(DropUpload { media }) = serde_json::from_value(job.payload.clone()) else {
                return Ended::Never {
                    error: "the payload cannot be read".to_owned(),
                };
            };
            // The row goes first: what is not there cannot be sent. A try that ended between the two
            // finds no row, and only the bytes are left.
            let gone = match self.database.find_media(job.tenant, media).await {
                Err(DbError::NotFound) => Ok(true),
                Err(error) => Err(error),
                Ok(_) => {
                    let dropped = self.database.drop_unsent_upload(job.tenant, media).await;
                    dropped.map(|dropped| dropped.is_some())
                }
            };
            match gone {
                Err(error) => {
                    return Ended::NotNow {
                        error: error.to_string(),
                    };
                }
                Ok(false) => return Ended::Done,
                Ok(true) => {}
            }
            match self.store.delete(&key(job.tenant, media)).await {
                Ok(()) => Ended::Done,
                Err(fault) => Ended::Again {
                    error: fault.to_string(),
                    after: None,
                },
            }
        })
    }
}
