//! G7, G11: the actor of one person finds by itself what its tenant could not give it, and has a
//! bounded number of sockets.

use super::fanout::{attach, socket, stream};
use super::{Frames, Rig, ana, bruno, config};
use crate::api::DispatchError;
use crate::arbiters::ArbiterPool;
use crate::attendant::{
    AttachSocket, Attached, AttendantActor, Batch, DetachSocket, Ephemeral, FrameBatch, Head,
};
use crate::lifecycle::{Child, Down, Watch};
use crate::mailbox::offer;
use crate::ports::Ports;
use crate::tenant::{Rules, Shared};
use crate::testing::{Fault, Site};
use actix::{Actor, Addr, Context, Handler};
use papo_domain::bot::default_flow;
use papo_domain::ports::{EngineStore, Lease};
use papo_domain::tenant::TenantPolicy;
use papo_domain::{Role, UserId};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// Whoever the actor of a person reports to.
struct Parent;

impl Actor for Parent {
    type Context = Context<Self>;
}

impl Handler<Down> for Parent {
    type Result = ();

    fn handle(&mut self, _: Down, _: &mut Self::Context) {}
}

/// The actor of a person alone, told of no event after `head`.
fn person(rig: &Rig, user: UserId, head: u64) -> Addr<AttendantActor> {
    counted_person(rig, user, head, Arc::default())
}

fn counted_person(
    rig: &Rig,
    user: UserId,
    head: u64,
    sockets: Arc<AtomicUsize>,
) -> Addr<AttendantActor> {
    let lease = Lease {
        shard: rig.shop.shard,
        epoch: 1,
    };
    let ports = Ports {
        store: rig.store.clone(),
        gateway: rig.gateway.clone(),
        clock: rig.world.clock(),
        frames: Arc::new(Frames),
        before_decide: None,
    };
    let rules = Rules {
        policy: TenantPolicy::default(),
        flow: default_flow(),
        trials: Vec::new(),
        departments: Vec::new(),
        served: true,
    };
    let shared = Shared::new(rig.shop.id, lease, ports, Arc::new(config()), rules);
    let watch = Watch {
        parent: Parent.start().recipient(),
        child: Child::Attendant(user),
        incarnation: 1,
        reason: None,
        in_hand: None,
    };
    ArbiterPool::new(0).start(user, AttendantActor::MAILBOX, move |_| {
        AttendantActor::new(Arc::new(shared), head, sockets, Arc::default(), watch)
    })
}

/// A batch that came while the mailbox of a person's actor was full.
#[actix::test]
async fn nothing_later_is_given_to_a_person_before_a_batch_that_was_missed() {
    let rig = Rig::new().await;
    rig.says("oi").await;
    rig.takes_over(ana()).await;
    let (head, newest) = (1, stream(&rig, 0).len());
    let events = rig.store.events_after(rig.shop.id, 0, 100).await.unwrap();
    assert!(newest > 3 && events.len() == newest, "{events:?}");

    let person = person(&rig, bruno(), head);
    let (eva, joining) = socket(&rig, bruno(), Role::Supervisor, None, false).await;
    let resync = false;
    let attach = AttachSocket(joining, Attached { head, resync });
    assert!(offer(&person, attach).is_ok());
    let last = FrameBatch::encode(events.last(), &Frames).unwrap();
    assert!(offer(&person, Batch(Arc::new(last))).is_ok());
    rig.world.settle().await;
    assert_eq!(eva.seqs(), stream(&rig, head));
}

/// A table that does not answer is asked once a second, however often somebody says that
/// something is missing.
#[actix::test]
async fn a_table_that_cannot_be_read_is_not_asked_more_and_more() {
    let rig = Rig::new().await;
    let person = person(&rig, bruno(), 0);
    rig.store
        .faults()
        .fail(Site::EventsAfter, Fault::Unavailable, 10_000);
    let before = rig.store.faults().calls(Site::EventsAfter);
    for _ in 0..60 {
        assert!(offer(&person, Head(7)).is_ok());
        rig.world.run_for(Duration::from_millis(500)).await;
    }
    let reads = rig.store.faults().calls(Site::EventsAfter) - before;
    assert!((28..=31).contains(&reads), "{reads} readings in 30 s");
}

#[actix::test]
async fn a_person_has_as_many_sockets_as_the_setting_allows() {
    let most = 50;
    let rig = Rig::with(|c| c.sockets_per_user = most).await;
    let mut hers = Vec::new();
    for n in 0..most {
        let next = attach(&rig, ana(), Role::Supervisor, None, false).await;
        hers.push(next.unwrap_or_else(|fault| panic!("socket {n}: {fault}")));
    }
    let more = attach(&rig, ana(), Role::Supervisor, None, false).await;
    assert!(matches!(more, Err(DispatchError::Busy)));
    attach(&rig, bruno(), Role::Supervisor, None, false)
        .await
        .unwrap();
    let (_, gone) = hers.pop().unwrap();
    rig.engine.detach(rig.shop.id, ana(), gone);
    rig.world.settle().await;
    attach(&rig, ana(), Role::Supervisor, None, false)
        .await
        .unwrap();
}

/// Nobody asks an actor to leave memory while a socket is on its way to it.
#[actix::test]
async fn a_socket_that_waits_in_the_mailbox_counts() {
    let rig = Rig::new().await;
    let sockets = Arc::new(AtomicUsize::new(0));
    let person = counted_person(&rig, bruno(), 0, sockets.clone());
    let (_eva, mut joining) = socket(&rig, bruno(), Role::Supervisor, None, false).await;
    let (id, seen) = (joining.socket, Arc::new(AtomicUsize::new(0)));
    let (count, at_its_turn) = (sockets.clone(), seen.clone());
    joining.greet = Box::new(move |_| {
        at_its_turn.store(count.load(Ordering::SeqCst), Ordering::SeqCst);
        "hello".into()
    });
    let (head, resync) = (0, false);
    let earlier = Ephemeral {
        text: "somebody came".into(),
        conversation: None,
        except: None,
    };
    // As the parent does: whoever is sent is counted.
    sockets.fetch_add(1, Ordering::SeqCst);
    assert!(offer(&person, earlier).is_ok());
    assert!(offer(&person, AttachSocket(joining, Attached { head, resync })).is_ok());
    rig.world.settle().await;
    assert_eq!(seen.load(Ordering::SeqCst), 1);
    assert_eq!(sockets.load(Ordering::SeqCst), 1);
    assert!(offer(&person, DetachSocket(id)).is_ok());
    rig.world.settle().await;
    assert_eq!(sockets.load(Ordering::SeqCst), 0);
}
