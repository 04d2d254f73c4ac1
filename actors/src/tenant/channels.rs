//! The tenant's channels: which have an actor, and what happens when one dies.

use super::actor::TenantActor;
use super::supervision::chance;
use crate::channel::ChannelActor;
use crate::lifecycle::{Child, Down, Reason, Verdict, Watch, pause};
use actix::{AsyncContext, Context};
use papo_domain::ChannelId;
use papo_domain::ports::{ChannelRecord, IncidentKind};
use std::sync::Arc;
use tokio::time::Instant;

impl TenantActor {
    /// Brings the channels' actors in line with the tenant's channels. The one that was `changed`
    /// begins afresh, so that new credentials are tried at once; the others go on as they are,
    /// with their pauses and their health.
    pub(super) fn set_channels(
        &mut self,
        channels: Vec<ChannelRecord>,
        changed: Option<ChannelId>,
        ctx: &mut Context<Self>,
    ) {
        let known = std::mem::replace(&mut self.channels, channels.clone());
        for gone in known
            .iter()
            .filter(|known| !channels.iter().any(|channel| channel.id == known.id))
        {
            self.shared.bells.close(gone.id);
        }
        for channel in channels {
            if !known.iter().any(|known| known.id == channel.id) {
                self.start_channel(&channel, ctx);
            } else if changed == Some(channel.id) {
                self.shared.bells.revive(channel);
            }
        }
    }

    pub(super) fn start_channel(&mut self, channel: &ChannelRecord, ctx: &mut Context<Self>) {
        let incarnation = self.directory.next_incarnation();
        let watch = Watch {
            parent: ctx.address().recipient(),
            child: Child::Channel(channel.id),
            incarnation,
            reason: None,
            in_hand: None,
        };
        let (shared, channel) = (Arc::clone(&self.shared), channel.clone());
        let bell = self.shared.bells.open(&channel, incarnation);
        self.pool
            .start(channel.id, ChannelActor::MAILBOX, move |_| {
                ChannelActor::new(shared, &channel, bell, watch)
            });
    }

    /// A channel's actor is gone. What it had on the way is settled by its next life, before that
    /// claims anything.
    pub(super) fn channel_down(
        &mut self,
        channel: ChannelId,
        down: &Down,
        ctx: &mut Context<Self>,
    ) {
        if down.reason == Reason::Fenced {
            return self.lost_shard(ctx);
        }
        let died = down.incarnation;
        if !down.reason.is_crash() || !self.shared.bells.is_current(channel, died) {
            return;
        }
        self.shared.bells.forget_sending(channel);
        let child = Child::Channel(channel);
        self.remember_crash(child);
        let reason = "crashed while sending".to_owned();
        self.record(None, "channel", IncidentKind::Restart, reason, ctx);
        let policy = self.shared.config.channels.clone();
        let chance = chance(child, self.directory.next_incarnation());
        let window = self.supervision.windows.entry(child).or_default();
        let wait = match window.crashed(&policy, Instant::now(), chance) {
            Verdict::RestartAfter(wait) => wait,
            Verdict::Exhausted => pause(&policy.backoff, u32::MAX, 0.0),
        };
        ctx.run_later(wait, move |actor, ctx| {
            // It may have been taken away meanwhile, and brought back as another life.
            let number = actor.channels.iter().find(|number| number.id == channel);
            if let Some(number) = number.cloned()
                && actor.shared.bells.is_current(channel, died)
            {
                actor.start_channel(&number, ctx);
            }
        });
    }
}
