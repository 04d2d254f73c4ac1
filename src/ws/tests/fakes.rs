//! A gatekeeper with two users, and a stream that sends what the test says.

use crate::auth::CurrentUser;
use crate::engine::DispatchError;
use crate::error::{ApiError, AuthFault};
use crate::ws::{self, Admission, Later, Proof};
use bytestring::ByteString;
use papo_actors::{Attached, CutFlag, CutReason, Joining, SocketId, Telling, ToSocket, Viewer};
use papo_domain::{ConversationId, Role, TenantId, UserId};
use secrecy::ExposeSecret;
use std::collections::{BTreeMap, BTreeSet};
use std::future::{pending, ready};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::watch;
use uuid::Uuid;

/// Her token.
pub(super) const ANA: &str = "token-of-ana";
/// Of a user who attends nobody.
pub(super) const MEMBER: &str = "token-of-a-member";
pub(super) const EXPIRED: &str = "token-of-yesterday";
/// Whose look-up takes for ever.
pub(super) const UNKNOWN: &str = "token-of-somebody";

/// One of a thousand conversations that everybody may see; there are no others.
pub(super) fn visible(n: u128) -> ConversationId {
    ConversationId(Uuid::from_u128(n))
}

pub(super) struct Gate {
    pub(super) expires_in: Mutex<Duration>,
    /// Answers to the next questions, before the usual ones.
    pub(super) next: Mutex<Vec<Result<Role, ApiError>>>,
}

impl Default for Gate {
    fn default() -> Self {
        Self {
            expires_in: Mutex::new(Duration::from_secs(900)),
            next: Mutex::default(),
        }
    }
}

impl ws::Gatekeeper for Gate {
    fn admit<'a>(&'a self, proof: &'a Proof) -> Later<'a, Result<Admission, ApiError>> {
        let mut next = locked(&self.next);
        let known = match proof.token.expose_secret() {
            _ if !next.is_empty() => next.remove(0),
            ANA => Ok(Role::Attendant),
            MEMBER => Ok(Role::Member),
            EXPIRED => Err(ApiError::Unauthenticated(AuthFault::Expired)),
            UNKNOWN => return Box::pin(pending()),
            _ => Err(ApiError::Unauthenticated(AuthFault::Invalid)),
        };
        let admitted = match known {
            Ok(Role::Member) => Err(ApiError::Forbidden),
            Ok(role) => Ok(Admission {
                user: user(role),
                expires_in: *locked(&self.expires_in),
            }),
            Err(error) => Err(error),
        };
        Box::pin(ready(admitted))
    }

    fn sees<'a>(
        &'a self,
        _: &'a CurrentUser,
        conversation: ConversationId,
    ) -> Later<'a, Result<(), ApiError>> {
        let seen = conversation.0.as_u128() < 1_000;
        Box::pin(ready(if seen {
            Ok(())
        } else {
            Err(ApiError::NotFound)
        }))
    }
}

fn user(role: Role) -> CurrentUser {
    let tenant = TenantId(Uuid::from_u128(7));
    CurrentUser {
        id: UserId(Uuid::from_u128(8)),
        name: "Ana".to_owned(),
        role,
        home: tenant,
        acting: tenant,
        session: Uuid::from_u128(9),
        departments: Vec::new(),
        must_set_up_two_factor: false,
    }
}

/// What the engine would hold of sockets.
pub(super) struct Feed {
    sockets: Mutex<BTreeMap<SocketId, Joining>>,
    known: Mutex<BTreeSet<SocketId>>,
    pub(super) head: Mutex<u64>,
    /// What sockets asked for, in words.
    pub(super) said: Mutex<Vec<String>>,
    /// How many sockets are attached.
    pub(super) attached: watch::Sender<usize>,
    /// The next attach fails like this.
    pub(super) refuse: Mutex<Option<DispatchError>>,
}

impl Default for Feed {
    fn default() -> Self {
        Self {
            sockets: Mutex::default(),
            known: Mutex::default(),
            head: Mutex::new(0),
            said: Mutex::default(),
            attached: watch::channel(0).0,
            refuse: Mutex::default(),
        }
    }
}

impl Feed {
    /// Sends an event to every socket, as the engine does: one that has no room is cut.
    /// Returns how many were cut.
    pub(super) fn publish(&self, filler: &str) -> usize {
        let mut head = locked(&self.head);
        *head += 1;
        let text = format!(r#"{{"v":1,"event":"test","seq":{head},"payload":"{filler}"}}"#);
        let text = ByteString::from(text);
        let mut sockets = locked(&self.sockets);
        let before = sockets.len();
        sockets.retain(|_, socket| {
            let sent = socket.to.try_send(vec![text.clone()].into()).is_ok();
            if !sent {
                socket.cut.cut(CutReason::Resync);
            }
            sent
        });
        before - sockets.len()
    }

    /// Cuts every socket, as when a user's rights change.
    pub(super) fn cut(&self, reason: CutReason) {
        for (_, socket) in std::mem::take(&mut *locked(&self.sockets)) {
            socket.cut.cut(reason);
            drop(socket.to.try_send(ToSocket::default()));
        }
    }

    /// Tells every socket that its user can see `conversation` no more.
    pub(super) fn revoke(&self, conversation: ConversationId) {
        for socket in locked(&self.sockets).values() {
            let told = ToSocket {
                texts: Vec::new(),
                revoked: vec![conversation],
            };
            drop(socket.to.try_send(told));
        }
    }

    /// Flags of the sockets that are attached.
    pub(super) fn flags(&self) -> Vec<CutFlag> {
        locked(&self.sockets)
            .values()
            .map(|socket| socket.cut.clone())
            .collect()
    }

    pub(super) fn said(&self) -> Vec<String> {
        locked(&self.said).clone()
    }

    /// Waits until so many sockets are attached.
    pub(super) async fn count(&self, wanted: usize) {
        let mut attached = self.attached.subscribe();
        let reached = attached.wait_for(|count| *count == wanted);
        let reached = tokio::time::timeout(super::PATIENCE, reached).await;
        drop(reached.expect("in time").expect("alive"));
    }

    fn say(&self, words: String) {
        locked(&self.said).push(words);
    }
}

impl ws::Feed for Feed {
    fn attach(&self, mut joining: Joining) -> Later<'_, Result<Attached, DispatchError>> {
        if let Some(error) = locked(&self.refuse).take() {
            return Box::pin(ready(Err(error)));
        }
        let head = *locked(&self.head);
        let resync = joining.cursor.is_some_and(|cursor| cursor > head);
        let attached = Attached { head, resync };
        let greet = std::mem::replace(&mut joining.greet, Box::new(|_| ByteString::new()));
        let sent = joining.to.try_send(vec![greet(attached)].into());
        assert!(sent.is_ok(), "the greeting finds no room");
        locked(&self.known).insert(joining.socket);
        locked(&self.sockets).insert(joining.socket, joining);
        self.attached.send_modify(|count| *count += 1);
        Box::pin(ready(Ok(attached)))
    }

    fn detach(&self, _: &Viewer, socket: SocketId) {
        // Those that were cut are forgotten already, and count until they go.
        locked(&self.sockets).remove(&socket);
        if locked(&self.known).remove(&socket) {
            self.attached.send_modify(|count| *count -= 1);
        }
    }

    fn join(&self, _: &Viewer, _: SocketId, conversation: ConversationId) {
        self.say(format!("join {conversation}"));
    }

    fn leave(&self, _: &Viewer, _: SocketId, conversation: ConversationId) {
        self.say(format!("leave {conversation}"));
    }

    fn viewers(
        &self,
        viewer: &Viewer,
        _: ConversationId,
    ) -> Later<'_, Result<Vec<UserId>, DispatchError>> {
        let colleague = UserId(Uuid::from_u128(0xb));
        Box::pin(ready(Ok(vec![viewer.user, colleague])))
    }

    fn typing(&self, _: &Viewer, conversation: ConversationId) {
        self.say(format!("typing {conversation}"));
    }

    fn tell_position(&self, _: &Viewer, socket: SocketId, tell: Telling) {
        let head = *locked(&self.head);
        if let Some(socket) = locked(&self.sockets).get(&socket) {
            drop(socket.to.try_send(vec![tell(head)].into()));
        }
    }
}

pub(super) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
