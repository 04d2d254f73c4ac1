//! A claimed message on its way to the provider, and what its result teaches about the number.

use super::actor::ChannelActor;
use super::outcome::{Consequence, Number, judge};
use actix::{ActorFutureExt, AsyncContext, Context, WrapFuture};
use papo_domain::ports::{ChannelHealth, Claimed, HealthLevel, OutboundMessage, SendError};
use tokio::time::Instant;
use tracing::{error, warn};

impl ChannelActor {
    pub(super) fn send(&self, message: Claimed, start_by: Instant, ctx: &mut Context<Self>) {
        let outbound = OutboundMessage {
            tracking: message.id,
            to: message.to.clone(),
            outbound: message.outbound.clone(),
            quote: message.quote.clone(),
        };
        let sent = self.shared.ports.gateway.send(
            self.shared.tenant,
            self.channel,
            outbound,
            start_by.into_std(),
        );
        ctx.spawn(sent.into_actor(self).map(move |result, actor, ctx| {
            actor.sent(&message, result, ctx);
        }));
    }

    fn sent(
        &mut self,
        message: &Claimed,
        result: Result<String, SendError>,
        ctx: &mut Context<Self>,
    ) {
        let now = self.now();
        let label = if result.is_ok() { "sent" } else { "failed" };
        metrics::counter!("papo_sends_total", "result" => label).increment(1);
        if let Err(fault) = &result {
            warn!(
                tenant.id = %self.shared.tenant,
                channel.id = %self.channel,
                conversation.id = %message.conversation,
                message.id = %message.id,
                %fault,
                "message {} was not sent",
                message.id,
            );
        }
        let config = &self.shared.config.channel;
        let Consequence { outcome, number } = judge(result, message.attempts, now, config);
        match number {
            Number::Same => {}
            Number::Works => {
                self.pauses.works(now);
                // A number that is down says so until somebody acts: this answer is an older one.
                if !self.down && self.bell.level() != HealthLevel::Green {
                    self.set_health(ChannelHealth::default(), ctx);
                }
            }
            Number::Failed => {
                let rests = self.pauses.failed(now, config);
                if rests && self.bell.level() == HealthLevel::Green {
                    let detail = Some("the provider does not answer".to_owned());
                    let (level, code) = (HealthLevel::Yellow, None);
                    self.set_health(
                        ChannelHealth {
                            level,
                            code,
                            detail,
                        },
                        ctx,
                    );
                }
            }
            Number::Refused { after } => self.pauses.refused(after, now, config),
            Number::PairUntil(until) => self.pairs.refused(message.conversation, until, now),
            Number::Down { code, detail } => self.is_down(code, detail, ctx),
        }
        self.report(message.open(), outcome, ctx);
    }

    pub(super) fn is_down(&mut self, code: i64, detail: String, ctx: &mut Context<Self>) {
        error!(
            tenant.id = %self.shared.tenant,
            channel.id = %self.channel,
            code,
            detail,
            "channel {} is down until a person acts",
            self.channel,
        );
        self.down = true;
        let health = ChannelHealth {
            level: HealthLevel::Red,
            code: Some(code),
            detail: Some(detail),
        };
        self.set_health(health, ctx);
    }
}
