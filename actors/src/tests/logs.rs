//! What operators read.

use super::fanout::attach;
use super::{PHONE, Rig, ana};
use papo_domain::Role;
use std::fmt::{Debug, Write};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};

/// Keeps the errors, a line each.
#[derive(Clone, Default)]
struct Errors(Arc<Mutex<Vec<String>>>);

struct Line(String);

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        write!(self.0, "{}={value:?} ", field.name()).unwrap();
    }
}

impl Subscriber for Errors {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        *metadata.level() == Level::ERROR
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut line = Line(String::new());
        event.record(&mut line);
        self.0.lock().unwrap().push(line.0);
    }
}

#[actix::test]
async fn every_crash_is_an_error_once_and_names_who_it_was() {
    let errors = Errors::default();
    let reading = tracing::subscriber::set_default(errors.clone());
    // With one subscriber alone, a line that another test's thread is first to reach is taken to
    // interest nobody, because that thread has none.
    let _another = tracing::Dispatch::new(Errors::default());
    let rig = Rig::new().await;
    rig.says("oi").await;
    rig.world.inbound_text(&rig.shop, PHONE, "boom:1");
    rig.world.run_for(Duration::from_secs(5)).await;
    let (_lost, socket) = attach(&rig, ana(), Role::Supervisor, None, false)
        .await
        .unwrap();
    let crash = Box::new(|_| panic!("boom: the test wants the attendant's actor to crash"));
    rig.engine.tell_position(rig.shop.id, ana(), socket, crash);
    rig.world.settle().await;
    drop(reading);
    let errors = errors.0.lock().unwrap();
    let tenant = format!("tenant.id={}", rig.shop.id);
    let ids = [
        format!("conversation.id={}", rig.conversation()),
        format!("user.id={}", ana()),
    ];
    assert_eq!(errors.len(), ids.len(), "{errors:#?}");
    for (error, id) in errors.iter().zip(&ids) {
        assert!(error.contains(&tenant) && error.contains(id), "{error}");
    }
}
