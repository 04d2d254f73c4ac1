//! One conversation: its state, what may be asked of it, what happened to it, and the two pure
//! functions that connect them.
//!
//! ```text
//! decide(&State, &Command, &Context) -> Result<Decision, Rejection>
//! evolve(&mut State, &Event)
//! ```
//!
//! | from \ to | Bot | Waiting | Human | Closed |
//! |---|---|---|---|---|
//! | Bot | next node | handoff asked for | takeover | bot idle, flow's end, close |
//! | Waiting | return to bot | department transfer | takeover, assign | close |
//! | Human | return to bot | transfer to department, attendant idle | transfer | close |
//! | Closed | customer writes | – | takeover | – |
//!
//! While a conversation waits, one person after the other may be asked to take it (`Offered`,
//! `OfferEnded`). Nobody leads by being asked, so that raises no epoch; the offer is part of the
//! state, with a deadline of its own, and counts for the person's capacity.
//!
//! A conversation whose normal decisions crash goes into quarantine: [`record_only`] then takes
//! the place of `decide`, keeps what comes in and lets a person work.
//!
//! Every change of mode raises the control epoch; what the bot queued under an older epoch is
//! cancelled in the same commit and refused by the dispatcher's claim.

mod command;
mod decide;
mod decision;
mod event;
mod evolve;
mod moments;
mod projection;
mod rehearsal;
mod rejection;
mod snapshot;
mod state;
#[cfg(test)]
mod tests;

pub use command::{Command, Context, Inbound, Quote, RecentMessage, TransferTarget};
pub use decide::{LABELS_MAX, REPLY_WINDOW, decide, record_only};
pub use decision::{
    Body, Decision, Effect, HandoffChange, MessageDraft, NotificationDraft, NotificationKind,
    SendClass, Sender, Slot, TransferKind, TransferRecord, UnreadChange,
};
pub use event::{Audience, CloseReason, DeadlineKind, Event, HandoffReason, OfferEnd, Originator};
pub use evolve::{evolve, fold};
pub use projection::{Listing, Status};
pub use rehearsal::{Rehearsal, Turn};
pub use rejection::Rejection;
pub use snapshot::{SCHEMA_VERSION, SnapshotError, decode, encode};
pub use state::{
    BotState, Deadline, Mode, Offer, Owner, PASSED_OVER_MAX, PendingTurn, Priority, State, Survey,
};
