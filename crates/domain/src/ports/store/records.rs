//! What the actors start from, as it is stored: a tenant with its rules and numbers, a
//! conversation with its newest messages. Only read: what the engine changes goes through
//! [`Commit`](super::Commit) and the methods beside it.

use crate::bot::{Flow, Trial};
use crate::conversation::{RecentMessage, State};
use crate::ids::{ChannelId, CustomerId, Shard, TenantId};
use crate::ports::ChannelHealth;
use crate::routing::Attendant;
use crate::tenant::{Department, TenantPolicy};

/// What the owner of a tenant starts from.
#[derive(Clone, Debug)]
pub struct TenantRecord {
    pub tenant: TenantId,
    pub shard: Shard,
    pub slug: String,
    /// Neither suspended, nor is its trial over. What arrives is stored in any case.
    pub served: bool,
    pub policy: TenantPolicy,
    pub flow: Flow,
    /// Flows that are being tried, or were a short while ago; at most one of a customer.
    pub trials: Vec<Trial>,
    pub departments: Vec<Department>,
    /// Active staff who may serve customers.
    pub people: Vec<Attendant>,
    /// Those in use.
    pub channels: Vec<ChannelRecord>,
    /// `seq` of the newest event; 0 before the first.
    pub head: u64,
}

/// What the sender of a number starts from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChannelRecord {
    pub id: ChannelId,
    /// Messages a second that the number may send.
    pub throughput: u32,
    /// Another one as soon as somebody changes what is needed to send, credentials included. Not
    /// raised by the health.
    pub revision: i64,
    /// As it was kept last.
    pub health: ChannelHealth,
}

/// What a conversation actor starts from.
#[derive(Clone, Debug)]
pub struct Activation {
    pub version: u64,
    pub state: State,
    pub channel: ChannelId,
    pub customer: CustomerId,
    /// The customer's name, for texts.
    pub name: Option<String>,
    /// Newest messages, oldest first.
    pub recent: Vec<RecentMessage>,
    /// Messages that hold collected inputs, where older than `recent`.
    pub answers: Vec<RecentMessage>,
}
