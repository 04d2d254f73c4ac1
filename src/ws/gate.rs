//! What sockets need of the rest: who may come in and see what, and the tenant's stream.

use crate::app::AppState;
use crate::auth::CurrentUser;
use crate::engine::{DispatchError, EngineHandle};
use crate::error::{ApiError, AuthFault};
use papo_actors::{Attached, Joining, SocketId, Telling, Viewer};
use papo_domain::{ConversationId, Permission, Role, TenantId, UserId};
use secrecy::{ExposeSecret, SecretString};
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

/// The answer of a port, when it comes.
pub type Later<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// What a client shows to be let in.
#[derive(Clone, Debug)]
pub struct Proof {
    pub token: SecretString,
    /// Slug of the tenant in which a super admin wants to act.
    pub tenant: Option<String>,
}

/// Who was let in, and for how long.
#[derive(Clone, Debug)]
pub struct Admission {
    pub user: CurrentUser,
    pub expires_in: Duration,
}

/// Decides who may come in, and what they may see.
pub trait Gatekeeper: Send + Sync + 'static {
    /// Who shows this proof, as of now.
    ///
    /// # Errors
    /// The token is no good, its login has ended, or its user attends nobody.
    fn admit<'a>(&'a self, proof: &'a Proof) -> Later<'a, Result<Admission, ApiError>>;

    /// Whether `user` may see the conversation.
    ///
    /// # Errors
    /// [`ApiError::NotFound`] if not.
    fn sees<'a>(
        &'a self,
        user: &'a CurrentUser,
        conversation: ConversationId,
    ) -> Later<'a, Result<(), ApiError>>;
}

/// The engine as sockets need it. What is lost here, the next heartbeat of the engine makes up
/// for, or is worth nothing later.
pub trait Feed: Send + Sync + 'static {
    /// Lets a socket follow its tenant's stream.
    ///
    /// # Errors
    /// See [`EngineHandle::attach`].
    fn attach(&self, joining: Joining) -> Later<'_, Result<Attached, DispatchError>>;
    /// A socket is gone.
    fn detach(&self, viewer: &Viewer, socket: SocketId);
    /// It looks at a conversation, and wants to know who else does and who types.
    fn join(&self, viewer: &Viewer, socket: SocketId, conversation: ConversationId);
    /// Not any more.
    fn leave(&self, viewer: &Viewer, socket: SocketId, conversation: ConversationId);
    /// Who looks at a conversation.
    ///
    /// # Errors
    /// See [`EngineHandle::viewers`].
    fn viewers(
        &self,
        viewer: &Viewer,
        conversation: ConversationId,
    ) -> Later<'_, Result<Vec<UserId>, DispatchError>>;
    /// Its user is typing.
    fn typing(&self, viewer: &Viewer, conversation: ConversationId);
    /// It wants to be told how far it was told.
    fn tell_position(&self, viewer: &Viewer, socket: SocketId, tell: Telling);
}

impl Gatekeeper for AppState {
    fn admit<'a>(&'a self, proof: &'a Proof) -> Later<'a, Result<Admission, ApiError>> {
        Box::pin(async move {
            let token = proof.token.expose_secret();
            let claims = self.tokens.read(token).map_err(ApiError::Unauthenticated)?;
            let mut user = self.sessions.user(&claims).await?;
            if user.must_set_up_two_factor {
                return Err(ApiError::MustSetUpTwoFactor);
            }
            if user.role == Role::SuperAdmin {
                user.acting = match &proof.tenant {
                    Some(slug) => self.tenant_by_slug(slug).await?.id,
                    None => TenantId::PLATFORM,
                };
            }
            user.must(Permission::ConversationRead)?;
            user.tenant()?;
            let left = claims.exp.saturating_sub(self.clock.now().timestamp());
            let left = u64::try_from(left).ok().filter(|left| *left > 0);
            let left = left.ok_or(ApiError::Unauthenticated(AuthFault::Expired))?;
            Ok(Admission {
                user,
                expires_in: Duration::from_secs(left),
            })
        })
    }

    fn sees<'a>(
        &'a self,
        user: &'a CurrentUser,
        conversation: ConversationId,
    ) -> Later<'a, Result<(), ApiError>> {
        Box::pin(async move {
            let (tenant, sight) = (user.tenant()?, user.sight());
            self.database
                .find_conversation(tenant, &sight, conversation)
                .await?;
            Ok(())
        })
    }
}

impl Feed for EngineHandle {
    fn attach(&self, joining: Joining) -> Later<'_, Result<Attached, DispatchError>> {
        Box::pin(Self::attach(self, joining))
    }

    fn detach(&self, viewer: &Viewer, socket: SocketId) {
        Self::detach(self, viewer.tenant, viewer.user, socket);
    }

    fn join(&self, viewer: &Viewer, socket: SocketId, conversation: ConversationId) {
        Self::follow_typing(self, viewer.tenant, viewer.user, socket, conversation);
    }

    fn leave(&self, viewer: &Viewer, socket: SocketId, conversation: ConversationId) {
        Self::unfollow_typing(self, viewer.tenant, viewer.user, socket, conversation);
    }

    fn viewers(
        &self,
        viewer: &Viewer,
        conversation: ConversationId,
    ) -> Later<'_, Result<Vec<UserId>, DispatchError>> {
        Box::pin(Self::viewers(self, viewer.tenant, conversation))
    }

    fn typing(&self, viewer: &Viewer, conversation: ConversationId) {
        Self::typing(self, viewer.clone(), conversation);
    }

    fn tell_position(&self, viewer: &Viewer, socket: SocketId, tell: Telling) {
        Self::tell_position(self, viewer.tenant, viewer.user, socket, tell);
    }
}
