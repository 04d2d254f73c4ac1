//! The engine's public names, under one roof. Nothing is defined here.

pub use papo_actors::api::{
    AttendantReport, Backoff, ChannelConfig, ChannelReport, ConversationReport, Dispatch,
    DispatchError, EngineConfig, IdempotencyKey, Listed, OnExhausted, Outcome, ReplayConfig,
    RestartPolicy, RestartReport, TenantReport, WrittenMessage,
};
pub use papo_actors::{Engine, EngineHandle, EngineSink, FrameEncoder, Ports};
