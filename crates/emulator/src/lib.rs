//! A local WhatsApp Cloud API: what Meta is to Papo, on this machine.
//!
//! It takes Graph calls and enforces Meta's rules, calls the product's webhook signed, can be
//! told to go wrong in every way that Meta does, and shows the customer's phone as a page. The
//! product talks to it by HTTP exactly as to Meta. It is written from the description of the
//! outside world and shares no code with the product, so that one misunderstanding cannot hide
//! in both. State lives in memory and is bounded by [`Bounds`]; chats outlive it in a file if one
//! is named in [`EmulatorConfig::state`].
//!
//! As a library it runs inside a test:
//!
//! ```no_run
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use papo_emulator::{Customer, Emulator, EmulatorConfig, Inbound};
//! let emulator = Emulator::start(EmulatorConfig::default()).await?;
//! emulator.add_customer(Customer::new("5511900000001", "Ana"))?;
//! emulator.send("100000000000001", "5511900000001", Inbound::text("Oi"))?;
//! # Ok(())
//! # }
//! ```

mod clock;
mod config;
mod control;
mod emulator;
mod faults;
mod graph;
mod keeping;
mod page;
mod server;
mod shared;
mod webhook;
mod world;

pub use config::{Bounds, EmulatorConfig, PairRule, ReadBy, Receipts, RefusedIn, Retry, Rules};
pub use control::{Controls, NotYet};
pub use emulator::{Emulator, StartError};
pub use faults::{Fault, Faults, Profile};
pub use webhook::Verification;
pub use world::{
    Author, ChatView, Customer, Delivery, Entry, FileView, GraphCall, Inbound, Number, NumberView,
    Numbered, Posted, Refusal, Stats, Template, Tick, TokenState,
};
