//! How many sockets each user has on this node.

use papo_domain::{TenantId, UserId};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

type Person = (TenantId, UserId);

/// The sockets of everybody. Holds nobody without one.
#[derive(Debug, Default)]
pub(super) struct Seats {
    taken: Mutex<HashMap<Person, usize>>,
}

/// One socket of one user, as long as it lives.
#[derive(Debug)]
pub(super) struct Seat {
    seats: Arc<Seats>,
    person: Person,
}

impl Seats {
    /// A seat, unless the user has `most` already.
    pub(super) fn take(self: &Arc<Self>, person: Person, most: usize) -> Option<Seat> {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let count = taken.entry(person).or_default();
        (*count < most).then(|| {
            *count += 1;
            Seat {
                seats: Arc::clone(self),
                person,
            }
        })
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut taken = self
            .seats
            .taken
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = taken.get_mut(&self.person) {
            *count -= 1;
            if *count == 0 {
                taken.remove(&self.person);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Seats;
    use papo_domain::{TenantId, UserId};
    use std::sync::Arc;
    use uuid::Uuid;

    #[test]
    fn a_user_has_so_many_and_no_more() {
        let seats = Arc::new(Seats::default());
        let tenant = TenantId(Uuid::from_u128(1));
        let (ana, bruno) = (UserId(Uuid::from_u128(2)), UserId(Uuid::from_u128(3)));
        let first = seats.take((tenant, ana), 2).unwrap();
        let second = seats.take((tenant, ana), 2).unwrap();
        assert!(seats.take((tenant, ana), 2).is_none());
        assert!(seats.take((tenant, bruno), 2).is_some());
        drop(first);
        let third = seats.take((tenant, ana), 2);
        assert!(third.is_some());
        drop((second, third));
        assert!(seats.taken.lock().unwrap().is_empty());
    }
}
