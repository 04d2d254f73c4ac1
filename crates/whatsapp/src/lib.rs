//! The WhatsApp Cloud API: what Meta posts to us becomes [`Item`]s of the domain's vocabulary,
//! what the domain wants to say becomes Graph calls.
//!
//! A delivery goes through [`read_routes`] (untrusted, only to choose the app secret),
//! [`verify_signature`] (over the raw bytes), and only then [`read_items`]. Sending is
//! [`GraphApi`]. Nothing here stores anything, knows a tenant, holds a secret longer than a call,
//! or decides when to send: rates and retries are the channel's actor's, by the class of the
//! [`papo_domain::ports::SendError`].

mod envelope;
mod graph;
mod parse;
mod routing;
mod signature;
mod text;
mod verification;

pub use envelope::{EnvelopeError, Item, read_items};
pub use graph::{
    Credentials, Download, GraphApi, GraphConfig, GraphSetupError, INVALID_TOKEN, InspectError,
    ListedTemplate, MediaError, MediaPlace, NumberInfo, TemplatePage, Upload, tells_of_template,
};
pub use routing::{Routes, RoutingError, read_routes};
pub use signature::{SignatureError, verify_signature};
pub use verification::Subscription;
