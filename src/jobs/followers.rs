//! Keeps the followers of the event streams going: whenever something was committed here, and now
//! and then for what was committed elsewhere or before the process began.

use papo_domain::TenantId;
use papo_domain::ports::{EventBatch, EventSink, StoreError};
use papo_storage::{Follower, PgEngineStore};
use std::collections::BTreeSet;
use std::future::ready;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time::{MissedTickBehavior, interval, sleep};

/// What comes within this time is taken in together: a follower's transaction is worth more than
/// one event.
const GATHER: Duration = Duration::from_millis(250);
/// How often streams are looked at that nobody spoke of.
const SWEEP: Duration = Duration::from_secs(30);

/// Passes on what the lanes hand over, and remembers whose streams went on.
pub(crate) struct Streams {
    inner: Arc<dyn EventSink>,
    news: Mutex<BTreeSet<TenantId>>,
    bell: Notify,
}

impl Streams {
    pub(crate) fn before(inner: Arc<dyn EventSink>) -> Self {
        Self {
            inner,
            news: Mutex::default(),
            bell: Notify::new(),
        }
    }

    fn tell(&self, tenants: impl IntoIterator<Item = TenantId>) {
        let mut news = self.news.lock().unwrap_or_else(PoisonError::into_inner);
        news.extend(tenants);
    }

    fn take(&self) -> BTreeSet<TenantId> {
        std::mem::take(&mut *self.news.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl EventSink for Streams {
    fn offer(&self, batch: EventBatch) {
        self.tell([batch.tenant]);
        self.bell.notify_one();
        self.inner.offer(batch);
    }

    fn inbox_ready(&self, tenant: TenantId) {
        self.inner.inbox_ready(tenant);
    }
}

/// Follows until it is aborted.
pub(super) async fn follow(store: PgEngineStore, streams: Arc<Streams>) {
    let mut sweeps = interval(SWEEP);
    sweeps.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut unread = BTreeSet::new();
    loop {
        tokio::select! {
            biased;
            _ = sweeps.tick() => streams.tell(left_behind(&store).await),
            () = ready(()), if !unread.is_empty() => {}
            () = streams.bell.notified() => sleep(GATHER).await,
        }
        unread.extend(streams.take());
        unread = round(unread, |follower, tenant| store.follow(follower, tenant)).await;
    }
}

/// Has every follower read a page of each of these streams, and returns those with more to read:
/// however long one is, no other waits for more than a page of it.
async fn round<Page: Future<Output = Result<bool, StoreError>>>(
    tenants: BTreeSet<TenantId>,
    read: impl Fn(Follower, TenantId) -> Page,
) -> BTreeSet<TenantId> {
    let mut unread = BTreeSet::new();
    for tenant in tenants {
        for follower in Follower::ALL {
            match read(follower, tenant).await {
                Ok(true) => {
                    unread.insert(tenant);
                }
                Ok(false) => {}
                // The next event tries again, and so does the next look around. Neither the
                // other followers nor other tenants wait for it.
                Err(fault) => {
                    let follower = follower.name();
                    tracing::warn!(tenant.id = %tenant, follower, %fault, "a stream was not followed");
                }
            }
        }
    }
    unread
}

async fn left_behind(store: &PgEngineStore) -> Vec<TenantId> {
    let mut tenants = Vec::new();
    for follower in Follower::ALL {
        match store.behind(follower, store.held_shards()).await {
            Ok(found) => tenants.extend(found),
            Err(fault) => tracing::warn!(%fault, "streams could not be looked at"),
        }
    }
    tenants
}

#[cfg(test)]
mod tests {
    use super::{Follower, round};
    use papo_domain::TenantId;
    use papo_domain::ports::StoreError;
    use std::cell::RefCell;
    use std::collections::{BTreeMap, BTreeSet};
    use std::future::ready;
    use uuid::Uuid;

    /// A rebuild, or a first start, may leave a tenant a million events behind.
    #[tokio::test]
    async fn a_long_stream_holds_up_no_other() {
        let [long, short, broken] = [1, 2, 3].map(|n| TenantId(Uuid::from_u128(n)));
        let pages = RefCell::new(BTreeMap::from([(long, 40), (short, 2)]));
        let read = |_: Follower, tenant: TenantId| {
            let mut pages = pages.borrow_mut();
            let left = pages.get_mut(&tenant).map(|left| {
                *left -= 1;
                *left > 0
            });
            ready(left.ok_or_else(|| StoreError::Corrupt("seq".to_owned())))
        };
        let unread = round(BTreeSet::from([long, short, broken]), &read).await;
        assert_eq!(unread, BTreeSet::from([long, short]));
        assert_eq!(
            *pages.borrow(),
            BTreeMap::from([(long, 38), (short, 0)]),
            "each follower read a page of each"
        );
        assert_eq!(
            round(BTreeSet::from([long]), &read).await,
            BTreeSet::from([long])
        );
    }
}
