//! How fast one phone number may be used: rates, buckets and pauses, as values.
//!
//! Time always comes in as an argument; nothing here reads a clock, waits, or knows what is sent.
//! A bucket tells *when* something may go and the actor of the channel arranges to come back.
//! Figures are the Cloud API's (docs/META.md, "Limits").

mod backoff;
mod bucket;
mod pairs;
#[cfg(test)]
mod tests;

pub use backoff::Backoff;
pub use bucket::{Bucket, Rate};
pub use pairs::Pairs;
