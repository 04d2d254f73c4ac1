//! What a test says on the bus and how it listens. Every wait ends.

use papo_domain::TenantId;
use papo_domain::ports::{BusSignal, BusStream, Heard};
use std::time::Duration;
use tokio::time::timeout;
use uuid::Uuid;

/// Far longer than anything here takes.
const PATIENCE: Duration = Duration::from_secs(30);

pub(crate) fn bell(tenant: u128) -> BusSignal {
    let tenant = TenantId(Uuid::from_u128(tenant));
    BusSignal::InboxReady { tenant }
}

pub(crate) fn events(tenant: u128, head: u64) -> BusSignal {
    let tenant = TenantId(Uuid::from_u128(tenant));
    BusSignal::Events { tenant, head }
}

pub(crate) fn said(signals: &[BusSignal]) -> Vec<Heard> {
    signals.iter().copied().map(Heard::Signal).collect()
}

/// The next thing heard.
pub(crate) async fn next(stream: &mut Box<dyn BusStream>) -> Option<Heard> {
    let heard = timeout(PATIENCE, stream.recv()).await;
    heard.expect("nothing was heard")
}

/// Everything heard before `end`.
pub(crate) async fn until(stream: &mut Box<dyn BusStream>, end: Heard) -> Vec<Heard> {
    let mut all = Vec::new();
    loop {
        match next(stream).await.expect("the bus ended") {
            heard if heard == end => return all,
            heard => all.push(heard),
        }
    }
}
