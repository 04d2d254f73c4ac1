//! Room for files that are being uploaded: each holds a few megabytes for as long as its sender likes.

use papo_domain::TenantId;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Counts what is under way.
#[derive(Debug)]
pub struct Uploads {
    most: usize,
    /// Of one tenant: slow uploads of one must not shut out the others.
    share: usize,
    under_way: Mutex<HashMap<TenantId, usize>>,
}

/// A place, until it is dropped.
#[derive(Debug)]
pub struct Room {
    uploads: Arc<Uploads>,
    tenant: TenantId,
}

impl Uploads {
    /// Room for `most` in all, and for `share` of each tenant.
    #[must_use]
    pub fn new(most: usize, share: usize) -> Arc<Self> {
        Arc::new(Self {
            most,
            share,
            under_way: Mutex::default(),
        })
    }

    /// A place for one more, if there is one.
    #[must_use]
    pub fn enter(self: &Arc<Self>, tenant: TenantId) -> Option<Room> {
        let mut under_way = self.under_way();
        let theirs = under_way.get(&tenant).copied().unwrap_or_default();
        if theirs >= self.share || under_way.values().sum::<usize>() >= self.most {
            return None;
        }
        under_way.insert(tenant, theirs + 1);
        Some(Room {
            uploads: Arc::clone(self),
            tenant,
        })
    }

    fn under_way(&self) -> MutexGuard<'_, HashMap<TenantId, usize>> {
        self.under_way
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        let mut under_way = self.uploads.under_way();
        if let Some(count) = under_way.get_mut(&self.tenant) {
            *count -= 1;
            if *count == 0 {
                under_way.remove(&self.tenant);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Uploads;
    use papo_domain::TenantId;
    use uuid::Uuid;

    #[test]
    fn one_tenant_has_its_share_and_all_have_what_there_is() {
        let uploads = Uploads::new(3, 2);
        let [one, two, three] = [1, 2, 3].map(|n| TenantId(Uuid::from_u128(n)));
        let first = uploads.enter(one);
        let second = uploads.enter(one);
        assert!(first.is_some() && second.is_some());
        assert!(uploads.enter(one).is_none());
        let other = uploads.enter(two);
        assert!(other.is_some() && uploads.enter(three).is_none());
        drop(first);
        assert!(uploads.enter(three).is_some());
        let again = uploads.enter(one);
        assert!(again.is_some() && uploads.enter(one).is_none());
    }
}
