//! What a tenant's actors share: its title to the shard, its rules, and the small structures
//! through which children tell their parent things without a message.

use super::in_hand::InHand;
use super::wheel::Wheel;
use crate::api::EngineConfig;
use crate::channel::Bells;
use crate::ports::Ports;
use papo_domain::bot::{Flow, Trial};
use papo_domain::ports::{EngineStore, Lease};
use papo_domain::routing::Outlook;
use papo_domain::tenant::{Department, TenantPolicy};
use papo_domain::{CustomerId, TenantId, Timestamp};
use std::sync::{Arc, PoisonError, RwLock};

/// One tenant's life on this node.
pub(crate) struct Shared {
    pub(crate) tenant: TenantId,
    /// A new epoch means a new life, with a new `Shared`.
    pub(crate) lease: Lease,
    pub(crate) ports: Ports,
    pub(crate) config: Arc<EngineConfig>,
    pub(crate) in_hand: InHand,
    pub(crate) wheel: Wheel,
    pub(crate) bells: Bells,
    rules: RwLock<Arc<Rules>>,
    outlook: RwLock<Arc<Outlook>>,
    /// How often the desk was worked.
    #[cfg(test)]
    pub(crate) desk_works: std::sync::atomic::AtomicU64,
}

/// The tenant's data that decisions look at.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Rules {
    /// As the tenant's record tells.
    pub(crate) served: bool,
    pub(crate) policy: TenantPolicy,
    pub(crate) flow: Flow,
    pub(crate) trials: Vec<Trial>,
    pub(crate) departments: Vec<Department>,
}

impl Rules {
    /// The flow that `customer` has at `now`, and since when if it was another one before.
    pub(crate) fn flow_of(
        &self,
        customer: CustomerId,
        now: Timestamp,
    ) -> (&Flow, Option<Timestamp>) {
        let trial = self.trials.iter().find(|trial| trial.customer == customer);
        trial.map_or((&self.flow, None), |trial| trial.served(&self.flow, now))
    }
}

impl Shared {
    pub(crate) fn new(
        tenant: TenantId,
        lease: Lease,
        ports: Ports,
        config: Arc<EngineConfig>,
        rules: Rules,
    ) -> Self {
        Self {
            tenant,
            lease,
            ports,
            config,
            in_hand: InHand::default(),
            wheel: Wheel::default(),
            bells: Bells::default(),
            rules: RwLock::new(Arc::new(rules)),
            outlook: RwLock::default(),
            #[cfg(test)]
            desk_works: std::sync::atomic::AtomicU64::new(0),
        }
    }

    pub(crate) fn store(&self) -> &Arc<dyn EngineStore> {
        &self.ports.store
    }

    /// The rules as they are now; a decision uses one copy from start to end.
    pub(crate) fn rules(&self) -> Arc<Rules> {
        Arc::clone(&self.rules.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The queues as they were a moment ago.
    pub(crate) fn outlook(&self) -> Arc<Outlook> {
        Arc::clone(&self.outlook.read().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn set_outlook(&self, outlook: Outlook) {
        *self.outlook.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(outlook);
    }

    pub(crate) fn set_rules(&self, rules: Rules) {
        *self.rules.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(rules);
    }
}
