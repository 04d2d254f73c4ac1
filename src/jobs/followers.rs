//! Keeps the followers of the event streams going: whenever something was committed here, and now
//! and then for what was committed elsewhere or before the process began.

use papo_domain::TenantId;
use papo_domain::ports::{EventBatch, EventSink, StoreError};
use papo_storage::{Follower, PgEngineStore};
use std::collections::BTreeSet;
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
    loop {
        tokio::select! {
            _ = sweeps.tick() => streams.tell(left_behind(&store).await),
            () = streams.bell.notified() => sleep(GATHER).await,
        }
        for tenant in streams.take() {
            for follower in Follower::ALL {
                if let Err(fault) = catch_up(&store, follower, tenant).await {
                    // The next event tries again, and so does the next look around. Neither the
                    // other followers nor other tenants wait for it.
                    let follower = follower.name();
                    tracing::warn!(tenant.id = %tenant, follower, %fault, "a stream was not followed");
                }
            }
        }
    }
}

async fn catch_up(
    store: &PgEngineStore,
    follower: Follower,
    tenant: TenantId,
) -> Result<(), StoreError> {
    while store.follow(follower, tenant).await? {}
    Ok(())
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
