//! A job whose rows cannot be stored together: one of them is to blame, and must not hold up the
//! others for ever. The job is cut in two as often as it takes to find that row, which is then
//! given an end that can be stored. Whoever asked is answered once, when all parts are.
//!
//! A commit is one conversation's and has nothing to cut: what it is worth is its actor's to say.

use crate::engine::fault::Fault;
use crate::lane::job::{Job, Reply, Work};
use papo_domain::ids::ChannelId;
use papo_domain::ports::{InboxVerdict, SendOutcome, StatusOutcome, StatusUpdate, StoreError};
use tokio::sync::oneshot;

/// What goes in place of a job that cannot be stored, in this order; the job itself where there
/// is nothing left to try. To be called on the lane's runtime.
pub(crate) fn apart(job: Job, why: &Fault) -> Result<Vec<Job>, Job> {
    let (lease, tenant) = (job.lease, job.tenant);
    let works = match job.work {
        Work::ApplyStatuses { mut rows, reply } if rows.len() > 1 => {
            let rest = rows.split_off(rows.len() / 2);
            let (reply, later) = both(reply, concat);
            let rest = Work::ApplyStatuses {
                rows: rest,
                reply: later,
            };
            vec![Work::ApplyStatuses { rows, reply }, rest]
        }
        Work::ApplyStatuses { rows, reply } => {
            let reason = why.to_string();
            tracing::error!(tenant.id = %tenant, reason, "a status cannot be stored and is dead");
            metrics::counter!("papo_dead_letters_total").increment(1);
            let dead = |(id, ..): (i64, ChannelId, StatusUpdate)| InboxVerdict::Dead {
                id,
                reason: reason.clone(),
            };
            let verdicts = rows.into_iter().map(dead).collect();
            let reply = instead(reply, |()| vec![StatusOutcome::Applied]);
            vec![Work::SettleInbox { verdicts, reply }]
        }
        Work::SettleSends { mut reports, reply } if reports.len() > 1 => {
            let rest = reports.split_off(reports.len() / 2);
            let (reply, later) = both(reply, |(), ()| ());
            let rest = Work::SettleSends {
                reports: rest,
                reply: later,
            };
            vec![Work::SettleSends { reports, reply }, rest]
        }
        // Whatever became of it cannot be written down: nobody knows.
        Work::SettleSends { mut reports, reply }
            if reports.iter().any(|r| r.outcome != SendOutcome::Unknown) =>
        {
            for report in &mut reports {
                let reason = why.to_string();
                tracing::error!(tenant.id = %tenant, message.id = %report.id, reason,
                                "the result of a send cannot be stored");
                report.outcome = SendOutcome::Unknown;
            }
            vec![Work::SettleSends { reports, reply }]
        }
        Work::ResolvePeers { mut queries, reply } if queries.len() > 1 => {
            let rest = queries.split_off(queries.len() / 2);
            let (reply, later) = both(reply, concat);
            let rest = Work::ResolvePeers {
                queries: rest,
                reply: later,
            };
            vec![Work::ResolvePeers { queries, reply }, rest]
        }
        Work::SettleInbox {
            mut verdicts,
            reply,
        } if verdicts.len() > 1 => {
            let rest = verdicts.split_off(verdicts.len() / 2);
            let (reply, later) = both(reply, |(), ()| ());
            let rest = Work::SettleInbox {
                verdicts: rest,
                reply: later,
            };
            vec![Work::SettleInbox { verdicts, reply }, rest]
        }
        work => return Err(Job { work, ..job }),
    };
    let job = |work| Job {
        lease,
        tenant,
        work,
    };
    Ok(works.into_iter().map(job).collect())
}

fn concat<T>(mut first: Vec<T>, second: Vec<T>) -> Vec<T> {
    first.extend(second);
    first
}

/// Two replies in place of one. What one part stored stays, even if the other could not be: every
/// job with rows may be asked again.
fn both<T: Send + 'static>(
    reply: Reply<T>,
    join: impl FnOnce(T, T) -> T + Send + 'static,
) -> (Reply<T>, Reply<T>) {
    let ((one, first), (two, second)) = (oneshot::channel(), oneshot::channel());
    tokio::spawn(async move {
        let (first, second) = (heard(first).await, heard(second).await);
        let answer = first.and_then(|first| Ok(join(first, second?)));
        // Nobody listening is fine, as for every job.
        let _ = reply.send(answer);
    });
    (one, two)
}

/// A reply to something else that was done instead.
fn instead<T, U>(reply: Reply<T>, answer: impl FnOnce(U) -> T + Send + 'static) -> Reply<U>
where
    T: Send + 'static,
    U: Send + 'static,
{
    let (other, done) = oneshot::channel();
    tokio::spawn(async move {
        let _ = reply.send(heard(done).await.map(answer));
    });
    other
}

async fn heard<T>(answer: oneshot::Receiver<Result<T, StoreError>>) -> Result<T, StoreError> {
    answer
        .await
        .map_err(|_closed| StoreError::Unavailable("the lane has ended".to_owned()))?
}
