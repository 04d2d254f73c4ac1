//! How a socket comes in: hello, the look-up of who it is, its place in the stream, and the
//! looks whether it may stay.

use super::{Ctx, Guest, RECHECK, Session, Stage};
use crate::auth::CurrentUser;
use crate::error::{ApiError, AuthFault};
use crate::ws::gate::{Admission, Proof};
use crate::ws::protocol::{self, Farewell, Reference, Welcome};
use actix::{ActorFutureExt, AsyncContext, WrapFuture};
use papo_actors::{Joining, Viewer};
use secrecy::SecretString;
use std::collections::HashSet;
use std::sync::Arc;
use std::time::Instant;

impl Session {
    pub(super) fn hello(
        &mut self,
        reference: Reference,
        token: Option<SecretString>,
        cursor: Option<u64>,
        ctx: &mut Ctx,
    ) {
        let Some(token) = token.or_else(|| self.entry.token.take()) else {
            let missing = ApiError::Unauthenticated(AuthFault::Missing);
            return self.turn_away(&reference, &missing, ctx);
        };
        self.stage = Stage::Greeting;
        let sockets = Arc::clone(&self.sockets);
        let tenant = self.entry.tenant.take();
        let proof = Proof { token, tenant };
        let asked = async move { (sockets.gate.admit(&proof).await, proof) };
        ctx.spawn(
            asked
                .into_actor(self)
                .map(move |(admitted, proof), actor, ctx| {
                    match admitted.and_then(|admission| actor.seat(admission, proof)) {
                        Ok(()) => actor.attach(reference, cursor, ctx),
                        Err(error) => actor.turn_away(&reference, &error, ctx),
                    }
                }),
        );
    }

    fn seat(&mut self, admission: Admission, proof: Proof) -> Result<(), ApiError> {
        let Admission { user, expires_in } = admission;
        let tenant = user.tenant()?;
        let most = self.sockets.settings.sockets_per_user;
        let seat = self.sockets.seats.take((tenant, user.id), most);
        let seat = seat.ok_or(ApiError::TooMany {
            retry_after: RECHECK,
        })?;
        let viewer = Viewer {
            tenant,
            user: user.id,
            role: user.role,
            departments: user.departments.clone(),
        };
        self.guest = Some(Guest {
            user,
            viewer,
            proof,
            expires: Instant::now() + expires_in,
            joined: HashSet::new(),
            joining: HashSet::new(),
            _seat: seat,
        });
        Ok(())
    }

    fn attach(&mut self, reference: Reference, cursor: Option<u64>, ctx: &mut Ctx) {
        // It may have gone, or been turned away for its slowness, while it was looked up.
        let Some(guest) = self
            .guest
            .as_ref()
            .filter(|_| self.stage == Stage::Greeting)
        else {
            return;
        };
        let left = guest.expires.saturating_duration_since(Instant::now());
        ctx.run_later(left, |actor, ctx| {
            actor.may_write(ctx);
        });
        let (answer, viewer) = (reference.clone(), guest.viewer.clone());
        let joining = Joining {
            viewer: guest.viewer.clone(),
            socket: self.id,
            cursor,
            to: ctx.address().recipient(),
            cut: self.cut.clone(),
            greet: Box::new(move |attached| {
                let welcome = Welcome {
                    head: attached.head,
                    resync: attached.resync,
                    user_id: viewer.user,
                    role: viewer.role,
                    departments: viewer.departments,
                    expires_in: left.as_secs(),
                };
                protocol::done(&answer, welcome)
            }),
        };
        let sockets = Arc::clone(&self.sockets);
        let attached = async move { sockets.feed.attach(joining).await };
        ctx.spawn(attached.into_actor(self).map(move |attached, actor, ctx| {
            match attached {
                // Rights that changed between the look-up and now have cut nobody.
                Ok(_) => actor.recheck(ctx),
                Err(error) => actor.turn_away(&reference, &error.into(), ctx),
            }
        }));
    }

    /// Answers a hello that failed, and closes.
    fn turn_away(&mut self, reference: &Reference, error: &ApiError, ctx: &mut Ctx) {
        let entry = error.entry();
        tracing::debug!(socket.id = self.id.0, %error, "socket turned away");
        self.write(
            protocol::refused(reference, entry.code, entry.portuguese),
            ctx,
        );
        self.close(Farewell::from(error), ctx);
    }

    /// Looks up whether the login still stands, with the same rights.
    pub(super) fn recheck(&mut self, ctx: &mut Ctx) {
        let Some(guest) = self.guest.as_ref().filter(|_| self.stage != Stage::Closing) else {
            return;
        };
        let (sockets, proof) = (Arc::clone(&self.sockets), guest.proof.clone());
        let asked = async move { sockets.gate.admit(&proof).await };
        ctx.spawn(asked.into_actor(self).map(|admitted, actor, ctx| {
            let same = |now: &CurrentUser, then: &CurrentUser| {
                (now.role, &now.departments) == (then.role, &then.departments)
            };
            match (admitted, &actor.guest) {
                (Ok(now), Some(guest)) if same(&now.user, &guest.user) => {}
                (Err(ApiError::Unauthenticated(AuthFault::Expired)), _) => {
                    actor.close(Farewell::of(AuthFault::Expired), ctx);
                }
                (
                    Ok(_)
                    | Err(
                        ApiError::Unauthenticated(_)
                        | ApiError::Forbidden
                        | ApiError::MustSetUpTwoFactor,
                    ),
                    _,
                ) => actor.close(Farewell::REVOKED, ctx),
                // Nothing is known; the next look, or the token's end, will tell.
                (Err(error), _) => tracing::debug!(%error, "login not looked up"),
            }
        }));
    }
}
