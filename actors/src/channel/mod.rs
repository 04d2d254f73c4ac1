//! Sending through one phone number: how fast, in which order, what to do when the provider
//! refuses, and how the number is. The messages themselves are outbox rows.

mod actor;
mod bells;
mod claim;
mod health;
mod outcome;
mod pauses;
mod send;
mod settle;
#[cfg(test)]
mod tests;

pub(crate) use actor::ChannelActor;
pub(crate) use bells::{Bells, ReadReceipt, Refusal};
