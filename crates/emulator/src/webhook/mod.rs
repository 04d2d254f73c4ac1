//! The way to the product: updates wait in a schedule, become signed POSTs and are repeated
//! until they are answered with 200 or given up.

mod dispatcher;
mod envelope;
mod handshake;
mod schedule;
mod signature;
mod update;

pub(crate) use dispatcher::run;
pub(crate) use envelope::{escaped, wrap};
pub(crate) use handshake::{Handshake, shake_hands};
pub(crate) use schedule::{Post, Ready, Schedule};
pub(crate) use signature::signature;
pub(crate) use update::{Kind, Update};

pub use handshake::Verification;
