//! Sockets, and the signals that reach them.

use super::EngineHandle;
use crate::api::{DispatchError, Listed, Viewer};
use crate::attendant::{Attached, Joining, SocketId, Telling};
use crate::tenant::{Attach, Detach, Signal};
use papo_domain::{ConversationId, TenantId, UserId};
use tokio::sync::oneshot;

impl EngineHandle {
    /// Lets a socket follow its tenant's stream. Frames come to `joining.to`, first the greeting.
    ///
    /// # Errors
    /// When the tenant does not run here or is too busy.
    pub async fn attach(&self, joining: Joining) -> Result<Attached, DispatchError> {
        let tenant = joining.viewer.tenant;
        let (reply, attached) = oneshot::channel();
        self.in_time(async {
            self.send(tenant, Attach { joining, reply }).await?;
            attached.await.unwrap_or(Err(DispatchError::Gone))
        })
        .await
    }

    /// A socket is gone. Lost if the tenant is too busy; its next push finds the socket closed.
    pub fn detach(&self, tenant: TenantId, user: UserId, socket: SocketId) {
        drop(self.registry.offer(tenant, Detach { user, socket }));
    }

    /// Tells colleagues who follow the conversation that this person is typing. May be lost.
    pub fn typing(&self, viewer: Viewer, conversation: ConversationId) {
        let tenant = viewer.tenant;
        drop(self.registry.offer(
            tenant,
            Signal::Typing {
                viewer,
                conversation,
            },
        ));
    }

    /// A socket follows who types in a conversation that its user may see, and who else looks at it;
    /// the others are told that this user does. May be lost.
    pub fn follow_typing(
        &self,
        tenant: TenantId,
        user: UserId,
        socket: SocketId,
        conversation: ConversationId,
    ) {
        drop(self.registry.offer(
            tenant,
            Signal::FollowTyping {
                user,
                socket,
                conversation,
            },
        ));
    }

    /// A socket stops following who types. May be lost.
    pub fn unfollow_typing(
        &self,
        tenant: TenantId,
        user: UserId,
        socket: SocketId,
        conversation: ConversationId,
    ) {
        drop(self.registry.offer(
            tenant,
            Signal::UnfollowTyping {
                user,
                socket,
                conversation,
            },
        ));
    }

    /// Tells everybody who is online that a list of the tenant changed. May be lost.
    pub fn list_changed(&self, tenant: TenantId, list: Listed) {
        drop(self.registry.offer(tenant, Signal::List(list)));
    }

    /// Has a socket told how far it was told: whatever it may see up to there was given to it
    /// before the frame that `tell` makes. Lost if the tenant is too busy.
    pub fn tell_position(&self, tenant: TenantId, user: UserId, socket: SocketId, tell: Telling) {
        drop(
            self.registry
                .offer(tenant, Signal::Position { user, socket, tell }),
        );
    }
}
