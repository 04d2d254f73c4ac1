//! The threads that run actors. `Actor::start` would put every actor on the caller's thread, so
//! each is placed by its id instead; the same id lands on the same thread. Each thread has a
//! pulse: a handler that blocks stops every actor of its thread, and nothing else would tell.

use actix::dev::channel::channel;
use actix::{Actor, Addr, Arbiter, ArbiterHandle, AsyncContext, Context};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// How often a pulse beats.
pub(crate) const BEAT: Duration = Duration::from_secs(1);

/// A fixed set of arbiters.
#[derive(Clone)]
pub(crate) struct ArbiterPool {
    handles: Arc<[ArbiterHandle]>,
    beats: Arc<[Mutex<Beat>]>,
}

/// The newest beat of one arbiter.
struct Beat {
    at: Instant,
    /// The longest delay since somebody looked.
    worst: Duration,
}

/// Beats for as long as its arbiter lives.
struct Pulse {
    place: usize,
    beats: Arc<[Mutex<Beat>]>,
}

impl ArbiterPool {
    /// `threads` new arbiters, or the current one if `threads` is 0 (tests under virtual time
    /// need every actor on the thread whose clock they move).
    pub(crate) fn new(threads: usize) -> Self {
        let handles: Arc<[ArbiterHandle]> = if threads == 0 {
            Arc::new([Arbiter::current()])
        } else {
            (0..threads).map(|_| Arbiter::new().handle()).collect()
        };
        let beats: Arc<[_]> = handles.iter().map(|_| Mutex::new(Beat::now())).collect();
        for (place, handle) in handles.iter().enumerate() {
            let beats = Arc::clone(&beats);
            Pulse::start_in_arbiter(handle, move |_| Pulse { place, beats });
        }
        Self { handles, beats }
    }

    /// Starts the actor that `make` builds on the thread of `key`. Its mailbox takes `mailbox`
    /// messages from the beginning: a size that the actor sets itself holds only once it runs,
    /// and until then a tenant that wakes would refuse all but the first sixteen who come.
    pub(crate) fn start<A>(
        &self,
        key: impl Hash,
        mailbox: usize,
        make: impl FnOnce(&mut Context<A>) -> A + Send + 'static,
    ) -> Addr<A>
    where
        A: Actor<Context = Context<A>>,
    {
        let mut hasher = DefaultHasher::new();
        key.hash(&mut hasher);
        let count = u64::try_from(self.handles.len()).unwrap_or(1).max(1);
        let place = usize::try_from(hasher.finish() % count).unwrap_or_default();
        let (sender, receiver) = channel(mailbox);
        let run = move || {
            let mut ctx = Context::with_receiver(receiver);
            let actor = make(&mut ctx);
            ctx.run(actor);
        };
        match self.handles.get(place) {
            // A thread that has ended drops the receiver, and the address is a closed one.
            Some(handle) => drop(handle.spawn_fn(run)),
            None => run(),
        }
        Addr::new(sender)
    }

    /// How long each arbiter has let its actors wait: the longest delay since the last look, or
    /// what it is late by at `now`.
    pub(crate) fn late(&self, now: Instant) -> Vec<Duration> {
        self.beats.iter().map(|beat| look(beat, now)).collect()
    }
}

impl Beat {
    fn now() -> Self {
        Self {
            at: Instant::now(),
            worst: Duration::ZERO,
        }
    }
}

fn look(beat: &Mutex<Beat>, now: Instant) -> Duration {
    let mut beat = beat.lock().unwrap_or_else(PoisonError::into_inner);
    let running = now.duration_since(beat.at).saturating_sub(BEAT);
    std::mem::take(&mut beat.worst).max(running)
}

impl Pulse {
    fn beat(&self) {
        let Some(beat) = self.beats.get(self.place) else {
            return;
        };
        let mut beat = beat.lock().unwrap_or_else(PoisonError::into_inner);
        let late = beat.at.elapsed().saturating_sub(BEAT);
        *beat = Beat {
            at: Instant::now(),
            worst: beat.worst.max(late),
        };
    }
}

impl Actor for Pulse {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        self.beat();
        ctx.run_interval(BEAT, |pulse, _| pulse.beat());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix::{Handler, Message};

    /// Takes anything.
    struct Sink;

    impl Actor for Sink {
        type Context = Context<Self>;
    }

    #[derive(Message)]
    #[rtype(result = "()")]
    struct Any;

    impl Handler<Any> for Sink {
        type Result = ();

        fn handle(&mut self, Any: Any, _: &mut Self::Context) {}
    }

    #[actix::test]
    async fn a_mailbox_has_its_size_before_its_actor_runs() {
        let sink = ArbiterPool::new(0).start(1, 100, |_| Sink);
        let taken = (0..200).filter(|_| sink.try_send(Any).is_ok()).count();
        assert!((100..=101).contains(&taken), "{taken}");
    }

    #[actix::test]
    async fn an_arbiter_that_blocks_is_late_and_one_that_runs_is_not() {
        tokio::time::pause();
        let pool = ArbiterPool::new(0);
        // Timers ring up to a millisecond late.
        let jitter = Duration::from_millis(10);
        tokio::time::sleep(BEAT * 10).await;
        assert!(pool.late(Instant::now())[0] < jitter);
        // It does not answer now.
        let late = pool.late(Instant::now() + BEAT * 4);
        assert!(late[0] >= BEAT * 2, "{late:?}");
        // It did not answer for a while, and then did: the clock jumps past five beats at once.
        tokio::time::advance(BEAT * 6).await;
        tokio::time::sleep(Duration::from_millis(1)).await;
        let late = pool.late(Instant::now());
        assert!(late[0] >= BEAT * 4, "{late:?}");
        assert!(pool.late(Instant::now())[0] < jitter, "told once");
    }
}
