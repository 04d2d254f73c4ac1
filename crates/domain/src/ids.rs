//! Identifiers: newtypes, so that a tenant cannot be passed for a conversation.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;
use uuid::Uuid;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize,
        )]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
        impl FromStr for $name {
            type Err = uuid::Error;
            fn from_str(s: &str) -> Result<Self, Self::Err> {
                Uuid::parse_str(s).map(Self)
            }
        }
        impl From<Uuid> for $name {
            fn from(id: Uuid) -> Self {
                Self(id)
            }
        }
        impl From<$name> for Uuid {
            fn from(id: $name) -> Self {
                id.0
            }
        }
    };
}

id! {
    /// A customer organisation. The nil id is the platform itself, home of super admins.
    TenantId
}
id! {
    /// A thread between one tenant's channel and one peer (a person or a group).
    ConversationId
}
id! {
    /// A person who writes to a tenant, known by a set of aliases.
    CustomerId
}
id! {
    /// A member of a tenant's staff, or a super admin.
    UserId
}
id! {
    /// An attendance group of a tenant.
    DepartmentId
}
id! {
    /// One phone number of one tenant at one provider.
    ChannelId
}
id! {
    /// What a tenant sorts its conversations by.
    LabelId
}
id! {
    /// A message. Derived from its place in the conversation: see [`MessageId::of`].
    MessageId
}
id! {
    /// A request for a person. Derived from the request's place: see [`HandoffId::of`].
    HandoffId
}

id! {
    /// One customer's record becoming part of another's.
    MergeId
}
id! {
    /// Something that one person is told of. Derived: see [`NotificationId::of`].
    NotificationId
}
id! {
    /// A text that staff keeps ready.
    CannedReplyId
}
id! {
    /// A file of a message. One that a customer sent has a derived id: see [`MediaId::of`].
    MediaId
}
id! {
    /// A message that is sent later.
    ScheduledId
}

impl TenantId {
    /// The platform: owns super admins, never a conversation.
    pub const PLATFORM: Self = Self(Uuid::nil());
}

impl MessageId {
    /// The id of the message at `seq`. Derived, not minted, so that `decide` needs no source of
    /// randomness and a repeated decision names the same message. It is also the key of the
    /// message's outbox row and the `biz_opaque_callback_data` of its send.
    #[must_use]
    pub fn of(conversation: ConversationId, seq: u64) -> Self {
        Self(Uuid::new_v5(&conversation.0, &seq.to_be_bytes()))
    }
}

impl HandoffId {
    /// The id of the handoff that was requested when the control epoch became `epoch`.
    /// Every request raises the epoch, so no two share an id.
    #[must_use]
    pub fn of(conversation: ConversationId, epoch: u64) -> Self {
        let mut name = *b"handoff:\0\0\0\0\0\0\0\0";
        for (slot, byte) in name.iter_mut().skip(8).zip(epoch.to_be_bytes()) {
            *slot = byte;
        }
        Self(Uuid::new_v5(&conversation.0, &name))
    }
}

impl NotificationId {
    /// The id of what `user` is told about the message at `seq`. Derived, as a message's is.
    #[must_use]
    pub fn of(conversation: ConversationId, seq: u64, user: UserId) -> Self {
        let message = MessageId::of(conversation, seq);
        Self(Uuid::new_v5(&message.0, user.0.as_bytes()))
    }
}

impl MediaId {
    /// The id of the file in the customer's message at `seq`.
    #[must_use]
    pub fn of(conversation: ConversationId, seq: u64) -> Self {
        let mut name = *b"media:\0\0\0\0\0\0\0\0";
        for (slot, byte) in name.iter_mut().skip(6).zip(seq.to_be_bytes()) {
            *slot = byte;
        }
        Self(Uuid::new_v5(&conversation.0, &name))
    }
}

/// One of the 256 slices of tenants that nodes lease. Stored with the tenant, never recomputed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Shard(pub u8);

impl Shard {
    /// The shard a new tenant is given.
    #[must_use]
    pub fn of(tenant: TenantId) -> Self {
        let [.., last] = tenant.0.into_bytes();
        Self(last)
    }
}
