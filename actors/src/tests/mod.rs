//! The actors under virtual time, on fakes of every port: order, deadlines, crashes, passivation,
//! takeover, fencing, drain, fan-out. What only a real database can prove is tested from the root.

mod attendants;
mod bus;
mod channels;
mod claims;
mod crashes;
mod cuts;
mod desk;
mod drain;
mod fanout;
mod leases;
mod logs;
mod metrics;
mod numbers;
mod ordering;
mod overload;
mod passivation;
mod takeover;
mod timers;

use crate::api::{
    Backoff, ChannelConfig, Dispatch, DispatchError, EngineConfig, Listed, OnExhausted, Outcome,
    ReplayConfig, RestartPolicy,
};
use crate::engine::{Engine, EngineHandle, EngineSink};
use crate::ports::{FrameEncoder, Ports};
use crate::testing::{FakeBus, FakeGateway, InMemoryStore, Tenant, World};
use bytestring::ByteString;
use papo_domain::conversation::{Command, Event};
use papo_domain::outbound::Outbound;
use papo_domain::ports::{EventBody, LiveEvent};
use papo_domain::routing::Availability;
use papo_domain::{ConversationId, UserId};
use std::sync::Arc;
use std::time::Duration;
use uuid::Uuid;

/// Phone of the customer that most tests are about.
const PHONE: &str = "5511988887777";

/// One node with everything it needs.
struct Rig {
    world: World,
    shop: Tenant,
    store: Arc<InMemoryStore>,
    gateway: Arc<FakeGateway>,
    engine: EngineHandle,
}

impl Rig {
    async fn new() -> Self {
        Self::with(|_| {}).await
    }

    async fn with(change: impl FnOnce(&mut EngineConfig)) -> Self {
        tokio::time::pause();
        let world = World::new();
        let shop = world.tenant("shop");
        Self::on(world, shop, "a", change).await
    }

    /// A node named `name` on an existing world.
    async fn on(
        world: World,
        shop: Tenant,
        name: &str,
        change: impl FnOnce(&mut EngineConfig),
    ) -> Self {
        let mut config = config();
        change(&mut config);
        let store = world.node(name);
        Self::started(world, shop, store, config, EngineSink::default()).await
    }

    /// A node whose store a test has prepared.
    async fn on_store(world: World, shop: Tenant, store: Arc<InMemoryStore>) -> Self {
        Self::started(world, shop, store, config(), EngineSink::default()).await
    }

    /// A node named `name` on an existing world, one of several on `bus`.
    async fn on_bus(world: World, shop: Tenant, name: &str, bus: &FakeBus) -> Self {
        let store = world.node(name);
        let sink = EngineSink::with_bus(bus.node(name));
        Self::started(world, shop, store, config(), sink).await
    }

    async fn started(
        world: World,
        shop: Tenant,
        store: Arc<InMemoryStore>,
        config: EngineConfig,
        sink: EngineSink,
    ) -> Self {
        let gateway = FakeGateway::new(&world);
        let sink = Arc::new(sink);
        store.connect(sink.clone());
        let ports = Ports {
            store: store.clone(),
            gateway: gateway.clone(),
            clock: world.clock(),
            frames: Arc::new(Frames),
            before_decide: Some(world.boom_hook()),
        };
        let engine = Engine::start(ports, config, &sink);
        world.settle().await;
        Self {
            world,
            shop,
            store,
            gateway,
            engine,
        }
    }

    /// `kill -9` of this node, and its restart.
    async fn restart(self) -> Self {
        self.store.kill();
        let Self { world, shop, .. } = self;
        Self::on(world, shop, "a", |_| {}).await
    }

    async fn says(&self, text: &str) {
        self.world.inbound_text(&self.shop, PHONE, text);
        self.world.settle().await;
    }

    fn conversation(&self) -> ConversationId {
        self.world.open(&self.shop, PHONE)
    }

    /// Nothing of the rig is borrowed, so that a test can have it carried out beside itself.
    fn command(
        &self,
        command: Command,
    ) -> impl Future<Output = Result<Outcome, DispatchError>> + use<> {
        let dispatch = Dispatch {
            tenant: self.shop.id,
            conversation: self.conversation(),
            command,
            idempotency: None,
        };
        let engine = self.engine.clone();
        async move { engine.dispatch(dispatch).await }
    }

    async fn takes_over(&self, who: UserId) -> Outcome {
        let command = Command::TakeOver {
            by: who,
            name: "Ana".to_owned(),
            force: false,
        };
        self.command(command).await.unwrap()
    }

    fn replies(
        &self,
        who: UserId,
        text: &str,
    ) -> impl Future<Output = Result<Outcome, DispatchError>> + use<> {
        self.command(Command::SendReply {
            by: who,
            outbound: Outbound::text(text),
            quote: None,
            expected_seq: None,
            scheduled: false,
        })
    }
}

fn ana() -> UserId {
    UserId(Uuid::from_u128(0xA))
}

/// Whose typing crashes the tenant's actor, which encodes it.
fn breaker() -> UserId {
    UserId(Uuid::from_u128(0xDEAD))
}

fn bruno() -> UserId {
    UserId(Uuid::from_u128(0xB))
}

fn config() -> EngineConfig {
    let policy = RestartPolicy {
        max_restarts: 3,
        window: Duration::from_secs(60),
        backoff: Backoff {
            initial: Duration::from_millis(100),
            max: Duration::from_secs(5),
            jitter: 0.0,
        },
        max_attempts: 3,
        on_exhausted: OnExhausted::Quarantine,
    };
    EngineConfig {
        arbiters: 0,
        command_timeout: Duration::from_secs(10),
        conversation_queue: 64,
        tenant_in_hand: 4_096,
        conversation_in_hand: 32,
        pump_page: 256,
        loading: 32,
        passivate_after: Duration::from_secs(300),
        retire_after: Duration::from_secs(600),
        sockets_per_user: 20,
        offer_grace: Duration::from_secs(10),
        conversations: policy.clone(),
        tenants: policy.clone(),
        channels: policy.clone(),
        attendants: policy,
        lease_renewal: Duration::from_secs(5),
        drain: Duration::from_secs(10),
        channel: ChannelConfig {
            concurrency: 32,
            start_within: Duration::from_secs(2),
            max_attempts: 5,
            backoff: Duration::from_secs(1),
            backoff_max: Duration::from_secs(60),
        },
        replay: ReplayConfig {
            max_rows: 10_000,
            max_age: Duration::from_secs(86_400),
        },
    }
}

/// Frames that a test can read: `seq:conversation:what`.
struct Frames;

impl FrameEncoder for Frames {
    fn encode(&self, event: &LiveEvent) -> Vec<ByteString> {
        let what = match &event.body {
            EventBody::Conversation {
                event: Event::MessageAdded { seq, .. },
            } => {
                format!("message {seq}")
            }
            EventBody::Conversation { event } => event.name().to_owned(),
            EventBody::Delivery { seq, status, .. } => format!("{} {seq}", status.name()),
            EventBody::Notification { kind, .. } => format!("notification {}", kind.name()),
            EventBody::Customer { customer } => format!("customer {customer}"),
        };
        vec![format!("{}:{}:{what}", event.seq, event.conversation).into()]
    }

    fn granted(&self, conversation: ConversationId, seq: u64) -> ByteString {
        format!("{seq}:{conversation}:granted").into()
    }

    fn revoked(&self, conversation: ConversationId, seq: u64) -> ByteString {
        format!("{seq}:{conversation}:revoked").into()
    }

    fn presence(&self, user: UserId, online: bool) -> ByteString {
        format!("0:{user}:{}", if online { "online" } else { "offline" }).into()
    }

    fn presence_changed(&self) -> ByteString {
        ByteString::from_static("0:users:changed")
    }

    fn availability(&self, user: UserId, now: Availability) -> ByteString {
        format!("0:{user}:{}", now.name()).into()
    }

    fn list_changed(&self, list: Listed) -> ByteString {
        format!("0:list {}", list.name()).into()
    }

    fn viewing(&self, user: UserId, _: ConversationId, looks: bool) -> ByteString {
        format!("0:viewing {user} {looks}").into()
    }

    fn typing(&self, user: UserId, conversation: ConversationId) -> ByteString {
        assert_ne!(user, breaker(), "boom: the test wants the tenant to crash");
        format!("0:{conversation}:typing {user}").into()
    }
}
