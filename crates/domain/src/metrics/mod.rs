//! What attendance is measured by: facts of each service session, and of each stretch of it in
//! which one person led, folded from the events of a conversation. The same events give the same
//! facts, however often and in whatever portions they are read, so they can be thrown away and
//! made anew. No clock: every moment is an event's.
//!
//! | measure | from | to |
//! |---|---|---|
//! | waiting | the session's first request for a person | the first person who leads after it |
//! | first answer | that request, or the takeover where nobody was asked for | the first words of a person |
//! | handling | a person begins to lead | they cease to, less what it was put out of the way |
//! | duration | the session opens | it ends |

mod ledger;
mod tally;
#[cfg(test)]
mod tests;

pub use ledger::{Ledger, SessionFacts, StretchEnd, StretchFacts};
pub use tally::{Spans, Tally};
