//! The Graph API: what the product calls. HTTP and form are judged here, everything that needs
//! to know the world in `world`.

mod answer;
mod asking;
mod check;
mod draft;
mod error;
mod handler;
mod media;

#[cfg(test)]
mod tests;

pub(crate) use answer::remember_connection;
pub(crate) use asking::{account_numbers, debug_token};
pub(crate) use draft::{Draft, Recipient};
pub(crate) use error::GraphError;
pub(crate) use handler::{messages, number, templates, unknown};
pub(crate) use media::{delete as delete_file, download as download_file, upload as upload_file};
