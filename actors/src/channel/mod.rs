//! Sending through one phone number: how fast, in which order, what to do when the provider
//! refuses, and how the number is. The messages themselves are outbox rows.

mod actor;
mod bells;
mod outcome;

pub(crate) use actor::ChannelActor;
pub(crate) use bells::Bells;
