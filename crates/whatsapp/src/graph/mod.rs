//! Speaking to Meta's Graph API: messages, read receipts, what credentials open, and
//! what its refusals mean.
//!
//! One call is one request; nothing here repeats, waits for a turn, or remembers. There is no
//! idempotency key on the other side, so the one question that matters after a failure is
//! whether the request may have been carried out; the classes of
//! [`papo_domain::ports::SendError`] answer it. Access tokens go into one header and nowhere else.

mod body;
mod client;
mod error;
mod inspect;
mod media;
mod templates;

pub(crate) use error::stops_number;

pub use media::{Download, MediaError, MediaPlace, Upload};

pub use client::{Credentials, GraphApi, GraphConfig, GraphSetupError, INVALID_TOKEN};
pub use error::tells_of_template;
pub use inspect::{InspectError, NumberInfo};
pub use templates::{ListedTemplate, TemplatePage};
