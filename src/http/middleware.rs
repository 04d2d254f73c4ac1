//! What happens around every request, outermost first: [`observe`] gives it an id, a span, a line
//! in the log and a place in the metrics; [`secure_headers`]; CORS and compression; [`render`]
//! turns errors into answers, those of CORS outside of it; [`authenticate`] finds out who is
//! calling and counts.

mod authenticate;
mod compress;
mod observe;
mod render;
mod secure_headers;

pub use authenticate::authenticate;
pub use compress::{small_stays_plain, unmark};
pub use observe::{RequestContext, observe};
pub use render::render;
pub use secure_headers::secure_headers;
