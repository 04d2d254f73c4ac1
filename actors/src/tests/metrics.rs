//! What operators are told by numbers.

use super::{PHONE, Rig};
use metrics::{Counter, Gauge, Histogram, Key, KeyName, Metadata, Recorder, SharedString, Unit};
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// Keeps counters by name.
#[derive(Default)]
struct Counters(Mutex<HashMap<String, Arc<AtomicU64>>>);

impl Counters {
    fn of(&self, name: &str) -> u64 {
        let counters = self.0.lock().unwrap();
        counters
            .get(name)
            .map_or(0, |count| count.load(Ordering::Relaxed))
    }
}

impl Recorder for Counters {
    fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
        let mut counters = self.0.lock().unwrap();
        let count = counters.entry(key.name().to_owned()).or_default();
        Counter::from_arc(Arc::clone(count))
    }

    fn register_gauge(&self, _: &Key, _: &Metadata<'_>) -> Gauge {
        Gauge::noop()
    }

    fn register_histogram(&self, _: &Key, _: &Metadata<'_>) -> Histogram {
        Histogram::noop()
    }
}

#[actix::test]
async fn dead_letters_and_quarantines_are_counted() {
    let counters = Counters::default();
    let recording = metrics::set_default_local_recorder(&counters);
    let rig = Rig::new().await;
    rig.world.unreadable(&rig.shop);
    rig.says("oi").await;
    assert_eq!(counters.of("papo_dead_letters_total"), 1);
    rig.world.inbound_text(&rig.shop, PHONE, "boom");
    rig.world.run_for(Duration::from_secs(30)).await;
    assert_eq!(counters.of("papo_dead_letters_total"), 2);
    assert_eq!(counters.of("papo_quarantines_total"), 0);
    for _ in 0..3 {
        rig.world.inbound_text(&rig.shop, PHONE, "boom");
    }
    rig.world.run_for(Duration::from_secs(60)).await;
    assert!(rig.world.state(rig.conversation()).quarantined);
    assert_eq!(counters.of("papo_quarantines_total"), 1);
    drop(recording);
}
