//! The tenant's rules and channels as they are stored now. A change is told once, and who tells
//! it does not come again: what could not be loaded is tried until it is, and what was never
//! heard of is found by loading everything now and then.

use super::actor::TenantActor;
use super::messages::Reload;
use super::shared::Rules;
use crate::api::DispatchError;
use crate::lifecycle::pause;
use actix::{ActorFutureExt, AsyncContext, Context, Handler, WrapFuture};
use papo_domain::ChannelId;
use papo_domain::ports::{StoreError, TenantRecord};
use std::collections::HashSet;
use tokio::sync::oneshot;
use tokio::time::Instant;
use tracing::warn;

/// Where the tenant's actor is with that.
#[derive(Default)]
pub(super) struct Reloads {
    /// A load is under way, or pauses after it failed. One at a time, so that an older record
    /// never comes last.
    loading: bool,
    /// Loads in a row that failed.
    failed: u32,
    told: Told,
}

/// What was told since the last load began.
#[derive(Default)]
struct Told {
    anything: bool,
    /// Channels that somebody changed.
    channels: HashSet<ChannelId>,
    replies: Vec<oneshot::Sender<Result<(), DispatchError>>>,
}

impl TenantActor {
    /// Loads rules and channels as they are from now on: once more if that is being done.
    pub(super) fn reload_anew(&mut self, ctx: &mut Context<Self>) {
        self.reloads.told.anything = true;
        self.reload(ctx);
    }

    /// Loads rules and channels, unless that is being done. What is told meanwhile is loaded
    /// after it.
    pub(super) fn reload(&mut self, ctx: &mut Context<Self>) {
        if std::mem::replace(&mut self.reloads.loading, true) {
            return;
        }
        let told = std::mem::take(&mut self.reloads.told);
        let load = self.shared.store().load_tenant(self.shared.tenant);
        ctx.spawn(
            load.into_actor(self)
                .map(move |record, actor, ctx| match record {
                    Ok(record) => actor.reloaded(record, told, ctx),
                    Err(fault) => actor.not_reloaded(&fault, told, ctx),
                }),
        );
    }

    fn reloaded(&mut self, record: TenantRecord, told: Told, ctx: &mut Context<Self>) {
        let TenantRecord {
            served,
            policy,
            flow,
            trials,
            departments,
            people,
            channels,
            ..
        } = record;
        let (rules, before) = (
            Rules {
                served,
                policy,
                flow,
                trials,
                departments,
            },
            self.shared.rules(),
        );
        if rules != *before {
            self.shared.set_rules(rules);
            self.desk.stir();
        }
        self.staff_changed(people);
        self.set_channels(channels, &told.channels, ctx);
        for reply in told.replies {
            drop(reply.send(Ok(())));
        }
        self.reloads.failed = 0;
        self.reloads.loading = false;
        if self.reloads.told.anything {
            self.reload(ctx);
        }
    }

    fn not_reloaded(&mut self, fault: &StoreError, told: Told, ctx: &mut Context<Self>) {
        warn!(tenant.id = %self.shared.tenant, %fault, "rules and channels could not be loaded");
        for reply in told.replies {
            drop(reply.send(Err(DispatchError::Store(fault.clone()))));
        }
        let reloads = &mut self.reloads;
        reloads.told.anything |= told.anything;
        reloads.told.channels.extend(told.channels);
        let wait = pause(&self.shared.config.tenants.backoff, reloads.failed, 0.0);
        reloads.failed = reloads.failed.saturating_add(1);
        ctx.run_later(wait, |actor, ctx| {
            actor.reloads.loading = false;
            if actor.reloads.told.anything {
                actor.reload(ctx);
            }
        });
    }
}

impl Handler<Reload> for TenantActor {
    type Result = ();

    fn handle(&mut self, Reload { channel, reply }: Reload, ctx: &mut Self::Context) {
        self.used = Instant::now();
        let told = &mut self.reloads.told;
        told.anything = true;
        told.channels.extend(channel);
        told.replies.push(reply);
        self.reload(ctx);
    }
}
