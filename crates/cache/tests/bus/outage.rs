//! What becomes of signals while Redis is away, silent, full of foreign words, or shared. A test
//! runs on one thread, so a call that waited for Redis would never return here.

use crate::cluster::{Cluster, OverRedis, QUEUE, redis_address, redis_url, settings, url_through};
use crate::hearing::{bell, events, next, said, until};
use crate::proxy::Proxy;
use papo_cache::BusSettings;
use papo_domain::ports::{EventBus, Heard};
use std::time::Duration;

#[tokio::test]
async fn a_node_that_was_cut_off_is_told_and_hears_again() {
    let cluster = OverRedis::new();
    let ((a, proxy), b) = (cluster.join_by_proxy("a").await, cluster.join("b").await);
    let mut ear = a.subscribe();
    b.publish(bell(1));
    assert_eq!(next(&mut ear).await, Some(Heard::Signal(bell(1))));
    proxy.cut();
    let c = cluster.join("c").await;
    let mut witness = c.subscribe();
    b.publish(bell(2));
    // It is lost to a, since Redis keeps nothing.
    assert_eq!(next(&mut witness).await, Some(Heard::Signal(bell(2))));
    proxy.restore();
    assert_eq!(until(&mut ear, Heard::Lagged).await, []);
    b.publish(bell(3));
    assert_eq!(until(&mut ear, Heard::Signal(bell(3))).await, []);
}

#[tokio::test]
async fn publishing_goes_on_while_redis_is_away_and_arrives_or_is_told() {
    let cluster = OverRedis::new();
    let ((a, proxy), b) = (cluster.join_by_proxy("a").await, cluster.join("b").await);
    let (mut of_a, mut of_b) = (a.subscribe(), b.subscribe());
    a.publish(bell(0));
    assert_eq!(next(&mut of_b).await, Some(Heard::Signal(bell(0))));
    proxy.cut();
    let away: Vec<_> = (1..=50).map(bell).collect();
    for signal in &away {
        a.publish(*signal);
    }
    for head in 1..=100_000 {
        a.publish(events(1, head));
    }
    proxy.restore();
    assert_eq!(next(&mut of_a).await, Some(Heard::Lagged));
    a.publish(bell(51));
    let heard = until(&mut of_b, Heard::Signal(bell(51))).await;
    let mut all = said(&away);
    all.push(Heard::Signal(events(1, 100_000)));
    assert!(
        heard == all || heard.contains(&Heard::Lagged),
        "lost without a word: {heard:?}"
    );
}

#[tokio::test]
async fn what_waits_while_redis_is_away_is_bounded_and_told_as_lagged() {
    let cluster = OverRedis::new();
    let proxy = Proxy::before(&redis_address()).await;
    proxy.cut();
    let a = cluster.start("a", &url_through(&proxy), settings());
    let b = cluster.join("b").await;
    let mut ear = b.subscribe();
    let last = u128::try_from(3 * QUEUE).unwrap();
    for tenant in 0..=last {
        a.publish(bell(tenant));
    }
    proxy.restore();
    assert_eq!(next(&mut ear).await, Some(Heard::Lagged));
    let rest = until(&mut ear, Heard::Signal(bell(last))).await;
    assert!(rest.len() < QUEUE, "{} waited", rest.len());
}

#[tokio::test]
async fn redis_may_be_away_at_the_start() {
    let cluster = OverRedis::new();
    let proxy = Proxy::before(&redis_address()).await;
    proxy.cut();
    let a = cluster.start("a", &url_through(&proxy), settings());
    let b = cluster.join("b").await;
    let (mut of_a, mut of_b) = (a.subscribe(), b.subscribe());
    assert!(!a.is_connected());
    a.publish(bell(1));
    proxy.restore();
    assert_eq!(
        next(&mut of_b).await,
        Some(Heard::Signal(bell(1))),
        "it waited"
    );
    assert_eq!(next(&mut of_a).await, Some(Heard::Lagged));
    b.publish(bell(2));
    assert_eq!(next(&mut of_a).await, Some(Heard::Signal(bell(2))));
    assert!(a.is_connected());
}

#[tokio::test]
async fn connections_that_fall_silent_are_replaced() {
    let cluster = OverRedis::new();
    let proxy = Proxy::before(&redis_address()).await;
    let impatient = BusSettings {
        probe: Duration::from_millis(20),
        ..settings()
    };
    let patience = Duration::from_millis(200);
    let a = cluster.start_within(patience, "a", &url_through(&proxy), impatient);
    a.connected().await;
    let b = cluster.join("b").await;
    let (mut of_a, mut of_b) = (a.subscribe(), b.subscribe());
    a.publish(bell(1));
    until(&mut of_b, Heard::Signal(bell(1))).await;
    proxy.silence();
    // Its listening is replaced, then its speaking; each loss is told to those who suffer it.
    until(&mut of_a, Heard::Lagged).await;
    b.publish(bell(2));
    until(&mut of_a, Heard::Signal(bell(2))).await;
    a.publish(bell(3));
    until(&mut of_b, Heard::Lagged).await;
    a.publish(bell(4));
    until(&mut of_b, Heard::Signal(bell(4))).await;
}

#[tokio::test]
async fn foreign_words_on_the_channel_are_passed_over() {
    let cluster = OverRedis::new();
    let b = cluster.join("b").await;
    let mut ear = b.subscribe();
    let client = redis::Client::open(redis_url()).unwrap();
    let mut raw = client.get_multiplexed_async_connection().await.unwrap();
    let tenant = bell(1).tenant();
    for text in [
        "not json".to_owned(),
        format!(r#"{{"v":2,"node":"z","kind":"inbox_ready","tenant":"{tenant}"}}"#),
        format!(r#"{{"v":1,"node":"z","kind":"dance","tenant":"{tenant}"}}"#),
        format!(r#"{{"v":1,"node":"b","kind":"inbox_ready","tenant":"{tenant}"}}"#),
        format!(r#"{{"v":1,"node":"z","kind":"events","tenant":"{tenant}","head":3}}"#),
    ] {
        let mut call = redis::cmd("PUBLISH");
        call.arg(cluster.channel()).arg(text);
        let listeners: u64 = call.query_async(&mut raw).await.unwrap();
        assert_eq!(listeners, 1);
    }
    assert_eq!(next(&mut ear).await, Some(Heard::Signal(events(1, 3))));
}

#[tokio::test]
async fn installations_on_one_server_do_not_hear_each_other() {
    let (ours, theirs) = (OverRedis::new(), OverRedis::new());
    let (a, b) = (ours.join("a").await, ours.join("b").await);
    let (x, y) = (theirs.join("x").await, theirs.join("y").await);
    let (mut of_b, mut of_y) = (b.subscribe(), y.subscribe());
    x.publish(bell(1));
    // It has gone through the server, to whomever it goes, before ours is spoken.
    assert_eq!(next(&mut of_y).await, Some(Heard::Signal(bell(1))));
    a.publish(bell(2));
    assert_eq!(next(&mut of_b).await, Some(Heard::Signal(bell(2))));
}
