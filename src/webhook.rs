//! Where providers deliver. Nothing is believed before its signature, nothing is answered 200
//! before it is durable.

mod directory;
mod meta;
mod routing;

pub use directory::Directory;
pub(crate) use meta::{receive, verify};
