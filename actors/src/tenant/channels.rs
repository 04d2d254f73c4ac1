//! The tenant's channels: which have an actor, and what happens when one dies.

use super::actor::TenantActor;
use super::supervision::chance;
use crate::channel::ChannelActor;
use crate::lifecycle::{Child, Down, Reason, Watch};
use actix::{ActorFutureExt, AsyncContext, Context, WrapFuture};
use papo_domain::ChannelId;
use papo_domain::ports::{ChannelRecord, IncidentKind};
use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// Pause after looking for channels that are not known. Messages may be queued without end for
/// one that is switched off.
const RETRY_AFTER: Duration = Duration::from_secs(5);

impl TenantActor {
    /// Brings the channels' actors in line with the tenant's channels. Those that somebody
    /// changed, as was `told` or as they show, begin afresh, so that new credentials are tried at
    /// once; the others go on as they are, with their pauses and their health.
    pub(super) fn set_channels(
        &mut self,
        channels: Vec<ChannelRecord>,
        told: &HashSet<ChannelId>,
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
            match known.iter().find(|known| known.id == channel.id) {
                None => self.start_channel(&channel, ctx),
                Some(known) => {
                    if known.revision != channel.revision || told.contains(&channel.id) {
                        self.shared.bells.revive(channel);
                    }
                }
            }
        }
    }

    /// Waits, for as long as this actor lives, for messages to a channel that it does not know:
    /// somebody may have added one and told only the database.
    pub(super) fn follow_strangers(&self, ctx: &mut Context<Self>) {
        let shared = Arc::clone(&self.shared);
        ctx.spawn(
            async move { shared.bells.unanswered().await }
                .into_actor(self)
                .map(|(), actor, ctx| {
                    actor.reload_anew(ctx);
                    ctx.run_later(RETRY_AFTER, |actor, ctx| actor.follow_strangers(ctx));
                }),
        );
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
        self.remember_crash(child, down.reason);
        let reason = "crashed while sending".to_owned();
        self.record_incident(child, IncidentKind::Restart, reason, ctx);
        let chance = chance(child, self.directory.next_incarnation());
        let window = self.supervision.windows.entry(child).or_default();
        let wait = window.pause_after_crash(&self.shared.config.channels, Instant::now(), chance);
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
