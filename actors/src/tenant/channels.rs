//! The tenant's channels: which have an actor, and what happens when one dies with requests on
//! the way.

use super::actor::TenantActor;
use super::supervision::chance;
use crate::channel::ChannelActor;
use crate::lifecycle::{Child, Reason, Verdict, Watch, pause};
use actix::{AsyncContext, Context};
use papo_domain::ChannelId;
use papo_domain::ports::{IncidentKind, SendOutcome, SendReport};
use std::sync::Arc;
use tokio::time::Instant;

impl TenantActor {
    /// Brings the channels' actors in line with the tenant's channels, freshly started, so that
    /// new credentials are tried at once.
    pub(super) fn set_channels(&mut self, channels: Vec<ChannelId>, ctx: &mut Context<Self>) {
        for gone in self.channels.iter().filter(|c| !channels.contains(c)) {
            self.shared.bells.close(*gone);
        }
        for channel in &channels {
            if self.channels.contains(channel) {
                self.shared.bells.revive(*channel);
            } else {
                self.start_channel(*channel, ctx);
            }
        }
        self.channels = channels;
    }

    pub(super) fn start_channel(&mut self, channel: ChannelId, ctx: &mut Context<Self>) {
        let watch = Watch {
            parent: ctx.address().recipient(),
            child: Child::Channel(channel),
            incarnation: self.directory.next_incarnation(),
            reason: None,
            in_hand: None,
        };
        let shared = Arc::clone(&self.shared);
        let bell = self.shared.bells.open(channel);
        self.pool.start(channel, move |_| {
            ChannelActor::new(shared, channel, bell, watch)
        });
    }

    /// A channel's actor died with requests on the way: nobody knows whether they arrived.
    pub(super) fn channel_down(
        &mut self,
        channel: ChannelId,
        reason: &Reason,
        ctx: &mut Context<Self>,
    ) {
        if *reason == Reason::Fenced {
            return self.lost_shard(ctx);
        }
        if !reason.is_crash() {
            return;
        }
        let child = Child::Channel(channel);
        self.remember_crash(child);
        let reason = "crashed while sending".to_owned();
        self.record(None, "channel", IncidentKind::Restart, reason, ctx);
        let reports: Vec<_> = self
            .shared
            .bells
            .take_sending(channel)
            .into_iter()
            .map(|(id, conversation)| SendReport {
                id,
                conversation,
                outcome: SendOutcome::Unknown,
            })
            .collect();
        if !reports.is_empty() {
            let (lease, tenant) = (self.shared.lease, self.shared.tenant);
            let call = self.shared.ports.store.settle_sends(lease, tenant, reports);
            self.run("settling sends of a crashed channel", call, ctx);
        }
        let policy = self.shared.config.conversations.clone();
        let chance = chance(child, self.directory.next_incarnation());
        let window = self.supervision.windows.entry(child).or_default();
        let wait = match window.crashed(&policy, Instant::now(), chance) {
            Verdict::RestartAfter(wait) => wait,
            Verdict::Exhausted => pause(&policy.backoff, u32::MAX, 0.0),
        };
        ctx.run_later(wait, move |actor, ctx| {
            if actor.channels.contains(&channel) {
                actor.start_channel(channel, ctx);
            }
        });
    }
}
