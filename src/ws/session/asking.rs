//! What a client may ask once it is in.

use super::{Ctx, Session, Stage};
use crate::ws::protocol::{self, About, Ask, ClientFrame, Head, Joined, Reference};
use actix::{ActorFutureExt, AsyncContext, WrapFuture};
use papo_actors::FOLLOWED_MAX;
use papo_domain::ConversationId;
use std::sync::Arc;
use std::time::Instant;

impl Session {
    /// A whole message of the client.
    pub(super) fn read(&mut self, text: &str, ctx: &mut Ctx) {
        let ClientFrame { reference, ask } = match ClientFrame::parse(text) {
            Ok(frame) => frame,
            Err(malformed) => return self.write(protocol::misunderstood(&malformed), ctx),
        };
        match (ask, self.stage) {
            (_, Stage::Closing) => {}
            (Ask::Hello { token, cursor }, Stage::New) => self.hello(reference, token, cursor, ctx),
            (Ask::Hello { .. }, _) | (_, Stage::New | Stage::Greeting) => {
                self.write(protocol::out_of_turn(&reference), ctx);
            }
            (Ask::Join(conversation), Stage::Open) => self.join(reference, conversation, ctx),
            (Ask::Leave(conversation), Stage::Open) => self.leave(&reference, conversation, ctx),
            (Ask::Typing(conversation), Stage::Open) => self.types(&reference, conversation, ctx),
            (Ask::Ping, Stage::Open) => self.ping(reference, ctx),
        }
    }

    fn join(&mut self, reference: Reference, conversation: ConversationId, ctx: &mut Ctx) {
        let Some(guest) = &mut self.guest else { return };
        let known = guest.joined.contains(&conversation);
        if !known && guest.joined.len() + guest.joining.len() >= FOLLOWED_MAX {
            return self.write(protocol::too_many_joined(&reference), ctx);
        }
        guest.joining.insert(conversation);
        let (sockets, user) = (Arc::clone(&self.sockets), guest.user.clone());
        let asked = async move { sockets.gate.sees(&user, conversation).await };
        ctx.spawn(asked.into_actor(self).map(move |seen, actor, ctx| {
            let Some(guest) = &mut actor.guest else {
                return;
            };
            // A leave may have come in between.
            let wanted = guest.joining.remove(&conversation);
            if let Err(error) = seen {
                let entry = error.entry();
                let refused = protocol::refused(&reference, entry.code, entry.portuguese);
                return actor.write(refused, ctx);
            }
            if wanted {
                guest.joined.insert(conversation);
                actor
                    .sockets
                    .feed
                    .join(&guest.viewer, actor.id, conversation);
            }
            actor.tell_viewers(reference, conversation, ctx);
        }));
    }

    /// Answers a join. It is asked behind it, so that whoever comes or goes later is told.
    fn tell_viewers(
        &mut self,
        reference: Reference,
        conversation_id: ConversationId,
        ctx: &mut Ctx,
    ) {
        let Some(guest) = &self.guest else { return };
        let (sockets, viewer) = (Arc::clone(&self.sockets), guest.viewer.clone());
        let asked = async move {
            let found = sockets.feed.viewers(&viewer, conversation_id).await.ok()?;
            Some(found.into_iter().filter(|id| *id != viewer.user).collect())
        };
        ctx.spawn(asked.into_actor(self).map(move |viewers, actor, ctx| {
            let joined = Joined {
                conversation_id,
                viewers,
            };
            actor.write(protocol::done(&reference, joined), ctx);
        }));
    }

    fn leave(&mut self, reference: &Reference, conversation: ConversationId, ctx: &mut Ctx) {
        self.forget_joined(conversation);
        self.write(protocol::done(reference, About::of(conversation)), ctx);
    }

    /// Also where the client did not ask for it: it can see the conversation no more.
    pub(super) fn forget_joined(&mut self, conversation: ConversationId) {
        let Some(guest) = &mut self.guest else { return };
        guest.joining.remove(&conversation);
        if guest.joined.remove(&conversation) {
            self.sockets
                .feed
                .leave(&guest.viewer, self.id, conversation);
        }
    }

    fn types(&mut self, reference: &Reference, conversation: ConversationId, ctx: &mut Ctx) {
        let Some(guest) = &self.guest else { return };
        if !guest.joined.contains(&conversation) {
            return self.write(protocol::not_joined(reference), ctx);
        }
        if self.typing.is_news(conversation, Instant::now()) {
            self.sockets.feed.typing(&guest.viewer, conversation);
        }
        self.write(protocol::done(reference, About::of(conversation)), ctx);
    }

    /// The answer comes by the way of the events, so that it is never ahead of them.
    fn ping(&mut self, reference: Reference, ctx: &mut Ctx) {
        if let Some(guest) = self.guest.as_ref().filter(|_| self.cut.reason().is_none()) {
            let tell = Box::new(move |head| protocol::done(&reference, Head { head }));
            self.sockets
                .feed
                .tell_position(&guest.viewer, self.id, tell);
        } else {
            self.may_write(ctx);
        }
    }
}
