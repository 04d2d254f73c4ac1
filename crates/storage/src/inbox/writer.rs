//! The loop of the inbox lane. A value that cannot be stored is found by halving, so that it
//! fails nobody else; alone, it is kept as dead with a reason.

use super::{Delivery, InboxSettings, Row, store};
use crate::engine::fault::Fault;
use crate::engine::gather::Gather;
use crate::engine::link::{Link, Opener};
use papo_domain::ids::TenantId;
use papo_domain::ports::{EventSink, InboxError};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// How often a batch is tried again after a deadlock or a lock that was not given.
const TRIES: u32 = 5;

pub(super) struct Writer {
    pub(super) opener: Opener,
    pub(super) settings: InboxSettings,
    pub(super) sink: Arc<dyn EventSink>,
    pub(super) deliveries: Gather<Delivery>,
    pub(super) link: Option<Link>,
    pub(super) not_before: Option<Instant>,
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
        let mut tries = 0;
        loop {
            let done = match self.connect().await {
                Ok(link) => store::deliveries(link, group).await,
                Err(fault) => Err(fault),
            };
            let Err(fault) = done else { return done };
            self.roll_back(&fault).await;
            match fault {
                Fault::Contention(_) if tries < TRIES => {
                    tries += 1;
                    tokio::time::sleep(Duration::from_millis(5) * tries).await;
                }
                fault => return Err(fault),
            }
        }
    }

    /// A delivery that cannot be stored as a whole: its items one by one, those that cannot be
    /// stored as dead ones, and its raw body last, when everything else is kept.
    async fn item_by_item(&mut self, group: &[Delivery]) -> Result<BTreeSet<TenantId>, Fault> {
        let mut fresh = BTreeSet::new();
        for delivery in group {
            for row in &delivery.rows {
                let link = self.connect().await?;
                match store::row(link, row).await {
                    Ok(tenants) => fresh.extend(tenants),
                    Err(Fault::Data(reason)) => {
                        self.roll_back(&Fault::Data(reason.clone())).await;
                        self.bury(row, &reason).await?;
                    }
                    Err(fault) => {
                        self.roll_back(&fault).await;
                        return Err(fault);
                    }
                }
            }
            let link = self.connect().await?;
            match store::without_items(link, delivery).await {
                Ok(()) | Err(Fault::Data(_)) => {}
                Err(fault) => {
                    self.roll_back(&fault).await;
                    return Err(fault);
                }
            }
        }
        Ok(fresh)
    }

    async fn bury(&mut self, row: &Row, reason: &str) -> Result<(), Fault> {
        metrics::counter!("papo_inbox_dead_total").increment(1);
        tracing::error!(tenant.id = %row.tenant, reason, "an item cannot be stored and is dead");
        let link = self.connect().await?;
        match store::dead(link, row, reason).await {
            // Not even that; its raw body is kept, and this line.
            Ok(()) | Err(Fault::Data(_)) => Ok(()),
            Err(fault) => {
                self.roll_back(&fault).await;
                Err(fault)
            }
        }
    }

    /// Leaves a connection without an open transaction, or none.
    async fn roll_back(&mut self, fault: &Fault) {
        let usable = match &self.link {
            Some(link) if !matches!(fault, Fault::Lost(_)) => {
                link.control("ROLLBACK").await.is_ok()
            }
            _ => false,
        };
        if !usable {
            self.link = None;
        }
    }

    async fn connect(&mut self) -> Result<&Link, Fault> {
        let away = || Fault::Lost("the database is away".to_owned());
        if self.link.as_ref().is_none_or(Link::is_closed) {
            self.link = None;
            if self.not_before.is_some_and(|until| Instant::now() < until) {
                return Err(away());
            }
            match self.opener.open().await {
                Ok(link) => self.link = Some(link),
                Err(fault) => {
                    self.not_before = Some(Instant::now() + self.settings.reconnect);
                    return Err(fault);
                }
            }
        }
        self.link.as_ref().ok_or_else(away)
    }
}

fn answer(group: Vec<Delivery>, outcome: Result<(), InboxError>) {
    for delivery in group {
        // Nobody waits any more: the provider will come again and find it done.
        let _ = delivery.reply.send(outcome);
    }
}
