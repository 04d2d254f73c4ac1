//! The fake must hold to the store's semantics, or tests of the actors prove nothing. States are
//! built by hand here: what `decide` and `evolve` do is of no concern to a store.

mod commits;
mod draft;
mod gateway;
mod inbox;
mod leases;
mod outbox;
mod statuses;
mod time;

use super::{InMemoryStore, RecordingSink, Tenant, World};
use papo_domain::ConversationId;
use papo_domain::ports::{Claimed, Commit, Committed, EngineStore, Lease};
use std::sync::Arc;

const PHONE: &str = "5511988887777";

/// One node that holds every shard, one tenant, one conversation.
struct Bench {
    world: World,
    store: Arc<InMemoryStore>,
    sink: Arc<RecordingSink>,
    tenant: Tenant,
    lease: Lease,
    conversation: ConversationId,
}

impl Bench {
    async fn new() -> Self {
        let world = World::new();
        let tenant = world.tenant("shop");
        let store = world.node("a");
        let sink = Arc::new(RecordingSink::default());
        store.connect(sink.clone());
        let lease = lease_of(&store, &tenant).await;
        let conversation = world.open(&tenant, PHONE);
        Self {
            world,
            store,
            sink,
            tenant,
            lease,
            conversation,
        }
    }

    fn draft(&self) -> draft::Draft {
        draft::Draft::on(&self.world, &self.tenant, self.conversation)
    }

    async fn commit(&self, commit: Commit) -> Committed {
        self.store.commit(self.lease, commit).await.unwrap()
    }

    async fn claim(&self, limit: u32) -> Vec<Claimed> {
        let Tenant { id, channel, .. } = self.tenant;
        self.store
            .claim(self.lease, id, channel, limit)
            .await
            .unwrap()
    }

    async fn settle_sends(&self, reports: Vec<papo_domain::ports::SendReport>) {
        self.store
            .settle_sends(self.lease, self.tenant.id, reports)
            .await
            .unwrap();
    }
}

/// Takes every shard the node can have; the lease of the tenant's.
async fn lease_of(store: &InMemoryStore, tenant: &Tenant) -> Lease {
    let leases = store.take_leases().await.unwrap();
    leases
        .into_iter()
        .find(|lease| lease.shard == tenant.shard)
        .unwrap()
}
