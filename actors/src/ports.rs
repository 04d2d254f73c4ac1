//! What the engine is given.

use bytestring::ByteString;
use papo_domain::ConversationId;
use papo_domain::ports::{Clock, EngineStore, Gateway, LiveEvent};
use papo_domain::routing::Availability;
use std::sync::Arc;

/// The engine's view of the world.
#[derive(Clone)]
pub struct Ports {
    pub store: Arc<dyn EngineStore>,
    pub gateway: Arc<dyn Gateway>,
    pub clock: Arc<dyn Clock>,
    pub frames: Arc<dyn FrameEncoder>,
    /// Called in every decision; only tests give one.
    #[cfg(any(test, feature = "testing"))]
    pub before_decide: Option<DecideHook>,
}

/// A test's way into the decision path, to crash it.
#[cfg(any(test, feature = "testing"))]
pub type DecideHook = Arc<dyn Fn(DecideStep, &papo_domain::conversation::Command) + Send + Sync>;

/// What of a decision comes next.
#[cfg(any(test, feature = "testing"))]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DecideStep {
    /// The decision itself.
    Decide,
    /// The state that follows from it.
    Evolve,
}

/// Turns events into the text frames that clients receive. The engine knows neither their names
/// nor their shape.
pub trait FrameEncoder: Send + Sync + 'static {
    /// The frames of one event, in order; none for events that clients do not see.
    fn encode(&self, event: &LiveEvent) -> Vec<ByteString>;
    /// A user gained sight of a conversation; the client loads it and has it as of `seq`.
    fn granted(&self, conversation: ConversationId, seq: u64) -> ByteString;
    /// A user lost sight of a conversation.
    fn revoked(&self, conversation: ConversationId, seq: u64) -> ByteString;
    /// A user came or went.
    fn presence(&self, user: papo_domain::UserId, online: bool) -> ByteString;

    /// So many came or went that they are not told one by one.
    fn presence_changed(&self) -> ByteString;
    /// A user takes conversations from now on, or does not.
    fn availability(&self, user: papo_domain::UserId, now: Availability) -> ByteString;
    /// A list that clients keep is another one.
    fn list_changed(&self, list: crate::api::Listed) -> ByteString;
    /// A colleague looks at a conversation, or does no more.
    fn viewing(
        &self,
        user: papo_domain::UserId,
        conversation: ConversationId,
        looks: bool,
    ) -> ByteString;
    /// A colleague is typing.
    fn typing(&self, user: papo_domain::UserId, conversation: ConversationId) -> ByteString;
}
