//! Where each stream ends, for readers. It is asked once a second for every tenant with somebody
//! online, so it must not look through a year of days each time: what was read before is
//! remembered, and only what can have come since is looked at. The lane has a memory of its own.

use crate::engine::columns::{bigint, unsigned};
use crate::engine::fault::Fault;
use crate::engine::link::Link;
use crate::lane::stream;
use chrono::TimeDelta;
use papo_domain::Timestamp;
use papo_domain::ids::TenantId;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// The columns of [`stream::HEADS`], of a stream that is known to reach `$3`.
const NEWEST: &str = "SELECT $1::uuid, greatest(stream_head($1, $2), $3), now()";

#[cfg(test)]
pub(crate) const SQL: &[&str] = &[NEWEST];

/// An event bears the time at which its transaction began, and what a reading did not see had
/// begun at most a transaction's life before it. That is seconds; a day leaves room for clocks
/// that are put right.
const SLACK: TimeDelta = TimeDelta::days(1);

/// Streams remembered; forgotten all at once when full, since reading one anew is cheap.
const MOST: usize = 50_000;

/// What was read last of each stream: its head, and when. An older reading is as true as a newer
/// one, since no stream goes back; it only leaves more days to look at.
#[derive(Default)]
pub(crate) struct Heads {
    read: Mutex<HashMap<TenantId, (u64, Timestamp)>>,
}

impl Heads {
    /// The number of the newest event; 0 before the first.
    pub(crate) async fn of(&self, link: &Link, tenant: TenantId) -> Result<u64, Fault> {
        let rows = if let Some((head, at)) = self.last(tenant) {
            let since = at.checked_sub_signed(SLACK).unwrap_or(at);
            link.query(NEWEST, &[&tenant.0, &since, &bigint(head)])
                .await?
        } else {
            let tenants = [tenant.0];
            link.query(stream::HEADS, &[&tenants.as_slice()]).await?
        };
        let Some(row) = rows.first() else {
            return Ok(0);
        };
        let head = unsigned(row.try_get(1)?);
        self.remember(tenant, head, row.try_get(2)?);
        Ok(head)
    }

    fn last(&self, tenant: TenantId) -> Option<(u64, Timestamp)> {
        let read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        read.get(&tenant).copied()
    }

    fn remember(&self, tenant: TenantId, head: u64, at: Timestamp) {
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        if read.len() >= MOST && !read.contains_key(&tenant) {
            read.clear();
        }
        read.insert(tenant, (head, at));
    }
}
