//! How much of the queue each tenant has. No tenant may have more than half of it, in deliveries
//! or in memory, so that one that is flooded is told to come again while its neighbours go in.

use papo_domain::ids::TenantId;
use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

/// The shares that are taken. As long as the tenants that have something in the queue.
#[derive(Clone)]
pub(super) struct Shares {
    most: Share,
    taken: Arc<Mutex<HashMap<TenantId, Share>>>,
}

#[derive(Clone, Copy, Default)]
struct Share {
    deliveries: usize,
    kib: u32,
}

/// One delivery's part of its tenants' shares, until it is dropped.
pub(super) struct Taken {
    tenants: BTreeSet<TenantId>,
    kib: u32,
    shares: Shares,
}

impl Shares {
    /// Halves of a queue of so many deliveries and kibibytes.
    pub(super) fn of(deliveries: usize, kib: u32) -> Self {
        let most = Share {
            deliveries: deliveries.div_ceil(2),
            kib: kib.div_ceil(2),
        };
        let taken = Arc::default();
        Self { most, taken }
    }

    /// Takes a delivery's part. None if one of its tenants has its half. A tenant that has
    /// nothing may always have one.
    pub(super) fn take(&self, tenants: BTreeSet<TenantId>, kib: u32) -> Option<Taken> {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let fits = |tenant| {
            taken.get(tenant).is_none_or(|share| {
                share.deliveries < self.most.deliveries
                    && share.kib.saturating_add(kib) <= self.most.kib
            })
        };
        if !tenants.iter().all(fits) {
            return None;
        }
        for tenant in &tenants {
            let share = taken.entry(*tenant).or_default();
            share.deliveries += 1;
            share.kib = share.kib.saturating_add(kib);
        }
        drop(taken);
        let shares = self.clone();
        Some(Taken {
            tenants,
            kib,
            shares,
        })
    }
}

impl Drop for Taken {
    fn drop(&mut self) {
        let taken = &self.shares.taken;
        let mut taken = taken.lock().unwrap_or_else(PoisonError::into_inner);
        for tenant in &self.tenants {
            let Some(share) = taken.get_mut(tenant) else {
                continue;
            };
            share.deliveries = share.deliveries.saturating_sub(1);
            share.kib = share.kib.saturating_sub(self.kib);
            if share.deliveries == 0 {
                taken.remove(tenant);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Shares;
    use papo_domain::ids::TenantId;
    use std::collections::BTreeSet;

    fn tenants<const N: usize>(ids: [u128; N]) -> BTreeSet<TenantId> {
        ids.map(|id| TenantId(uuid::Uuid::from_u128(id))).into()
    }

    #[test]
    fn a_flooded_tenant_has_half_and_leaves_the_rest_to_others() {
        let shares = Shares::of(8, 1_000);
        let flood: Vec<_> = (0..100)
            .map_while(|_| shares.take(tenants([1]), 1))
            .collect();
        assert_eq!(flood.len(), 4);
        assert!(shares.take(tenants([2]), 1).is_some());
        // Together with one who has no room there is none.
        assert!(shares.take(tenants([1, 2]), 1).is_none());
        drop(flood);
        assert!(shares.take(tenants([1, 2]), 1).is_some());
        assert!(shares.taken.lock().unwrap().is_empty());
    }

    #[test]
    fn memory_counts_as_well_but_one_may_always_come() {
        let shares = Shares::of(1_000, 10);
        let large = shares.take(tenants([1]), 9).unwrap();
        assert!(shares.take(tenants([1]), 1).is_none());
        drop(large);
        let small = shares.take(tenants([1]), 5).unwrap();
        assert!(shares.take(tenants([1]), 1).is_none());
        drop(small);
    }
}
