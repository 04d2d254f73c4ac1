//! The control API under `/_emulator`: what a test or the phone page says and asks. Every route
//! is a thin layer over [`Controls`], which the library offers directly.

mod controls;
mod error;
mod requests;
mod routes;

pub use controls::{Controls, NotYet};
pub(crate) use routes::routes;
