//! One conversation's actor: it decides on a scratch copy, commits, and only then becomes what
//! it decided.

mod actor;
mod commit;
mod decision;
mod outcome;
mod recent;
mod work;

pub(crate) use actor::{ConversationActor, Deliver, Passivate};
pub(crate) use work::{Reply, Work};
