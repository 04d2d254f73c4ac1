//! What every bus promises. Each test runs over each implementation.

use crate::cluster::{BACKLOG, Cluster, InProcess, OverRedis};
use crate::hearing::{bell, events, next, said, until};
use papo_domain::ports::{BusSignal, EventBus, Heard};

macro_rules! every_bus {
    ($($promise:ident)+) => {
        mod in_process {
            $(#[tokio::test]
            async fn $promise() {
                super::$promise(&super::InProcess::new()).await;
            })+
        }
        mod over_redis {
            $(#[tokio::test]
            async fn $promise() {
                super::$promise(&super::OverRedis::new()).await;
            })+
        }
    };
}

every_bus! {
    every_subscriber_hears_the_others_in_their_order
    nobody_hears_itself
    of_one_tenant_the_newest_head_arrives
    a_subscriber_hears_what_comes_after_it
    a_slow_subscriber_is_bounded_and_told
    a_bus_that_is_gone_ends_its_subscribers
}

async fn every_subscriber_hears_the_others_in_their_order(cluster: &impl Cluster) {
    let (a, b) = (cluster.join("a").await, cluster.join("b").await);
    let (c, d) = (cluster.join("c").await, cluster.join("d").await);
    let mut ears = [c.subscribe(), c.subscribe(), d.subscribe()];
    let of_a: Vec<_> = (0..20).map(bell).collect();
    let of_b: Vec<_> = (20..40).map(|tenant| events(tenant, 7)).collect();
    for (from_a, from_b) in of_a.iter().zip(&of_b) {
        a.publish(*from_a);
        b.publish(*from_b);
    }
    for ear in &mut ears {
        let mut heard = Vec::new();
        while heard.len() < 40 {
            heard.push(next(ear).await.unwrap());
        }
        let (bells, heads): (Vec<_>, Vec<_>) = heard
            .into_iter()
            .partition(|heard| matches!(heard, Heard::Signal(BusSignal::InboxReady { .. })));
        assert_eq!(bells, said(&of_a));
        assert_eq!(heads, said(&of_b));
    }
}

async fn nobody_hears_itself(cluster: &impl Cluster) {
    let (a, b) = (cluster.join("a").await, cluster.join("b").await);
    let (mut of_a, mut of_b) = (a.subscribe(), b.subscribe());
    a.publish(bell(1));
    assert_eq!(until(&mut of_b, Heard::Signal(bell(1))).await, []);
    // On any way that could lead back to a, its own signal would come before this one.
    b.publish(bell(2));
    assert_eq!(until(&mut of_a, Heard::Signal(bell(2))).await, []);
}

async fn of_one_tenant_the_newest_head_arrives(cluster: &impl Cluster) {
    let (a, b) = (cluster.join("a").await, cluster.join("b").await);
    let mut ear = b.subscribe();
    for head in 1..=20 {
        a.publish(events(1, head));
        a.publish(bell(1));
    }
    a.publish(bell(2));
    let heard = until(&mut ear, Heard::Signal(bell(2))).await;
    let heads: Vec<u64> = heard
        .iter()
        .filter_map(|heard| match heard {
            Heard::Signal(BusSignal::Events { head, .. }) => Some(*head),
            _ => None,
        })
        .collect();
    assert!(heads.is_sorted_by(|a, b| a < b), "{heads:?}");
    assert_eq!(heads.last(), Some(&20));
    assert!(
        heard.contains(&Heard::Signal(bell(1))),
        "another kind is kept"
    );
    assert!(!heard.contains(&Heard::Lagged), "nothing was lost");
}

async fn a_subscriber_hears_what_comes_after_it(cluster: &impl Cluster) {
    let (a, b) = (cluster.join("a").await, cluster.join("b").await);
    let mut early = b.subscribe();
    a.publish(bell(1));
    assert_eq!(next(&mut early).await, Some(Heard::Signal(bell(1))));
    let mut late = b.subscribe();
    a.publish(bell(2));
    assert_eq!(next(&mut late).await, Some(Heard::Signal(bell(2))));
}

async fn a_slow_subscriber_is_bounded_and_told(cluster: &impl Cluster) {
    let (a, b) = (cluster.join("a").await, cluster.join("b").await);
    let (mut slow, mut quick) = (b.subscribe(), b.subscribe());
    for tenant in 0..200 {
        a.publish(bell(tenant));
        // The slow one's share has arrived when the quick one's has.
        assert_eq!(next(&mut quick).await, Some(Heard::Signal(bell(tenant))));
    }
    assert_eq!(next(&mut slow).await, Some(Heard::Lagged));
    let kept = until(&mut slow, Heard::Signal(bell(199))).await;
    assert!(kept.len() < BACKLOG, "{} were kept", kept.len());
    let newest: Vec<_> = (0..199).map(bell).collect();
    assert!(said(&newest).ends_with(&kept), "{kept:?}");
    a.publish(bell(200));
    assert_eq!(next(&mut slow).await, Some(Heard::Signal(bell(200))));
}

async fn a_bus_that_is_gone_ends_its_subscribers(cluster: &impl Cluster) {
    let (a, b) = (cluster.join("a").await, cluster.join("b").await);
    let (mut of_a, mut of_b) = (a.subscribe(), b.subscribe());
    drop(b);
    assert_eq!(next(&mut of_b).await, None);
    // The others go on.
    a.publish(bell(1));
    let c = cluster.join("c").await;
    c.publish(bell(2));
    assert_eq!(next(&mut of_a).await, Some(Heard::Signal(bell(2))));
}
