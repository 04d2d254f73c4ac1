//! Frames that tests can read, and everything an engine under test is given.

use super::gateway::FakeGateway;
use super::store::InMemoryStore;
use super::world::World;
use crate::api::Listed;
use crate::ports::{FrameEncoder, Ports};
use bytestring::ByteString;
use papo_domain::ports::{EngineStore, EventBody, Gateway, LiveEvent};
use papo_domain::routing::Availability;
use papo_domain::{ConversationId, UserId};
use std::sync::Arc;

/// One short line of text for each frame: `seq conversation name` for events, and
/// `granted`, `revoked`, `presence`, `viewing` or `typing` with what they are about.
#[derive(Clone, Copy, Debug, Default)]
pub struct PlainFrames;

impl FrameEncoder for PlainFrames {
    fn encode(&self, event: &LiveEvent) -> Vec<ByteString> {
        let name = match &event.body {
            EventBody::Conversation { event } => event.name().to_owned(),
            EventBody::Delivery { seq, status, .. } => format!("delivery {seq} {}", status.name()),
            EventBody::Notification { kind, .. } => format!("notification {}", kind.name()),
            EventBody::Customer { customer } => format!("customer {customer}"),
        };
        vec![format!("{} {} {name}", event.seq, event.conversation).into()]
    }

    fn granted(&self, conversation: ConversationId, seq: u64) -> ByteString {
        format!("granted {conversation} {seq}").into()
    }

    fn revoked(&self, conversation: ConversationId, seq: u64) -> ByteString {
        format!("revoked {conversation} {seq}").into()
    }

    fn presence(&self, user: UserId, online: bool) -> ByteString {
        format!("presence {user} {online}").into()
    }

    fn presence_changed(&self) -> ByteString {
        "presence".into()
    }

    fn availability(&self, user: UserId, now: Availability) -> ByteString {
        format!("availability {user} {}", now.name()).into()
    }

    fn list_changed(&self, list: Listed) -> ByteString {
        format!("list {}", list.name()).into()
    }

    fn viewing(&self, user: UserId, conversation: ConversationId, looks: bool) -> ByteString {
        format!("viewing {user} {conversation} {looks}").into()
    }

    fn typing(&self, user: UserId, conversation: ConversationId) -> ByteString {
        format!("typing {user} {conversation}").into()
    }
}

impl World {
    /// The ports of an engine on this node, with [`PlainFrames`] and [`Self::boom_hook`].
    #[must_use]
    pub fn ports(&self, node: &Arc<InMemoryStore>, gateway: &Arc<FakeGateway>) -> Ports {
        let store: Arc<dyn EngineStore> = node.clone();
        let gateway: Arc<dyn Gateway> = gateway.clone();
        Ports {
            store,
            gateway,
            clock: self.clock(),
            frames: Arc::new(PlainFrames),
            before_decide: Some(self.boom_hook()),
        }
    }
}
