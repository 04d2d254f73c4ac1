//! The loop of the inbox lane. A value that cannot be stored is found by halving, so that it
//! fails nobody else; alone, it is kept as dead with a reason.

use super::{Delivery, Row, store};
use crate::engine::connection::{Connection, Tries};
use crate::engine::fault::Fault;
use crate::engine::gather::Gather;
use papo_domain::ids::TenantId;
use papo_domain::ports::{EventSink, InboxError};
use std::collections::BTreeSet;
use std::sync::Arc;
use tokio::time::Instant;

pub(super) struct Writer {
    pub(super) connection: Connection,
    pub(super) sink: Arc<dyn EventSink>,
    pub(super) deliveries: Gather<Delivery>,
}

impl Writer {
    /// Works until every handle of the lane is gone and the queue is empty.
    pub(super) async fn run(mut self) {
        while let Some(batch) = self.deliveries.next().await {
            Box::pin(self.batch(batch)).await;
        }
    }

    async fn batch(&mut self, deliveries: Vec<Delivery>) {
        let mut groups = vec![deliveries];
        while let Some(mut group) = groups.pop() {
            let begun = Instant::now();
            let stored = match self.persist(&group).await {
                Err(Fault::Data(_)) if group.len() > 1 => {
                    let later = group.split_off(group.len() / 2);
                    groups.push(later);
                    groups.push(group);
                    continue;
                }
                Err(Fault::Data(_)) => self.item_by_item(&group).await,
                other => other,
            };
            match stored {
                Ok(fresh) => {
                    metrics::histogram!("papo_inbox_commit_seconds").record(begun.elapsed());
                    for tenant in fresh {
                        self.sink.inbox_ready(tenant);
                    }
                    answer(group, Ok(()));
                }
                Err(fault) => {
                    tracing::warn!(%fault, deliveries = group.len(), "deliveries were not stored");
                    answer(group, Err(InboxError::Unavailable));
                }
            }
        }
    }

    /// One transaction, tried again where that can help.
    async fn persist(&mut self, group: &[Delivery]) -> Result<BTreeSet<TenantId>, Fault> {
        let mut tries = Tries::default();
        loop {
            let done = match self.connection.link().await {
                Ok(link) => store::deliveries(link, group).await,
                Err(fault) => Err(fault),
            };
            let Err(fault) = done else { return done };
            self.connection.roll_back(&fault).await;
            if !tries.again(&fault).await {
                return Err(fault);
            }
        }
    }

    /// A delivery that cannot be stored as a whole: its items one by one, those that cannot be
    /// stored as dead ones, and its raw body last, when everything else is kept.
    async fn item_by_item(&mut self, group: &[Delivery]) -> Result<BTreeSet<TenantId>, Fault> {
        let mut fresh = BTreeSet::new();
        for delivery in group {
            for row in &delivery.rows {
                let link = self.connection.link().await?;
                match store::row(link, row).await {
                    Ok(tenants) => fresh.extend(tenants),
                    Err(Fault::Data(reason)) => {
                        self.connection
                            .roll_back(&Fault::Data(reason.clone()))
                            .await;
                        self.bury(row, &reason).await?;
                    }
                    Err(fault) => {
                        self.connection.roll_back(&fault).await;
                        return Err(fault);
                    }
                }
            }
            let link = self.connection.link().await?;
            match store::without_items(link, delivery).await {
                Ok(()) | Err(Fault::Data(_)) => {}
                Err(fault) => {
                    self.connection.roll_back(&fault).await;
                    return Err(fault);
                }
            }
        }
        Ok(fresh)
    }

    async fn bury(&mut self, row: &Row, reason: &str) -> Result<(), Fault> {
        metrics::counter!("papo_inbox_dead_total").increment(1);
        tracing::error!(tenant.id = %row.tenant, reason, "an item cannot be stored and is dead");
        let link = self.connection.link().await?;
        match store::dead(link, row, reason).await {
            // Not even that; its raw body is kept, and this line.
            Ok(()) | Err(Fault::Data(_)) => Ok(()),
            Err(fault) => {
                self.connection.roll_back(&fault).await;
                Err(fault)
            }
        }
    }
}

fn answer(group: Vec<Delivery>, outcome: Result<(), InboxError>) {
    for delivery in group {
        // Nobody waits any more: the provider will come again and find it done.
        let _ = delivery.reply.send(outcome);
    }
}
