//! Files of messages: their bytes in the object storage, what they really are, and the short-lived
//! links by which browsers get them. What state a file is in, its conversation and the database know.

mod links;
mod range;
mod sniff;
mod store;
mod uploads;

pub use links::{Link, Links};
pub use range::{Part, Unsatisfiable, part};
pub(crate) use sniff::HEAD;
pub use sniff::{Shown, kind_of, named, plain, shown_as, sniff};
pub use store::{Incoming, Kept, MediaStore, StoreFault};
pub use uploads::{Room, Uploads};

use papo_domain::{MediaId, TenantId};

/// Where the bytes of a file lie.
#[must_use]
pub fn key(tenant: TenantId, id: MediaId) -> String {
    format!("{tenant}/{id}")
}
