//! The threads that run actors. `Actor::start` would put every actor on the caller's thread, so
//! each is placed by its id instead; the same id lands on the same thread.

use actix::{Actor, Addr, Arbiter, ArbiterHandle, Context};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

/// A fixed set of arbiters.
#[derive(Clone)]
pub(crate) struct ArbiterPool {
    handles: Arc<[ArbiterHandle]>,
}

impl ArbiterPool {
    /// `threads` new arbiters, or the current one if `threads` is 0 (tests under virtual time
    /// need every actor on the thread whose clock they move).
    pub(crate) fn new(threads: usize) -> Self {
        let handles = if threads == 0 {
            vec![Arbiter::current()]
        } else {
            (0..threads).map(|_| Arbiter::new().handle()).collect()
        };
        Self {
            handles: handles.into(),
        }
    }

    /// Starts the actor that `make` builds on the thread of `key`.
    pub(crate) fn start<A>(
        &self,
        key: impl Hash,
        make: impl FnOnce(&mut Context<A>) -> A + Send + 'static,
    ) -> Addr<A>
    where
        A: Actor<Context = Context<A>>,
    {
        let mut hasher = DefaultHasher::new();
        key.hash(&mut hasher);
        let count = u64::try_from(self.handles.len()).unwrap_or(1).max(1);
        let place = usize::try_from(hasher.finish() % count).unwrap_or_default();
        match self.handles.get(place) {
            Some(handle) => A::start_in_arbiter(handle, make),
            None => A::create(make),
        }
    }
}
