//! The door. Everything the root does with the engine goes through an [`EngineHandle`], which
//! bounds every wait and turns what it meets inside into a [`DispatchError`].

mod sockets;

use super::actor::{EngineActor, HeldShards, Shutdown};
use super::registry::{Missed, Registry};
use super::sink::EngineSink;
use super::tenants::StartTenant;
use crate::api::{Dispatch, DispatchError, EngineConfig, Outcome, TenantReport};
use crate::ports::Ports;
use crate::tenant::{
    ChangeCustomer, Choices, Describe, EverybodyChanged, Online, Queues, Reload, Resolve, Route,
    Sweep, TenantActor, UserChanged, Viewers,
};
use actix::dev::ToEnvelope;
use actix::{Actor, Addr, Context, Handler, Message};
use futures_util::future::join_all;
use papo_domain::ports::{CustomerChange, CustomerOutcome, PeerQuery, ResolvedPeer};
use papo_domain::routing::QueueView;
use papo_domain::{ChannelId, ConversationId, HandoffId, TenantId, UserId};
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::oneshot;

/// The actor tree.
pub struct Engine;

impl Engine {
    /// Starts the tree. Must be called on a thread of an actix system. `sink` is the one that
    /// the store's lanes were given.
    #[must_use]
    pub fn start(ports: Ports, config: EngineConfig, sink: &EngineSink) -> EngineHandle {
        let config = Arc::new(config);
        let registry = Arc::new(Registry::default());
        let timeout = config.command_timeout;
        let drain = config.drain;
        let engine = EngineActor::new(ports, config, Arc::clone(&registry)).start();
        sink.connect(Arc::clone(&registry), engine.clone());
        EngineHandle {
            engine,
            registry,
            timeout,
            drain,
        }
    }
}

/// A handle on the running engine.
#[derive(Clone)]
pub struct EngineHandle {
    engine: Addr<EngineActor>,
    registry: Arc<Registry>,
    timeout: Duration,
    drain: Duration,
}

impl EngineHandle {
    /// Carries out a command.
    ///
    /// # Errors
    /// See [`DispatchError`]. After [`DispatchError::Timeout`] the command may still happen.
    pub async fn dispatch(&self, dispatch: Dispatch) -> Result<Outcome, DispatchError> {
        let Dispatch {
            tenant,
            conversation,
            command,
            idempotency,
        } = dispatch;
        let (reply, outcome) = oneshot::channel();
        let route = Route {
            conversation,
            command: Box::new(command),
            idempotency,
            reply,
        };
        self.in_time(async {
            self.send(tenant, route).await?;
            outcome.await.unwrap_or(Err(DispatchError::Gone))
        })
        .await
    }

    /// Changes what is known of customers.
    ///
    /// # Errors
    /// See [`DispatchError`]. After [`DispatchError::Timeout`] it may still happen.
    pub async fn change_customer(
        &self,
        tenant: TenantId,
        change: CustomerChange,
    ) -> Result<CustomerOutcome, DispatchError> {
        let (reply, done) = oneshot::channel();
        let change = Box::new(change);
        self.in_time(async {
            self.send(tenant, ChangeCustomer { change, reply }).await?;
            done.await.unwrap_or(Err(DispatchError::Gone))
        })
        .await
    }

    /// The conversation that a customer has on a channel. It is made if there is none.
    ///
    /// # Errors
    /// See [`DispatchError`]. After [`DispatchError::Timeout`] it may still be made.
    pub async fn resolve_peer(
        &self,
        tenant: TenantId,
        query: PeerQuery,
    ) -> Result<ResolvedPeer, DispatchError> {
        let (reply, found) = oneshot::channel();
        let query = Box::new(query);
        self.in_time(async {
            self.send(tenant, Resolve { query, reply }).await?;
            found.await.unwrap_or(Err(DispatchError::Gone))
        })
        .await
    }

    /// Users with at least one socket.
    ///
    /// # Errors
    /// When the tenant does not run here or does not answer.
    pub async fn online(&self, tenant: TenantId) -> Result<Vec<UserId>, DispatchError> {
        self.ask(tenant, Online).await
    }

    /// What a user would be given who asks for the next one, the best first; not many.
    ///
    /// # Errors
    /// When the tenant does not run here or does not answer.
    pub async fn choices(
        &self,
        tenant: TenantId,
        user: UserId,
    ) -> Result<Vec<(ConversationId, HandoffId)>, DispatchError> {
        self.ask(tenant, Choices(user)).await
    }

    /// How the tenant's queues stand.
    ///
    /// # Errors
    /// When the tenant does not run here or does not answer.
    pub async fn queues(&self, tenant: TenantId) -> Result<Vec<QueueView>, DispatchError> {
        self.ask(tenant, Queues).await
    }

    /// Users who look at a conversation: those with a socket that has joined it.
    ///
    /// # Errors
    /// When the tenant does not run here or does not answer.
    pub async fn viewers(
        &self,
        tenant: TenantId,
        conversation: ConversationId,
    ) -> Result<Vec<UserId>, DispatchError> {
        self.ask(tenant, Viewers(conversation)).await
    }

    /// What the tenant's part of the tree looks like.
    ///
    /// # Errors
    /// When the tenant does not run here or does not answer.
    pub async fn describe(&self, tenant: TenantId) -> Result<TenantReport, DispatchError> {
        self.ask(tenant, Describe).await.map(|report| *report)
    }

    /// Makes changed rules, departments or channels effective.
    ///
    /// # Errors
    /// When the tenant does not run here, does not answer, or cannot be read.
    pub async fn reload_tenant(&self, tenant: TenantId) -> Result<(), DispatchError> {
        self.reload(tenant, None).await
    }

    /// Makes a changed channel effective, and tries it afresh if it was down or resting.
    ///
    /// # Errors
    /// When the tenant does not run here, does not answer, or cannot be read.
    pub async fn reload_channel(
        &self,
        tenant: TenantId,
        channel: ChannelId,
    ) -> Result<(), DispatchError> {
        self.reload(tenant, Some(channel)).await
    }

    async fn reload(
        &self,
        tenant: TenantId,
        channel: Option<ChannelId>,
    ) -> Result<(), DispatchError> {
        let (reply, done) = oneshot::channel();
        self.in_time(async {
            self.send(tenant, Reload { channel, reply }).await?;
            done.await.unwrap_or(Err(DispatchError::Gone))
        })
        .await
    }

    /// Cuts the sockets of a user whose rights changed or ended. `home` is where the account is;
    /// a user of the platform may have sockets at every tenant.
    ///
    /// # Errors
    /// When the tenant does not run here or is too busy.
    pub async fn user_changed(&self, home: TenantId, user: UserId) -> Result<(), DispatchError> {
        if home != TenantId::PLATFORM {
            return self.in_time(self.send(home, UserChanged(user))).await;
        }
        let tenants = self.registry.tenants().into_iter();
        let told = join_all(tenants.map(|tenant| self.insist(tenant, UserChanged(user))));
        self.in_time(async {
            told.await;
            Ok(())
        })
        .await
    }

    /// Cuts every socket of a tenant that nobody may look at as before.
    ///
    /// # Errors
    /// When the tenant is too busy.
    pub async fn everybody_changed(&self, tenant: TenantId) -> Result<(), DispatchError> {
        self.in_time(async {
            self.insist(tenant, EverybodyChanged).await;
            Ok(())
        })
        .await
    }

    /// Looks at the tenant's table again, for rows that were changed behind the engine's back.
    ///
    /// # Errors
    /// When the tenant does not run here or is too busy.
    pub async fn sweep(&self, tenant: TenantId) -> Result<(), DispatchError> {
        self.in_time(self.send(tenant, Sweep)).await
    }

    #[cfg(test)]
    pub(crate) async fn inside(&self, tenant: TenantId) -> Arc<crate::tenant::Shared> {
        let shared = self.ask(tenant, crate::tenant::Look).await;
        shared.unwrap_or_else(|fault| panic!("{fault}"))
    }

    /// Shards held by this node.
    ///
    /// # Errors
    /// When the engine does not answer in time.
    pub async fn held_shards(&self) -> Result<usize, DispatchError> {
        self.in_time(async {
            self.engine
                .send(HeldShards)
                .await
                .map_err(|_closed| DispatchError::Gone)
        })
        .await
    }

    /// Takes nothing new and lets what is in hand end: commands, inbox items with their commits,
    /// claims, whose messages go back into the queue, and requests to the provider until their
    /// results are recorded. Then gives the leases back, which are renewed until then, and stops
    /// the tree. What does not end within the configured time is cut off as by a crash: a command
    /// is refused, an item is decided by the next node, a request is unknown.
    pub async fn drain(&self) {
        let (reply, done) = oneshot::channel();
        if self.engine.send(Shutdown(reply)).await.is_err() {
            return;
        }
        // The store gets as long again to take the leases back.
        drop(tokio::time::timeout(self.drain * 2, done).await);
    }

    /// Gives a message to a tenant, starting it first if need be.
    async fn send<M>(&self, tenant: TenantId, message: M) -> Result<(), DispatchError>
    where
        TenantActor: Handler<M>,
        Context<TenantActor>: ToEnvelope<TenantActor, M>,
        M: Message<Result = ()> + Send + 'static,
    {
        let message = match self.registry.offer(tenant, message) {
            Ok(()) => return Ok(()),
            Err(Missed::Full(_)) => return Err(DispatchError::Busy),
            Err(Missed::Absent(message)) => message,
        };
        self.started(tenant).await?;
        match self.registry.offer(tenant, message) {
            Ok(()) => Ok(()),
            Err(Missed::Full(_)) => Err(DispatchError::Busy),
            Err(Missed::Absent(_)) => Err(DispatchError::Gone),
        }
    }

    /// Gives a message about sockets to a tenant, however long that takes. One that does not run
    /// here has none, and cuts them when it goes.
    async fn insist<M>(&self, tenant: TenantId, message: M)
    where
        TenantActor: Handler<M>,
        Context<TenantActor>: ToEnvelope<TenantActor, M>,
        M: Message<Result = ()> + Send + 'static,
    {
        if let Err(Missed::Full(message)) = self.registry.offer(tenant, message)
            && let Some(addr) = self.registry.addr(tenant)
            && addr.send(message).await.is_err()
        {
            tracing::debug!(tenant.id = %tenant, "tenant {tenant} went before it was told");
        }
    }

    async fn started(&self, tenant: TenantId) -> Result<(), DispatchError> {
        let (reply, started) = oneshot::channel();
        let request = StartTenant {
            tenant,
            reply: Some(reply),
        };
        self.engine
            .send(request)
            .await
            .map_err(|_closed| DispatchError::Draining)?;
        started.await.unwrap_or(Err(DispatchError::Gone))
    }

    async fn ask<M>(&self, tenant: TenantId, question: M) -> Result<M::Result, DispatchError>
    where
        TenantActor: Handler<M>,
        Context<TenantActor>: ToEnvelope<TenantActor, M>,
        M: Message + Send + 'static,
        M::Result: Send,
    {
        self.in_time(async {
            if !self.registry.has(tenant) {
                self.started(tenant).await?;
            }
            let addr = self.registry.addr(tenant).ok_or(DispatchError::Gone)?;
            addr.send(question)
                .await
                .map_err(|_closed| DispatchError::Gone)
        })
        .await
    }

    async fn in_time<T>(
        &self,
        work: impl Future<Output = Result<T, DispatchError>>,
    ) -> Result<T, DispatchError> {
        tokio::time::timeout(self.timeout, work)
            .await
            .unwrap_or(Err(DispatchError::Timeout))
    }
}
