//! What can be asked of the state lane, and how each request is answered. A job is answered
//! exactly once: after the COMMIT that made it true, or with the reason why there was none.

use crate::engine::fault::Fault;
use papo_domain::Timestamp;
use papo_domain::conversation::Rejection;
use papo_domain::ids::{ChannelId, TenantId};
use papo_domain::ports::{
    ChannelHealth, Claimed, Commit, CommitError, Committed, CustomerChange, CustomerOutcome,
    InboxVerdict, Incident, Lease, OpenClaim, PeerQuery, ResolvedPeer, SendOutcome, SendReport,
    StatusOutcome, StatusUpdate, StoreError,
};
use tokio::sync::oneshot;

/// A request under a lease.
pub(crate) struct Job {
    pub(crate) lease: Lease,
    pub(crate) tenant: TenantId,
    pub(crate) work: Work,
}

pub(crate) type Reply<T> = oneshot::Sender<Result<T, StoreError>>;

/// The request, by the port's method.
pub(crate) enum Work {
    Commit {
        commit: Box<Commit>,
        reply: oneshot::Sender<Result<Committed, CommitError>>,
    },
    ResolvePeers {
        queries: Vec<PeerQuery>,
        reply: Reply<Vec<ResolvedPeer>>,
    },
    ChangeCustomer {
        change: Box<CustomerChange>,
        reply: Reply<CustomerOutcome>,
    },
    ApplyStatuses {
        rows: Vec<(i64, ChannelId, StatusUpdate)>,
        reply: Reply<Vec<StatusOutcome>>,
    },
    Claim {
        channel: ChannelId,
        limit: u32,
        reply: Reply<Vec<Claimed>>,
    },
    /// Only reads, but only here nothing of an earlier claim can still come to light behind it.
    OpenClaims {
        channel: ChannelId,
        reply: Reply<Vec<OpenClaim>>,
    },
    SettleSends {
        reports: Vec<SendReport>,
        reply: Reply<()>,
    },
    ExpireUnknown {
        reply: Reply<()>,
    },
    CountAttempts {
        ids: Vec<i64>,
        reply: Reply<Vec<u32>>,
    },
    SettleInbox {
        verdicts: Vec<InboxVerdict>,
        reply: Reply<()>,
    },
    RecordIncident {
        incident: Incident,
        reply: Reply<()>,
    },
    SetChannelHealth {
        channel: ChannelId,
        health: ChannelHealth,
        reply: Reply<()>,
    },
}

/// What a committed job is told.
#[derive(Debug, Default)]
pub(crate) enum Answer {
    Committed(Committed),
    Resolved(Vec<ResolvedPeer>),
    Customer(CustomerOutcome),
    Statuses(Vec<StatusOutcome>),
    Claimed(Vec<Claimed>),
    OpenClaims(Vec<OpenClaim>),
    Attempts(Vec<u32>),
    #[default]
    Done,
}

impl Job {
    /// The commit inside, if it is one.
    pub(crate) fn commit(&self) -> Option<&Commit> {
        match &self.work {
            Work::Commit { commit, .. } => Some(commit),
            _ => None,
        }
    }

    /// Answers a job whose batch is committed. Nobody listening is fine, since it is true all
    /// the same; except that claimed messages need a sender: the job that puts them back is
    /// returned.
    #[must_use]
    pub(crate) fn succeed(self, answer: Answer) -> Option<Self> {
        let wrong = || StoreError::Unavailable("the lane mixed up its answers".to_owned());
        match (self.work, answer) {
            (Work::Commit { reply, .. }, Answer::Committed(done)) => drop(reply.send(Ok(done))),
            (Work::ResolvePeers { reply, .. }, Answer::Resolved(done)) => {
                drop(reply.send(Ok(done)))
            }
            (Work::ChangeCustomer { reply, .. }, Answer::Customer(done)) => {
                drop(reply.send(Ok(done)))
            }
            (Work::ApplyStatuses { reply, .. }, Answer::Statuses(done)) => {
                drop(reply.send(Ok(done)))
            }
            (Work::Claim { reply, .. }, Answer::Claimed(done)) => {
                if let Err(Ok(unheard)) = reply.send(Ok(done)) {
                    return put_back(self.lease, self.tenant, &unheard);
                }
            }
            (Work::OpenClaims { reply, .. }, Answer::OpenClaims(done)) => {
                drop(reply.send(Ok(done)))
            }
            (Work::CountAttempts { reply, .. }, Answer::Attempts(done)) => {
                drop(reply.send(Ok(done)))
            }
            (
                Work::SettleSends { reply, .. }
                | Work::ExpireUnknown { reply }
                | Work::SettleInbox { reply, .. }
                | Work::RecordIncident { reply, .. }
                | Work::SetChannelHealth { reply, .. },
                Answer::Done,
            ) => drop(reply.send(Ok(()))),
            (work, _) => Self { work, ..self }.fail(&wrong().into()),
        }
        None
    }

    /// Answers a job that did not happen.
    pub(crate) fn fail(self, why: &Refusal) {
        match self.work {
            Work::Commit { reply, .. } => drop(reply.send(Err(why.clone().into()))),
            Work::ResolvePeers { reply, .. } => drop(reply.send(Err(why.clone().into()))),
            Work::ChangeCustomer { reply, .. } => drop(reply.send(Err(why.clone().into()))),
            Work::ApplyStatuses { reply, .. } => drop(reply.send(Err(why.clone().into()))),
            Work::Claim { reply, .. } => drop(reply.send(Err(why.clone().into()))),
            Work::OpenClaims { reply, .. } => drop(reply.send(Err(why.clone().into()))),
            Work::CountAttempts { reply, .. } => drop(reply.send(Err(why.clone().into()))),
            Work::SettleSends { reply, .. }
            | Work::ExpireUnknown { reply }
            | Work::SettleInbox { reply, .. }
            | Work::RecordIncident { reply, .. }
            | Work::SetChannelHealth { reply, .. } => {
                drop(reply.send(Err(why.clone().into())));
            }
        }
    }
}

fn put_back(lease: Lease, tenant: TenantId, unheard: &[Claimed]) -> Option<Job> {
    if unheard.is_empty() {
        return None;
    }
    let back = |message: &Claimed| SendReport {
        id: message.id,
        conversation: message.conversation,
        claim: message.claim,
        // In front of what came later.
        outcome: SendOutcome::Requeue {
            at: Timestamp::UNIX_EPOCH,
            counted: false,
        },
    };
    let (reply, _nobody) = oneshot::channel();
    Some(Job {
        lease,
        tenant,
        work: Work::SettleSends {
            reports: unheard.iter().map(back).collect(),
            reply,
        },
    })
}

/// Why a job did not happen. Nothing of it is stored, unless it is [`Refusal::Unheard`].
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Refusal {
    /// Another node holds the shard, or the tenant does not belong to it.
    Fenced,
    /// The stored version is another one.
    Conflict,
    /// It was done before, with this answer.
    Replayed(serde_json::Value),
    /// Its key was used for another request.
    KeyReused,
    /// Whoever was to have it has no room.
    Refused(Rejection),
    /// Its COMMIT was sent, and nobody knows how it ended.
    Unheard(String),
    /// Any other reason.
    Store(StoreError),
}

impl From<Fault> for Refusal {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Unheard(text) => Self::Unheard(text),
            other => StoreError::from(other).into(),
        }
    }
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Fenced => Self::Fenced,
            other => Self::Store(other),
        }
    }
}

impl From<Refusal> for CommitError {
    fn from(why: Refusal) -> Self {
        match why {
            Refusal::Fenced => Self::Fenced,
            Refusal::Conflict => Self::Conflict,
            Refusal::Replayed(answer) => Self::Replayed(answer),
            Refusal::KeyReused => Self::KeyReused,
            Refusal::Refused(rejection) => Self::Refused(rejection),
            Refusal::Unheard(text) => Self::Unknown(text),
            Refusal::Store(StoreError::Busy) => Self::Busy,
            Refusal::Store(StoreError::Corrupt(text)) => Self::Poison(text),
            Refusal::Store(other) => Self::Unavailable(other.to_string()),
        }
    }
}

impl From<Refusal> for StoreError {
    fn from(why: Refusal) -> Self {
        match why {
            Refusal::Fenced => Self::Fenced,
            Refusal::Store(error) => error,
            Refusal::Unheard(text) => Self::Unavailable(text),
            // Only commits are compared or keyed.
            other => Self::Unavailable(format!("{other:?}")),
        }
    }
}
