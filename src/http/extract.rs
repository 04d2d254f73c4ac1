//! What handlers take: the user, a checked body, a page, an idempotency key, ids from the path.
//! Every refusal is an [`ApiError`](crate::error::ApiError) that names the field.

mod body;
mod bounds;
mod current_user;
mod idempotency;
mod language;
mod nul;
mod origin;
mod pagination;
mod path;
mod query;
mod source;

pub use body::{Body, OptionalBody, read_value};
pub use bounds::{Bodies, Bounds, Taken};
pub use current_user::NotAuthenticated;
pub use idempotency::{ClientKey, key_of_one, keys_of_several};
pub use language::Reads;
pub use origin::{client_address, tenant_slug};
pub use pagination::{Cursor, Page, Paging, default_limit};
pub use path::Id;
pub use query::Query;
pub use source::Source;
