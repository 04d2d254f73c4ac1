//! The tenants that run on this node, for whoever has something for them. Read by every request;
//! written when a tenant comes or goes.

use crate::mailbox::{Refused, offer};
use crate::tenant::{Doorbell, TenantActor};
use actix::dev::ToEnvelope;
use actix::{Addr, Context, Handler, Message};
use papo_domain::TenantId;
use std::collections::{HashMap, HashSet};
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

/// Addresses by tenant.
#[derive(Default)]
pub(super) struct Registry {
    tenants: RwLock<HashMap<TenantId, Addr<TenantActor>>>,
    /// Tenants that were found to belong to another node, so that the database is not asked at
    /// every doorbell of theirs.
    elsewhere: RwLock<HashSet<TenantId>>,
}

/// Tenants of other nodes that are remembered.
const ELSEWHERE_MAX: usize = 65_536;

/// Why a tenant did not get a message.
pub(super) enum Missed<M> {
    /// It does not run here (yet).
    Absent(M),
    /// It has too much to do.
    Full(M),
}

impl Registry {
    pub(super) fn insert(&self, tenant: TenantId, addr: Addr<TenantActor>) {
        write(&self.tenants).insert(tenant, addr);
    }

    /// Nobody reaches the tenant from here on. Returns its address, if it was there.
    pub(super) fn remove(&self, tenant: TenantId) -> Option<Addr<TenantActor>> {
        write(&self.tenants).remove(&tenant)
    }

    pub(super) fn has(&self, tenant: TenantId) -> bool {
        read(&self.tenants).contains_key(&tenant)
    }

    /// Those who run here.
    pub(super) fn tenants(&self) -> Vec<TenantId> {
        let tenants = read(&self.tenants);
        tenants.keys().copied().collect()
    }

    /// Offers a message. The stored address is used in place: a clone would bring a place of its
    /// own beyond the mailbox's bound.
    pub(super) fn offer<M>(&self, tenant: TenantId, message: M) -> Result<(), Missed<M>>
    where
        TenantActor: Handler<M>,
        Context<TenantActor>: ToEnvelope<TenantActor, M>,
        M: Message + Send + 'static,
        M::Result: Send,
    {
        let tenants = read(&self.tenants);
        let Some(addr) = tenants.get(&tenant) else {
            return Err(Missed::Absent(message));
        };
        offer(addr, message).map_err(|refused| match refused {
            Refused::Full(message) => Missed::Full(message),
            Refused::Closed(message) => Missed::Absent(message),
        })
    }

    /// An address for a question whose answer is awaited. Few ask at once.
    pub(super) fn addr(&self, tenant: TenantId) -> Option<Addr<TenantActor>> {
        read(&self.tenants).get(&tenant).cloned()
    }

    /// The tenant's shard is not held here.
    pub(super) fn note_elsewhere(&self, tenant: TenantId) {
        let mut elsewhere = write(&self.elsewhere);
        if elsewhere.len() >= ELSEWHERE_MAX {
            elsewhere.clear();
        }
        elsewhere.insert(tenant);
    }

    /// Shards were taken: whose tenants these are is unknown again.
    pub(super) fn forget_elsewhere(&self) {
        write(&self.elsewhere).clear();
    }

    pub(super) fn is_elsewhere(&self, tenant: TenantId) -> bool {
        read(&self.elsewhere).contains(&tenant)
    }

    /// Rings for new inbox rows. Whether the tenant runs here.
    pub(super) fn ring(&self, tenant: TenantId) -> bool {
        // A full mailbox holds other doorbells already, or the sweep will ring.
        !matches!(self.offer(tenant, Doorbell), Err(Missed::Absent(_)))
    }
}

fn read<T>(lock: &RwLock<T>) -> RwLockReadGuard<'_, T> {
    lock.read().unwrap_or_else(PoisonError::into_inner)
}

fn write<T>(lock: &RwLock<T>) -> RwLockWriteGuard<'_, T> {
    lock.write().unwrap_or_else(PoisonError::into_inner)
}
