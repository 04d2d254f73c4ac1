//! The inbox lane: the durable entrance. Deliveries wait in a bounded queue, are stored in group
//! commits, and are acknowledged only after the COMMIT that holds them. A key that is known is
//! left as it is, so any number of copies has one effect.
//!
//! Nothing is interpreted here, and nothing waits for the engine: committed rows ring a doorbell.

mod shares;
mod store;
mod writer;

use crate::engine::columns;
use crate::engine::connection::Connection;
use crate::engine::gather::{Company, Gather};
use crate::engine::link::Opener;
use crate::session::{BadAddress, SessionLimits};
use papo_domain::ids::TenantId;
use papo_domain::ports::{EventSink, InboxError, InboxWriter, PortFuture, Unrouted, Update};
use secrecy::SecretString;
use shares::{Shares, Taken};
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot};
use uuid::Uuid;
use writer::Writer;

#[cfg(test)]
pub(crate) fn statements() -> Vec<&'static str> {
    store::SQL.to_vec()
}

/// How the lane works.
#[derive(Clone, Copy, Debug)]
pub struct InboxSettings {
    /// Deliveries that may wait; more are refused as `Full`. A tenant may have half of them.
    pub queue: usize,
    /// Kibibytes that may wait, raw bodies and items together.
    pub queue_kib: u32,
    /// Most deliveries of one transaction.
    pub batch: usize,
    /// How long a busy writer waits for company.
    pub linger: Duration,
    /// Pause after a connection that could not be opened.
    pub reconnect: Duration,
    pub limits: SessionLimits,
}

impl Default for InboxSettings {
    fn default() -> Self {
        Self {
            queue: 4_096,
            queue_kib: 64 * 1024,
            batch: 512,
            linger: Duration::ZERO,
            reconnect: Duration::from_millis(500),
            limits: SessionLimits::default(),
        }
    }
}

/// PostgreSQL as the inbox. Cheap to clone; the lane ends with the last clone.
#[derive(Clone)]
pub struct PgInbox {
    deliveries: mpsc::Sender<Delivery>,
    room: Arc<Semaphore>,
    shares: Shares,
}

/// One webhook POST on its way to the table.
struct Delivery {
    rows: Vec<Row>,
    unrouted: Vec<Unrouted>,
    raw: Vec<u8>,
    reply: oneshot::Sender<Result<(), InboxError>>,
    /// Its share of the queue's memory, and of its tenant's half.
    _room: (OwnedSemaphorePermit, Taken),
}

/// An item as it is stored.
#[derive(Clone)]
struct Row {
    tenant: TenantId,
    channel: Uuid,
    external_id: String,
    item: String,
}

impl PgInbox {
    /// The inbox at the `papo_engine` address `url`; its writer runs on `runtime`.
    ///
    /// # Errors
    /// The address cannot be parsed.
    pub fn new(
        url: &SecretString,
        settings: InboxSettings,
        runtime: Handle,
        sink: &Arc<dyn EventSink>,
    ) -> Result<Self, BadAddress> {
        let opener = Opener::new(url, settings.limits, runtime)?;
        let (sender, deliveries) = mpsc::channel(settings.queue.max(1));
        let writer = Writer {
            connection: Connection::new(opener.clone(), settings.reconnect),
            sink: sink.clone(),
            deliveries: Gather::new(
                deliveries,
                settings.batch,
                Company::WhenBusy(settings.linger),
            ),
        };
        opener.runtime().spawn(writer.run());
        let room = usize::try_from(settings.queue_kib).unwrap_or(usize::MAX);
        Ok(Self {
            deliveries: sender,
            room: Arc::new(Semaphore::new(room.min(Semaphore::MAX_PERMITS))),
            shares: Shares::of(settings.queue, settings.queue_kib),
        })
    }

    fn queue(
        &self,
        updates: Vec<Update>,
        unrouted: Vec<Unrouted>,
        raw: Vec<u8>,
    ) -> Result<oneshot::Receiver<Result<(), InboxError>>, InboxError> {
        let rows: Vec<Row> = updates.into_iter().map(row).collect();
        let bytes = raw.len()
            + rows.iter().map(|row| row.item.len()).sum::<usize>()
            + unrouted.iter().map(|u| u.body.len()).sum::<usize>();
        let kib = u32::try_from(bytes / 1024 + 1).unwrap_or(u32::MAX);
        let tenants = rows.iter().map(|row| row.tenant).collect();
        let share = self.shares.take(tenants, kib).ok_or(InboxError::Full)?;
        let room = self.room.clone().try_acquire_many_owned(kib);
        let (reply, answer) = oneshot::channel();
        let delivery = Delivery {
            rows,
            unrouted,
            raw,
            reply,
            _room: (room.map_err(|_no_permits| InboxError::Full)?, share),
        };
        self.deliveries
            .try_send(delivery)
            .map_err(|error| match error {
                mpsc::error::TrySendError::Full(_) => InboxError::Full,
                mpsc::error::TrySendError::Closed(_) => InboxError::Unavailable,
            })?;
        Ok(answer)
    }
}

fn row(update: Update) -> Row {
    Row {
        tenant: update.tenant,
        channel: update.channel.0,
        external_id: columns::text(&update.external_id).into_owned(),
        // An item that cannot be written is stored all the same; whoever reads it will say so.
        item: columns::json(&update.item).unwrap_or_else(|_fault| "null".to_owned()),
    }
}

impl InboxWriter for PgInbox {
    fn accept(
        &self,
        updates: Vec<Update>,
        unrouted: Vec<Unrouted>,
        raw: Vec<u8>,
    ) -> PortFuture<Result<(), InboxError>> {
        let queued = self.queue(updates, unrouted, raw);
        if queued.is_err() {
            metrics::counter!("papo_inbox_refused_total").increment(1);
        }
        Box::pin(async move {
            queued?
                .await
                .map_err(|_writer_gone| InboxError::Unavailable)?
        })
    }
}
